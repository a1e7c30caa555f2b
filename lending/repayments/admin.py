"""Repayments: posted and reversed from a loan's page, quoted for any day, never edited."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin, require
from customers.refusals import Refusal
from customers.showing_refusals import show
from lending.clock import business_date
from lending.loans.models import Loan
from lending.money_display import money
from lending.repayments import payoff
from lending.repayments.desk_forms import FIELD_OF, QuoteForm, RepaymentForm, ReversalForm
from lending.repayments.models import PaymentOrder, Repayment
from lending.repayments.posting import post_repayment
from lending.repayments.reversal import reverse as reverse_repayment

ORDER_COLOURS = {"created": "info", "submitted": "info", "succeeded": "success", "failed": "danger"}


@admin.register(Repayment)
class RepaymentAdmin(ReadOnlyAdmin):
    list_display = ("id", "loan", "amount", "received_on", "channel", "by", "is_reversal", "reason")
    list_filter = ("channel",)
    list_select_related = ("loan", "by")
    search_fields = ("loan__number__exact", "key__exact")
    search_help_text = _("Loan number or key")
    ordering = ("-id",)

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, repayment: Repayment) -> str:
        sign = -1 if repayment.reverses_id else 1
        return money(sign * repayment.amount_minor, repayment.currency)

    @display(description=_("reversal"), boolean=True)
    def is_reversal(self, repayment: Repayment) -> bool:
        return repayment.reverses_id is not None

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("post/<int:loan>/", site(self.post), name="repayments_repayment_post"),
            path("quote/<int:loan>/", site(self.quote), name="repayments_repayment_quote"),
            path("<int:pk>/reverse/", site(self.take_back), name="repayments_repayment_reverse"),
            *super().get_urls(),
        ]

    def post(self, request: HttpRequest, loan: int) -> HttpResponse:
        require(request, "loans.view_loan", "repayments.add_repayment")
        found = get_object_or_404(Loan, pk=loan)
        today = business_date()
        form = RepaymentForm(
            request.POST if request.method == "POST" else None,
            loan=found,
            initial={"received_on": today, "channel": "counter"},
        )
        if request.method == "POST" and form.is_valid():
            try:
                repayment = post_repayment(found, by=request.user, on=today, **form.arguments())  # type: ignore[arg-type]
            except Refusal as refusal:
                show(refusal, form, FIELD_OF)
            else:
                text = _("%(amount)s posted to %(loan)s.")
                amount = money(repayment.amount_minor, repayment.currency, found.decimals)
                messages.success(request, text % {"amount": amount, "loan": found.number})
                return HttpResponseRedirect(reverse("admin:loans_loan_change", args=[loan]))
        title = _("Post a repayment to %(loan)s") % {"loan": found.number}
        return self._form(request, form, found, str(title), act=_("Post"), quote=_quote(found, today))

    def take_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "repayments.view_repayment", "repayments.reverse_repayment")
        repayment = get_object_or_404(Repayment.objects.select_related("loan"), pk=pk)
        form = ReversalForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                reverse_repayment(repayment, by=request.user, on=business_date(), **form.cleaned_data)  # type: ignore[arg-type]
            except Refusal as refusal:
                show(refusal, form)
            else:
                messages.success(request, _("The repayment is reversed."))
                return HttpResponseRedirect(reverse("admin:loans_loan_change", args=[repayment.loan_id]))
        amount = money(repayment.amount_minor, repayment.currency, repayment.loan.decimals)
        title = _("Reverse the repayment of %(amount)s received on %(on)s") % {
            "amount": amount,
            "on": repayment.received_on,
        }
        return self._form(request, form, repayment.loan, str(title), act=_("Reverse"), danger=True)

    def quote(self, request: HttpRequest, loan: int) -> HttpResponse:
        """What pays the loan off on a day. A read: the day stands in the address."""
        require(request, "loans.view_loan", "repayments.view_repayment")
        found = get_object_or_404(Loan, pk=loan)
        form = QuoteForm(request.GET or None, initial={"on": business_date()})
        on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else business_date()
        try:
            quote = _quote(found, on)
        except Refusal as refusal:
            quote = None
            if form.is_bound:
                show(refusal, form)
        title = _("Payoff quote of %(loan)s") % {"loan": found.number}
        return self._form(request, form, found, str(title), act=_("Quote"), quote=quote, method="get")

    def _form(self, request: HttpRequest, form: Any, loan: Loan, title: str, **context: Any) -> HttpResponse:
        method = context.pop("method", "post")
        response = self.page(
            request, "admin/repayments/repayment/form.html", title, form=form, loan=loan, method=method, **context
        )
        if form.is_bound and form.errors:
            response.status_code = 422
        return response


def _quote(loan: Loan, on: Any) -> Any:
    """The quote, or None for a loan that nothing is owed on."""
    if loan.status != Loan.Status.ACTIVE:
        return None
    return payoff.quote(loan, on=on)


@admin.register(PaymentOrder)
class PaymentOrderAdmin(ReadOnlyHistoryAdmin):
    list_display = ("id", "loan", "amount", "status_label", "ordered_on", "bank_reference", "tries", "reason")
    list_filter = ("status",)
    list_select_related = ("loan",)
    search_fields = ("loan__number__exact", "bank_reference__exact")
    search_help_text = _("Loan number or the bank's reference")
    ordering = ("-id",)

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, order: PaymentOrder) -> str:
        return money(order.amount_minor, order.currency)

    @display(description=_("status"), label=ORDER_COLOURS, ordering="status")
    def status_label(self, order: PaymentOrder) -> tuple[str, str]:
        return order.status, order.get_status_display()
