"""What a schedule shows: immutable rows, with amounts as ``Decimal`` in major units.

``Installment`` and the others are named tuples: immutable, compared by value, cheap to make by the hundred.
Per installment ``total = principal + interest + fees + penalties``, ``paid`` is what was received for it
and ``outstanding = total - paid - waived``. ``balance`` is the principal still to be repaid after the
installment is paid. ``kind`` is ``regular``, ``down_payment``, ``additional`` (fees, disbursements or
charge-backs after maturity) or ``repaid_early`` (what was paid ahead of a re-age).
"""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple


class Installment(NamedTuple):
    """One row of the schedule. ``days`` counts from the day after ``starts_on`` to ``due_on``."""

    number: int
    starts_on: dt.date
    due_on: dt.date
    days: int
    principal: Decimal
    interest: Decimal
    fees: Decimal
    penalties: Decimal
    total: Decimal
    balance: Decimal
    paid_principal: Decimal
    paid_interest: Decimal
    paid_fees: Decimal
    paid_penalties: Decimal
    paid: Decimal
    waived: Decimal
    outstanding: Decimal
    settled_on: dt.date | None
    kind: str


class Schedule(NamedTuple):
    """Installments before any event, and their totals."""

    installments: tuple[Installment, ...]
    principal: Decimal
    interest: Decimal
    total: Decimal


class Transaction(NamedTuple):
    """What an event of money did. ``allocations`` are (installment number, component, amount).

    ``event_index`` counts the events from 1; ``overpayment`` is what was left over as credit. Money that comes
    in after a write-off is a ``recovery`` whatever its event was: it settles nothing and has no parts.
    """

    event_index: int
    on: dt.date
    type: str
    amount: Decimal
    principal: Decimal
    interest: Decimal
    fees: Decimal
    penalties: Decimal
    overpayment: Decimal
    allocations: tuple[tuple[int, str, Decimal], ...]
    reversed: bool = False


class Summary(NamedTuple):
    """Where the loan stands on the business date.

    ``due_now`` is what falls due on or before that date and is unpaid; ``oldest_due_on`` the oldest unpaid
    due date strictly before it; ``overpayment`` the borrower's credit. ``written_off`` is principal,
    interest, fees and penalties together, ``recovered`` what came in after.
    """

    disbursed: Decimal
    outstanding_principal: Decimal
    outstanding_interest: Decimal
    outstanding_fees: Decimal
    outstanding_penalties: Decimal
    total_outstanding: Decimal
    overdue_principal: Decimal
    due_now: Decimal
    overpayment: Decimal
    oldest_due_on: dt.date | None
    days_past_due: int
    next_due_on: dt.date | None
    next_due_amount: Decimal
    charged_interest: Decimal
    charged_fees: Decimal
    charged_penalties: Decimal
    paid: Decimal
    waived: Decimal
    written_off: Decimal
    recovered: Decimal
    is_charged_off: bool
    is_written_off: bool
    closed: bool


class LoanState(NamedTuple):
    """Everything ``replay`` knows about a loan on ``as_of``."""

    as_of: dt.date
    installments: tuple[Installment, ...]
    transactions: tuple[Transaction, ...]
    summary: Summary
