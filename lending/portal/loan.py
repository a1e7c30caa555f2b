"""A loan as its borrower sees it: the payout on its way, the balance, the schedule, and what it takes to be done."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers.models import Notice
from lending.applications.models import Application, Contract
from lending.clock import business_date
from lending.finance.money import from_minor
from lending.loans import cancelling
from lending.loans.models import Disbursement, Installment, Loan
from lending.loans.standing import moved_into_new_plan
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, own, tell
from lending.portal.fields import DayField
from lending.portal.home import card
from lending.repayments import payoff as payoffs
from lending.repayments.models import PaymentOrder
from lending.servicing import plan_accepting
from lending.servicing.models import PlanChange
from lending.servicing.refusals import WayDoesNotFit
from lending.servicing.suggestions import Suggestion

PER_PAGE = 20
#: Disbursement states in which the page keeps asking.
UNDER_WAY = (Disbursement.Status.REQUESTED, Disbursement.Status.APPROVED, Disbursement.Status.SUBMITTED)


@methods("GET")
@customer_only
def loans(request: CustomerRequest) -> HttpResponse:
    """Every loan and every application, newest first."""
    customer = request.customer
    mine = Loan.objects.filter(customer=customer).select_related("product_version__product").order_by("-id")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    applications = (
        Application.objects.filter(customer=customer)
        .exclude(status=Application.Status.SIGNED)
        .select_related("product_version__product")
        .order_by("-id")[:PER_PAGE]
    )
    context = {"section": "loans", "page": page, "cards": [card(one) for one in page], "applications": applications}
    return render(request, "portal/loans.html", context)


@methods("GET")
@customer_only
def loan(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)
    today = business_date()
    shown = card(found)
    rows, moved = shown.rows, moved_into_new_plan(found)
    changes = list(found.plan_changes.select_related("case").order_by("-id"))
    accepted = [one for one in changes if one.status == PlanChange.Status.ACCEPTED]
    plan_change = changes[0] if changes else None
    context = {
        "section": "loans",
        "loan": found,
        "version": found.product_version,
        "card": shown,
        "rows": [_row(one, today, moved) for one in rows],
        "chart": _chart(found, rows),
        "disbursement": _disbursement(found),
        "under_way": found.status == Loan.Status.APPROVED,
        "order": found.payment_orders.filter(
            status__in=[PaymentOrder.Status.CREATED, PaymentOrder.Status.SUBMITTED]
        ).first(),
        "repayments": found.repayments.filter(reverses__isnull=True, reversal__isnull=True)
        .select_related("order")
        .order_by("-received_on", "-id")[:5],
        "contract": _contract(found),
        "supplements": accepted[::-1],
        "agreed": accepted[0] if accepted and found.restructured_on else None,
        "today": today,
        "totals": _totals(rows),
        "plan_change": plan_change,
        "plan_terms": _offered(plan_change),
        "may_ask": not any(one.status in PlanChange.UNDER_WAY for one in changes),
    }
    return render(request, "portal/loan.html", context)


@methods("GET")
@customer_only
def progress(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """The payout alone, asked for every two seconds while it is under way; when it is done, the page reloads itself."""
    found = _own(request, public_id)
    current = _disbursement(found)
    done = found.status != Loan.Status.APPROVED
    response = render(
        request, "portal/parts/disbursement.html", {"loan": found, "disbursement": current, "under_way": not done}
    )
    if done:
        response["HX-Refresh"] = "true"
    return response


@methods("GET", "POST")
@customer_only
def cancel(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """Call off a loan that could not be paid out, after a question whether it is meant."""
    found = _own(request, public_id)
    if request.method == "GET":
        if found.status != Loan.Status.APPROVED:
            return redirect("portal:loan", found.public_id)
        return render(request, "portal/cancel_loan.html", {"section": "loans", "loan": found})
    try:
        cancelling.cancel(found, reason=_("The customer called it off."), by=request.user, on=business_date())
    except ValidationError as refusal:
        tell(request, refusal)
        return redirect("portal:loan", found.public_id)
    messages.success(request, _("The loan is called off. You owe nothing."))
    return redirect("portal:loan", found.public_id)


@methods("GET")
@customer_only
def payoff(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """What it takes to be done with the loan on a day. For htmx, and as a page of its own."""
    found = _own(request, public_id)
    context: dict[str, Any] = {"section": "loans", "loan": found, "today": business_date()}
    day = DayField(least=found.disbursed_on or found.opened_on)
    status = 200
    try:
        context["on"] = day.clean(request.GET.get("on") or business_date().isoformat())
        context["quote"] = payoffs.quote(found, on=context["on"])
    except ValidationError as refusal:
        context |= {"problems": refusal.messages, "asked": request.GET.get("on", "")}
        status = WRONG
    template = "portal/parts/payoff.html" if request.headers.get("HX-Request") else "portal/payoff.html"
    return render(request, template, context, status=status)


@methods("GET")
@customer_only
def signed_contract(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """The contract as it was signed, with its digest."""
    found = _own(request, public_id)
    signed = _contract(found)
    if signed is None:
        raise Http404
    return render(request, "portal/signed_contract.html", {"section": "loans", "loan": found, "contract": signed})


@methods("GET")
@customer_only
def supplement(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """The supplementary terms of a changed plan as they were accepted, with their digest."""
    accepted = PlanChange.objects.filter(status=PlanChange.Status.ACCEPTED).select_related("loan", "customer")
    change = own(accepted, request.customer, public_id)
    told = Notice.objects.filter(key=plan_accepting.notice_key(change)).first()
    language = told.language if told else change.customer.language
    context = {"section": "loans", "loan": change.loan, "change": change, "language": language}
    return render(request, "portal/supplement.html", context)


def _contract(found: Loan) -> Contract | None:
    signed = Contract.objects.filter(offer__application=found.application_id, signature__isnull=False)
    return signed.select_related("signature").first()


def _own(request: CustomerRequest, public_id: UUID) -> Loan:
    rows = Loan.objects.select_related("product_version__product", "customer").prefetch_related(
        Prefetch("disbursements", queryset=Disbursement.objects.order_by("-id"))
    )
    return own(rows, request.customer, public_id)


def _offered(change: PlanChange | None) -> Suggestion | None:
    """The plan on offer with the figures of its terms; None where there is none, or the loan has outgrown it."""
    if change is None or change.status != PlanChange.Status.OFFERED:
        return None
    try:
        return plan_accepting.terms(change)
    except WayDoesNotFit:
        return None


def _disbursement(found: Loan) -> Disbursement | None:
    return next(iter(found.disbursements.all()), None)


def _row(one: Installment, today: Any, moved: Collection[int]) -> dict[str, Any]:
    """A row of the schedule with the words for its state; of `moved` all or the rest is part of a new plan."""
    if one.number in moved:
        state = _("Paid in part; the rest moved into the new plan") if one.paid_minor else _("Moved into the new plan")
        kind = "moved"
    elif one.settled_on:
        state, kind = _("Paid"), "good"
    elif one.due_on < today:
        days = (today - one.due_on).days
        state, kind = _("%(days)s days past due") % {"days": days}, "bad"
    elif one.due_on == today:
        state, kind = _("Due today"), "look"
    elif one.paid_minor:
        state, kind = _("Paid in part"), "look"
    else:
        state, kind = _("To come"), ""
    return {"it": one, "state": state, "kind": kind}


def _chart(found: Loan, rows: list[Installment]) -> dict[str, Any]:
    """The planned balance, and the balance after what was paid: drawn only, never computed with."""
    settled = [one for one in rows if one.settled_on]
    balances = [found.disbursed_minor, *[one.balance_minor for one in rows]]
    return {
        "labels": ["0", *[str(one.number) for one in rows]],
        "planned": [str(from_minor(minor, found.decimals)) for minor in balances],
        "paid": [str(from_minor(minor, found.decimals)) for minor in balances[: len(settled) + 1]],
        "paid_label": _("Balance so far"),
        "planned_label": _("Balance as planned"),
    }


def _totals(rows: list[Installment]) -> dict[str, int]:
    names = ("principal_minor", "interest_minor", "fees_minor", "penalties_minor", "total_minor", "paid_minor")
    return {name.removesuffix("_minor"): sum(getattr(one, name) for one in rows) for name in names}
