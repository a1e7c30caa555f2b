"""Fees of a product version: from their definition to what each costs on one loan, and to the engine's events.

A definition is {"code", "name_zh", "name_en", "basis", "value", "charged", "recipient"}:

    basis     percent_of_principal  value percent of the amount lent        flat  value in major units
    charged   at_disbursement       once, on the day of payment out; due with the first installment at the latest, for
                                    nothing may be deducted from the principal
              per_installment       that amount with every installment

3 % of 10,000 at disbursement is 300.00 once; 0.5 % of 10,000 per installment over 12 is 50.00 twelve times.
Rounded half up to the currency's minor unit. Source for the rule on deductions: Civil Code of China, Article 670.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lending.finance.events import Event
from lending.finance.money import from_minor

BASES = ("percent_of_principal", "flat")
MOMENTS = ("at_disbursement", "per_installment")


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee of one loan. `amount_minor` is charged `times` times."""

    code: str
    name_zh: str
    name_en: str
    charged: str
    recipient: str
    amount_minor: int
    times: int

    @property
    def total_minor(self) -> int:
        return self.amount_minor * self.times

    def as_json(self) -> dict[str, Any]:
        names = ("code", "name_zh", "name_en", "charged", "recipient", "amount_minor", "times", "total_minor")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FeeLine":
        names = ("code", "name_zh", "name_en", "charged", "recipient", "amount_minor", "times")
        return cls(**{name: data[name] for name in names})


def lines(
    definitions: Iterable[Mapping[str, Any]], *, amount_minor: int, installments: int, decimals: int
) -> list[FeeLine]:
    """What each defined fee costs on a loan of this amount and number of installments; fees of nothing left out."""
    found = [_line(fee, amount_minor, installments, decimals) for fee in definitions]
    return [line for line in found if line.amount_minor]


def _line(fee: Mapping[str, Any], amount_minor: int, installments: int, decimals: int) -> FeeLine:
    value = Decimal(str(fee["value"]))
    exact = Decimal(amount_minor) * value / 100 if fee["basis"] == "percent_of_principal" else value.scaleb(decimals)
    return FeeLine(
        code=fee["code"],
        name_zh=fee["name_zh"],
        name_en=fee["name_en"],
        charged=fee["charged"],
        recipient=fee.get("recipient", "lender"),
        amount_minor=int(exact.to_integral_value(ROUND_HALF_UP)),
        times=installments if fee["charged"] == "per_installment" else 1,
    )


def events(fees: Iterable[Mapping[str, Any]], *, on: datetime.date, decimals: int) -> list[Event]:
    """The engine's events that put an offer's `fees` (its JSON) on a loan paid out on this day."""
    found = []
    for line in map(FeeLine.from_json, fees):
        amount = from_minor(line.amount_minor, decimals)
        if line.charged == "at_disbursement":
            found.append(Event(on=on, type="charge", amount=amount, component="fee", due_on=on))
        else:
            found.append(Event(on=on, type="installment_fee", basis="flat", value=amount, component="fee"))
    return found


def per_installment_minor(fees: Iterable[FeeLine], number: int) -> int:
    """What the fees add to the installment of this number (from 1); those at disbursement fall to the first."""
    return sum(line.amount_minor for line in fees if line.charged == "per_installment" or number == 1)
