"""Paying early: in full, or a part with a shorter term or smaller installments.

A partial prepayment first pays what is due, then the prepayment fee, and what is left lowers the principal
from that day: it is booked as an installment of its own, paid at once. Interest up to the day counts on the
old balance, after it on the new one (Civil Code of China, article 677: by the actual time borrowed). With
``smaller_installment`` the installments not yet past are planned anew over the same dates, as after a
disbursement with the sign turned; with ``shorter_term`` they stay and the last ones fall away.

12,000.00 at 12 % in 12 months (30/360, level 1,066.19); 3,000.00 prepaid on the third due date:

===================  ==============================================================
smaller_installment  nine installments of 715.96, the last 715.99; 6,443.67 in all
shorter_term         five of 1,066.19 and one of 1,017.22; 6,348.17 in all
===================  ==============================================================

Fee: ``fee_percent`` of the principal prepaid, at least ``fee_minimum`` and at most ``fee_maximum``, nothing
after ``fee_free_after_installments`` due dates have passed.

A payoff asks for all principal, interest up to the day (all scheduled interest for loans that do not
recalculate, unless the terms say ``to_payment_date``), fees, penalties and the prepayment fee.
"""

import copy
import datetime as dt
from typing import NamedTuple

from lending.finance.book import LoanBook
from lending.finance.entries import Entry
from lending.finance.interest_views import outstanding_until
from lending.finance.money import EXACT, to_minor
from lending.finance.rows import Row
from lending.finance.terms import AllocationRule

MOST_TRIALS = 5


class Payoff(NamedTuple):
    """What a payoff on a day asks for, in minor units."""

    principal: int
    interest: int
    fees: int
    penalties: int
    fee: int
    credit: int

    @property
    def total(self) -> int:
        return max(0, self.principal + self.interest + self.fees + self.penalties + self.fee - self.credit)


def interest_to_date(book: LoanBook) -> bool:
    """Does paying early save the interest after the day?"""
    clause = book.terms.prepayment
    if clause is not None and clause.interest is not None:
        return clause.interest == "to_payment_date"
    return book.recalculates


def fee_on(book: LoanBook, day: dt.date, principal: int) -> int:
    """The prepayment fee on so much principal not yet due."""
    clause = book.terms.prepayment
    if clause is None or principal <= 0:
        return 0
    passed = sum(1 for row in book.model_rows if row.due <= day)
    free = clause.fee_free_after_installments
    if free is not None and passed >= free:
        return 0
    numerator, denominator = EXACT.divide(clause.fee_percent, 100).as_integer_ratio()
    fee = max(book.rules.rounder(principal * numerator, denominator), _minor(book, clause.fee_minimum))
    return fee if clause.fee_maximum is None else min(fee, _minor(book, clause.fee_maximum))


def _minor(book: LoanBook, amount: object) -> int:
    quantum = EXACT.scaleb(1, -book.terms.decimals)
    return to_minor(EXACT.quantize(amount, quantum), book.terms.decimals)  # type: ignore[arg-type]


def payoff_on(book: LoanBook, day: dt.date) -> Payoff:
    """What pays the loan off on the day; the book is caught up with the day and otherwise unchanged."""
    book.catch_up(day)
    principal = interest = fees = penalties = ahead = 0
    for row in book.rows:
        principal += row.outstanding_principal
        fees += row.outstanding_fees
        penalties += row.outstanding_penalties
        if row.due > day:
            ahead += row.outstanding_principal
        if book.recalculates and row.period is not None:
            continue
        interest += earned_interest(book, row, day) if interest_to_date(book) else row.outstanding_interest
    if book.recalculates:
        if interest_to_date(book):
            interest += outstanding_until(book.model, day)[1]
        else:
            interest += sum(row.outstanding_interest for row in book.rows if row.period is not None)
    # Interest that was paid ahead of its days comes back: it counts like a credit.
    paid_ahead = max(0, -interest)
    return Payoff(principal, max(0, interest), fees, penalties, fee_on(book, day, ahead), book.credit + paid_ahead)


def earned_interest(book: LoanBook, row: Row, day: dt.date) -> int:
    """Interest of an installment earned by the day and unpaid: by days, for the period that is running.

    Negative where more was paid than the days have earned.
    """
    if row.due <= day or row.start >= row.due:
        return row.outstanding_interest
    own = row.interest - row.waived_interest
    share = book.rules.rounder(own * max(0, (day - row.start).days), (row.due - row.start).days)
    return min(own, share) - row.paid_interest


def closing_payoff(book: LoanBook, day: dt.date, asked: Payoff) -> Payoff:
    """The payoff proved by paying it: tried on a copy of the book, corrected until nothing is owed or left over.

    Paying in full can itself change what is owed by a cent or so, where installments not yet due are
    rounded anew or percent fees follow them; then the interest (the fees without any) is what differs.
    """
    for _ in range(MOST_TRIALS):
        trial = copy.deepcopy(book)
        _pay(trial, 0, day, asked.total, asked)
        owed = sum(row.outstanding for row in trial.rows)
        difference = owed - (trial.credit if not owed else 0)
        if difference == 0:
            break
        if asked.interest + difference >= 0:
            asked = asked._replace(interest=asked.interest + difference)
        else:
            asked = asked._replace(fees=max(0, asked.fees + difference))
    return asked


def pay_off(book: LoanBook, index: int, day: dt.date, amount: int | None) -> Entry:
    """Pay off; without an amount exactly what is asked. Enough money also rebates interest not earned."""
    if book.is_written_off:
        return book.receive(index, day, "pay_off", amount or 0)
    asked = payoff_on(book, day)
    if amount is None:
        asked = closing_payoff(book, day, asked)
        book.quoted.append(asked)
        amount = asked.total
    return _pay(book, index, day, amount, asked)


def _pay(book: LoanBook, index: int, day: dt.date, amount: int, asked: Payoff) -> Entry:
    if amount >= asked.total:
        if asked.fee:
            charge_fee(book, day, asked.fee)
        if not book.recalculates and interest_to_date(book):
            rebate_unearned(book, day)
    entry = book.receive(index, day, "pay_off", amount)
    if amount >= asked.total and book.credit:
        book.use_credit(entry)
    return entry


def rebate_unearned(book: LoanBook, day: dt.date) -> None:
    """Interest that is not earned by the day is no longer asked for, and what was paid of it pays principal."""
    for row in book.rows:
        unearned = row.outstanding_interest - earned_interest(book, row, day)
        if unearned > 0:
            row.ask_interest(-unearned)
            book.mend(row, day)
            row.settle(day)


def charge_fee(book: LoanBook, day: dt.date, amount: int) -> Row:
    """The prepayment fee stands with the installment that is running."""
    row = book.row_for_charge(day)
    row.fees += amount
    row.settle(day)
    return row


def prepay(book: LoanBook, index: int, day: dt.date, amount: int, effect: str | None) -> Entry:
    """A payment ahead of the schedule that lowers the principal; see the module."""
    clause = book.terms.prepayment
    if book.is_written_off or amount >= payoff_on(book, day).total:
        entry = pay_off(book, index, day, amount)
        entry.type = "prepay" if entry.type == "pay_off" else entry.type
        return entry
    entry = book.enter(index, day, "prepay", amount)
    left = book.spread(entry, amount, rule_for_due(book))
    ahead = sum(row.outstanding_principal for row in book.model_rows if row.due > day)
    allowed = clause is None or sum(1 for row in book.model_rows if row.due <= day) >= clause.allowed_after_installments
    if left and allowed and ahead:
        left = _lower_principal(book, entry, left, effect or (clause.effect if clause else "shorter_term"))
    if left:
        left = book.spread(entry, left, book.terms.allocation.rule_for("prepay"))
        entry.overpayment += left
        book.credit += left
    return entry


def rule_for_due(book: LoanBook) -> AllocationRule:
    """The default order without what is in advance."""
    rule = book.terms.allocation.default
    order = tuple(item for item in rule.order if not item.startswith("in_advance"))
    return AllocationRule(order, rule.in_advance)


def _lower_principal(book: LoanBook, entry: Entry, money: int, effect: str) -> int:
    """Split the money into fee and principal, book both; returns what could not be used."""
    day = entry.on
    model = book.model
    place = model.place_of(day)
    most = min(open_principal(book), sum(row.outstanding_principal for row in book.model_rows if row.due > day))
    if place is None or most <= 0:
        return money
    principal = most_with_fee(book, day, min(money, most), money)
    fee = fee_on(book, day, principal)
    if principal <= 0:
        return money
    if fee:
        row = charge_fee(book, day, fee)
        entry.took(row, "fee", row.pay("fee", fee, day))
    model.prepay(day, principal, replan=effect == "smaller_installment")
    book.sync(day)
    early = Row(book.row_for_charge(day).start, day, "repaid_early")
    early.principal = early.paid_principal = principal
    early.settled_on = day
    entry.took(early, "principal", principal)
    book.rows.append(early)
    book.sort_rows()
    book.refresh_fees()
    return money - principal - fee


def most_with_fee(book: LoanBook, day: dt.date, most: int, money: int) -> int:
    """The most principal that the money repays together with the fee on it (the fee grows with the principal)."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if middle + fee_on(book, day, middle) <= money:
            low = middle
        else:
            high = middle - 1
    return low


def open_principal(book: LoanBook) -> int:
    """Principal that the model still expects with installments to come."""
    return max(0, sum(period.outstanding_principal for period in book.model.periods))
