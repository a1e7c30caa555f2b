"""Early warnings become work: a task for each signal of a loan, until somebody has contacted the customer and it is done.

raise_tasks      with the monthly reading: a task for each signal that has none in hand; tasks of loans that run no
                 more are resolved
mark_contacted   an officer wrote or called: what came of it, and a note
resolve          nothing more is to be done, with a note; the same signal may be raised again by a later reading
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from customers.models import User
from customers.system_user import acting_as_system
from lending.loans.models import Loan
from lending.servicing.models import EarlyWarning, WarningTask
from lending.servicing.refusals import NoteMissing, TaskResolved, UnknownOutcome

Status = WarningTask.Status
IN_HAND = (Status.OPEN, Status.CONTACTED)
MOST_NOTE = 2000


def raise_tasks(warnings: Sequence[EarlyWarning], *, on: dt.date) -> int:
    """Tasks for the signals of these readings. Returns how many are new; a signal with a task in hand gets none."""
    loans = [warning.loan_id for warning in warnings if warning.signals]
    known = set(WarningTask.objects.filter(loan_id__in=loans, status__in=IN_HAND).values_list("loan_id", "signal"))
    new = [
        WarningTask(
            loan_id=warning.loan_id,
            customer_id=warning.customer_id,
            warning=warning,
            signal=signal["code"],
            text_zh=signal["text_zh"],
            text_en=signal["text_en"],
            opened_on=on,
        )
        for warning in warnings
        for signal in warning.signals
        if (warning.loan_id, signal["code"]) not in known
    ]
    if new:
        with acting_as_system() as system:
            bulk_create_with_history(new, WarningTask, default_user=system)
    return len(new)


def close_what_is_over(on: dt.date) -> int:
    """Resolve the tasks of loans that are paid off, charged off or cancelled. Returns how many."""
    count = 0
    with acting_as_system() as system:
        over = WarningTask.objects.filter(status__in=IN_HAND).exclude(loan__status=Loan.Status.ACTIVE)
        for task in over.order_by("pk").iterator():
            task.status, task.resolved_on = Status.RESOLVED, on
            _keep(task, system)
            count += 1
    return count


def mark_contacted(task: WarningTask, *, outcome: str, note: str, by: User, on: dt.date) -> WarningTask:
    """An officer reached the customer, or tried to. Raises UnknownOutcome, NoteMissing, TaskResolved."""
    if outcome not in WarningTask.Outcome.values:
        raise UnknownOutcome()
    with transaction.atomic():
        locked = _in_hand(task, note)
        locked.status, locked.outcome, locked.contacted_on = Status.CONTACTED, outcome, on
        return _noted(locked, note, by)


def resolve(task: WarningTask, *, note: str, by: User, on: dt.date) -> WarningTask:
    """Nothing more to do. Raises NoteMissing, TaskResolved."""
    with transaction.atomic():
        locked = _in_hand(task, note)
        locked.status, locked.resolved_on = Status.RESOLVED, on
        return _noted(locked, note, by)


def _in_hand(task: WarningTask, note: str) -> WarningTask:
    if not note.strip() or len(note) > MOST_NOTE:
        raise NoteMissing(most=MOST_NOTE)
    locked = WarningTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if locked.status == Status.RESOLVED:
        raise TaskResolved(task=str(locked))
    return locked


def _noted(task: WarningTask, note: str, by: User) -> WarningTask:
    """The latest note stands on the task; earlier ones stand in its history."""
    task.note, task.by = note.strip(), by
    return _keep(task, by)


def _keep(task: WarningTask, by: User | None) -> WarningTask:
    task._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    task.save()
    return task
