"""Collection cases of late loans, the attempts to reach the customer, and what was promised."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin, ReadOnlyInline
from customers.personal_data import masked_name
from lending.collections.models import Case, ContactAttempt, PromiseToPay
from lending.money_display import money


class ContactAttemptInline(ReadOnlyInline):
    model = ContactAttempt
    fields = readonly_fields = ("at", "channel", "result", "note", "by")
    ordering = ("-id",)
    tab = False


class PromiseInline(ReadOnlyInline):
    model = PromiseToPay
    fields = readonly_fields = ("amount", "promised_on", "pay_by", "by")
    ordering = ("-id",)
    tab = False

    @display(description=_("amount"))
    def amount(self, promise: PromiseToPay) -> str:
        return money(promise.amount_minor, promise.case.loan.currency)


@admin.register(Case)
class CaseAdmin(ReadOnlyHistoryAdmin):
    list_display = ("id", "loan", "who", "state", "assigned_to", "opened_on", "closed_on")
    list_display_links = ("id", "loan")
    list_filter = ("status",)
    list_select_related = ("loan", "customer__person", "customer__organisation", "assigned_to")
    search_fields = ("loan__number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-id",)
    inlines = (ContactAttemptInline, PromiseInline)

    @display(description=_("customer"))
    def who(self, case: Case) -> str:
        return masked_name(case.customer)

    @display(description=_("status"), label={"open": "warning", "closed": "success"})
    def state(self, case: Case) -> tuple[str, str]:
        return case.status, case.get_status_display()


@admin.register(ContactAttempt)
class ContactAttemptAdmin(ReadOnlyAdmin):
    list_display = ("id", "case", "at", "channel", "result", "by")
    list_filter = ("result", "channel")
    list_select_related = ("case__loan", "by")
    ordering = ("-id",)


@admin.register(PromiseToPay)
class PromiseToPayAdmin(ReadOnlyAdmin):
    list_display = ("id", "case", "amount", "promised_on", "pay_by", "by")
    list_select_related = ("case__loan", "by")
    ordering = ("-id",)

    amount = PromiseInline.amount
