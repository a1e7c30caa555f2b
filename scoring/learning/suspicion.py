"""What in the data would flatter a model: columns that know the outcome, and the same case twice."""

from typing import Any

import numpy as np

from scoring.learning import metrics
from scoring.learning.binning import bin_levels
from scoring.learning.table import Table

LEAKING_AUC = 0.95
_NEARLY_ALL_DISTINCT = 0.95


def suspicions(table: Table) -> list[dict[str, Any]]:
    """Warnings, most serious first: `leak` (a column alone nearly tells the outcome), `identifier`, `duplicates`."""
    found: list[dict[str, Any]] = []
    for column in table.columns:
        values = table.values[column.name]
        if column.is_number:
            area = _own_auc(np.asarray(values, dtype=np.float64), table)
        else:
            area = metrics.auc(table.bad, bin_levels(list(values), table.bad).of_array(list(values)))
            if len(set(values)) > _NEARLY_ALL_DISTINCT * len(table):
                found.append({"kind": "identifier", "column": column.name, "levels": len(set(values))})
        if max(area, 1 - area) >= LEAKING_AUC:
            found.append({"kind": "leak", "column": column.name, "auc": round(max(area, 1 - area), 4)})
    copies = duplicates(table)
    if copies:
        found.append({"kind": "duplicates", "rows": copies, "share": round(copies / len(table), 4)})
    return sorted(found, key=lambda warning: ("leak", "identifier", "duplicates").index(warning["kind"]))


def duplicates(table: Table) -> int:
    """Rows whose features are those of an earlier row: in different folds they are seen before they are judged."""
    seen = set(zip(*(_hashable(table.values[column.name]) for column in table.columns), strict=True))
    return len(table) - len(seen)


def _own_auc(values: Any, table: Table) -> float:
    known = ~np.isnan(values)
    if known.sum() < 0.05 * len(table) or len(np.unique(table.bad[known])) < 2:
        return 0.5
    missing_tells = metrics.auc(table.bad, known.astype(float))
    area = metrics.auc(table.bad[known], values[known])
    return max(area, 1 - area, missing_tells, 1 - missing_tells)


def _hashable(values: Any) -> list[Any]:
    return np.where(np.isnan(values), -9.87e99, values).tolist() if isinstance(values, np.ndarray) else list(values)
