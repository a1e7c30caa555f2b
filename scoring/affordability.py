"""How much a person can repay: pure arithmetic in decimals of the currency's major unit.

    room = min(income × most_debt_to_income − debt service, income − expenses − debt service − least_residual)

and the amount of n equal installments that room carries at a yearly nominal rate i is room × (1 − (1 +
i/12)^−n)/(i/12).

Worked: income 10000, expenses 4000, no debt service, most_debt_to_income 0.5, least_residual 0: room is
min(5000, 6000) = 5000; at 12 % and 12 installments that carries 5000 × 11.255077 = 56275.39.

A figure that is not known leaves the room unknown: no debts are not assumed of who did not say. A strategy may state
what it assumes for an unknown debt service (`assumed_debt_service`); a negative figure is a code and not a figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from scoring.strategy_rules import assumed_debt_service, decimal

_DECIMALS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "UGX": 0,
    "XAF": 0,
    "XOF": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "TND": 3,
    "JOD": 3,
}
"""ISO 4217 currencies whose minor unit is not a hundredth."""


def exponent_of(currency: str) -> int:
    """How many decimals the currency's major unit has."""
    return _DECIMALS.get(currency, 2)


def to_major(amount_minor: int, currency: str) -> Decimal:
    """Minor units as a decimal of the major unit."""
    return Decimal(amount_minor).scaleb(-exponent_of(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole minor units, rounded down."""
    return int(amount.scaleb(exponent_of(currency)).to_integral_value(ROUND_FLOOR))


@dataclass(frozen=True, slots=True)
class Affordability:
    """What is left for a new installment each month. `room` may be negative; None when a figure is `unknown`."""

    room: Decimal | None
    unknown: tuple[str, ...] = ()

    def carries(self, installments: int, yearly_rate_percent: Decimal) -> Decimal | None:
        """The largest amount whose equal installments fit the room; zero when there is none."""
        if self.room is None:
            return None
        return max(self.room, Decimal(0)) * annuity_factor(installments, yearly_rate_percent)


def annuity_factor(installments: int, yearly_rate_percent: Decimal) -> Decimal:
    """Present value of one unit paid monthly in arrears; equals the number of installments at a rate of zero."""
    monthly = yearly_rate_percent / Decimal(1200)
    if monthly == 0:
        return Decimal(installments)
    return (1 - (1 + monthly) ** -installments) / monthly


def affordability(facts: Mapping[str, Any], rules: Mapping[str, Any]) -> Affordability:
    """The room these facts leave under a strategy's affordability rules."""
    income, expenses, service = _figures(facts, rules)
    if income is None or expenses is None or service is None:
        read = {"income_monthly": income, "expenses_monthly": expenses, "debt_service_monthly": service}
        return Affordability(None, tuple(name for name, value in read.items() if value is None))
    by_share = income * Decimal(str(rules["most_debt_to_income"])) - service
    by_residual = income - expenses - service - Decimal(str(rules["least_residual"]))
    return Affordability(min(by_share, by_residual))


def _figures(
    facts: Mapping[str, Any], rules: Mapping[str, Any]
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """(income, expenses, debt service) of a month, None for what is not known."""
    read = (decimal(facts.get(name)) for name in ("income_monthly", "expenses_monthly", "debt_service_monthly"))
    income, expenses, service = (None if value is not None and value < 0 else value for value in read)
    return income, expenses, assumed_debt_service(rules) if service is None else service


def floor_to_step(amount: Decimal, step: Decimal) -> Decimal:
    """The amount rounded down to a whole number of steps."""
    return amount if step <= 0 else (amount / step).to_integral_value(ROUND_FLOOR) * step


@dataclass(frozen=True, slots=True)
class Burden:
    """Debt-to-income and residual income of a month, before or after a new installment. Residual in major units."""

    service: Decimal
    debt_to_income: Decimal | None
    residual: Decimal


def burden(facts: Mapping[str, Any], rules: Mapping[str, Any], installment: Decimal = Decimal(0)) -> Burden | None:
    """What debts take of the income when this much more is due each month; None when a figure is unknown.

    Worked: income 10000, expenses 4000, debt service 1000 and a new installment of 2000: service 3000, debt-to-income
    0.3, residual income 3000.
    """
    income, expenses, known = _figures(facts, rules)
    if income is None or expenses is None or known is None:
        return None
    service = known + installment
    return Burden(service, service / income if income > 0 else None, income - expenses - service)
