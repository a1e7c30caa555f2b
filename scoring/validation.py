"""The validation report of a model version: what a validator reads before she lets it pass, as data.

Everything is measured on rows the model had not been fitted on (its cross-validation, or a later sample). Confidence
intervals are percentile bootstraps with a fixed seed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning import metrics
from scoring.learning.table import Table
from scoring.points import BANDS

Floats = NDArray[np.float64]
RESAMPLES = 300
LEAST_GROUP = 30
FOUR_FIFTHS = 0.8


def report(
    table: Table, probabilities: Floats, *, protected: Sequence[str], approve_to_pd: float, time: str | None = None
) -> dict[str, Any]:
    """The report of predicted probabilities on a table, as JSON."""
    bad = table.bad
    found: dict[str, Any] = {
        "rows": len(bad),
        "figures": metrics.summary(bad, probabilities),
        "auc_interval": _interval(bad, probabilities),
        "calibration": calibration(bad, probabilities),
        "lift": lift(bad, probabilities),
        "distribution": _distribution(bad, probabilities),
        "bands": _bands(bad, probabilities),
        "strength": strength(table),
        "fairness": {
            name: fairness(table.aside[name], bad, probabilities, approve_to_pd)
            for name in protected
            if name in table.aside
        },
        "proxies": proxies(table, protected),
        "promises": promises(bad, probabilities),
    }
    if time and time in table.aside:
        found["stability"] = stability(table.aside[time], bad, probabilities)
    return found


def calibration(bad: Floats, probabilities: Floats, bins: int = 10) -> list[dict[str, float]]:
    """Predicted and realised rates over equally filled bins."""
    groups = np.array_split(np.argsort(probabilities, kind="stable"), bins)
    return [
        {"predicted": _r(probabilities[rows].mean()), "realised": _r(bad[rows].mean()), "rows": len(rows)}
        for rows in groups
        if len(rows)
    ]


def lift(bad: Floats, probabilities: Floats) -> list[dict[str, float]]:
    """How many of the bad cases lie among the riskiest share, and how many times more than by chance."""
    order = np.argsort(-probabilities, kind="stable")
    rows = []
    for share in (0.01, 0.05, 0.1, 0.2, 0.3, 0.5):
        top = bad[order[: max(1, int(len(bad) * share))]]
        rows.append({"share": share, "caught": _r(top.sum() / bad.sum()), "lift": _r(top.mean() / bad.mean())})
    return rows


def strength(table: Table) -> list[dict[str, Any]]:
    """Each column's information value and AUC of its own, strongest first."""
    from scoring.learning.binning import bin_levels, bin_numbers

    found = []
    for column in table.columns:
        values = table.values[column.name]
        if column.is_number:
            numbers = np.asarray(values, dtype=np.float64)
            parts = bin_numbers(numbers, table.bad, column.direction).of_array(numbers)
        else:
            parts = bin_levels(list(values), table.bad).of_array(list(values))
        found.append(
            {
                "column": column.name,
                "auc": _r(metrics.auc(table.bad, parts)),
                "information_value": _r(_value(parts, table.bad)),
            }
        )
    return sorted(found, key=lambda row: -row["information_value"])


def fairness(groups: Sequence[str], bad: Floats, probabilities: Floats, approve_to_pd: float) -> dict[str, Any]:
    """Approval, and error rates among the good and the bad, by group of one protected characteristic, with intervals.

    `ratio` is each group's approval rate over that of the group with the highest (the four-fifths rule looks at 0.8).
    `good_approved` is the share of good cases approved (equal opportunity), `bad_approved` that of bad ones. `gap` is
    the difference of `good_approved` to the best group. Ages are put into decades.
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
                "bad_rate": _r(bad[inside].mean()),
                "mean_probability": _r(probabilities[inside].mean()),
                "approved": _r(rates[name]),
                "ratio": _r(rates[name] / rates[reference] if rates[reference] else 1.0),
                "ratio_interval": [low, high],
                "good_approved": _share(approved, goods[name]),
                "bad_approved": _share(approved, bads[name]),
                "good_gap": _gap(approved, goods[name], goods[reference]),
                "good_gap_interval": _gap_interval(approved, goods[name], goods[reference]),
                "below_four_fifths": bool(high < FOUR_FIFTHS),
                "auc": _r(metrics.auc(bad[inside], probabilities[inside]))
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
                found.append({"protected": name, "column": column.name, "auc": _r(area)})
    return sorted(found, key=lambda row: -row["auc"])


def promises(bad: Floats, probabilities: Floats) -> dict[str, Any]:
    """The highest share that can be approved with a bad rate under one percent, and its interval."""
    order = np.argsort(probabilities, kind="stable")
    rates = np.cumsum(bad[order]) / np.arange(1, len(bad) + 1)
    under = np.nonzero(rates < 0.01)[0]
    share = (int(under[-1]) + 1) / len(bad) if len(under) else 0.0
    draw = np.random.default_rng(0)
    shares = []
    for _ in range(RESAMPLES):
        rows = draw.integers(0, len(bad), len(bad))
        ordered = bad[rows][np.argsort(probabilities[rows], kind="stable")]
        inside = np.nonzero(np.cumsum(ordered) / np.arange(1, len(bad) + 1) < 0.01)[0]
        shares.append((int(inside[-1]) + 1) / len(bad) if len(inside) else 0.0)
    low, high = np.quantile(shares, (0.025, 0.975)).tolist()
    return {"approval_with_bad_rate_under_1_percent": _r(share), "interval": [_r(low), _r(high)]}


def against_reference(bad: Floats, ours: Floats, theirs: Floats, approval: float) -> dict[str, Any]:
    """Bad rate among the approved at the same approval rate, ours over a reference policy's, with its interval."""
    ratio = _bad_ratio(bad, ours, theirs, approval)
    draw = np.random.default_rng(0)
    ratios = []
    for _ in range(RESAMPLES):
        rows = draw.integers(0, len(bad), len(bad))
        ratios.append(_bad_ratio(bad[rows], ours[rows], theirs[rows], approval))
    low, high = np.quantile(ratios, (0.025, 0.975)).tolist()
    return {"approval": approval, "bad_rate_ratio": _r(ratio), "interval": [_r(low), _r(high)]}


def stability(times: Sequence[str], bad: Floats, probabilities: Floats, slices: int = 5) -> list[dict[str, Any]]:
    """AUC, rates and PSI of the score over equal slices of time, against the first."""
    order = np.argsort(np.array(times), kind="stable")
    groups = np.array_split(order, slices)
    edges = np.quantile(probabilities[groups[0]], np.linspace(0.1, 0.9, 9))
    first = np.bincount(np.searchsorted(edges, probabilities[groups[0]]), minlength=10).astype(float)
    rows = []
    for group in groups:
        counts = np.bincount(np.searchsorted(edges, probabilities[group]), minlength=10).astype(float)
        rows.append(
            {
                "from": times[int(group[0])],
                "to": times[int(group[-1])],
                "rows": len(group),
                "auc": _r(metrics.auc(bad[group], probabilities[group])),
                "bad_rate": _r(bad[group].mean()),
                "predicted": _r(probabilities[group].mean()),
                "psi": _r(metrics.population_stability(first, counts)),
            }
        )
    return rows


def _bad_ratio(bad: Floats, ours: Floats, theirs: Floats, approval: float) -> float:
    count = max(1, int(len(bad) * approval))
    our_rate = bad[np.argsort(ours, kind="stable")[:count]].mean()
    their_rate = bad[np.argsort(theirs, kind="stable")[:count]].mean()
    return float(our_rate / their_rate) if their_rate else 1.0


def _interval(bad: Floats, probabilities: Floats) -> list[float]:
    """DeLong-free percentile bootstrap of the AUC."""
    draw = np.random.default_rng(0)
    areas = []
    for _ in range(RESAMPLES if len(bad) <= 10_000 else 60):
        rows = draw.integers(0, len(bad), len(bad))
        areas.append(metrics.auc(bad[rows], probabilities[rows]))
    return [_r(value) for value in np.quantile(areas, (0.025, 0.975)).tolist()]


def _distribution(bad: Floats, probabilities: Floats) -> list[dict[str, Any]]:
    edges = np.linspace(0, 1, 21)
    good_counts, _ = np.histogram(probabilities[bad == 0], edges)
    bad_counts, _ = np.histogram(probabilities[bad == 1], edges)
    return [
        {"from": _r(edges[i]), "good": int(good_counts[i]), "bad": int(bad_counts[i])} for i in range(len(edges) - 1)
    ]


def _bands(bad: Floats, probabilities: Floats) -> list[dict[str, Any]]:
    rows, least = [], -1.0
    for name, most in BANDS.items():
        inside = (probabilities > least) & (probabilities <= most)
        rate = _r(bad[inside].mean()) if inside.any() else None
        predicted = _r(probabilities[inside].mean()) if inside.any() else None
        rows.append({"band": name, "rows": int(inside.sum()), "bad_rate": rate, "predicted": predicted})
        least = most
    return rows


def _value(parts: Floats, bad: Floats) -> float:
    """Information value: Σ (share of bads − share of goods) × ln of their ratio, over the bins."""
    total = 0.0
    bads, goods = bad.sum(), len(bad) - bad.sum()
    for part in np.unique(parts):
        inside = parts == part
        b = max(bad[inside].sum(), 0.5) / bads
        g = max(inside.sum() - bad[inside].sum(), 0.5) / goods
        total += (b - g) * float(np.log(b / g))
    return total


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
    return _r(approved[inside].mean()) if inside.any() else None


def _gap(approved: NDArray[np.bool_], ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float | None:
    return _r(approved[ours].mean() - approved[theirs].mean()) if ours.any() and theirs.any() else None


def _gap_interval(
    approved: NDArray[np.bool_], ours: NDArray[np.bool_], theirs: NDArray[np.bool_]
) -> list[float] | None:
    """Normal interval of a difference of two shares (95 %)."""
    if not ours.any() or not theirs.any():
        return None
    p, q = float(approved[ours].mean()), float(approved[theirs].mean())
    width = 1.96 * float(np.sqrt(p * (1 - p) / ours.sum() + q * (1 - q) / theirs.sum()))
    return [_r(p - q - width), _r(p - q + width)]


def _ratio_interval(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> tuple[float, float]:
    """Log-normal interval of a ratio of two shares (Katz, 95 %)."""
    a, b = max(float(ours.sum()), 0.5), max(float(theirs.sum()), 0.5)
    n, m = len(ours), len(theirs)
    ratio = (a / n) / (b / m)
    width = 1.96 * float(np.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0)))
    return _r(ratio * np.exp(-width)), _r(ratio * np.exp(width))


def _r(value: Any) -> Any:
    """Six places; None for what has no value (an AUC without a bad case), which JSON cannot say otherwise."""
    return None if value != value else round(float(value), 6)
