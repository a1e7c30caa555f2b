"""Money given back: charge-backs and refunds of a credit balance.

A charge-back undoes money received without undoing what it did: the amount becomes principal again, due
with the installment running on that day (on the maturity date with the last, after it with an additional
one). Credit that is there pays for it first: 25.00 charged back against 50.00 of credit leaves 25.00 of
credit and no new principal. A refund of more than the credit is treated likewise.
"""

import datetime as dt

from lending.finance.book import LoanBook
from lending.finance.entries import Entry
from lending.finance.interest_payments import credit as credit_model
from lending.finance.interest_payments import pay_principal
from lending.finance.rows import Row


def give_back(book: LoanBook, index: int, day: dt.date, kind: str, amount: int) -> Entry:
    """A charge-back or a refund of credit."""
    entry = book.enter(index, day, kind, amount)
    book.catch_up(day)
    from_credit = min(amount, book.credit)
    entry.overpayment = from_credit
    entry.principal = amount - from_credit
    book.credit -= from_credit
    if entry.principal:
        _put_back(book, entry, amount, from_credit)
    return entry


def _put_back(book: LoanBook, entry: Entry, amount: int, from_credit: int) -> None:
    """The whole amount becomes principal of the running installment; what credit covered is paid at once."""
    day = entry.on
    if book.recalculates and day <= book.model.maturity:
        place = credit_model(book.model, day, amount, 0)
        if place is not None:
            if from_credit:
                pay_principal(book.model, place, day, from_credit)
            book.sync(day)
            row = book.model_rows[place]
            if from_credit:
                row.pay("principal", from_credit, day)
            row.settle(day)
            return
    row = running_row(book, day)
    row.ask_principal(amount)
    if from_credit:
        row.pay("principal", from_credit, day)
    row.settle(day)


def running_row(book: LoanBook, day: dt.date) -> Row:
    """The first installment due after the day; the last one on its own due date; else an additional one."""
    rows = [row for row in book.rows if row.kind != "down_payment"]
    for row in rows:
        if row.kind == "additional" or row.due > day:
            if row.kind == "additional":
                row.due = max(row.due, day)
            return row
    if rows and rows[-1].due == day:
        return rows[-1]
    return book.additional_row(day)
