"""Replay: a loan is its events.

``replay(terms, events, as_of)`` is a pure function from the terms and everything that was entered by
``as_of`` to the loan's state on that day. A back-dated payment or a reversal is one more event and one more
replay; nothing is ever edited.

Order. Events count from the day they concern: money from ``on``, a back-dated charge from its due date,
changes of rate, pauses and further installments from their ``from`` day. On one day the one entered first
comes first, and of those entered on one day the one that stands first in the list; a disbursement comes
before the installment fees of its day. An event is known from ``on`` or, if later, ``entered_on``: a replay
as of an earlier day does not see it, so a prefix of the history gives what the books said then.

A due date moved before anything was received plans the loan by the new dates from the start; moved later it
leaves the installments as they are, the last unpaid one absorbs the difference.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from lending.finance.book import LoanBook
from lending.finance.clauses import FloatingTerms
from lending.finance.events import RECEIPTS, Event, InvalidEvent
from lending.finance.installments import Installment, LoanState, Schedule, Summary, Transaction
from lending.finance.penalties import accrue
from lending.finance.prepayment import Payoff
from lending.finance.reporting import schedule_of, state_of
from lending.finance.steps import Step, amount_of, apply_step, rate_steps
from lending.finance.terms import Terms

__all__ = ["Installment", "LoanState", "Schedule", "Summary", "Transaction", "planned_by_replay", "replay"]

#: What the terms bring about on a day comes before what people enter.
FIRST, USUAL = 0, 1


def replay(terms: Terms, events: Sequence[Event], as_of: dt.date) -> LoanState:
    """The loan on ``as_of``; raises ``InvalidEvent("events[n].field", …)`` for what cannot have happened."""
    book, paid_out = replayed_book(terms, events, as_of)
    return state_of(book, as_of, is_planned=not paid_out)


def replayed_book(
    terms: Terms, events: Sequence[Event], as_of: dt.date, quoted: list[Payoff] | None = None
) -> tuple[LoanBook, bool]:
    """The book after everything known by ``as_of``, and whether anything was paid out.

    ``quoted`` collects what each payoff without an amount asked for, the last one last.
    """
    known = [(index, event) for index, event in enumerate(events, 1) if event.known_on <= as_of]
    undone = reversed_events(events, known)
    active = [(index, event) for index, event in known if index not in undone]
    moves, early_moves = due_date_moves(active)
    book = LoanBook(terms, moves)
    book.quoted = [] if quoted is None else quoted
    steps = ordered_steps(terms, book, active, early_moves)
    paid_out = any(step.event.type == "disburse" for step in steps)
    if not paid_out:
        steps = [planned_disbursement(terms, active), *(step for step in steps if step.event.type in BEFORE_PAYOUT)]
    for step in steps:
        apply_step(book, step)
    if not paid_out:
        for index, event in active:
            if event.type in RECEIPTS and event.amount is not None:
                book.keep_as_credit(index, event.on, event.type, amount_of(book, index, event))
    if paid_out:
        accrue(book, as_of)
        book.catch_up(as_of)
    mark_reversed(book, known, undone)
    return book, paid_out


def planned_disbursement(terms: Terms, active: list[tuple[int, Event]]) -> Step:
    """Before anything is paid out the plan stands: the approved amount, on the day expected."""
    amount, day = terms.principal, terms.starts_on
    for _, event in active:
        if event.type == "approve" and event.amount is not None:
            amount = event.amount
            if event.expected_on is not None and event.expected_on >= terms.starts_on:
                day = event.expected_on
    return Step((day, FIRST, day, 0), 0, Event(day, "disburse", amount))


def reversed_events(events: Sequence[Event], known: list[tuple[int, Event]]) -> set[int]:
    """Numbers of the events that are reversed; the reversal of a reversal restores."""
    undone: set[int] = set()
    for index, event in reversed(known):
        if event.type != "reverse" or index in undone:
            continue
        target = event.event or 0
        if not 1 <= target < index:
            message = f"the number of an earlier event, 1 to {index - 1}, is needed"
            raise InvalidEvent(f"events[{index - 1}].event", message)
        if events[target - 1].type in ("approve", "close_of_business"):
            raise InvalidEvent(f"events[{index - 1}].event", "an event that can be reversed is needed")
        undone.add(target)
    return undone


def due_date_moves(active: list[tuple[int, Event]]) -> tuple[tuple[tuple[dt.date, dt.date], ...], set[int]]:
    """Due dates moved before anything was received, as (old, new) in order, and the events that say so."""
    first_receipt = min((index for index, event in active if event.type in RECEIPTS), default=None)
    moves = []
    taken = set()
    for index, event in active:
        if event.type != "reschedule" or event.new_due_on is None:
            continue
        if first_receipt is None or index < first_receipt:
            moves.append((event.since or event.on, event.new_due_on))
            taken.add(index)
    return tuple(moves), taken


#: What shapes the plan of a loan that is not paid out; money received before is credit.
BEFORE_PAYOUT = ("change_rate", "pause_interest", "reschedule", "charge", "installment_fee")
CHANGES = ("change_rate", "pause_interest", "reschedule")


def ordered_steps(terms: Terms, book: LoanBook, active: list[tuple[int, Event]], moved_already: set[int]) -> list[Step]:
    """Everything that happens to the book, in the order it counts."""
    steps = []
    latest = dt.date.min
    for index, event in active:
        if event.type in ("approve", "reverse", "close_of_business", "index_fixing"):
            continue
        day, rank, known_on = event.on, USUAL, event.known_on
        if event.type in CHANGES:
            day = event.since or event.on
            if event.entered_on is None and event.on < latest:
                day = known_on = max(day, latest)  # entered in this order although its day lies before
        elif event.type == "charge":
            day = min(event.on, event.due_on or event.on)
        place = index
        if event.type == "installment_fee":
            same_day = [other for other, paid in active if paid.type == "disburse" and paid.on == event.on]
            place = max([index, *same_day])  # after the disbursements of its day
        latest = max(latest, event.on)
        steps.append(Step((day, rank, known_on, place), index, event, index in moved_already))
    steps.extend(rate_steps(terms, book, fixings_of(terms.rate.floating, active), FIRST))
    steps.sort(key=lambda step: (step.order, step.number))
    return steps


def fixings_of(floating: FloatingTerms | None, active: list[tuple[int, Event]]) -> list[tuple[dt.date, Decimal]]:
    """Index fixings of the terms and those published since, by day."""
    if floating is None:
        return []
    fixings = list(floating.fixings)
    for _, event in active:
        if event.type == "index_fixing" and event.percent is not None:
            fixings.append((event.on, event.percent))
    return sorted(fixings, key=lambda pair: pair[0])


def mark_reversed(book: LoanBook, known: list[tuple[int, Event]], undone: set[int]) -> None:
    """Reversed money stays visible, with nothing allocated."""
    for index, event in known:
        if index in undone and event.amount is not None:
            book.note_reversed(index, event.on, event.type, amount_of(book, index, event))


def planned_by_replay(terms: Terms) -> Schedule:
    """The plan of a loan whose rate changes on the way."""
    repayment = dataclasses.replace(terms.repayment, down_payment_paid_automatically=False)
    book, _ = replayed_book(dataclasses.replace(terms, repayment=repayment), (), terms.starts_on)
    return schedule_of(book)
