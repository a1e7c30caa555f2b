"""Loans to be read, and the second officer's page of a disbursement."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin, require, require_post
from customers.personal_data import masked_name
from customers.refusals import Refusal
from customers.showing_refusals import show
from lending.clock import business_date
from lending.loans import cancelling, desk, disbursement
from lending.loans.models import Allocation, BankCallback, Cancellation, Disbursement, Installment, Loan, LoanEvent
from lending.money_display import money

LOAN_COLOURS = {"approved": "info", "active": "success", "paid_off": "primary", "charged_off": "danger"}
ORDER_COLOURS = {
    "requested": "warning",
    "approved": "info",
    "submitted": "info",
    "succeeded": "success",
    "failed": "danger",
    "rejected": "danger",
}
BUCKETS = {"1": (1, 30), "31": (31, 60), "61": (61, 90), "91": (91, 180), "181": (181, None)}


class LateFilter(admin.SimpleListFilter):
    """By days past due, answered by the index on (status, oldest_due_on)."""

    title = _("days past due")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("any", _("Late"))] + [
            (key, f"{first}–{last}" if last else f"{first}+") for key, (first, last) in BUCKETS.items()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Loan]) -> QuerySet[Loan]:
        bucket = self.value() or ""
        if bucket not in ("any", *BUCKETS):
            return queryset
        first, last = (1, None) if bucket == "any" else BUCKETS[bucket]
        today = business_date()
        late = queryset.filter(status=Loan.Status.ACTIVE, oldest_due_on__lte=today - timedelta(days=first))
        return late if last is None else late.filter(oldest_due_on__gte=today - timedelta(days=last))


@admin.register(Loan)
class LoanAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "who",
        "product_version",
        "status_label",
        "disbursed",
        "outstanding",
        "past_due",
        "next_due_on",
    )
    list_display_links = ("number", "who")
    list_filter = ("status", LateFilter)
    list_select_related = ("customer__person", "customer__organisation", "product_version__product")
    search_fields = ("number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-id",)

    @display(description=_("customer"))
    def who(self, loan: Loan) -> str:
        return masked_name(loan.customer)

    @display(description=_("status"), label=LOAN_COLOURS, ordering="status")
    def status_label(self, loan: Loan) -> tuple[str, str]:
        return loan.status, loan.get_status_display()

    @display(description=_("disbursed"), ordering="disbursed_minor")
    def disbursed(self, loan: Loan) -> str:
        return money(loan.disbursed_minor, loan.currency, loan.decimals)

    @display(description=_("outstanding"))
    def outstanding(self, loan: Loan) -> str:
        return money(loan.outstanding_minor, loan.currency, loan.decimals)

    @display(
        description=_("days past due"),
        label={"fine": "success", "late": "warning", "bad": "danger"},
        ordering="oldest_due_on",
    )
    def past_due(self, loan: Loan) -> tuple[str, str]:
        days = desk.days_past_due(loan, business_date()) if loan.status == Loan.Status.ACTIVE else 0
        return "bad" if days > 90 else "late" if days else "fine", str(days)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "loans.view_loan")
        if request.method != "GET":
            require(request, "loans.change_loan")
        return self._page(request, self._loan(object_id))

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/disburse/", site(self.disburse), name="loans_loan_disburse"),
            path("<int:pk>/cancel/", site(self.cancel), name="loans_loan_cancel"),
            *super().get_urls(),
        ]

    def _loan(self, pk: int | str) -> Loan:
        related = ("customer__person", "customer__organisation", "product_version__product", "application")
        return get_object_or_404(Loan.objects.select_related(*related, "cancellation__by"), pk=pk)

    def _page(self, request: HttpRequest, loan: Loan, **forms: forms.Form) -> HttpResponse:
        page = desk.page_of(loan, business_date())
        waits = loan.status == Loan.Status.APPROVED and not any(
            order.status in disbursement.UNDER_WAY for order in page["disbursements"]
        )
        response = self.page(
            request,
            "admin/loans/loan/desk.html",
            loan.number,
            **page,
            original=loan,
            who=masked_name(loan.customer),
            may_disburse=waits and request.user.has_perm("loans.add_disbursement"),
            may_cancel=waits and request.user.has_perm("loans.cancel_loan"),
            payout_form=forms.get("payout_form", PayoutForm()),
            cancel_form=forms.get("cancel_form", ReasonForm()),
        )
        if any(form.errors for form in forms.values()):
            response.status_code = 422
        return response

    def disburse(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Order the payout again, after the bank or the second officer said no to the order before."""
        require(request, "loans.view_loan", "loans.add_disbursement")
        if refused := require_post(request):
            return refused
        loan, form = self._loan(pk), PayoutForm(request.POST)
        if form.is_valid():
            try:
                order = disbursement.request(loan, by=request.user, on=business_date(), **form.cleaned_data)  # type: ignore[arg-type]
            except Refusal as refusal:
                show(refusal, form)
            else:
                messages.success(
                    request, _("The payout is ordered: %(state)s.") % {"state": order.get_status_display()}
                )
                return HttpResponseRedirect(reverse("admin:loans_loan_change", args=[pk]))
        return self._page(request, loan, payout_form=form)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "loans.view_loan", "loans.cancel_loan")
        if refused := require_post(request):
            return refused
        loan, form = self._loan(pk), ReasonForm(request.POST)
        if form.is_valid():
            try:
                cancelling.cancel(loan, reason=form.cleaned_data["reason"], by=request.user, on=business_date())  # type: ignore[arg-type]
            except Refusal as refusal:
                show(refusal, form)
            else:
                messages.success(request, _("Loan %(loan)s is called off.") % {"loan": loan.number})
                return HttpResponseRedirect(reverse("admin:loans_loan_change", args=[pk]))
        return self._page(request, loan, cancel_form=form)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)


class PayoutForm(forms.Form):
    account_number = forms.CharField(
        label=_("Bank account"),
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Left empty, the account paid to last. Another account needs a second officer."),
    )


@admin.register(Disbursement)
class DisbursementAdmin(ReadOnlyHistoryAdmin):
    list_display = ("loan", "amount", "status_label", "maker", "checker", "requested_on", "settled_on", "tries")
    list_filter = ("status", "needs_checker")
    list_select_related = ("loan", "maker", "checker")
    search_fields = ("loan__number__exact", "bank_reference__exact")
    search_help_text = _("Loan number or the bank's reference")
    ordering = ("-id",)

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, order: Disbursement) -> str:
        return money(order.amount_minor, order.currency)

    @display(description=_("status"), label=ORDER_COLOURS, ordering="status")
    def status_label(self, order: Disbursement) -> tuple[str, str]:
        return order.status, order.get_status_display()

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/approve/", site(self.approve), name="loans_disbursement_approve"),
            path("<int:pk>/reject/", site(self.reject), name="loans_disbursement_reject"),
            *super().get_urls(),
        ]

    def _order(self, pk: int | str) -> Disbursement:
        related = (
            "loan__customer__person",
            "loan__customer__organisation",
            "loan__product_version",
            "loan__application",
            "maker",
            "checker",
        )
        return get_object_or_404(Disbursement.objects.select_related(*related), pk=pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "loans.view_disbursement")
        if request.method != "GET":
            require(request, "loans.change_disbursement")
        return self._page(request, self._order(object_id))

    def _page(self, request: HttpRequest, order: Disbursement, form: ReasonForm | None = None) -> HttpResponse:
        waits = order.status == Disbursement.Status.REQUESTED
        may = waits and request.user.has_perm("loans.approve_disbursement")
        return self.page(
            request,
            "admin/loans/disbursement/desk.html",
            str(_("Disbursement of %(loan)s") % {"loan": order.loan.number}),
            order=order,
            loan=order.loan,
            original=order,
            who=masked_name(order.loan.customer),
            decisions=order.loan.application.decisions.select_related("by").order_by("id"),
            may_decide=may and order.maker_id != request.user.pk,
            asked_myself=may and order.maker_id == request.user.pk,
            form=form or ReasonForm(),
        )

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "loans.view_disbursement", "loans.approve_disbursement")
        if refused := require_post(request):
            return refused
        order = self._order(pk)
        try:
            disbursement.approve(order, by=request.user, on=business_date())  # type: ignore[arg-type]
        except Refusal as refusal:
            messages.error(request, " ".join(refusal.messages))
            return HttpResponseRedirect(reverse("admin:loans_disbursement_change", args=[pk]))
        messages.success(
            request, _("The disbursement of %(loan)s is approved and goes to the bank.") % {"loan": order.loan.number}
        )
        return HttpResponseRedirect(reverse("admin:loans_disbursement_changelist") + "?status__exact=requested")

    def reject(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "loans.view_disbursement", "loans.approve_disbursement")
        if refused := require_post(request):
            return refused
        order, form = self._order(pk), ReasonForm(request.POST)
        if form.is_valid():
            try:
                disbursement.reject(order, reason=form.cleaned_data["reason"], by=request.user, on=business_date())  # type: ignore[arg-type]
            except Refusal as refusal:
                show(refusal, form)
            else:
                messages.success(request, _("The disbursement of %(loan)s is rejected.") % {"loan": order.loan.number})
                return HttpResponseRedirect(reverse("admin:loans_disbursement_change", args=[pk]))
        response = self._page(request, order, form)
        response.status_code = 422
        return response


class _OfLoan(ReadOnlyAdmin):
    list_select_related: Any = ("loan",)
    search_fields: Any = ("loan__number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-id",)


@admin.register(Cancellation)
class CancellationAdmin(_OfLoan):
    list_display = ("loan", "on", "reason", "by")
    list_select_related = ("loan", "by")


@admin.register(LoanEvent)
class LoanEventAdmin(_OfLoan):
    list_display = ("loan", "sequence", "on", "type", "entered_on", "by")
    list_filter = ("type",)
    list_select_related = ("loan", "by")


@admin.register(Installment)
class InstallmentAdmin(_OfLoan):
    list_display = ("loan", "number", "due_on", "total", "paid", "settled_on")

    @display(description=_("total"))
    def total(self, installment: Installment) -> str:
        return money(installment.total_minor, installment.loan.currency, installment.loan.decimals)

    @display(description=_("paid"))
    def paid(self, installment: Installment) -> str:
        return money(installment.paid_minor, installment.loan.currency, installment.loan.decimals)


@admin.register(Allocation)
class AllocationAdmin(_OfLoan):
    list_display = ("loan", "event_number", "installment_number", "component", "amount")
    list_select_related = ("loan", "event")

    @display(description=_("event"))
    def event_number(self, allocation: Allocation) -> int:
        return allocation.event.sequence

    @display(description=_("amount"))
    def amount(self, allocation: Allocation) -> str:
        return money(allocation.amount_minor, allocation.loan.currency, allocation.loan.decimals)


@admin.register(BankCallback)
class BankCallbackAdmin(ReadOnlyAdmin):
    """The body stays in the books; the desk shows whether the signature held."""

    list_display = ("id", "event_id", "accepted", "created_at")
    list_filter = ("accepted",)
    search_fields = ("event_id__exact",)
    exclude = ("body",)
    ordering = ("-id",)
