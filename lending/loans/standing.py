"""A loan as it stands on a day, for who looks at it: the rows are of the last day on which they were projected.

On a late loan penalty interest grows every day, while the business day projects it only when something else changes
(`lending.servicing.due_dates`). What is shown is therefore replayed to its day, and nothing is written.
"""

import datetime as dt
from dataclasses import dataclass

from lending.finance.events import Event
from lending.finance.replay import replay
from lending.loans.models import Installment, Loan
from lending.loans.projecting import RELIEF, installment_rows, loan_columns
from lending.loans.replaying import events_of, terms_of


@dataclass(frozen=True, slots=True)
class Standing:
    """The installments on a day, in their order, and the penalty interest outstanding on them."""

    installments: list[Installment]
    penalties_minor: int


def standing(loan: Loan, *, on: dt.date) -> Standing:
    """The rows themselves where nothing has changed since they were projected, and unsaved ones where it has."""
    late = loan.oldest_due_on is not None and loan.oldest_due_on < on
    if not late or loan.replayed_on is None or loan.replayed_on >= on:
        return Standing(list(loan.installments.order_by("number")), loan.outstanding_penalties_minor)
    events = events_of(loan)
    state = replay(terms_of(loan, events), events, on)
    rows = [
        Installment(loan=loan, customer_id=loan.customer_id, number=number, **columns)
        for number, columns in sorted(installment_rows(loan, state).items())
    ]
    return Standing(rows, loan_columns(loan, state, events)["outstanding_penalties_minor"])


def moved_into_new_plan(loan: Loan) -> dict[int, dt.date]:
    """Installments of which all or the rest went into a new plan, with the day as of which it did; by number."""
    if loan.restructured_on is None:
        return {}
    events = events_of(loan)
    found: dict[int, dt.date] = {}
    for place, event in enumerate(events):
        if event.type in RELIEF:
            found |= _left_open(loan, events[:place], event)
    settled = dict(loan.installments.exclude(kind=Installment.Kind.REPAID_EARLY).values_list("number", "settled_on"))
    return {number: day for number, day in found.items() if settled.get(number) == day}


def _left_open(loan: Loan, before: list[Event], event: Event) -> dict[int, dt.date]:
    """What was due before a change of the plan and not paid."""
    state = replay(terms_of(loan, before), before, event.known_on)
    return {row.number: event.on for row in state.installments if row.due_on < event.on and row.outstanding > 0}
