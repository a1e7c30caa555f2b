"""A smooth part for small data: a ridge logistic regression on columns and on products of two columns.

Trees need many rows to find that two weak signs together are strong; products, heavily shrunk, find it with a
thousand. A number is centred on its median and scaled by its quartiles, clipped at four; a level is 0 or 1, and every
input is centred on its mean. The log-odds are a quadratic form,

    f(x) = b + Σ wᵢ xᵢ + Σᵢ≤ⱼ wᵢⱼ xᵢ xⱼ

and the product of two columns counts half for each, which is its Shapley value, so contributions are exact. The part
bends freely: it uses only columns without a declared direction, and none of it is used when fewer than three are
left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.features.coded import numbers_of
from scoring.learning.table import Column, Table

Floats = NDArray[np.float64]
MOST_ROWS = 20_000
MOST_CELLS = 20_000_000
LEAST_COLUMNS = 3
STRENGTHS = ((10.0, 200.0), (5.0, 100.0), (2.5, 50.0))
"""Penalties on single weights and on pairs, firmest first: each fit starts from the one before. The mean of several fits
is again one form, and needs no choice."""
_CLIP = 4.0


@dataclass(frozen=True, slots=True)
class Input:
    """One input of the form: a scaled number, whether a number is missing, or whether a category has a level."""

    column: str
    kind: str
    level: str = ""
    centre: float = 0.0
    scale: float = 1.0
    mean: float = 0.0

    def of_array(self, values: Any) -> Floats:
        if self.kind == "level":
            return numbers_of(values, lambda level: float(level == self.level)) - self.mean
        numbers = np.asarray(values, dtype=np.float64)
        if self.kind == "missing":
            return np.isnan(numbers).astype(np.float64) - self.mean
        scaled = np.clip((numbers - self.centre) / self.scale, -_CLIP, _CLIP)
        return np.where(np.isnan(numbers), 0.0, scaled - self.mean)

    def of_one(self, value: Any) -> float:
        if self.kind == "level":
            return float(value == self.level) - self.mean
        absent = value is None or value != value
        if self.kind == "missing":
            return float(absent) - self.mean
        return 0.0 if absent else min(max((value - self.centre) / self.scale, -_CLIP), _CLIP) - self.mean


@dataclass(frozen=True)
class Pairs:
    """`single` has a weight per input, `pair` a symmetric matrix of them: f = base + x·single + x·pair·x."""

    inputs: tuple[Input, ...]
    single: tuple[float, ...]
    upper: tuple[float, ...]
    intercept: float
    base: float

    def matrix(self, values: Mapping[str, Any]) -> Floats:
        return np.column_stack([one.of_array(values[one.column]) for one in self.inputs])

    def log_odds(self, values: Mapping[str, Any]) -> Floats:
        x = self.matrix(values)
        single, pair = self._weights
        return np.asarray(self.intercept + x @ single + np.einsum("ij,ij->i", x @ pair, x), dtype=np.float64)

    def contributions_of_one(self, features: Mapping[str, Any]) -> dict[str, float]:
        x = np.array([one.of_one(features.get(one.column)) for one in self.inputs])
        single, pair = self._weights
        shares = x * (single + pair @ x) - self._average
        found: dict[str, float] = {}
        for one, share in zip(self.inputs, shares.tolist(), strict=True):
            found[one.column] = found.get(one.column, 0.0) + share
        return found

    @cached_property
    def _weights(self) -> tuple[Floats, Floats]:
        count = len(self.inputs)
        pair = np.zeros((count, count))
        pair[np.triu_indices(count)] = self.upper
        return np.array(self.single), (pair + pair.T) / 2

    @cached_property
    def _average(self) -> Floats:
        """What the average applicant adds, spread over the inputs so that contributions are measured against her."""
        return np.full(len(self.inputs), (self.base - self.intercept) / len(self.inputs))

    def as_json(self) -> dict[str, Any]:
        return {
            "inputs": [[i.column, i.kind, i.level, i.centre, i.scale, i.mean] for i in self.inputs],
            "single": list(self.single),
            "upper": list(self.upper),
            "intercept": self.intercept,
            "base": self.base,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Pairs":
        inputs = tuple(Input(*row) for row in data["inputs"])
        return cls(inputs, tuple(data["single"]), tuple(data["upper"]), data["intercept"], data["base"])


def can_fit(table: Table) -> bool:
    """Whether the smooth part has a place here: few enough rows, and columns that may bend."""
    return len(table) <= MOST_ROWS and sum(not column.direction for column in table.columns) >= LEAST_COLUMNS


def fit_pairs(table: Table) -> Pairs:
    """The smooth part of this table (L-BFGS, deterministic on one thread)."""
    inputs = _inputs(table)
    x = np.column_stack([one.of_array(table.values[one.column]) for one in inputs])
    rows, columns = np.triu_indices(len(inputs))
    products = x[:, rows] * x[:, columns]
    fits: list[Floats] = []
    for strength in STRENGTHS:
        fits.append(_fit(x, products, table.bad, *strength, start=fits[-1] if fits else None))
    found = np.mean(fits, axis=0)
    single, pair = found[1 : len(inputs) + 1], found[len(inputs) + 1 :]
    fitted = Pairs(tuple(inputs), tuple(single.tolist()), tuple(pair.tolist()), float(found[0]), 0.0)
    return replace(fitted, base=float(fitted.log_odds(table.values).mean()))


def _fit(
    x: Floats, products: Floats, bad: Floats, ridge_single: float, ridge_pair: float, *, start: Floats | None
) -> Floats:
    """Intercept, single weights and pair weights at one strength."""
    from scipy.optimize import minimize

    count = x.shape[1]
    scale = np.concatenate([np.full(count, ridge_single**-0.5), np.full(products.shape[1], ridge_pair**-0.5)])
    overall = float(bad.mean())

    def loss(theta: Floats) -> tuple[float, Floats]:
        weights = theta[1:] * scale
        z = theta[0] + x @ weights[:count] + products @ weights[count:]
        value = float(np.logaddexp(0.0, z).sum() - bad @ z + 0.5 * theta[1:] @ theta[1:])
        error = 1.0 / (1.0 + np.exp(-z)) - bad
        slope = np.concatenate([x.T @ error, products.T @ error]) * scale + theta[1:]
        return value, np.concatenate(([error.sum()], slope))

    first = np.append(np.log(overall / (1 - overall)), np.zeros(len(scale)))
    if start is not None:
        first = np.concatenate((start[:1], start[1:] / scale))
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return np.concatenate((found[:1], found[1:] * scale))


def _inputs(table: Table) -> list[Input]:
    found: list[tuple[float, Input]] = []
    for column in table.columns:
        if column.direction:
            continue
        for one in _inputs_of(column, table):
            raw = one.of_array(table.values[column.name])
            spread = float(raw.std())
            if spread == 0:
                continue
            centred = Input(one.column, one.kind, one.level, one.centre, one.scale, _mean_where_known(raw, one, table))
            strength = abs(float(np.corrcoef(raw, table.bad)[0, 1]))
            found.append((strength, centred))
    most = int((np.sqrt(1 + 8 * MOST_CELLS / len(table)) - 1) / 2)
    if len(found) > most:
        least = sorted((strength for strength, _one in found), reverse=True)[most - 1]
        found = [pair for pair in found if pair[0] >= least][:most]
    return [one for _strength, one in found]


def _inputs_of(column: Column, table: Table) -> Sequence[Input]:
    values = table.values[column.name]
    if column.is_number:
        numbers = np.asarray(values, dtype=np.float64)
        known = numbers[~np.isnan(numbers)]
        if not len(known):
            return []
        low, middle, high = np.quantile(known, (0.25, 0.5, 0.75)).tolist()
        scale = (high - low) / 1.349 or float(known.std()) or 1.0
        inputs = [Input(column.name, "number", "", middle, scale)]
        return [*inputs, Input(column.name, "missing")] if len(numbers) - len(known) >= 0.01 * len(numbers) else inputs
    tally: dict[str, int] = {}
    for value in values:
        if value is not None:
            tally[str(value)] = tally.get(str(value), 0) + 1
    least = max(10, 0.005 * len(table))
    return [Input(column.name, "level", level) for level in sorted(tally) if tally[level] >= least]


def _mean_where_known(raw: Floats, one: Input, table: Table) -> float:
    if one.kind != "number":
        return float(raw.mean())
    known = ~np.isnan(np.asarray(table.values[one.column], dtype=np.float64))
    return float(raw[known].mean())
