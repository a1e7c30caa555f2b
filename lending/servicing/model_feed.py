"""What the book tells those who watch the models: the decisions of each day, and every running loan with its facts of today.

`days_of_decisions` counts in two statements for however many days. `running_book` yields blocks of a thousand loans, a
handful of statements each. The facts of a running loan are

    what its decision knew          the last snapshot of the application: what was asked for and what she stated
    our own book today              loans repaid, the longest arrears ever, months since registration
    her age today                   protected, never scored
    the last bureau answer          of the last six months, under a consent that still stands; nobody is asked anew

so a score that moved since the decision moved for what happened since.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Max, Q

from customers.models import Consent, Purpose
from lending.applications.models import BureauInquiry, Decision, FactsSnapshot
from lending.loans.models import Installment, Loan
from scoring.book_rescoring import Present
from scoring.monitoring_decisions import DayOfDecisions

CHUNK = 1000
HALF_YEAR = datetime.timedelta(days=183)
APPROVE, REFER, DECLINE = Decision.Outcome.APPROVE, Decision.Outcome.REFER, Decision.Outcome.DECLINE
_NEEDED = (
    "customer_id", "application__public_id", "customer__public_id", "customer__registered_on",
    "customer__person__birth_date",
)  # fmt: skip
_MACHINE, _OFFICER = Q(by__isnull=True), Q(by__isnull=False)
_COUNTED = {
    "approve": _MACHINE & Q(outcome=APPROVE),
    "refer": _MACHINE & Q(outcome=REFER),
    "decline": _MACHINE & Q(outcome=DECLINE),
    "without_score": _MACHINE & Q(score__isnull=True),
    "by_officer": _OFFICER,
    "up": _OFFICER & Q(override=True, outcome=APPROVE),
    "down": _OFFICER & Q(override=True, outcome=DECLINE),
    "approved": Q(outcome=APPROVE),
    "declined": Q(outcome=DECLINE),
}


def days_of_decisions(first: datetime.date, last: datetime.date) -> Iterator[DayOfDecisions]:
    """The decisions of each of these days by the model that scored them."""
    decided = Decision.objects.filter(decided_on__range=(first, last))
    lacking = _without_facts(decided)
    rows: Any = decided.values("decided_on", "score__model_version").annotate(
        **{name: Count("pk", filter=condition) for name, condition in _COUNTED.items()}
    )
    for row in rows.order_by("decided_on"):
        on, model = row["decided_on"], row["score__model_version"]
        counts = {name: row[name] for name in _COUNTED}
        yield DayOfDecisions(on, model, **counts, without_facts=lacking[on, model])


def _without_facts(decided: Any) -> dict[tuple[datetime.date, int | None], int]:
    """The machine's referrals for want of a fact: told by their reasons, so those alone are read."""
    lacking: dict[tuple[datetime.date, int | None], int] = defaultdict(int)
    rows = decided.filter(_COUNTED["refer"]).values_list("decided_on", "score__model_version", "reasons")
    for on, model, reasons in rows.iterator(chunk_size=CHUNK):
        lacking[on, model] += any(reason.get("kind") == "missing" for reason in reasons)
    return lacking


def running_book(on: datetime.date) -> Iterator[list[Present]]:
    """Every running loan with its facts of this day, by key."""
    last = 0
    book = Loan.objects.active().filter(disbursed_on__lte=on).select_related("application", "customer__person")
    book = book.only(*_NEEDED).order_by("pk")  # and nothing that would have to be deciphered
    while loans := list(book.filter(pk__gt=last)[:CHUNK]):
        yield _present(loans, on)
        last = loans[-1].pk


def _present(loans: Sequence[Loan], on: datetime.date) -> list[Present]:
    known = _known_then([loan.application_id for loan in loans])
    customers = {loan.customer_id for loan in loans}
    ours, outside = _our_book(customers, on), _bureau(customers, on)
    found = []
    for loan in loans:
        customer = loan.customer
        months = (on.year - customer.registered_on.year) * 12 + on.month - customer.registered_on.month
        facts = {
            **known.get(loan.application_id, {}),
            **outside.get(loan.customer_id, {}),
            **ours[loan.customer_id],
            "relationship_months": max(months, 0),
        }
        person = getattr(customer, "person", None)
        if person is not None:
            born = person.birth_date
            facts["age_years"] = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        facts.pop("failed_sources", None)
        found.append(Present(str(loan.application.public_id), str(customer.public_id), facts))
    return found


def _known_then(applications: Sequence[int]) -> dict[int, dict[str, Any]]:
    latest = FactsSnapshot.objects.filter(application__in=applications).values("application").annotate(top=Max("pk"))
    rows = FactsSnapshot.objects.filter(pk__in=latest.values("top")).values_list("application_id", "facts")
    return {application: dict(facts) for application, facts in rows}


def _our_book(customers: set[int], on: datetime.date) -> dict[int, dict[str, Any]]:
    """Loans repaid and the longest arrears ever of each customer, who all have a loan."""
    loans = Loan.objects.filter(customer__in=customers, disbursed_on__lte=on)
    repaid = loans.filter(status=Loan.Status.PAID_OFF, closed_on__lte=on).values_list("customer_id")
    counts = dict(repaid.annotate(count=Count("pk")).order_by())
    worst: dict[int, int] = dict.fromkeys(customers, 0)
    due = Installment.objects.filter(loan__in=loans, due_on__lt=on)
    for customer, due_on, settled_on in due.values_list("customer_id", "due_on", "settled_on"):
        worst[customer] = max(worst[customer], (min(settled_on or on, on) - due_on).days)
    return {
        customer: {"prior_loans_with_us": counts.get(customer, 0), "prior_max_dpd_with_us": days}
        for customer, days in worst.items()
    }


def _bureau(customers: set[int], on: datetime.date) -> dict[int, dict[str, Any]]:
    """What the bureau last said of a customer who still consents to that use."""
    said = BureauInquiry.objects.filter(
        customer__in=customers, answered=True, found=True, asked_on__lte=on, asked_on__gte=on - HALF_YEAR
    )
    consents = Consent.objects.filter(customer__in=customers, purpose=Purpose.CREDIT_REPORT, on__lte=on)
    standing = dict(consents.order_by("pk").values_list("customer_id", "given"))
    rows = said.order_by("asked_on", "pk").values_list("customer_id", "facts")
    return {customer: dict(facts) for customer, facts in rows if standing.get(customer)}
