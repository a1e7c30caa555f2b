"""Penalty interest on what is overdue, and the caps on what a loan may cost.

    penalty = overdue principal (and interest) x daily penalty rate x days overdue

The daily penalty rate is a multiple of the contract rate (1.3 to 1.5 times is customary in China: PBOC
notice 2003-251) or a rate of its own. Where the contract's own interest already runs on overdue principal
the multiple counts only for what exceeds it. A yearly contract rate is spread over the year of the loan's
day count. 10,000.00 overdue 10 days at 0.05 % a day and a multiple of 1.5: 75.00.

What accrued exactly is kept exact; what is asked for is that, rounded, so that ten days booked one by one
come to the same as ten days at once. Paying an installment in full ends its penalty; ``grace_days`` late
days cost nothing, but once they have passed the penalty counts from the due date.

A penalty may be capped at a percent of its installment, and everything the loan costs at a percent of the
principal paid out, a year or in all (in duplum: 100 in all). Past the cap nothing more is charged.
"""

import datetime as dt
from decimal import Decimal

from lending.finance.book import LoanBook
from lending.finance.clauses import PenaltyTerms
from lending.finance.day_count import FRACTION, Rate, in_minor, rate_of
from lending.finance.money import EXACT
from lending.finance.rows import Row


def accrue(book: LoanBook, day: dt.date) -> None:
    """Ask for the penalty interest that has come up by the end of ``day``."""
    penalty = book.terms.penalty
    if penalty is None or book.is_written_off:
        return
    for row in book.rows:
        if row.due >= day:
            break
        if row.outstanding_principal + row.outstanding_interest <= 0:
            row.penalty_until = day
            continue
        if (day - row.due).days <= penalty.grace_days:
            continue
        since = max(row.due, row.penalty_until or row.due)
        if since >= day:
            continue
        base = row.outstanding_principal + (row.outstanding_interest if penalty.on_interest else 0)
        row.penalty_exact += base * daily_factor(book, penalty, since) * (day - since).days
        row.penalty_until = day
        asked = in_minor(row.penalty_exact, book.rules.rounder)
        if penalty.cap_percent is not None:
            numerator, denominator = EXACT.divide(penalty.cap_percent, 100).as_integer_ratio()
            asked = min(asked, book.rules.rounder((row.principal + row.interest) * numerator, denominator))
        add_penalty(book, row, day, asked - row.penalty_interest)


def add_penalty(book: LoanBook, row: Row, day: dt.date, amount: int) -> None:
    allowed = within_cap(book, day, amount) if amount > 0 else 0
    if allowed > 0:
        row.penalty_interest += allowed
        row.penalties += allowed
        row.settle(day)


def daily_factor(book: LoanBook, penalty: PenaltyTerms, day: dt.date) -> int:
    """The penalty on 1 for one day, with ``FRACTION`` as one."""
    if penalty.percent is not None:
        return _per_day(book, rate_of(penalty.percent, penalty.per, book.terms.repayment))
    multiple = penalty.multiple or Decimal(0)
    interest = book.terms.interest
    if interest.recalculates_on_payment and interest.accrues_on_overdue_principal:
        multiple = max(multiple - 1, Decimal(0))
    numerator, denominator = multiple.as_integer_ratio()
    return _per_day(book, book.model.rate_on(day)) * numerator // denominator


def _per_day(book: LoanBook, rate: Rate) -> int:
    year = 1 if rate.by_day else (book.model.counter.year_days or 365)
    return rate.numerator * FRACTION // (rate.denominator * year)


def within_cap(book: LoanBook, day: dt.date, amount: int) -> int:
    """So much of a new charge as the cap on the total cost leaves room for."""
    caps = book.terms.caps
    if caps is None:
        return amount
    numerator, denominator = EXACT.divide(caps.total_cost_percent, 100).as_integer_ratio()
    if caps.per == "year":
        last = max(day, book.model.maturity)
        allowed = sum(paid_out * (last - on).days for on, paid_out in book.disbursements)
        room = allowed * numerator // (denominator * 365)
    else:
        room = book.disbursed * numerator // denominator
    charged = sum(row.interest + row.fees + row.penalties for row in book.rows)
    kept = max(0, min(amount, room - charged))
    book.capped += amount - kept
    return kept
