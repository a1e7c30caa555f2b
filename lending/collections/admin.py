"""Collection cases of late loans, the attempts to reach the customer, and what was promised."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
)

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin, ReadOnlyInline, require, require_post
from customers.personal_data import masked_name
from customers.refusals import Refusal
from customers.showing_refusals import show
from lending.clock import business_date
from lending.collections.contact import log_contact
from lending.collections.models import Case, ContactAttempt, PromiseToPay
from lending.collections.promising import promise
from lending.finance.money import to_minor
from lending.loans.models import Loan
from lending.money_display import money

CHANNELS = [("call", _("Call")), ("sms", _("SMS")), ("visit", _("Visit")), ("letter", _("Letter"))]


class ContactForm(forms.Form):
    """An attempt that was just made: its time is now, so that nobody logs a call of the night as one of the day."""

    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS, widget=UnfoldAdminSelectWidget)
    result = forms.ChoiceField(label=_("Result"), choices=ContactAttempt.Result.choices, widget=UnfoldAdminSelectWidget)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )


class PromiseForm(forms.Form):
    amount = forms.DecimalField(label=_("Amount promised"))  # replaced by one with the loan's decimals
    pay_by = forms.DateField(label=_("Pay by"), widget=UnfoldAdminSingleDateWidget)

    def __init__(self, *args: Any, loan: Loan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount promised"),
            max_digits=18,
            decimal_places=loan.decimals,
            widget=UnfoldAdminDecimalFieldWidget,
            help_text=loan.currency,
        )


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
    change_form_outer_after_template = "admin/collections/case/after.html"

    @display(description=_("customer"))
    def who(self, case: Case) -> str:
        return masked_name(case.customer)

    @display(description=_("status"), label={"open": "warning", "closed": "success"})
    def state(self, case: Case) -> tuple[str, str]:
        return case.status, case.get_status_display()

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/contact/", site(self.contact), name="collections_case_contact"),
            path("<int:pk>/promise/", site(self.promise), name="collections_case_promise"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        case = Case.objects.filter(pk=object_id, status=Case.Status.OPEN).select_related("loan").first()
        if case is not None and request.user.has_perm("collections.add_contactattempt"):
            context.setdefault("contact_form", ContactForm())
        if case is not None and request.user.has_perm("collections.add_promisetopay"):
            context.setdefault("promise_form", PromiseForm(loan=case.loan))
        return super().change_view(request, object_id, form_url, context)

    def contact(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Log an attempt to reach the customer, within the hours and the number that the rules allow."""
        require(request, "collections.view_case", "collections.add_contactattempt")
        if refused := require_post(request):
            return refused
        case, form = self._case(pk), ContactForm(request.POST)
        return self._act(
            request,
            case,
            form,
            "contact_form",
            lambda data: log_contact(case, at=timezone.now(), by=request.user, **data),  # type: ignore[arg-type]
        )

    def promise(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "collections.view_case", "collections.add_promisetopay")
        if refused := require_post(request):
            return refused
        case = self._case(pk)
        form = PromiseForm(request.POST, loan=case.loan)

        def act(data: dict[str, Any]) -> object:
            amount_minor = to_minor(data["amount"], case.loan.decimals)
            return promise(case, amount_minor=amount_minor, pay_by=data["pay_by"], by=request.user, on=business_date())  # type: ignore[arg-type]

        return self._act(request, case, form, "promise_form", act)

    def _case(self, pk: int) -> Case:
        return get_object_or_404(Case.objects.select_related("loan"), pk=pk)

    def _act(
        self, request: HttpRequest, case: Case, form: Any, name: str, act: Callable[[dict[str, Any]], object]
    ) -> HttpResponse:
        if form.is_valid():
            try:
                act(form.cleaned_data)
            except Refusal as refusal:
                show(refusal, form, {"amount_minor": "amount"})
            else:
                messages.success(request, _("It is logged."))
                return HttpResponseRedirect(reverse("admin:collections_case_change", args=[case.pk]))
        request.method = "GET"  # the page is shown again, with the form that was refused
        response = self.change_view(request, str(case.pk), extra_context={name: form})
        response.status_code = 422
        return response


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
