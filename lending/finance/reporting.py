"""From the book to immutable rows in major units: the last step of a replay."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from lending.finance.arrears import days_past_due
from lending.finance.book import LoanBook
from lending.finance.entries import Entry
from lending.finance.installments import Installment, LoanState, Schedule, Summary, Transaction
from lending.finance.money import EXACT, QUANTA
from lending.finance.rows import Row

Major = Callable[[int], Decimal]


def majors(decimals: int) -> Major:
    """A converter from minor units that makes each amount once."""
    quantum = QUANTA[decimals]
    known: dict[int, Decimal] = {}
    multiply = EXACT.multiply

    def major(minor: int) -> Decimal:
        found = known.get(minor)
        if found is None:
            found = known[minor] = multiply(minor, quantum)
        return found

    return major


def state_of(book: LoanBook, as_of: dt.date, is_planned: bool) -> LoanState:
    """The loan as the book stands."""
    major = majors(book.terms.decimals)
    installments = installments_of(book, major)
    transactions = transactions_of(book, major)
    return LoanState(as_of, installments, transactions, summary_of(book, as_of, is_planned, major))


def schedule_of(book: LoanBook) -> Schedule:
    """The rows as a plan."""
    major = majors(book.terms.decimals)
    principal = sum(row.principal for row in book.rows)
    interest = sum(row.interest for row in book.rows)
    return Schedule(installments_of(book, major), major(principal), major(interest), major(principal + interest))


def installments_of(book: LoanBook, major: Major) -> tuple[Installment, ...]:
    balance = sum(row.principal for row in book.rows)
    out = []
    for number, row in enumerate(book.rows, 1):
        balance -= row.principal
        out.append(
            tuple.__new__(
                Installment,
                (
                    number,
                    row.start,
                    row.due,
                    row.due.toordinal() - row.start.toordinal(),
                    major(row.principal),
                    major(row.interest),
                    major(row.fees),
                    major(row.penalties),
                    major(row.total),
                    major(balance),
                    major(row.paid_principal),
                    major(row.paid_interest),
                    major(row.paid_fees),
                    major(row.paid_penalties),
                    major(row.paid),
                    major(row.waived),
                    major(row.outstanding),
                    row.settled_on,
                    row.kind,
                ),
            )
        )
    return tuple(out)


def transactions_of(book: LoanBook, major: Major) -> tuple[Transaction, ...]:
    """What the events did; the disbursement that a plan supposes (number 0) is not one of them."""
    numbers = {id(row): number for number, row in enumerate(book.rows, 1)}
    return tuple(_transaction(entry, numbers, major) for entry in book.entries if entry.event_index)


def _transaction(entry: Entry, numbers: dict[int, int], major: Major) -> Transaction:
    allocations = tuple(
        (numbers[key], component, major(amount))
        for (key, component), (_, amount) in entry.allocations.items()
        if key in numbers
    )
    return Transaction(
        entry.event_index,
        entry.on,
        entry.type,
        major(entry.amount),
        major(entry.principal),
        major(entry.interest),
        major(entry.fees),
        major(entry.penalties),
        major(entry.overpayment),
        allocations,
        entry.is_reversed,
    )


def summary_of(book: LoanBook, as_of: dt.date, is_planned: bool, major: Major) -> Summary:
    """Totals over the rows; zeros where nothing was paid out yet."""
    rows: list[Row] = [] if is_planned else book.rows
    principal = interest = fees = penalties = due_now = overdue = 0
    charged_interest = charged_fees = charged_penalties = paid = waived = next_amount = 0
    oldest = next_due = None
    for row in rows:
        left = row.outstanding
        charged_interest += row.interest
        charged_fees += row.fees
        charged_penalties += row.penalties
        paid += row.paid
        waived += row.waived
        if left <= 0:
            continue
        principal += row.outstanding_principal
        interest += row.outstanding_interest
        fees += row.outstanding_fees
        penalties += row.outstanding_penalties
        if row.due <= as_of:
            due_now += left
        if row.due < as_of:
            overdue += row.outstanding_principal
            oldest = row.due if oldest is None else oldest
        elif next_due is None or row.due == next_due:
            next_due = row.due
            next_amount += left
    total = principal + interest + fees + penalties
    closed = bool(rows) and total == 0
    return Summary(
        major(0 if is_planned else book.disbursed),
        major(principal),
        major(interest),
        major(fees),
        major(penalties),
        major(total),
        major(overdue),
        major(due_now),
        major(book.credit),
        oldest,
        days_past_due(oldest, as_of),
        next_due,
        major(next_amount),
        major(charged_interest),
        major(charged_fees),
        major(charged_penalties),
        major(paid),
        major(waived),
        major(book.written_off),
        major(book.recovered),
        book.is_charged_off,
        book.is_written_off,
        closed,
    )
