"""What the mere passing of a day changes on a loan: a due date that passed unpaid, and penalty interest that grows.

Loans whose next due date is still ahead, and that are not late, are not touched. Of the others

  * those whose terms are calm (nothing in them depends on the day: no penalty interest, no floating rate, no interest
    on overdue principal) get their next due date in one statement;
  * the rest are projected anew by the engine (`recording.refresh`), which also posts the penalty interest: on the day a
    due date passed, on each day they change their bucket or class, and on the last day of a month. A payment or a
    payoff quote in between is exact anyway, for it replays to its own day.
"""

import datetime
from collections.abc import Iterable

import structlog
from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery

from customers.refusals import Refusal
from lending.loans.models import Installment, Loan
from lending.loans.recording import refresh
from lending.servicing.models import ArrearsMove

log = structlog.get_logger(__name__)

CALM = (
    ~Q(terms__has_key="penalty")
    & ~Q(terms__has_key="caps")
    & Q(terms__rate__floating__isnull=True)
    & Q(terms__interest__accrues_on_overdue_principal__isnull=True)
    & Q(terms__interest__recalculates_on_payment__isnull=True)
)


def pass_due_dates(on: datetime.date) -> dict[str, int]:
    """Bring loans whose next due date passed up to `on`. Returns how many in one statement, and how many replayed."""
    passed = Loan.objects.active().filter(next_due_on__lt=on)
    unpaid = Installment.objects.unpaid().filter(loan=OuterRef("pk")).order_by().values("loan")
    calm = passed.filter(CALM).update(
        oldest_due_on=Subquery(unpaid.annotate(day=Min("due_on")).values("day")),
        next_due_on=Subquery(unpaid.filter(due_on__gte=on).annotate(day=Min("due_on")).values("day")),
        replayed_on=on,
    )
    return {"passed": calm, **_replay(passed.exclude(CALM), on)}


def charge_penalties(on: datetime.date) -> dict[str, int]:
    """Project the penalty interest of late loans that moved today, or of all late loans at the end of a month."""
    late = Loan.objects.late(on).exclude(CALM).filter(replayed_on__lt=on)
    if (on + datetime.timedelta(days=1)).day != 1:
        moves = ArrearsMove.objects.filter(loan=OuterRef("pk"), business_date=on)
        late = late.filter(Exists(moves))
    return _replay(late, on)


def _replay(loans: QuerySet[Loan], on: datetime.date) -> dict[str, int]:
    """Refresh each; one that the engine refuses is counted and named in the log, and holds up nobody else."""
    counts = {"replayed": 0, "refused": 0}
    numbers: Iterable[int] = list(loans.order_by("pk").values_list("pk", flat=True))
    for loan in (Loan.objects.get(pk=pk) for pk in numbers):
        try:
            refresh(loan, on=on)
            counts["replayed"] += 1
        except Refusal as refused:
            counts["refused"] += 1
            log.warning("loan_not_projected", loan=loan.number, code=refused.code)
    return counts
