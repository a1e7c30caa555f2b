"""What an event did to the installments, while it may still change; and the fees that every installment bears."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lending.finance.rows import Row


@dataclass(slots=True)
class Entry:
    """What an event did, while it may still change: reversed credit, credit used later."""

    event_index: int
    on: dt.date
    type: str
    amount: int
    principal: int = 0
    interest: int = 0
    fees: int = 0
    penalties: int = 0
    overpayment: int = 0
    is_reversed: bool = False
    allocations: dict[tuple[int, str], list[Any]] = field(default_factory=dict)

    def took(self, row: Row, component: str, amount: int) -> None:
        """Note that the row received so much for a component."""
        if component == "principal":
            self.principal += amount
        elif component == "interest":
            self.interest += amount
        elif component == "fee":
            self.fees += amount
        else:
            self.penalties += amount
        known = self.allocations.get((id(row), component))
        if known is None:
            self.allocations[id(row), component] = [row, amount]
        else:
            known[1] += amount


@dataclass(slots=True)
class InstallmentFee:
    """A fee that every installment bears: flat, or a percent of principal, interest or both."""

    basis: str
    value: Decimal
    component: str
