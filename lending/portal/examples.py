"""The affordable example: what a loan would cost, from the lowest to the highest rate of the product, and whether it
fits an income by the very rules of the decision. From `lending.applications.offering.example`; nothing is written."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from lending.applications import offering
from lending.finance.annual_rate import RateUndefined
from lending.finance.money import from_minor
from lending.finance.terms import InvalidTerms
from lending.products.models import ProductVersion


@dataclass(frozen=True, slots=True)
class Example:
    """Two cost sheets (`lending.products.costs.Quote.disclosure_json`) for the same amount and term.

    `affordable` is None while income, expenses or debt service are unknown; `room_minor` is what they leave each month
    for a loan, `burden_minor` what this one takes on average at its dearest.
    """

    version: ProductVersion
    amount_minor: int
    installments: int
    lowest: dict[str, Any]
    highest: dict[str, Any]
    burden_minor: int
    room_minor: int | None
    affordable: bool | None

    @property
    def one_rate(self) -> bool:
        return self.version.min_yearly_rate_percent == self.version.max_yearly_rate_percent


def example(
    version: ProductVersion,
    *,
    amount_minor: int | None,
    installments: int | None,
    on: datetime.date,
    income_minor: int | None = None,
    expenses_minor: int | None = None,
    debt_service_minor: int | None = None,
) -> Example | None:
    """The example for an amount and a term, or None where the product does not offer them."""
    if not amount_minor or not installments:
        return None
    known = {
        "income_monthly": income_minor,
        "expenses_monthly": expenses_minor,
        "debt_service_monthly": debt_service_minor,
    }
    stated = {name: None if minor is None else from_minor(minor, version.decimals) for name, minor in known.items()}
    try:
        found = offering.example(version, amount_minor=amount_minor, installments=installments, on=on, **stated)
    except (ValidationError, InvalidTerms, RateUndefined):
        return None
    return Example(
        version,
        amount_minor,
        installments,
        found["from"],
        found["to"],
        found["monthly_burden_minor"],
        found["room_minor"],
        found["affordable"],
    )


def usual(version: ProductVersion) -> tuple[int, int]:
    """The amount (minor units) and term that an example begins with: a rounded third of the range, the middle term."""
    span = version.max_amount_minor - version.min_amount_minor
    step = 1000 * 10**version.decimals
    amount = max(version.min_amount_minor, min((version.min_amount_minor + span // 3) // step * step, 12 * step))
    choices = sorted(version.installment_choices)
    return amount, 12 if 12 in choices else choices[len(choices) // 2]
