"""Values that are codes, not measurements: 999999 for "unknown", -9 for "no record".

Two kinds are recognised without a word from anybody. A *far code* is the least or greatest value of a column,
repeated, and further from everything else than the whole rest is wide. *Negative codes* are a few whole negative
values, repeated, in a column whose other values are not negative. Both are read as missing, here and whenever the
model is used; what was found is told.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning.table import Table

Floats = NDArray[np.float64]
LEAST_REPEATS = 10
LEAST_SHARE = 0.002
FAR_WIDTHS = 3.0
MOST_NEGATIVE_CODES = 5
LEAST_DISTINCT = 15


def find(table: Table) -> dict[str, tuple[float, ...]]:
    """The codes of every number of this table that has any."""
    found = {}
    for column in table.columns:
        if column.is_number:
            codes = codes_of(np.asarray(table.values[column.name], dtype=np.float64))
            if codes:
                found[column.name] = codes
    return found


def codes_of(values: Floats) -> tuple[float, ...]:
    """The codes among the values of one column, in order."""
    known = values[~np.isnan(values)]
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) < LEAST_DISTINCT:
        return ()
    least = max(LEAST_REPEATS, LEAST_SHARE * len(values))
    found = set(_negative_codes(distinct, counts, least))
    if not found:
        found = set(_far_codes(distinct, counts, least))
    return tuple(sorted(found))


def without(values: Mapping[str, Any], sentinels: Mapping[str, Sequence[float]]) -> Mapping[str, Any]:
    """The same columns with codes as missing."""
    if not sentinels:
        return values
    cleaned = dict(values)
    for name, codes in sentinels.items():
        numbers = np.asarray(values[name], dtype=np.float64)
        cleaned[name] = np.where(np.isin(numbers, codes), np.nan, numbers)
    return cleaned


def without_one(features: Mapping[str, Any], sentinels: Mapping[str, Sequence[float]]) -> Mapping[str, Any]:
    """One applicant's features with codes as missing."""
    hit = [name for name, codes in sentinels.items() if features.get(name) in codes]
    return {**features, **dict.fromkeys(hit)} if hit else features


def _negative_codes(distinct: Floats, counts: NDArray[np.intp], least: float) -> list[float]:
    negative = distinct < 0
    few = 0 < int(negative.sum()) <= MOST_NEGATIVE_CODES
    whole = bool((distinct[negative] == np.round(distinct[negative])).all())
    often = bool((counts[negative] >= least).any())
    return distinct[negative].tolist() if few and whole and often else []


def _far_codes(distinct: Floats, counts: NDArray[np.intp], least: float) -> list[float]:
    found = []
    for code, times, rest in (
        (distinct[-1], counts[-1], distinct[:-1]),
        (distinct[0], counts[0], distinct[1:]),
    ):
        width = float(rest[-1] - rest[0])
        gap = float(np.abs(rest - code).min())
        if times >= least and width > 0 and gap > FAR_WIDTHS * width:
            found.append(float(code))
    return found
