"""From facts to features: pure, without a clock, a database or Django.

A fact is a plain value of one moment (income 12000, records False). Money is in major units of the application's
currency, as a number or a string. A missing, empty, unreadable or impossible value becomes None, never zero: the model
has a place of its own for what is not known. Facts nobody declared are ignored.

    >>> features = compute({"income_monthly": "12000", "expenses_monthly": 4000, "requested_amount": 24000,
    ...                     "installments": 12})
    >>> features["residual_income"], features["installment_share"]
    (8000.0, 0.16666666666666666)
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from scoring.features.declared import Feature, Kind
from scoring.features.registry import REGISTRY, usable

Value = float | str | None

_UNKNOWN = frozenset({"", "na", "nan", "none", "null", "?", "n/a", "-", "unknown"})
_TRUE = frozenset({"true", "yes", "y", "1", "t", "是", "有"})
_FALSE = frozenset({"false", "no", "n", "0", "f", "否", "无"})


def number(value: Any) -> float | None:
    """A finite number, or None for whatever is none. "1,200", "¥1200" and "12.5%" (as 12.5) are understood."""
    if value.__class__ is float:
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool):
        return None if value is None else float(value)
    if isinstance(value, str):
        value = value.strip().replace(",", "").strip("%¥￥$€£")
    try:
        read = float(value)
    except (TypeError, ValueError):
        return None
    return read if math.isfinite(read) else None


def category(value: Any) -> str | None:
    """A level as lower-case text without surrounding blanks, or None."""
    if value is None:
        return None
    level = str(value).strip().lower()
    return None if level in _UNKNOWN else level


def fact_level(value: Any) -> str | None:
    """A declared fact's level: like `category`, but "none" is an answer (no employment), not a missing one."""
    if isinstance(value, str) and value.strip().lower() == "none":
        return "none"
    return category(value)


def flag(value: Any) -> float | None:
    """1.0 for yes, 0.0 for no, None otherwise; understands both languages and the usual spellings."""
    level = category(value)
    if level in _TRUE:
        return 1.0
    if level in _FALSE:
        return 0.0
    as_number = number(value)
    return None if as_number is None else float(as_number > 0)


def within(feature: Feature, value: float | None) -> float | None:
    """The value if it lies in the feature's allowed range, else None: a sentinel is not a measurement."""
    if value is None or (feature.least is not None and value < feature.least):
        return None
    return None if feature.most is not None and value > feature.most else value


def _ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None or below <= 0 else above / below


def _difference(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left - right


def _per_installment(facts: Mapping[str, Any]) -> float | None:
    return _ratio(number(facts.get("requested_amount")), number(facts.get("installments")))


def _residual(facts: Mapping[str, Any]) -> float | None:
    return _difference(number(facts.get("income_monthly")), number(facts.get("expenses_monthly")))


def _burden_of_residual(facts: Mapping[str, Any]) -> float | None:
    """Nothing left to pay from is the heaviest burden the range knows, not an unknown one. The range ends near the
    burdens that are met: a far end would look like a code for "unknown" (see `scoring.learning.sentinels`).
    """
    burden, residual = _per_installment(facts), _residual(facts)
    if burden is None or residual is None:
        return None
    return min(burden / residual, 10.0) if residual > 0 else 10.0


_DERIVED: Mapping[str, Callable[[Mapping[str, Any]], float | None]] = {
    "residual_income": _residual,
    "expense_share": lambda f: _ratio(number(f.get("expenses_monthly")), number(f.get("income_monthly"))),
    "installment_share": lambda f: _ratio(_per_installment(f), number(f.get("income_monthly"))),
    "residual_after_installment": lambda f: _difference(_residual(f), _per_installment(f)),
    "burden_of_residual": _burden_of_residual,
    "net_worth": lambda f: _difference(number(f.get("assets")), number(f.get("debts"))),
    "debt_to_income": lambda f: _ratio(number(f.get("debts")), number(f.get("income_monthly"))),
    "amount_to_income": lambda f: _ratio(number(f.get("requested_amount")), number(f.get("income_monthly"))),
    "amount_to_price": lambda f: _ratio(number(f.get("requested_amount")), number(f.get("price"))),
    "own_share_of_price": lambda f: _difference(number(f.get("price")), number(f.get("requested_amount"))),
}
"""Features made of several facts; every other feature is the fact of the same name."""


def is_derived(name: str) -> bool:
    """Whether a feature is made of several facts."""
    return name in _DERIVED


def compute_one(feature: Feature, facts: Mapping[str, Any]) -> Value:
    """The value of one declared feature for these facts."""
    if feature.kind is Kind.CATEGORY:
        return fact_level(facts.get(feature.name))
    if feature.kind is Kind.FLAG:
        return flag(facts.get(feature.name))
    derive = _DERIVED.get(feature.name)
    return within(feature, derive(facts) if derive else number(facts.get(feature.name)))


def compute(facts: Mapping[str, Any]) -> dict[str, Value]:
    """Every usable feature of these facts, protected characteristics left out."""
    return {feature.name: compute_one(feature, facts) for feature in usable()}


def compute_named(names: tuple[str, ...], facts: Mapping[str, Any]) -> dict[str, Value]:
    """The named features only: what one model needs."""
    return {name: compute_one(REGISTRY[name], facts) for name in names}
