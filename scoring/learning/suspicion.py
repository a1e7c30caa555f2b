"""What in the data would flatter a model: columns that know the outcome, and the same case twice."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning import metrics
from scoring.learning.binning import bin_levels
from scoring.learning.table import Table

LEAKING_AUC = 0.95
_NEARLY_ALL_DISTINCT = 0.95
_ODD = np.uint64(0x9E3779B97F4A7C15)

Floats = NDArray[np.float64]


def suspicions(table: Table) -> list[dict[str, Any]]:
    """Warnings, most serious first: `leak` (a column alone nearly tells the outcome), `identifier`, `duplicates`."""
    found: list[dict[str, Any]] = []
    for column in table.columns:
        values = table.values[column.name]
        if column.is_number:
            area = _own_auc(np.asarray(values, dtype=np.float64), table)
            levels = len(np.unique(values)) if _counts_up(np.asarray(values, dtype=np.float64)) else 0
        else:
            area = metrics.auc(table.bad, bin_levels(list(values), table.bad).of_array(list(values)))
            levels = len(set(values))
        if levels > _NEARLY_ALL_DISTINCT * len(table):
            found.append({"kind": "identifier", "column": column.name, "levels": levels})
        if max(area, 1 - area) >= LEAKING_AUC:
            found.append({"kind": "leak", "column": column.name, "auc": round(max(area, 1 - area), 4)})
    copies = duplicates(table)
    if copies:
        found.append({"kind": "duplicates", "rows": copies, "share": round(copies / len(table), 4)})
    return sorted(found, key=lambda warning: ("leak", "identifier", "duplicates").index(warning["kind"]))


def duplicates(table: Table) -> int:
    """Rows whose features are those of an earlier row: in different folds they are seen before they are judged.

    Rows are compared by a hash of 64 bits, so that a large table needs eight bytes a row.
    """
    hashed = np.zeros(len(table), dtype=np.uint64)
    for column in table.columns:
        values = table.values[column.name]
        raw = np.asarray(values, dtype=np.float64) + 0.0 if column.is_number else _codes(values)
        with np.errstate(over="ignore"):
            hashed = (hashed ^ np.where(np.isnan(raw), np.nan, raw).view(np.uint64)) * _ODD
            hashed ^= hashed >> np.uint64(29)
    return len(table) - len(np.unique(hashed))


def _codes(levels: Sequence[str | None]) -> Floats:
    known: dict[str | None, int] = {}
    return np.array([known.setdefault(level, len(known)) for level in levels], dtype=np.float64)


def _counts_up(values: Floats) -> bool:
    """Whole numbers, each once, with next to no gaps between them: a row number, not a measurement."""
    if np.isnan(values).any() or (values != np.round(values)).any():
        return False
    return float(values.max() - values.min()) < 1.5 * len(values) and len(np.unique(values)) == len(values)


def _own_auc(values: Any, table: Table) -> float:
    known = ~np.isnan(values)
    if known.sum() < 0.05 * len(table) or len(np.unique(table.bad[known])) < 2:
        return 0.5
    missing_tells = metrics.auc(table.bad, known.astype(float))
    area = metrics.auc(table.bad[known], values[known])
    return max(area, 1 - area, missing_tells, 1 - missing_tells)
