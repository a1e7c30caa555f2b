"""The customer's own page: the one thing to do next, what she owes, and what is new."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from customers import consents
from customers.models import Consent, Customer, Notice
from lending.applications.models import Application
from lending.clock import business_date
from lending.loans.models import Installment, Loan
from lending.loans.standing import standing
from lending.portal.access import CustomerRequest, customer_only, methods
from lending.servicing.models import PlanChange


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands between a customer and an application."""

    consented: bool
    identified: bool
    asked: bool

    @property
    def ready(self) -> bool:
        return self.consented and self.identified


def readiness(customer: Customer) -> Readiness:
    return Readiness(
        consented=not consents.missing(customer, on=business_date()),
        identified=customer.status != Customer.Status.REGISTERED,
        asked=Consent.objects.filter(customer=customer).exists(),
    )


@methods("GET")
@customer_only
def home(request: CustomerRequest) -> HttpResponse:
    customer: Customer = request.customer
    loans = list(
        Loan.objects.filter(customer=customer, status__in=[Loan.Status.APPROVED, Loan.Status.ACTIVE])
        .select_related("product_version__product")
        .order_by("next_due_on", "-id")
    )
    latest = (
        Application.objects.filter(customer=customer)
        .exclude(status=Application.Status.SIGNED)
        .select_related("product_version__product")
        .order_by("-id")
        .first()
    )
    cards = [card(loan) for loan in loans]
    context = {
        "section": "home",
        "customer": customer,
        "readiness": readiness(customer),
        "application": latest if latest and (latest.status in Application.OPEN or not loans) else None,
        "loans": cards,
        "may_apply": not any(one.late_days or one.loan.status == Loan.Status.APPROVED for one in cards)
        and (latest is None or latest.status not in Application.OPEN),
        "notices": Notice.objects.filter(customer=customer).order_by("-id")[:3],
    }
    return render(request, "portal/home.html", context)


@dataclass(frozen=True, slots=True)
class LoanCard:
    """A loan in a few figures as of today: what is due next, how late it is, its penalty interest and installments."""

    loan: Loan
    rows: list[Installment]
    penalties_minor: int
    due_on: object
    due_minor: int
    late_days: int
    paid_percent: int
    plan: PlanChange | None
    """What was asked for or offered to make it easier, and is not settled yet."""


def card(loan: Loan) -> LoanCard:
    today = business_date()
    found = standing(loan, on=today)
    unpaid = [one for one in found.installments if one.settled_on is None]
    overdue = [one for one in unpaid if one.due_on < today]
    shown = overdue or unpaid[:1]
    repaid = loan.disbursed_minor - loan.outstanding_principal_minor
    return LoanCard(
        loan=loan,
        rows=found.installments,
        penalties_minor=found.penalties_minor,
        due_on=shown[0].due_on if shown else None,
        due_minor=sum(one.outstanding_minor for one in shown),
        late_days=(today - overdue[0].due_on).days if overdue else 0,
        plan=loan.plan_changes.filter(status__in=PlanChange.UNDER_WAY).order_by("-id").first(),  # type: ignore[attr-defined]
        paid_percent=repaid * 100 // loan.disbursed_minor if loan.disbursed_minor else 0,
    )
