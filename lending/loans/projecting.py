"""What a replayed state says the rows must hold. Recording writes it, verification compares with it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.money import to_minor
from lending.loans.models import Allocation, Loan

#: (event number, installment number or None, component)
AllocationKey = tuple[int, int | None, str]
#: Events that ease the plan of a customer in difficulty (展期、重组、宽限).
RELIEF = ("restructure", "re_age", "re_amortize", "reschedule")
#: These take from the credit balance, all others add to it.
GIVEN_BACK = ("chargeback", "credit_balance_refund")


def loan_columns(loan: Loan, state: LoanState, events: Sequence[Event]) -> dict[str, Any]:
    """The projected columns of the loan; `events` are all of its events in the order they were entered."""
    summary = state.summary

    def minor(amount: Decimal) -> int:
        return to_minor(amount, loan.decimals)

    unpaid = [row.due_on for row in state.installments if row.outstanding > 0]
    columns = {
        "status": _status(loan, state),
        "disbursed_on": _disbursed_on(state),
        "closed_on": _closed_on(state),
        "disbursed_minor": minor(summary.disbursed),
        "outstanding_principal_minor": minor(summary.outstanding_principal),
        "outstanding_interest_minor": minor(summary.outstanding_interest),
        "outstanding_fees_minor": minor(summary.outstanding_fees),
        "outstanding_penalties_minor": minor(summary.outstanding_penalties),
        "credit_balance_minor": minor(summary.overpayment),
        "oldest_due_on": None,
        "next_due_on": None,
        "restructured_on": _restructured_on(events),
        "events_count": len(events),
        "replayed_on": state.as_of,
    }
    if columns["status"] == Loan.Status.ACTIVE:
        columns["oldest_due_on"] = min(unpaid, default=None)
        columns["next_due_on"] = min((due_on for due_on in unpaid if due_on >= state.as_of), default=None)
    return columns


def installment_rows(loan: Loan, state: LoanState) -> dict[int, dict[str, Any]]:
    """The columns of each installment, by number; none before the money is out, for nothing is owed yet."""
    if not state.summary.disbursed:
        return {}
    amounts = ("principal", "interest", "fees", "penalties", "waived", "balance")
    paid = ("paid_principal", "paid_interest", "paid_fees", "paid_penalties")
    return {
        row.number: {
            **{f"{name}_minor": to_minor(getattr(row, name), loan.decimals) for name in (*amounts, *paid)},
            "starts_on": row.starts_on,
            "due_on": row.due_on,
            "settled_on": row.settled_on,
            "kind": row.kind,
        }
        for row in state.installments
    }


def allocations(loan: Loan, state: LoanState) -> dict[AllocationKey, int]:
    """Where the money of each event went, in minor units; what was left over stands as credit balance."""
    found: dict[AllocationKey, int] = defaultdict(int)
    for transaction in state.transactions:
        if transaction.reversed:
            continue
        for number, component, amount in transaction.allocations:
            found[transaction.event_index, number, component] += to_minor(amount, loan.decimals)
        if transaction.overpayment:
            key = (transaction.event_index, None, Allocation.Component.CREDIT.value)
            sign = -1 if transaction.type in GIVEN_BACK else 1
            found[key] += sign * to_minor(transaction.overpayment, loan.decimals)
    return {key: amount for key, amount in found.items() if amount}


def _status(loan: Loan, state: LoanState) -> str:
    summary = state.summary
    if not summary.disbursed:
        return Loan.Status.CANCELLED if hasattr(loan, "cancellation") else Loan.Status.APPROVED
    if summary.is_charged_off or summary.is_written_off:
        return Loan.Status.CHARGED_OFF
    return Loan.Status.PAID_OFF if summary.closed else Loan.Status.ACTIVE


def _disbursed_on(state: LoanState) -> dt.date | None:
    return min((t.on for t in state.transactions if t.type == "disburse" and not t.reversed), default=None)


def _restructured_on(events: Sequence[Event]) -> dt.date | None:
    """The last day on which the plan was eased, by an event that stands: when that was agreed, not as of when."""
    undone: set[int | None] = set()
    for number, event in reversed([*enumerate(events, start=1)]):
        if number not in undone and event.type == "reverse":
            undone.add(event.event)
    eased = (
        event.known_on for number, event in enumerate(events, start=1) if event.type in RELIEF and number not in undone
    )
    return max(eased, default=None)


def _closed_on(state: LoanState) -> dt.date | None:
    """The day the last unit was settled, or the day of the write-off."""
    if not state.summary.disbursed or not state.summary.closed:
        return None
    written_off = [t.on for t in state.transactions if t.type == "write_off" and not t.reversed]
    settled = [row.settled_on for row in state.installments if row.settled_on is not None]
    return max(written_off or settled, default=None)
