"""The books: accounts, entries and their lines, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin, ReadOnlyInline
from lending.ledger.models import Account, Entry, Line
from lending.money_display import money


@admin.register(Account)
class AccountAdmin(ReadOnlyHistoryAdmin):
    list_display = ("code", "name_zh", "name_en", "kind")
    list_filter = ("kind",)
    search_fields = ("code", "name_zh", "name_en")
    ordering = ("code",)


class LineInline(ReadOnlyInline):
    model = Line
    fields = readonly_fields = ("account", "debit", "credit")
    tab = False

    @display(description=_("debit"))
    def debit(self, line: Line) -> str:
        return money(line.amount_minor, line.entry.currency) if line.amount_minor > 0 else ""

    @display(description=_("credit"))
    def credit(self, line: Line) -> str:
        return money(-line.amount_minor, line.entry.currency) if line.amount_minor < 0 else ""


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("on", "kind", "loan_number", "currency", "source_type", "source_id")
    list_filter = ("currency",)
    search_fields = ("loan_number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-on", "-id")
    inlines = (LineInline,)


@admin.register(Line)
class LineAdmin(ReadOnlyAdmin):
    list_display = ("id", "on", "account", "debit", "credit", "loan")
    list_select_related = ("entry", "account")
    search_fields = ("entry__loan_number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-id",)
    debit = LineInline.debit
    credit = LineInline.credit

    @display(description=_("business date"))
    def on(self, line: Line) -> str:
        return line.entry.on.isoformat()

    @display(description=_("loan"))
    def loan(self, line: Line) -> str:
        return line.entry.loan_number
