"""Pay: order a payment from the bank, wait for its word, keep the receipt."""

import uuid
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lending.clock import business_date
from lending.finance.money import to_minor
from lending.loans.models import Loan
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, own, put_into
from lending.portal.fields import MoneyField
from lending.portal.home import card
from lending.repayments import ordering, payoff
from lending.repayments.models import PaymentOrder, Repayment

PER_PAGE = 20
UNDER_WAY = (PaymentOrder.Status.CREATED, PaymentOrder.Status.SUBMITTED)


class PayForm(forms.Form):
    """An amount, and the key that makes a second click the same payment.

    At most what paying off costs today: a slip of the finger must not empty an account. (What arrives beyond that by
    other ways is kept as a credit balance.)
    """

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, loan: Loan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = payoff.quote(loan, on=business_date()).total if loan.status == Loan.Status.ACTIVE else None
        self.fields["amount"] = MoneyField(
            label=gettext_lazy("Amount to pay"),
            least_minor=1,
            most_minor=None if most is None else to_minor(most, loan.decimals),
            currency=loan.currency,
            decimals=loan.decimals,
        )


@methods("GET", "POST")
@customer_only
def pay(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    found = own(
        Loan.objects.select_related("product_version__product", "customer"),
        request.customer,
        public_id,
    )
    under_way = found.payment_orders.filter(status__in=UNDER_WAY).first()
    if request.method == "GET":
        if found.status != Loan.Status.ACTIVE:
            messages.info(request, _("There is nothing to pay on this loan now."))
            return redirect("portal:loan", found.public_id)
        if under_way is not None:
            messages.info(request, _("A payment is with the bank already. Wait for its answer before you pay again."))
            return redirect("portal:payment", under_way.key)
    shown = card(found)
    wished = request.GET.get("amount") or shown.due_minor
    form = PayForm(request.POST or None, loan=found, initial={"key": uuid.uuid4(), "amount": wished})
    if request.method == "POST" and form.is_valid():
        try:
            order = ordering.order_payment(
                found,
                amount_minor=form.cleaned_data["amount"],
                key=form.cleaned_data["key"],
                by=request.user,
                on=business_date(),
            )
        except ValidationError as refusal:
            put_into(form, refusal, amount_minor="amount")
        else:
            return redirect("portal:payment", order.key)
    context = {"section": "payments", "loan": found, "form": form, "card": shown}
    return render(request, "portal/pay.html", context, status=WRONG if form.errors else 200)


@methods("GET")
@customer_only
def payment(request: CustomerRequest, key: UUID) -> HttpResponse:
    """One payment: with the bank, received (the receipt, with where the money went), or refused."""
    return render(request, "portal/payment.html", _state(_own(request, key)))


@methods("GET")
@customer_only
def state(request: CustomerRequest, key: UUID) -> HttpResponse:
    """The payment alone, asked for every two seconds while the bank has it."""
    found = _own(request, key)
    response = render(request, "portal/parts/payment_state.html", _state(found))
    if found.status not in UNDER_WAY:
        response["HX-Refresh"] = "true"
    return response


@methods("GET")
@customer_only
def payments(request: CustomerRequest) -> HttpResponse:
    """What was received by whatever way, newest first, what was ordered here and did not arrive, and what can be paid."""
    customer = request.customer
    received = Repayment.objects.filter(customer=customer, reverses__isnull=True)
    received = received.select_related("loan", "order", "reversal").order_by("-received_on", "-id")
    page = Paginator(received, PER_PAGE).get_page(request.GET.get("page"))
    orders = PaymentOrder.objects.filter(customer=customer, repayment__isnull=True).select_related("loan")
    active = Loan.objects.filter(customer=customer, status=Loan.Status.ACTIVE).select_related(
        "product_version__product"
    )
    context = {
        "section": "payments",
        "page": page,
        "orders": orders.order_by("-id")[:PER_PAGE],
        "cards": [card(one) for one in active.order_by("next_due_on", "id")],
    }
    return render(request, "portal/payments.html", context)


def _own(request: CustomerRequest, key: UUID) -> PaymentOrder:
    rows = PaymentOrder.objects.select_related("loan__product_version__product", "repayment__event")
    return own(rows, request.customer, key)


def _state(found: PaymentOrder) -> dict[str, Any]:
    context: dict[str, Any] = {
        "section": "payments",
        "order": found,
        "loan": found.loan,
        "under_way": found.status in UNDER_WAY,
    }
    if found.repayment is not None:
        context["split"] = split(found)
    return context


def split(found: PaymentOrder) -> list[dict[str, Any]]:
    """Where the money went: the sums per component over the allocations of the payment's event that hold."""
    if found.repayment is None:
        return []
    sums: dict[str, int] = {}
    for row in found.repayment.event.allocations.all():
        sums[row.get_component_display()] = sums.get(row.get_component_display(), 0) + row.amount_minor
    return [{"label": label, "minor": minor} for label, minor in sums.items() if minor]
