"""Prove that the rows of a loan are what a replay of its events says, as of the day they were projected."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lending.finance.reading import FieldError
from lending.finance.replay import replay
from lending.ledger.models import Line
from lending.loans import bookkeeping, projecting
from lending.loans.models import Loan
from lending.loans.recording import allocated
from lending.loans.replaying import events_of, terms_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what the events say. `where` names it, such as `installment 3 paid_interest_minor`."""

    loan: str
    where: str
    stored: str
    replayed: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.loan}: {self.where} is {self.stored}, the events say {self.replayed}"


def verify(loan: Loan) -> Iterator[Difference]:
    """Every difference of one loan: events, columns, installments, allocations and journal balances."""
    sequences = list(loan.events.order_by("sequence").values_list("sequence", flat=True))
    if sequences != list(range(1, len(sequences) + 1)):
        yield Difference(loan.number, "events", str(sequences), "numbered from 1 without a gap")
        return
    if loan.replayed_on is None:
        if sequences:
            yield Difference(loan.number, "replayed_on", "empty", "a day")
        return
    try:
        events = events_of(loan)
        state = replay(terms_of(loan, events), events, loan.replayed_on)
    except FieldError as error:
        yield Difference(loan.number, "events", str(error), "a loan that can be replayed")
        return
    columns = projecting.loan_columns(loan, state, events)
    yield from _compare(loan, "loan", {name: getattr(loan, name) for name in columns}, columns)
    yield from _installments(loan, projecting.installment_rows(loan, state))
    yield from _compare(loan, "allocation", _named(allocated(loan)), _named(projecting.allocations(loan, state)))
    journal = Line.objects.of_loan(loan.number).balances()
    yield from _compare(loan, "journal account", journal, bookkeeping.balances_of(state, events, loan.decimals))


def verify_all(number: str = "") -> Iterator[tuple[Loan, list[Difference]]]:
    """Every loan (or the one of this number) with its differences, streamed: memory does not grow with the book."""
    loans = Loan.objects.order_by("pk")
    for loan in (loans.filter(number=number) if number else loans).iterator(chunk_size=500):
        yield loan, list(verify(loan))


def _installments(loan: Loan, wanted: dict[int, dict[str, Any]]) -> Iterator[Difference]:
    present = {row.number: row for row in loan.installments.all()}
    for number in sorted({*present, *wanted}):
        if number not in present or number not in wanted:
            stored, replayed = ("there", "absent") if number in present else ("absent", "there")
            yield Difference(loan.number, f"installment {number}", stored, replayed)
            continue
        row, columns = present[number], wanted[number]
        yield from _compare(loan, f"installment {number}", {name: getattr(row, name) for name in columns}, columns)


def _named(sums: Mapping[projecting.AllocationKey, int]) -> dict[str, int]:
    return {
        f"of event {event} to {number or '-'} {component}": amount
        for (event, number, component), amount in sums.items()
    }


def _compare(loan: Loan, what: str, stored: Mapping[str, Any], replayed: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted({*stored, *replayed}):
        ours, theirs = stored.get(name, 0), replayed.get(name, 0)
        if ours != theirs:
            yield Difference(loan.number, f"{what} {name}", str(ours), str(theirs))
