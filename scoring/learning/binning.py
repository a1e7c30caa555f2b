"""Monotone weight-of-evidence bins.

The log-odds part of a bin is ln(odds of bad in the bin / odds of bad overall): positive is riskier than average.
Rates are shrunk towards the overall rate by `SHRINKAGE` imaginary rows, so that a rare bin says little.

A number is cut at its quantiles, pooled until the bad rate moves one way only (pool adjacent violators) in the
declared direction; without a declared direction the better of rising, falling and, if the data clearly say so, one
bend is kept. Neighbours that do not differ significantly are merged. Missing values have a part of their own, as have
frequent levels of a category; rare and unseen levels share one.

    worked: 100 rows, 20 bad; a level with 10 rows and 5 bad -> rate (5 + 25 × 0.2) / (10 + 25) = 0.2857,
    part = ln(0.2857 / 0.7143) − ln(0.2 / 0.8) = −0.9163 + 1.3863 = 0.4700
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.features.coded import Coded, numbers_of

SHRINKAGE = 25.0
FINEST_BINS = 40
MOST_BINS = 12
LEAST_SHARE = 0.02
LEAST_ROWS = 20
SIGNIFICANT = 2.7
"""Likelihood-ratio statistic (chi-squared, one degree of freedom, 10 %) below which two neighbours are one bin."""
CLEARLY_BENT = 9.2
"""What a bend must gain over the best monotone fit to be believed (chi-squared, two degrees of freedom, 1 %)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NumberBins:
    """`edges` are upper bounds, inclusive, of all bins but the last; `parts` has one entry more."""

    edges: tuple[float, ...]
    parts: tuple[float, ...]
    missing: float
    counts: tuple[int, ...] = ()
    bads: tuple[int, ...] = ()

    def of_array(self, values: Floats) -> Floats:
        """The part of every value; NaN gets the part of missing values."""
        places = np.searchsorted(np.asarray(self.edges), values, side="left")
        found = np.asarray(self.parts)[np.minimum(places, len(self.parts) - 1)]
        return np.where(np.isnan(values), self.missing, found)


@dataclass(frozen=True, slots=True)
class LevelBins:
    """One part per frequent level, one for the others, one for missing."""

    parts: dict[str, float]
    other: float
    missing: float
    counts: dict[str, int]
    bads: dict[str, int]

    def of_array(self, values: Coded | Sequence[str | None]) -> Floats:
        return numbers_of(values, lambda level: self.missing if level is None else self.parts.get(level, self.other))


Bins = NumberBins | LevelBins


def part_of(rows: float, bads: float, overall: float) -> float:
    """Shrunken weight of evidence, as log-odds of bad relative to the overall rate."""
    rate = (bads + SHRINKAGE * overall) / (rows + SHRINKAGE)
    rate = min(max(rate, 1e-6), 1 - 1e-6)
    return math.log(rate / (1 - rate)) - math.log(overall / (1 - overall))


def bin_numbers(values: Floats, bad: Floats, direction: int = 0) -> NumberBins:
    """Bins of a number; `direction` +1: risk may only rise with the value, -1: only fall, 0: as the data say."""
    overall = float(bad.mean())
    known = ~np.isnan(values)
    missing = part_of(float((~known).sum()), float(bad[~known].sum()), overall) if not known.all() else 0.0
    x, y = values[known], bad[known]
    if not len(x):
        return NumberBins((), (0.0,), missing)
    edges = np.unique(np.quantile(x, np.linspace(0, 1, FINEST_BINS + 1)[1:-1], method="higher"))
    edges = edges[edges < x.max()]
    places = np.searchsorted(edges, x, side="left")
    rows = np.bincount(places, minlength=len(edges) + 1).astype(float)
    bads: Floats = np.bincount(places, weights=y, minlength=len(edges) + 1).astype(float)
    groups = _best_shape(rows, bads, direction)
    least = max(LEAST_ROWS, LEAST_SHARE * len(values))
    groups = _merge(groups, rows, bads, least)
    return NumberBins(
        tuple(float(edges[group[-1]]) for group in groups[:-1]),
        tuple(part_of(rows[group].sum(), bads[group].sum(), overall) for group in groups),
        missing,
        tuple(int(rows[group].sum()) for group in groups),
        tuple(int(bads[group].sum()) for group in groups),
    )


def bin_levels(values: Sequence[str | None], bad: Floats) -> LevelBins:
    """Bins of a category: a level with too few rows joins the others."""
    overall = float(bad.mean())
    tally: dict[str | None, list[float]] = {}
    for value, outcome in zip(values, bad.tolist(), strict=True):
        row = tally.setdefault(value, [0.0, 0.0])
        row[0] += 1
        row[1] += outcome
    least = max(LEAST_ROWS // 2, 0.005 * len(bad))
    absent = tally.pop(None, [0.0, 0.0])
    frequent = {level: row for level, row in sorted(tally.items(), key=lambda kv: str(kv[0])) if row[0] >= least}
    rare = [row for level, row in tally.items() if level not in frequent]
    rows, bads = sum(row[0] for row in rare), sum(row[1] for row in rare)
    return LevelBins(
        {str(level): part_of(row[0], row[1], overall) for level, row in frequent.items()},
        part_of(rows, bads, overall) if rows else 0.0,
        part_of(absent[0], absent[1], overall) if absent[0] else 0.0,
        {str(level): int(row[0]) for level, row in frequent.items()},
        {str(level): int(row[1]) for level, row in frequent.items()},
    )


def _best_shape(rows: Floats, bads: Floats, direction: int) -> list[list[int]]:
    if direction:
        return _pooled(rows, bads, direction)
    rising, falling = _pooled(rows, bads, +1), _pooled(rows, bads, -1)
    best = max(rising, falling, key=lambda groups: _likelihood(groups, rows, bads))
    bent = max(
        (
            _pooled(rows[:cut], bads[:cut], way) + [[i + cut for i in g] for g in _pooled(rows[cut:], bads[cut:], -way)]
            for cut in range(3, len(rows) - 2)
            for way in (+1, -1)
        ),
        key=lambda groups: _likelihood(groups, rows, bads),
        default=best,
    )
    gain = 2 * (_likelihood(bent, rows, bads) - _likelihood(best, rows, bads))
    return bent if gain > CLEARLY_BENT + 2 * max(len(bent) - len(best), 0) else best


def _pooled(rows: Floats, bads: Floats, way: int) -> list[list[int]]:
    """Pool adjacent violators: groups of bins whose bad rates rise (way +1) or fall (way -1)."""
    groups: list[list[int]] = []
    totals: list[tuple[float, float]] = []
    for place in range(len(rows)):
        groups.append([place])
        totals.append((rows[place], bads[place]))
        while len(groups) > 1 and _violates(totals[-2], totals[-1], way):
            last, total = groups.pop(), totals.pop()
            groups[-1] = groups[-1] + last
            totals[-1] = (totals[-1][0] + total[0], totals[-1][1] + total[1])
    return groups


def _violates(left: tuple[float, float], right: tuple[float, float], way: int) -> bool:
    return bool((right[1] * left[0] - left[1] * right[0]) * way <= 0)


def _merge(groups: list[list[int]], rows: Floats, bads: Floats, least: float) -> list[list[int]]:
    """Merge the two most alike neighbours until all differ, are large enough, and are few enough."""
    while len(groups) > 1:
        sums = [(rows[g].sum(), bads[g].sum()) for g in groups]
        differences = [_difference(sums[i], sums[i + 1]) for i in range(len(groups) - 1)]
        small = [i for i, total in enumerate(sums) if total[0] < least]
        if small:
            beside = [i for i in {small[0] - 1, small[0]} if 0 <= i < len(differences)]
            place = min(beside, key=lambda i: differences[i])
        else:
            place = min(range(len(differences)), key=lambda i: differences[i])
            if differences[place] >= SIGNIFICANT and len(groups) <= MOST_BINS:
                break
        groups = [*groups[:place], groups[place] + groups[place + 1], *groups[place + 2 :]]
    return groups


def _difference(left: tuple[float, float], right: tuple[float, float]) -> float:
    both = (left[0] + right[0], left[1] + right[1])
    return 2 * (_entropy(*left) + _entropy(*right) - _entropy(*both))


def _likelihood(groups: list[list[int]], rows: Floats, bads: Floats) -> float:
    return sum(_entropy(rows[group].sum(), bads[group].sum()) for group in groups)


def _entropy(rows: float, bads: float) -> float:
    """Log-likelihood of a group at its own rate."""
    goods = rows - bads
    return (bads * math.log(bads / rows) if bads > 0 else 0.0) + (goods * math.log(goods / rows) if goods > 0 else 0.0)


def bins_as_json(bins: Bins) -> dict[str, Any]:
    if isinstance(bins, NumberBins):
        return {
            "edges": list(bins.edges),
            "parts": list(bins.parts),
            "missing": bins.missing,
            "counts": list(bins.counts),
            "bads": list(bins.bads),
        }
    return {
        "levels": bins.parts,
        "other": bins.other,
        "missing": bins.missing,
        "counts": bins.counts,
        "bads": bins.bads,
    }


def bins_from_json(data: dict[str, Any]) -> Bins:
    if "levels" in data:
        return LevelBins(data["levels"], data["other"], data["missing"], data["counts"], data["bads"])
    return NumberBins(
        tuple(data["edges"]), tuple(data["parts"]), data["missing"], tuple(data["counts"]), tuple(data["bads"])
    )
