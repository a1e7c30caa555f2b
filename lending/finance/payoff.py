"""The payoff quote: what closes the loan on a day, with what it is made of.

``payoff_quote(terms, events, on)`` works for any day, back to the first disbursement and forward past
maturity. Paying exactly ``total`` that day with a ``pay_off`` event closes the loan. Nothing entered after
``on`` counts; credit of the borrower is taken off.

100.00 at 7 % in six months, 30/360 by recalculation, nothing paid, on 2024-02-15: principal 100.00, interest
0.58 + 0.28 (14 of 29 days on 83.57, and on the 16.43 that are overdue), together 100.86.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from lending.finance.events import Event
from lending.finance.money import from_minor
from lending.finance.prepayment import Payoff
from lending.finance.replay import replayed_book
from lending.finance.terms import Terms


class PayoffQuote(NamedTuple):
    """A payoff in major units. ``total`` is everything less ``credit_applied``."""

    on: dt.date
    principal: Decimal
    interest: Decimal
    fees: Decimal
    penalties: Decimal
    prepayment_fee: Decimal
    credit_applied: Decimal
    total: Decimal


def payoff_quote(terms: Terms, events: Sequence[Event], on: dt.date) -> PayoffQuote:
    """What must be paid on the day to owe nothing; all zeros before anything is paid out."""
    quoted: list[Payoff] = []
    _, paid_out = replayed_book(terms, [*events, Event(on, "pay_off")], on, quoted)
    decimals = terms.decimals
    if not paid_out or not quoted:
        zero = from_minor(0, decimals)
        return PayoffQuote(on, zero, zero, zero, zero, zero, zero, zero)
    asked = quoted[-1]
    gross = asked.principal + asked.interest + asked.fees + asked.penalties + asked.fee
    amounts = (
        asked.principal,
        asked.interest,
        asked.fees,
        asked.penalties,
        asked.fee,
        min(asked.credit, gross),
        asked.total,
    )
    return PayoffQuote(on, *(from_minor(amount, decimals) for amount in amounts))
