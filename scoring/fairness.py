"""Fairness of a model by protected characteristics, which it never sees: approval, error rates, proxies.

Intervals are 95 %: Katz's for a ratio of two shares (Katz et al. 1978), the normal one for a difference of two shares.
A group of fewer than thirty cases is not told: its rates are chance, and its people could be known.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning import metrics
from scoring.learning.table import Table

Floats = NDArray[np.float64]
LEAST_GROUP = 30
FOUR_FIFTHS = 0.8


def fairness(groups: Sequence[str], bad: Floats, probabilities: Floats, approve_to_pd: float) -> dict[str, Any]:
    """Approval, and error rates among the good and the bad, by group of one protected characteristic, with intervals.

    `ratio` is each group's approval rate over that of the group with the highest (the four-fifths rule looks at 0.8).
    `good_approved` is the share of good cases approved (true positives: equal opportunity), `bad_approved` that of bad
    ones (false positives). The gaps are their differences to that group, with intervals. Ages are put into decades.
    """
    labels = np.array(_grouped(groups))
    approved = probabilities <= approve_to_pd
    names = [name for name in sorted(set(labels.tolist())) if name and (labels == name).sum() >= LEAST_GROUP]
    if len(names) < 2:
        return {"groups": [], "note": "fewer than two groups of thirty"}
    rates = {name: float(approved[labels == name].mean()) for name in names}
    reference = max(rates, key=lambda name: rates[name])
    goods = {name: (labels == name) & (bad == 0) for name in names}
    bads = {name: (labels == name) & (bad == 1) for name in names}
    rows = []
    for name in names:
        inside = labels == name
        low, high = (
            (1.0, 1.0) if name == reference else _ratio_interval(approved[inside], approved[labels == reference])
        )
        rows.append(
            {
                "group": name,
                "rows": int(inside.sum()),
                "bad_rate": rounded(bad[inside].mean()),
                "mean_probability": rounded(probabilities[inside].mean()),
                "approved": rounded(rates[name]),
                "ratio": rounded(rates[name] / rates[reference] if rates[reference] else 1.0),
                "ratio_interval": [low, high],
                "good_approved": _share(approved, goods[name]),
                "bad_approved": _share(approved, bads[name]),
                "good_gap": _gap(approved, goods[name], goods[reference]),
                "good_gap_interval": _gap_interval(approved, goods[name], goods[reference]),
                "bad_gap": _gap(approved, bads[name], bads[reference]),
                "bad_gap_interval": _gap_interval(approved, bads[name], bads[reference]),
                "below_four_fifths": bool(high < FOUR_FIFTHS),
                "auc": rounded(metrics.auc(bad[inside], probabilities[inside]))
                if 0 < bad[inside].sum() < inside.sum()
                else None,
            }
        )
    return {"reference": reference, "approve_to_pd": approve_to_pd, "groups": rows}


def proxies(table: Table, protected: Sequence[str], least: float = 0.75) -> list[dict[str, Any]]:
    """Scored columns that alone tell a protected group apart (AUC of the largest group against the rest)."""
    found = []
    for name in protected:
        labels = _grouped(table.aside.get(name, []))
        counted = sorted(set(labels), key=labels.count, reverse=True)
        if len(counted) < 2:
            continue
        member = np.array([float(label == counted[0]) for label in labels])
        for column in table.columns:
            area = _tells(table.values[column.name], member, column.is_number)
            if area >= least:
                found.append({"protected": name, "column": column.name, "auc": rounded(area)})
    return sorted(found, key=lambda row: -row["auc"])


def _grouped(values: Sequence[str]) -> list[str]:
    """Levels as they are; numbers with many values by decade."""
    if len(set(values)) <= 12:
        return [str(value) for value in values]
    found = []
    for value in values:
        try:
            found.append(f"{int(float(value) // 10 * 10)}–{int(float(value) // 10 * 10) + 9}")
        except ValueError:
            found.append(str(value))
    return found


def _tells(values: Any, member: Floats, is_number: bool) -> float:
    from scoring.learning.binning import bin_levels

    if not is_number:
        area = metrics.auc(member, bin_levels(list(values), member).of_array(list(values)))
        return max(area, 1 - area)
    numbers = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(numbers)
    if not 0 < member[known].sum() < known.sum():
        return 0.5
    area = metrics.auc(member[known], numbers[known])
    return max(area, 1 - area)


def _share(approved: NDArray[np.bool_], inside: NDArray[np.bool_]) -> float | None:
    return rounded(approved[inside].mean()) if inside.any() else None


def _gap(approved: NDArray[np.bool_], ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float | None:
    return rounded(approved[ours].mean() - approved[theirs].mean()) if ours.any() and theirs.any() else None


def _gap_interval(
    approved: NDArray[np.bool_], ours: NDArray[np.bool_], theirs: NDArray[np.bool_]
) -> list[float] | None:
    """Normal interval of a difference of two shares (95 %)."""
    if not ours.any() or not theirs.any():
        return None
    p, q = float(approved[ours].mean()), float(approved[theirs].mean())
    width = 1.96 * float(np.sqrt(p * (1 - p) / ours.sum() + q * (1 - q) / theirs.sum()))
    return [rounded(p - q - width), rounded(p - q + width)]


def _ratio_interval(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> tuple[float, float]:
    """Log-normal interval of a ratio of two shares (Katz, 95 %)."""
    a, b = max(float(ours.sum()), 0.5), max(float(theirs.sum()), 0.5)
    n, m = len(ours), len(theirs)
    ratio = (a / n) / (b / m)
    width = 1.96 * float(np.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0)))
    return rounded(ratio * np.exp(-width)), rounded(ratio * np.exp(width))


def rounded(value: Any) -> Any:
    """Six places; None for what has no value (an AUC without a bad case), which JSON cannot say otherwise."""
    return None if value != value else round(float(value), 6)
