"""The validation report of a model version: what a validator reads before she lets it pass, as data.

Everything is measured on rows the model had not been fitted on (its cross-validation, or a later sample). Confidence
intervals are DeLong's for the AUC, Wilson's for a rate, and percentile bootstraps with a fixed seed elsewhere. Fairness
has a module of its own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.fairness import fairness, proxies, rounded
from scoring.learning import metrics
from scoring.learning.model import Model
from scoring.learning.table import Table
from scoring.points import BANDS

Floats = NDArray[np.float64]
RESAMPLES = 300
SLICES = 5
SENSITIVITY_ROWS = 2000


def report(
    table: Table,
    probabilities: Floats,
    *,
    protected: Sequence[str],
    approve_to_pd: float,
    time: str | None = None,
    model: Model | None = None,
    scorecard: Floats | None = None,
) -> dict[str, Any]:
    """The report of predicted probabilities on a table, as JSON.

    With the `model` it tells how sensitive its decisions are to each factor; with the `scorecard`'s probabilities of
    the same rows (equally unseen) what the model gains over that plain benchmark.
    """
    bad = table.bad
    found: dict[str, Any] = {
        "rows": len(bad),
        "figures": metrics.summary(bad, probabilities),
        "auc_interval": [rounded(edge) for edge in metrics.auc_interval(bad, probabilities)],
        "roc": _thinned(*metrics.roc(bad, probabilities)),
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
    if scorecard is not None:
        found["benchmark"] = benchmark(bad, probabilities, scorecard)
    if model is not None:
        found["sensitivity"] = sensitivity(table, model, approve_to_pd)
    if time and time in table.aside:
        found["stability"] = stability(table.aside[time], bad, probabilities)
        found["factor_stability"] = factor_stability(table, table.aside[time])
    return found


def benchmark(bad: Floats, probabilities: Floats, scorecard: Floats) -> dict[str, Any]:
    """The plain points scorecard on the same rows: its figures, and the AUC gained over it with its 95 % interval."""
    gained, low, high = metrics.auc_difference(bad, probabilities, scorecard)
    return {
        "figures": metrics.summary(bad, scorecard),
        "roc": _thinned(*metrics.roc(bad, scorecard)),
        "auc_gained": rounded(gained),
        "auc_gained_interval": [rounded(low), rounded(high)],
    }


def sensitivity(table: Table, model: Model, approve_to_pd: float) -> list[dict[str, Any]]:
    """What a tenth more or less of one factor, all else equal, does to the prediction and to approvals.

    `up` and `down` are the mean changes of the probability, `flips` the share of cases that cross the cut-off in
    either direction. A category is given to somebody else at random (seeded) and a yes becomes a no: `up` is then the
    mean size of the change. At most two thousand rows are tried. The factors that flip most come first.
    """
    draw = np.random.default_rng(0)
    some = table.take(np.sort(draw.permutation(len(table))[:SENSITIVITY_ROWS]))
    before = model.probabilities(some.values)
    rows = []
    for column in some.columns:
        values = some.values[column.name]
        tried: list[Any]
        if column.is_number:
            numbers = np.asarray(values, dtype=np.float64)
            is_flag = np.isin(numbers[~np.isnan(numbers)], (0.0, 1.0)).all()
            tried = [1 - numbers] if is_flag else [numbers * 1.1, numbers * 0.9]
        else:
            tried = [[values[place] for place in draw.permutation(len(values))]]
        after = [model.probabilities({**some.values, column.name: one}) for one in tried]
        flips = [((one <= approve_to_pd) != (before <= approve_to_pd)).mean() for one in after]
        moved = [float((np.abs(one - before) if len(after) == 1 else one - before).mean()) for one in after]
        rows.append(
            {
                "column": column.name,
                "up": rounded(moved[0]),
                "down": rounded(moved[1]) if len(moved) > 1 else None,
                "flips": rounded(max(flips)),
            }
        )
    return sorted(rows, key=lambda row: (-row["flips"], row["column"]))


def factor_stability(table: Table, times: Sequence[str]) -> list[dict[str, Any]]:
    """CSI: how far each factor's distribution in the latest fifth of the cases lies from that in the earliest fifth."""
    order = np.argsort(np.array(times), kind="stable")
    groups = np.array_split(order, SLICES)
    rows = []
    for column in table.columns:
        first, last = (
            _counts(table.values[column.name], column.is_number, groups[place], groups[0]) for place in (0, -1)
        )
        rows.append({"column": column.name, "csi": rounded(metrics.population_stability(first, last))})
    return sorted(rows, key=lambda row: -row["csi"])


def _counts(values: Any, is_number: bool, rows: NDArray[np.intp], reference: NDArray[np.intp]) -> Floats:
    """How many of these rows fall into each tenth (or level) of the reference's; missing values are a bin."""
    if not is_number:
        levels = sorted({str(values[row]) for row in reference})
        place_of = {level: place for place, level in enumerate(levels)}
        found = [place_of.get(str(values[row]), len(levels)) for row in rows]
        return np.bincount(found, minlength=len(levels) + 1).astype(float)
    numbers = np.asarray(values, dtype=np.float64)
    known = numbers[reference][~np.isnan(numbers[reference])]
    edges = np.unique(np.quantile(known, np.linspace(0.1, 0.9, 9))) if len(known) else np.empty(0)
    places = np.where(np.isnan(numbers[rows]), len(edges) + 1, np.searchsorted(edges, numbers[rows], side="left"))
    return np.bincount(places.astype(int), minlength=len(edges) + 2).astype(float)


def _thinned(xs: Floats, ys: Floats, most: int = 60) -> list[list[float]]:
    """At most so many points of a curve, evenly along it, its ends included."""
    places = np.unique(np.linspace(0, len(xs) - 1, most).round().astype(int))
    return [[rounded(xs[place]), rounded(ys[place])] for place in places]


def calibration(bad: Floats, probabilities: Floats, bins: int = 10) -> list[dict[str, Any]]:
    """Predicted and realised rates over equally filled bins."""
    groups = np.array_split(np.argsort(probabilities, kind="stable"), bins)
    return [
        {
            "predicted": rounded(probabilities[rows].mean()),
            "realised": rounded(bad[rows].mean()),
            "interval": metrics.wilson(int(bad[rows].sum()), len(rows)),
            "rows": len(rows),
        }
        for rows in groups
        if len(rows)
    ]


def lift(bad: Floats, probabilities: Floats) -> list[dict[str, float]]:
    """How many of the bad cases lie among the riskiest share, and how many times more than by chance."""
    order = np.argsort(-probabilities, kind="stable")
    rows = []
    for share in (0.01, 0.05, 0.1, 0.2, 0.3, 0.5):
        top = bad[order[: max(1, int(len(bad) * share))]]
        rows.append(
            {"share": share, "caught": rounded(top.sum() / bad.sum()), "lift": rounded(top.mean() / bad.mean())}
        )
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
                "auc": rounded(metrics.auc(table.bad, parts)),
                "information_value": rounded(_value(parts, table.bad)),
            }
        )
    return sorted(found, key=lambda row: -row["information_value"])


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
    return {"approval_with_bad_rate_under_1_percent": rounded(share), "interval": [rounded(low), rounded(high)]}


def against_reference(bad: Floats, ours: Floats, theirs: Floats, approval: float) -> dict[str, Any]:
    """Bad rate among the approved at the same approval rate, ours over a reference policy's, with its interval."""
    ratio = _bad_ratio(bad, ours, theirs, approval)
    draw = np.random.default_rng(0)
    ratios = []
    for _ in range(RESAMPLES):
        rows = draw.integers(0, len(bad), len(bad))
        ratios.append(_bad_ratio(bad[rows], ours[rows], theirs[rows], approval))
    low, high = np.quantile(ratios, (0.025, 0.975)).tolist()
    return {"approval": approval, "bad_rate_ratio": rounded(ratio), "interval": [rounded(low), rounded(high)]}


def stability(times: Sequence[str], bad: Floats, probabilities: Floats, slices: int = SLICES) -> list[dict[str, Any]]:
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
                "auc": rounded(metrics.auc(bad[group], probabilities[group])),
                "bad_rate": rounded(bad[group].mean()),
                "predicted": rounded(probabilities[group].mean()),
                "psi": rounded(metrics.population_stability(first, counts)),
            }
        )
    return rows


def _bad_ratio(bad: Floats, ours: Floats, theirs: Floats, approval: float) -> float:
    count = max(1, int(len(bad) * approval))
    our_rate = bad[np.argsort(ours, kind="stable")[:count]].mean()
    their_rate = bad[np.argsort(theirs, kind="stable")[:count]].mean()
    return float(our_rate / their_rate) if their_rate else 1.0


def _distribution(bad: Floats, probabilities: Floats) -> list[dict[str, Any]]:
    edges = np.linspace(0, 1, 21)
    good_counts, _ = np.histogram(probabilities[bad == 0], edges)
    bad_counts, _ = np.histogram(probabilities[bad == 1], edges)
    return [
        {"from": rounded(edges[i]), "good": int(good_counts[i]), "bad": int(bad_counts[i])}
        for i in range(len(edges) - 1)
    ]


def _bands(bad: Floats, probabilities: Floats) -> list[dict[str, Any]]:
    rows, least = [], -1.0
    for name, most in BANDS.items():
        inside = (probabilities > least) & (probabilities <= most)
        rate = rounded(bad[inside].mean()) if inside.any() else None
        predicted = rounded(probabilities[inside].mean()) if inside.any() else None
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
