"""The points scorecard: weight-of-evidence bins weighed by a logistic regression whose weights cannot be negative.

Weights are not negative because a bin's part already points the right way: a negative weight would turn a monotone bin
against its declared direction. Each bin's part times the column's weight is its share of the log-odds of default, so a
score is a sum that can be read off a table, and points are that sum on another scale.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning.binning import Bins, LevelBins, NumberBins, bin_levels, bin_numbers, bins_as_json, bins_from_json
from scoring.learning.table import Table

Floats = NDArray[np.float64]
RIDGE = 2.0
"""Penalty on squared weights, in units of log-likelihood per weight."""


@dataclass(frozen=True)
class Scorecard:
    """`weights` by column; `centres` are the mean weighted parts of the training data, so contributions average
    zero.
    """

    intercept: float
    bins: Mapping[str, Bins]
    weights: Mapping[str, float]
    centres: Mapping[str, float]

    def parts(self, values: Mapping[str, Any]) -> dict[str, Floats]:
        """Each column's contribution to the log-odds, for every row."""
        return {
            name: self.weights[name] * bins.of_array(values[name]) - self.centres[name]
            for name, bins in self.bins.items()
        }

    def log_odds(self, values: Mapping[str, Any]) -> Floats:
        return np.asarray(sum(self.parts(values).values(), start=np.float64(self.intercept)), dtype=np.float64)

    @property
    def base(self) -> float:
        return self.intercept

    def contributions_of_one(self, features: Mapping[str, Any]) -> dict[str, float]:
        return {name: part(features.get(name)) for name, part in self._single_parts}

    @cached_property
    def _single_parts(self) -> tuple[tuple[str, Callable[[Any], float]], ...]:
        return tuple((name, _single(bins, self.weights[name], self.centres[name])) for name, bins in self.bins.items())

    def as_json(self) -> dict[str, Any]:
        return {
            "intercept": self.intercept,
            "columns": {
                name: {"weight": self.weights[name], "centre": self.centres[name], "bins": bins_as_json(bins)}
                for name, bins in self.bins.items()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Scorecard":
        columns = data["columns"]
        return cls(
            data["intercept"],
            {name: bins_from_json(column["bins"]) for name, column in columns.items()},
            {name: column["weight"] for name, column in columns.items()},
            {name: column["centre"] for name, column in columns.items()},
        )


def fit_scorecard(table: Table) -> Scorecard:
    """A scorecard of this table. Columns that the regression gives no weight are left out of it."""
    bins: dict[str, Bins] = {}
    for column in table.columns:
        values = table.values[column.name]
        found: Bins = (
            bin_numbers(np.asarray(values, dtype=np.float64), table.bad, column.direction)
            if column.is_number
            else bin_levels(list(values), table.bad)
        )
        if _says_something(found):
            bins[column.name] = found
    if not bins:
        overall = float(table.bad.mean())
        return Scorecard(float(np.log(overall / (1 - overall))), {}, {}, {})
    matrix = np.column_stack([found.of_array(table.values[name]) for name, found in bins.items()])
    intercept, weights = fit_not_negative(matrix, table.bad, RIDGE)
    kept = {name: float(weight) for name, weight in zip(bins, weights, strict=True) if weight > 1e-6}
    means = dict(zip(bins, matrix.mean(axis=0).tolist(), strict=True))
    centres = {name: weight * means[name] for name, weight in kept.items()}
    return Scorecard(intercept + sum(centres.values()), {name: bins[name] for name in kept}, kept, centres)


def fit_not_negative(matrix: Floats, bad: Floats, ridge: float, expected: float = 0.0) -> tuple[float, Floats]:
    """Intercept and non-negative weights of a logistic regression, drawn towards `expected` (L-BFGS-B,
    deterministic).
    """
    from scipy.optimize import minimize

    count = matrix.shape[1]
    overall = float(bad.mean())

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] + matrix @ theta[1:]
        away = theta[1:] - expected
        value = float(np.logaddexp(0.0, z).sum() - bad @ z + 0.5 * ridge * (away @ away))
        error = 1.0 / (1.0 + np.exp(-z)) - bad
        return value, np.concatenate(([error.sum()], matrix.T @ error + ridge * away))

    start = np.concatenate(([np.log(overall / (1 - overall))], np.full(count, 1.0 / count)))
    bounds = [(None, None)] + [(0.0, None)] * count
    options = {"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return float(found.x[0]), np.asarray(found.x[1:], dtype=np.float64)


def _says_something(bins: Bins) -> bool:
    if isinstance(bins, LevelBins):
        return len(bins.parts) + (bins.other != 0) + (bins.missing != 0) > 1
    return isinstance(bins, NumberBins) and (len(bins.parts) > 1 or bins.missing != 0)


def _single(bins: Bins, weight: float, centre: float) -> Callable[[Any], float]:
    """The contribution of one value, by bisection in a table made once."""
    missing = weight * bins.missing - centre
    if isinstance(bins, NumberBins):
        edges = list(bins.edges)
        parts = [weight * part - centre for part in bins.parts]

        def of_number(value: Any) -> float:
            return missing if value is None or value != value else parts[bisect_left(edges, value)]

        return of_number
    levels = {level: weight * part - centre for level, part in bins.parts.items()}
    other = weight * bins.other - centre

    def of_level(value: Any) -> float:
        return missing if value is None else levels.get(value, other)

    return of_level
