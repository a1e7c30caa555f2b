"""Features of many applicants at once, column by column: the same values as `compute_one`, several times as fast.

A feature that is one fact is read once for each different text of its column: a book of a million rows has few different
ones. A feature of several facts has the formula of `computing` written for arrays, where NaN stands for what is not known;
a test holds both to the same answers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.features.coded import Coded
from scoring.features.computing import Value, compute_one, number
from scoring.features.declared import Feature, Kind

Column = Coded | Sequence[Any]
Floats = NDArray[np.float64]
INPUTS = (
    "income_monthly", "expenses_monthly", "requested_amount", "installments", "assets", "debts", "price",
)  # fmt: skip
"""The facts that features of several facts are made of; all are numbers."""


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, above / below, np.nan)


def _residual(f: Mapping[str, Floats]) -> Floats:
    return f["income_monthly"] - f["expenses_monthly"]


def _per_installment(f: Mapping[str, Floats]) -> Floats:
    return _ratio(f["requested_amount"], f["installments"])


def _burden_of_residual(f: Mapping[str, Floats]) -> Floats:
    burden, residual = _per_installment(f), _residual(f)
    found = np.where(residual > 0, np.minimum(burden / residual, 10.0), 10.0)
    return np.where(np.isnan(burden) | np.isnan(residual), np.nan, found)


DERIVED: Mapping[str, Callable[[Mapping[str, Floats]], Floats]] = {
    "residual_income": _residual,
    "expense_share": lambda f: _ratio(f["expenses_monthly"], f["income_monthly"]),
    "installment_share": lambda f: _ratio(_per_installment(f), f["income_monthly"]),
    "residual_after_installment": lambda f: _residual(f) - _per_installment(f),
    "burden_of_residual": _burden_of_residual,
    "net_worth": lambda f: f["assets"] - f["debts"],
    "debt_to_income": lambda f: _ratio(f["debts"], f["income_monthly"]),
    "amount_to_income": lambda f: _ratio(f["requested_amount"], f["income_monthly"]),
    "amount_to_price": lambda f: _ratio(f["requested_amount"], f["price"]),
    "own_share_of_price": lambda f: f["price"] - f["requested_amount"],
}


def compute_columns(features: Iterable[Feature], facts: Mapping[str, Column], rows: int) -> dict[str, Coded | Floats]:
    """Every feature's values, in the order of the rows: categories coded, numbers and flags as arrays with NaN.

    A fact without a column is known of nobody.
    """
    coded = {name: column if isinstance(column, Coded) else Coded.of(column) for name, column in facts.items()}
    nobody = Coded.same(None, rows)
    found: dict[str, Coded | Floats] = {}
    numbers: dict[str, Floats] = {}
    for feature in features:
        derive = DERIVED.get(feature.name)
        if derive is None:
            read = coded.get(feature.name, nobody).each(_reader(feature))
            found[feature.name] = read if feature.kind is Kind.CATEGORY else read.numbers()
            continue
        numbers = numbers or {name: coded.get(name, nobody).each(number).numbers() for name in INPUTS}
        with np.errstate(all="ignore"):
            found[feature.name] = _within(feature, derive(numbers))
    return found


def _within(feature: Feature, values: Floats) -> Floats:
    least = -np.inf if feature.least is None else feature.least
    most = np.inf if feature.most is None else feature.most
    return np.where((values < least) | (values > most), np.nan, values)


def _reader(feature: Feature) -> Callable[[Any], Value]:
    return lambda value: compute_one(feature, {feature.name: value})
