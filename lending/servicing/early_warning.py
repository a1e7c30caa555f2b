"""Early warning: once a month every running loan gets its behaviour score and the signals it gives.

The job runs at the close of every day and works on the first of a month, for the book as it stands then. The facts of a
loan are read in chunks, a handful of queries for a thousand loans, and scored by `scoring.behaviour`, which knows no loan:

    days_past_due, worst_days_late, late_installments, payments_ratio     installments due in the last six (three) months
    failed_payments              payment orders that the bank refused in the last three months
    utilisation, other_inquiries the last bureau answer of the last six months, under a consent that still stands;
                                 nobody is asked anew
    whatever rooms above know    `add_source` (collections: unanswered contacts, promises not kept)

One row a loan and month, unique in the database: a month that is read again, by a restarted job or two at once, is the
first reading.

Every signal that has no task in hand becomes one for the officers (`lending.servicing.warning_tasks`).

    warn(on=date(2026, 12, 1))      {"read": 3, "watch": 1, "at_risk": 0, "signals": 2, "tasks": 2, "over": 0}
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction

from customers.models import Consent, Purpose
from lending.applications.models import BureauInquiry
from lending.loans.models import Installment, Loan
from lending.repayments.models import PaymentOrder
from lending.servicing.models import EarlyWarning
from lending.servicing.warning_tasks import close_what_is_over, raise_tasks
from scoring.behaviour import behaviour, signals
from scoring.features.computing import number

CHUNK = 1000
HALF_YEAR = datetime.timedelta(days=183)
QUARTER = datetime.timedelta(days=92)

Facts = dict[str, Any]
Source = Callable[[Sequence[int], datetime.date], dict[int, Facts]]
_SOURCES: dict[str, Source] = {}


def add_source(name: str, source: Source) -> None:
    """Let a room above tell facts by loan: `source(loan ids, day)` for a whole chunk. The same name replaces it."""
    _SOURCES[name] = source


def warn_monthly(on: datetime.date) -> dict[str, int]:
    """The job of the business day: read the book on the first of a month."""
    return warn(on=on) if on.day == 1 else {}


def warn(*, on: datetime.date) -> dict[str, int]:
    """Read the running book on a day. Returns how many loans were read, their grades, the signals they gave, the tasks that
    are new, and those that are over."""
    counts = {"read": 0, "watch": 0, "at_risk": 0, "signals": 0, "tasks": 0, "over": close_what_is_over(on)}
    for loans in _chunks(on):
        with transaction.atomic():
            rows = _readings(loans, on)
            EarlyWarning.objects.bulk_create(rows, ignore_conflicts=True)
            counts["tasks"] += raise_tasks(_written(rows, on), on=on)
        counts["read"] += len(rows)
        counts["signals"] += sum(len(row.signals) for row in rows)
        for row in rows:
            if row.grade in counts:
                counts[row.grade] += 1
    return counts


def _written(rows: Sequence[EarlyWarning], on: datetime.date) -> list[EarlyWarning]:
    """The readings with signals as they stand in the database: another worker's where it was first."""
    loans = [row.loan_id for row in rows if row.signals]
    return list(EarlyWarning.objects.filter(loan_id__in=loans, read_on=on).order_by("pk")) if loans else []


def facts_of(loans: Sequence[Loan], on: datetime.date) -> dict[int, Facts]:
    """Plain facts by loan, for a chunk of loans at once."""
    ids = [loan.pk for loan in loans]
    found: dict[int, Facts] = {loan.pk: {"days_past_due": loan.days_past_due(on)} for loan in loans}
    for source in (_installments, _failed_payments, *_SOURCES.values()):
        for loan_id, facts in source(ids, on).items():
            found[loan_id] |= facts
    outside = _bureau({loan.customer_id for loan in loans}, on)
    for loan in loans:
        found[loan.pk] |= outside.get(loan.customer_id, {})
    return found


def _chunks(on: datetime.date) -> Iterator[list[Loan]]:
    """Running loans without a reading of the day, by key."""
    last = 0
    book = Loan.objects.active().exclude(early_warnings__read_on=on).order_by("pk")
    while chunk := list(book.filter(pk__gt=last).only("pk", "customer_id", "status", "oldest_due_on")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _readings(loans: Sequence[Loan], on: datetime.date) -> list[EarlyWarning]:
    facts, before = facts_of(loans, on), _scores_before([loan.pk for loan in loans], on)
    rows = []
    for loan in loans:
        now, previous = behaviour(facts[loan.pk]), before.get(loan.pk)
        rows.append(
            EarlyWarning(
                loan_id=loan.pk,
                customer_id=loan.customer_id,
                read_on=on,
                score=now.score,
                previous_score=previous,
                grade=now.grade,
                facts=facts[loan.pk],
                points_lost=dict(now.lost),
                signals=[one.as_json() for one in signals(facts[loan.pk], now, previous)],
            )
        )
    return rows


def _scores_before(ids: Sequence[int], on: datetime.date) -> dict[int, int]:
    """The last earlier score of each loan, of two months at most."""
    earlier = EarlyWarning.objects.filter(
        loan_id__in=ids, read_on__lt=on, read_on__gte=on - datetime.timedelta(days=62)
    )
    return dict(earlier.order_by("read_on").values_list("loan_id", "score"))


def _installments(ids: Sequence[int], on: datetime.date) -> dict[int, Facts]:
    """How the installments that fell due in the last six months were paid; nothing where none fell due."""
    due = Installment.objects.filter(loan_id__in=ids, due_on__lt=on, due_on__gte=on - HALF_YEAR)
    rows: dict[int, list[Installment]] = defaultdict(list)
    for row in due.order_by("loan_id", "number"):
        if row.total_minor > 0:
            rows[row.loan_id].append(row)
    return {loan_id: _as_paid(installments, on) for loan_id, installments in rows.items()}


def _as_paid(installments: Sequence[Installment], on: datetime.date) -> Facts:
    late = [max(0, ((row.settled_on or on) - row.due_on).days) for row in installments]
    recent = [row for row in installments if row.due_on >= on - QUARTER]
    asked = sum(row.total_minor - row.waived_minor for row in recent)
    paid = sum(row.paid_minor for row in recent)
    ratio = {"payments_ratio": round(paid / asked, 4)} if asked > 0 else {}
    return {"worst_days_late": max(late), "late_installments": sum(days > 0 for days in late), **ratio}


def _failed_payments(ids: Sequence[int], on: datetime.date) -> dict[int, Facts]:
    """Zero for whoever ordered payments and had none refused; nothing for loans that are paid another way."""
    orders = PaymentOrder.objects.filter(loan_id__in=ids, ordered_on__lt=on, ordered_on__gte=on - QUARTER)
    counts: dict[int, int] = defaultdict(int)
    for loan_id, status in orders.values_list("loan_id", "status"):
        counts[loan_id] += status == PaymentOrder.Status.FAILED
    return {loan_id: {"failed_payments": count} for loan_id, count in counts.items()}


def _bureau(customers: set[int], on: datetime.date) -> dict[int, Facts]:
    """What the bureau last said of a customer who still consents to that use."""
    said = BureauInquiry.objects.filter(
        customer_id__in=customers, answered=True, found=True, asked_on__lte=on, asked_on__gte=on - HALF_YEAR
    )
    consents = Consent.objects.filter(customer_id__in=customers, purpose=Purpose.CREDIT_REPORT, on__lte=on)
    standing = dict(consents.order_by("pk").values_list("customer_id", "given"))
    names = {"utilisation": "bureau_utilisation", "other_inquiries": "bureau_inquiries_6m"}
    return {
        customer: {name: value for name, told in names.items() if (value := number(facts.get(told))) is not None}
        for customer, facts in said.order_by("asked_on", "pk").values_list("customer_id", "facts")
        if standing.get(customer)
    }
