"""From a product version and a decision to the engine's terms: amount, rate, term and first day filled in."""

import copy
import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lending.finance.money import from_minor
from lending.finance.terms import Terms

if TYPE_CHECKING:
    from lending.products.models import ProductVersion

#: Payments in a year, by the unit of the rhythm; also the nominal rate's multiplier.
PER_YEAR = {"day": 365, "week": 52, "half_month": 24, "month": 12, "year": 1}


def terms_of(
    version: "ProductVersion",
    *,
    amount_minor: int,
    installments: int,
    yearly_rate_percent: Decimal,
    starts_on: datetime.date,
) -> Terms:
    """The whole terms of one loan. Raises `lending.finance.terms.InvalidTerms` naming the field that is wrong."""
    filled: dict[str, Any] = copy.deepcopy(version.terms)
    filled["currency"] = version.currency
    filled["decimals"] = version.decimals
    filled["principal"] = str(from_minor(amount_minor, version.decimals))
    filled["starts_on"] = starts_on.isoformat()
    filled["rate"] = {**filled.get("rate", {}), "percent": plain(yearly_rate_percent), "per": "year"}
    filled["repayment"] = {**filled.get("repayment", {}), "installments": installments}
    filled["penalty"] = {**filled.get("penalty", {}), "multiple": plain(Decimal(str(version.penalty_multiple)))}
    return Terms.from_json(filled)


def terms_json(
    version: "ProductVersion",
    *,
    amount_minor: int,
    installments: int,
    yearly_rate_percent: Decimal,
    starts_on: datetime.date,
) -> dict[str, Any]:
    """The same as plain JSON, complete and canonical: what an offer and a loan keep."""
    return terms_of(
        version,
        amount_minor=amount_minor,
        installments=installments,
        yearly_rate_percent=yearly_rate_percent,
        starts_on=starts_on,
    ).to_json()


def periods_per_year(terms: Terms) -> Decimal:
    """How many installments a year has: 12 for monthly ones, 4 for those of every three months."""
    return Decimal(PER_YEAR[terms.repayment.unit]) / terms.repayment.every


def term_months(terms: Terms) -> int:
    """The length in whole months, a begun month counted."""
    months = Decimal(12) * terms.repayment.installments / periods_per_year(terms)
    return int(months.to_integral_value("ROUND_CEILING"))


def is_bullet(terms: Terms) -> bool:
    """Whether the principal falls due at the end in one sum."""
    return terms.repayment.method in ("interest_only", "bullet")


def plain(number: Decimal) -> str:
    """A rate without exponent or trailing zeros: 12.0000 is 12."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
