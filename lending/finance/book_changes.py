"""What is agreed or decided about a running loan: rates, pauses, terms, re-ageing, write-off, waivers.

Re-amortizing spreads the principal past due evenly over the installments still to come. Re-ageing moves
everything outstanding to new installments from a new first due date. A write-off forgives all that is
outstanding; a charge-off only marks the loan, which is collected on.
"""

import datetime as dt

from lending.finance.book import LoanBook
from lending.finance.day_count import Rate
from lending.finance.due_dates import Span, step_after, steps_between
from lending.finance.entries import Entry
from lending.finance.interest_changes import add_installments, change_rate, pause_interest
from lending.finance.money import split
from lending.finance.rows import Row


def set_rate(book: LoanBook, since: dt.date, rate: Rate) -> None:
    """A new contract rate from a day on."""
    change_rate(book.model, since, rate)
    book.sync(since, unsettled_from=since)
    book.refresh_fees()


def pause(book: LoanBook, first: dt.date, last: dt.date) -> None:
    """No interest on the days from first to last."""
    pause_interest(book.model, first, last)
    book.sync(first, unsettled_from=first)
    book.refresh_fees()


def extend(book: LoanBook, since: dt.date, count: int) -> bool:
    """Further installments at the end, what is not yet past planned over all of them; False after maturity.

    A loan that owes nothing stays as it is.
    """
    if book.disbursed and not any(row.outstanding > 0 for row in book.rows):
        return True
    if add_installments(book.model, since, count) is None:
        return False
    known = len(book.model_rows)
    for period in book.model.periods[known:]:
        row = Row(period.start, period.due, "regular", period)
        book.model_rows.append(row)
        book.rows.append(row)
    book.sort_rows()
    book.sync(since, unsettled_from=since)
    book.refresh_fees()
    return True


def write_off(book: LoanBook, index: int, day: dt.date) -> Entry:
    """Everything outstanding is given up; the installments are settled that day without being paid."""
    book.catch_up(day)
    entry = book.enter(index, day, "write_off", 0)
    for row in book.rows:
        for component in ("principal", "interest", "fee", "penalty"):
            amount = row.waive(component, row.outstanding_of(component), day)
            if amount:
                entry.took(row, component, amount)
    entry.amount = entry.principal + entry.interest + entry.fees + entry.penalties
    book.written_off += entry.amount
    book.is_written_off = True
    return entry


def charge_off(book: LoanBook, index: int, day: dt.date) -> Entry:
    """Mark the loan as a loss in the books; what is owed stays owed, interest runs no further than planned."""
    book.catch_up(day)
    entry = book.enter(index, day, "charge_off", 0)
    for row in book.rows:
        entry.principal += row.outstanding_principal
        entry.interest += row.outstanding_interest
        entry.fees += row.outstanding_fees
        entry.penalties += row.outstanding_penalties
    entry.amount = entry.principal + entry.interest + entry.fees + entry.penalties
    book.is_charged_off = True
    return entry


def waive(book: LoanBook, index: int, day: dt.date, component: str, amount: int | None) -> Entry:
    """Forgive interest, fees or penalties, the oldest first; all of it that is due by the day without an amount."""
    book.catch_up(day)
    entry = book.enter(index, day, f"waive_{component}", 0)
    left = amount
    for row in book.rows:
        if left == 0 or (left is None and row.due > day):
            break
        most = row.outstanding_of(component)
        forgiven = row.waive(component, most if left is None else min(most, left), day)
        if forgiven:
            entry.took(row, component, forgiven)
            left = None if left is None else left - forgiven
    entry.amount = entry.interest + entry.fees + entry.penalties
    return entry


def re_amortize(book: LoanBook, index: int, day: dt.date) -> Entry:
    """Principal past due is spread over the regular installments still to come, the last takes the remainder."""
    book.catch_up(day)
    entry = book.enter(index, day, "re_amortize", 0)
    future = [row for row in book.model_rows if row.due > day]
    if not future:
        return entry
    overdue = 0
    for row in book.rows:
        if row.due <= day and row.outstanding_principal > 0:
            overdue += row.outstanding_principal
            row.ask_principal(-row.outstanding_principal)
            row.settle(day)
    part = book.rules.rounder(overdue, len(future))
    multiple = book.rules.installment_multiple
    if multiple > 1:
        part = book.rules.rounder(part, multiple) * multiple
    left = overdue
    for row in future:
        share = left if row is future[-1] else min(left, part)
        row.ask_principal(share)
        left -= share
        row.settle(day)
    entry.amount = entry.principal = overdue
    book.was_re_amortized = True
    return entry


def lift(row: Row, component: str, amount: int, day: dt.date) -> int:
    """Take an outstanding amount off a row, to be asked for elsewhere."""
    if amount <= 0:
        return 0
    if component == "principal":
        row.principal -= amount
    elif component == "interest":
        row.interest -= amount
    elif component == "fee":
        row.fees -= amount
    else:
        row.penalties -= amount
    row.settle(day)
    return amount


def even_shares(book: LoanBook, amount: int, count: int) -> list[int]:
    """Rounded even shares, the last takes the remainder; never a negative one."""
    share = book.rules.rounder(amount, count)
    if share * (count - 1) > amount:
        return split(amount, [1] * count)
    return [share] * (count - 1) + [amount - share * (count - 1)]


def replace_future(book: LoanBook, day: dt.date, kept_until: dt.date | None = None) -> None:
    """Drop the installments from the day on; what was paid on them is kept as one installment repaid early.

    Those due before ``kept_until`` stay in the list, asking for nothing any more.
    """
    ahead = [row for row in book.rows if row.due >= day and row.kind != "down_payment"]
    paid = [row for row in ahead if row.paid]
    emptied = [] if kept_until is None else [_emptied(row, day) for row in ahead if row.due < kept_until]
    dropped = {id(row) for row in ahead}
    book.rows = [row for row in book.rows if id(row) not in dropped] + emptied
    if paid:
        start = max((row.due for row in book.rows if row.due < day), default=book.terms.starts_on)
        early = Row(start, day, "repaid_early")
        for row in paid:
            early.paid_principal += row.paid_principal
            early.paid_interest += row.paid_interest
            early.paid_fees += row.paid_fees
            early.paid_penalties += row.paid_penalties
            redirect(book, row, early)
        early.principal, early.interest = early.paid_principal, early.paid_interest
        early.fees, early.penalties = early.paid_fees, early.paid_penalties
        early.settled_on = day
        book.rows.append(early)
    book.sort_rows()


def _emptied(row: Row, day: dt.date) -> Row:
    """The same due date, asking for nothing but the charges that stand there."""
    empty = Row(row.start, row.due, row.kind)
    empty.fees, empty.penalties = row.outstanding_fees, row.outstanding_penalties
    empty.settle(day)
    return empty


def redirect(book: LoanBook, old: Row, new: Row) -> None:
    """Allocations to a row that is no more are allocations to the one that stands for it."""
    for entry in book.entries:
        for (key, component), pair in list(entry.allocations.items()):
            if key == id(old):
                del entry.allocations[key, component]
                entry.allocations.setdefault((id(new), component), [new, 0])[1] += pair[1]


def spans_from(first_due: dt.date, start: dt.date, count: int, every: int, unit: str) -> list[Span]:
    """New periods: the first from ``start`` to the first due date, the others in the rhythm."""
    spans = []
    for place in range(count):
        due = step_after(first_due, place * every, unit)
        spans.append(Span(start, due, steps_between(start, due, every, unit, first_due)))
        start = due
    return spans
