"""Change the plan of a running loan: one or two events of the engine, recorded together or not at all.

The new plan is the arithmetic's; the journal follows from the state (`lending.loans.bookkeeping`), and a loan whose plan
was eased counts as restructured from that day (`Loan.restructured_on`). Who agreed to it is not known here: see
`lending.servicing.plan_accepting`.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from customers.models import User
from lending.finance.events import Event
from lending.loans.models import Loan, LoanEvent
from lending.loans.recording import record
from lending.loans.refusals import LoanNotRunning


def change_plan(loan: Loan, events: Sequence[Event], *, key: str, by: User | None, on: dt.date) -> list[LoanEvent]:
    """Record the events of a new plan. The same key with the same events returns the first rows and writes nothing.

    Raises LoanNotRunning, and what recording refuses: KeyReused, EventRefused, DateInFuture, DateBeforeLoan.
    """
    with transaction.atomic():
        locked = Loan.objects.select_for_update().get(pk=loan.pk)
        keys = [f"{key}:{number}" for number, _event in enumerate(events, start=1)]
        if locked.status != Loan.Status.ACTIVE and not LoanEvent.objects.filter(key=keys[0]).exists():
            raise LoanNotRunning(number=locked.number)
        rows = [record(locked, event, key=name, by=by, on=on) for name, event in zip(keys, events, strict=True)]
    loan.refresh_from_db()
    return rows
