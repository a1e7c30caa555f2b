"""From a loan's rows to the engine and back: its terms, its events, its state on a day.

The terms are frozen at signing, when nobody knows on which day the bank will pay. So the schedule is anchored when the
money goes out: `starts_on` is the day of the first disbursement that stands, and the due dates follow it in the rhythm
of the terms. Terms that name their due dates (`repayment.due_dates`, `repayment.first_due_on`) keep the signed anchor
unless the money goes out before it; only the first period gets shorter or longer. Until then the signed day holds.

    signed for 2026-09-14, 3 monthly installments     due 10-14, 11-14, 12-14
    paid out on 2026-09-16                            due 10-16, 11-16, 12-16

The engine's terms are thus a function of the frozen terms and the events, and need no row of their own.
"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.replay import replay
from lending.finance.terms import Terms

if TYPE_CHECKING:
    from lending.loans.models import Loan


def events_of(loan: "Loan") -> list[Event]:
    """The loan's events in the order they were entered, as the engine reads them."""
    payloads = loan.events.order_by("sequence").values_list("payload", flat=True)
    return [Event.from_json(payload) for payload in payloads]


def terms_of(loan: "Loan", events: Sequence[Event]) -> Terms:
    """The frozen terms, anchored at the first disbursement that stands."""
    return Terms.from_json(anchored(loan.terms, events))


def anchored(terms: dict[str, Any], events: Sequence[Event]) -> dict[str, Any]:
    """Terms as JSON with `starts_on` at the first disbursement that was not reversed, see above."""
    undone: set[int | None] = set()
    days = []
    for number, event in reversed([*enumerate(events, start=1)]):
        if number not in undone:  # a reversal that was itself reversed undoes nothing
            if event.type == "reverse":
                undone.add(event.event)
            elif event.type == "disburse":
                days.append(event.on)
    if not days:
        return terms
    repayment, start = terms.get("repayment", {}), min(days).isoformat()
    if repayment.get("due_dates") or repayment.get("first_due_on"):
        start = min(start, terms["starts_on"])
    return {**terms, "starts_on": start}


def state_of(loan: "Loan", as_of: dt.date) -> LoanState:
    """Replay the loan's events up to a day."""
    events = events_of(loan)
    return replay(terms_of(loan, events), events, as_of)
