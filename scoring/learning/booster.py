"""Gradient boosting (LightGBM) with monotone constraints from the declared directions, kept as LightGBM's own text.

Categories become the rank of their shrunken bad rate in the training data (unseen levels and missing values are NaN,
which the trees handle), so a category needs no constraint of its own and a rare level cannot be memorised. Several
boosters of different builds are added with weights, found by what each said of rows it had not seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.features.coded import numbers_of
from scoring.learning.table import Column
from scoring.learning.tree_tables import NotTabulated, TreeTables, tabulate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Booster:
    """`texts` are LightGBM model texts, `weights` theirs; `levels` maps each category's levels to numbers.

    `base` is the weighted expected log-odds over the training data, what contributions are measured against.
    """

    columns: tuple[Column, ...]
    levels: Mapping[str, Mapping[str, float]]
    texts: tuple[str, ...]
    weights: tuple[float, ...] = (1.0,)
    base: float = 0.0

    def matrix(self, values: Mapping[str, Any]) -> Floats:
        """The columns as LightGBM reads them."""
        return np.column_stack([encode(column, values[column.name], self.levels) for column in self.columns])

    def log_odds(self, values: Mapping[str, Any]) -> Floats:
        matrix = self.matrix(values)
        total = np.zeros(len(matrix))
        for weight, model in zip(self.weights, self._models, strict=True):
            total += weight * np.asarray(model.predict(matrix, raw_score=True, num_threads=1))
        return total

    def contributions(self, values: Mapping[str, Any]) -> Floats:
        """Exact Shapley values of the trees, rows × columns (see `tree_tables`); the sum of a row is its log-odds less
        the base.
        """
        return self._contributions(self.matrix(values))

    def contributions_of_one(self, features: Mapping[str, Any]) -> dict[str, float]:
        row = np.array([[self._one(column, features.get(column.name)) for column in self.columns]])
        found = self._contributions(row)[0].tolist()
        return {column.name: value for column, value in zip(self.columns, found, strict=True)}

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": [[column.name, column.is_number, column.direction] for column in self.columns],
            "levels": self.levels,
            "texts": list(self.texts),
            "weights": list(self.weights),
            "base": self.base,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Booster":
        columns = tuple(Column(name, is_number, direction) for name, is_number, direction in data["columns"])
        return cls(columns, data["levels"], tuple(data["texts"]), tuple(data["weights"]), data["base"])

    def _contributions(self, matrix: Floats) -> Floats:
        if self._tables is not None:
            return self._tables.contributions(matrix)
        total = np.zeros(matrix.shape)
        for weight, model in zip(self.weights, self._models, strict=True):
            total += weight * np.asarray(model.predict(matrix, pred_contrib=True, num_threads=1))[:, :-1]
        return total

    @cached_property
    def _tables(self) -> TreeTables | None:
        """Made when the first contribution is asked for, once per process; None where LightGBM must be asked."""
        try:
            return tabulate(self.texts, self.weights, len(self.columns))
        except NotTabulated:
            return None

    def _one(self, column: Column, value: Any) -> float:
        if value is None:
            return np.nan
        return float(value) if column.is_number else self.levels[column.name].get(value, np.nan)

    @cached_property
    def _models(self) -> list[Any]:
        import lightgbm

        return [lightgbm.Booster(model_str=text) for text in self.texts]


def encode(column: Column, values: Any, levels: Mapping[str, Mapping[str, float]]) -> Floats:
    """A column as numbers; unknown levels and missing values are NaN."""
    if column.is_number:
        return np.asarray(values, dtype=np.float64)
    known = levels[column.name]
    return numbers_of(values, lambda level: known.get(level, np.nan))


def rank_levels(values: Sequence[str | None], parts: Mapping[str, float]) -> dict[str, float]:
    """Each frequent level's rank by its shrunken risk: 0 for the safest."""
    ordered = sorted(parts, key=lambda level: (parts[level], level))
    present = set(values)
    return {level: float(rank) for rank, level in enumerate(ordered) if level in present}
