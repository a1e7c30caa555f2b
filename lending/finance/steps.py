"""One step of a replay: an event, checked against the loan, applied to the book."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from lending.finance import book_changes, book_credits, penalties, prepayment, restructuring
from lending.finance.book import LoanBook
from lending.finance.day_count import rate_of
from lending.finance.due_dates import step_after
from lending.finance.entries import InstallmentFee
from lending.finance.events import RECEIPTS, Event, InvalidEvent
from lending.finance.money import to_minor
from lending.finance.terms import MOST_MINOR, Terms


class Step(NamedTuple):
    """An event and where it stands: (day it counts, rank, day it was entered, number in the list).

    ``number`` is the event's number from 1; 0 is what the terms themselves bring about.
    """

    order: tuple[dt.date, int, dt.date, int]
    number: int
    event: Event
    is_moved_already: bool = False


def refuse(index: int, field: str, message: str) -> InvalidEvent:
    return InvalidEvent(f"events[{index - 1}].{field}", message)


def amount_of(book: LoanBook, index: int, event: Event) -> int:
    """The event's amount in minor units; refused by field where the currency has no such amount."""
    if event.amount is None:
        raise refuse(index, "amount", "is missing")
    try:
        minor = to_minor(event.amount, book.terms.decimals)
    except ValueError as wrong:
        raise refuse(index, "amount", f"at most {book.terms.decimals} decimals are needed") from wrong
    if not 0 <= minor <= MOST_MINOR:
        raise refuse(index, "amount", "an amount from zero to 10^18 minor units is needed")
    return minor


def apply_step(book: LoanBook, step: Step) -> None:
    """Do what the event says."""
    if book.is_written_off and step.event.type not in AFTER_WRITE_OFF:
        return
    penalties.accrue(book, step.event.on)
    credit = book.credit
    HANDLERS[step.event.type](book, step)
    if book.credit > credit and step.event.type in FREES_CREDIT and not book.is_written_off:
        book.use_credit_of_receipts(step.event.on)


#: Changes by which installments may ask for less than was paid on them; the rest pays what is still owed.
FREES_CREDIT = ("prepay", "change_rate", "reschedule", "pause_interest", "waive_interest", "waive_fee", "waive_penalty")


#: A loan that is written off is at its end; money may still come in and go back.
AFTER_WRITE_OFF = (*RECEIPTS, "recovery", "chargeback", "credit_balance_refund")


def on_disburse(book: LoanBook, step: Step) -> None:
    day, amount = step.event.on, amount_of(book, step.number, step.event)
    if day < book.terms.starts_on:
        raise refuse(step.number, "on", f"a day from the loan's start {book.terms.starts_on} on is needed")
    if amount > 0:
        book.disburse(step.number, day, amount)


def on_receipt(book: LoanBook, step: Step) -> None:
    book.receive(step.number, step.event.on, step.event.type, amount_of(book, step.number, step.event))


def on_pay_off(book: LoanBook, step: Step) -> None:
    event = step.event
    amount = None if event.amount is None else amount_of(book, step.number, event)
    prepayment.pay_off(book, step.number, event.on, amount)


def on_prepay(book: LoanBook, step: Step) -> None:
    event = step.event
    prepayment.prepay(book, step.number, event.on, amount_of(book, step.number, event), event.effect)


def on_give_back(book: LoanBook, step: Step) -> None:
    event = step.event
    book_credits.give_back(book, step.number, event.on, event.type, amount_of(book, step.number, event))


def on_capitalized_income(book: LoanBook, step: Step) -> None:
    day, amount = step.event.on, amount_of(book, step.number, step.event)
    entry = book.enter(step.number, day, "capitalized_income", amount)
    book.catch_up(day)
    book.capitalized += amount
    book.add_principal(day, amount, capitalized=True)
    book.use_credit(entry)


def on_recovery(book: LoanBook, step: Step) -> None:
    amount = amount_of(book, step.number, step.event)
    if not book.is_written_off and not book.is_charged_off:
        raise refuse(step.number, "type", "a loan that was written off or charged off before is needed")
    book.enter(step.number, step.event.on, "recovery", amount)
    book.recovered += amount


def on_charge(book: LoanBook, step: Step) -> None:
    event = step.event
    amount = penalties.within_cap(book, event.on, amount_of(book, step.number, event))
    book.charge(step.number, event.on, event.component or "fee", amount, event.due_on or event.on)


def on_installment_fee(book: LoanBook, step: Step) -> None:
    event = step.event
    book.installment_fees.append(
        InstallmentFee(event.basis or "flat", event.value or Decimal(0), event.component or "fee")
    )
    book.refresh_fees()
    book.use_credit_of_receipts(event.on)


def on_change_rate(book: LoanBook, step: Step) -> None:
    event = step.event
    if event.percent is not None:
        rate = rate_of(event.percent, event.per or "year", book.terms.repayment)
        book_changes.set_rate(book, event.since or event.on, rate)


def on_reschedule(book: LoanBook, step: Step) -> None:
    event = step.event
    since = event.since or event.on
    moved = event.new_due_on if not step.is_moved_already else None
    if moved is not None and not restructuring.move_due_date(book, event.on, since, moved):
        raise refuse(step.number, "new_due_on", "a day after the due date before it is needed")
    if event.extra_installments and not book_changes.extend(book, since, event.extra_installments):
        message = f"a day up to the last due date {book.model.maturity} is needed; re_age after it"
        raise refuse(step.number, "from", message)
    if event.percent is not None:
        on_change_rate(book, step)
    if event.grace is not None:
        restructuring.grant_grace(book, since, event.grace)


def on_pause(book: LoanBook, step: Step) -> None:
    event = step.event
    if event.since is not None and event.until is not None:
        book_changes.pause(book, event.since, event.until)


def on_re_age(book: LoanBook, step: Step) -> None:
    event = step.event
    if event.starts_on is None or event.starts_on < event.on:
        raise refuse(step.number, "starts_on", f"a day from {event.on} on is needed")
    count, every, unit = event.installments or 1, event.every or 1, event.unit or "month"
    restructuring.re_age(book, step.number, event.on, event.starts_on, count, every, unit)


def on_re_amortize(book: LoanBook, step: Step) -> None:
    if book.recalculates and book.model.bears_interest:
        restructuring.re_amortize_with_interest(book, step.number, step.event.on)
    else:
        book_changes.re_amortize(book, step.number, step.event.on)


def on_restructure(book: LoanBook, step: Step) -> None:
    event = step.event
    if event.starts_on is None or event.starts_on <= event.on:
        raise refuse(step.number, "starts_on", f"a day after {event.on} is needed")
    restructuring.restructure(book, step.number, event, event.starts_on)


def on_write_off(book: LoanBook, step: Step) -> None:
    book_changes.write_off(book, step.number, step.event.on)


def on_charge_off(book: LoanBook, step: Step) -> None:
    book_changes.charge_off(book, step.number, step.event.on)


def on_waive(book: LoanBook, step: Step) -> None:
    event = step.event
    amount = None if event.amount is None else amount_of(book, step.number, event)
    book_changes.waive(book, step.number, event.on, event.type.removeprefix("waive_"), amount)


HANDLERS: dict[str, Callable[[LoanBook, Step], None]] = {
    "disburse": on_disburse,
    "repay": on_receipt,
    "goodwill_credit": on_receipt,
    "merchant_issued_refund": on_receipt,
    "payout_refund": on_receipt,
    "interest_payment_waiver": on_receipt,
    "pay_off": on_pay_off,
    "prepay": on_prepay,
    "chargeback": on_give_back,
    "credit_balance_refund": on_give_back,
    "capitalized_income": on_capitalized_income,
    "recovery": on_recovery,
    "charge": on_charge,
    "installment_fee": on_installment_fee,
    "change_rate": on_change_rate,
    "reschedule": on_reschedule,
    "pause_interest": on_pause,
    "re_age": on_re_age,
    "re_amortize": on_re_amortize,
    "restructure": on_restructure,
    "write_off": on_write_off,
    "charge_off": on_charge_off,
    "waive_interest": on_waive,
    "waive_fee": on_waive,
    "waive_penalty": on_waive,
}


def rate_steps(terms: Terms, book: LoanBook, fixings: list[tuple[dt.date, Decimal]], rank: int) -> list[Step]:
    """The changes of rate that the terms bring: steps, and resets of a floating rate."""
    changes: list[tuple[dt.date, Decimal]] = []
    for rate_step in terms.rate.steps:
        since = rate_step.since
        if since is None:
            passed = rate_step.after_installments or 0
            if passed >= len(book.model.dues):
                continue
            since = book.model.dues[passed - 1] + dt.timedelta(1)
        changes.append((since, rate_step.percent))
    floating = terms.rate.floating
    if floating is not None:
        current = terms.rate.percent
        first = floating.first_reset_on
        anchor, offset = (terms.starts_on, 1) if first is None else (first, 0)
        count = 0
        while (day := step_after(anchor, (count + offset) * floating.reset_every, floating.reset_unit)) < (
            book.model.maturity
        ):
            count += 1
            published = [percent for on, percent in fixings if on <= day]
            if published and floating.rate_of(published[-1]) != current:
                current = floating.rate_of(published[-1])
                changes.append((day + dt.timedelta(1), current))  # a period begins the day after
    return [
        Step((since, rank, since, 0), 0, Event(since, "change_rate", since=since, percent=percent, per=terms.rate.per))
        for since, percent in sorted(changes)
    ]
