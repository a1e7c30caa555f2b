"""Measures of a probability model. All take outcomes (1 = bad) and scores or probabilities, higher meaning riskier."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_Z = 1.959964
"""The normal quantile of a 95 % interval."""


def auc(bad: Floats, scores: Floats) -> float:
    """Area under the ROC curve: the chance that a bad case scores above a good one, ties counting half
    (Mann-Whitney).
    """
    ranks = average_ranks(scores)
    bads = float(bad.sum())
    goods = len(bad) - bads
    return float((ranks[bad > 0].sum() - bads * (bads + 1) / 2) / (bads * goods)) if bads and goods else math.nan


def average_ranks(values: Floats) -> Floats:
    """Ranks from 1, ties sharing their mean."""
    _unique, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def ks(bad: Floats, scores: Floats) -> float:
    """Kolmogorov-Smirnov: the widest gap between the score distributions of bad and good."""
    order = np.argsort(scores, kind="stable")
    ordered, outcome = scores[order], bad[order]
    ends = np.append(np.nonzero(np.diff(ordered))[0], len(ordered) - 1)
    bads = np.cumsum(outcome)[ends] / max(outcome.sum(), 1)
    goods = np.cumsum(1 - outcome)[ends] / max((1 - outcome).sum(), 1)
    return float(np.abs(goods - bads).max())


def brier(bad: Floats, probabilities: Floats) -> float:
    """Mean squared error of the probability."""
    return float(np.mean((probabilities - bad) ** 2))


def log_loss(bad: Floats, probabilities: Floats) -> float:
    p = np.clip(probabilities, 1e-15, 1 - 1e-15)
    return float(-np.mean(bad * np.log(p) + (1 - bad) * np.log(1 - p)))


def expected_calibration_error(bad: Floats, probabilities: Floats, bins: int = 10) -> float:
    """Mean gap between predicted and realised rates over equally filled bins, weighted by their size."""
    return float(
        sum(
            len(rows) / len(bad) * abs(float(bad[rows].mean()) - float(probabilities[rows].mean()))
            for rows in np.array_split(np.argsort(probabilities, kind="stable"), bins)
            if len(rows)
        )
    )


def h_measure(bad: Floats, scores: Floats) -> float:
    """Hand's H-measure: the expected cost saved against a coin, costs distributed Beta(2, 2) (Hand 2009; 0 none, 1
    all). Exact: along the convex hull of the ROC curve each corner is best for one interval of costs.
    """
    share_bad = float(bad.mean())
    share_good = 1 - share_bad
    refused, caught = _roc_hull(*roc(bad, scores))
    steps = share_good * np.diff(refused), share_bad * np.diff(caught)
    switches = np.concatenate(([0.0], steps[0] / (steps[0] + steps[1]), [1.0]))
    missed, falsely = _cost_of_missed(switches), _cost_of_refused(switches)
    lost = share_bad * (1 - caught) @ np.diff(missed) + share_good * refused @ np.diff(falsely)
    edge = np.array([0.0, share_good, 1.0])
    without = share_bad * np.diff(_cost_of_missed(edge))[0] + share_good * np.diff(_cost_of_refused(edge))[1]
    return float(1 - lost / without)


def _cost_of_missed(c: Floats) -> Floats:
    """Integral of c × 6c(1 − c) from 0."""
    return np.asarray(2 * c**3 - 1.5 * c**4, dtype=np.float64)


def _cost_of_refused(c: Floats) -> Floats:
    """Integral of (1 − c) × 6c(1 − c) from 0."""
    return np.asarray(3 * c**2 - 4 * c**3 + 1.5 * c**4, dtype=np.float64)


def roc(bad: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """(share of the good refused, share of the bad caught) at every cut-off, from refusing nobody to refusing all."""
    order = np.argsort(-scores, kind="stable")
    ordered, outcome = scores[order], bad[order]
    ends = np.append(np.nonzero(np.diff(ordered))[0], len(ordered) - 1)
    refused = np.cumsum(1 - outcome)[ends] / (1 - outcome).sum()
    caught = np.cumsum(outcome)[ends] / outcome.sum()
    return np.concatenate(([0.0], refused)), np.concatenate(([0.0], caught))


def _roc_hull(refused: Floats, caught: Floats) -> tuple[Floats, Floats]:
    """The upper convex hull of the curve, from (0, 0) to (1, 1)."""
    kept: list[tuple[float, float]] = []
    for x, y in zip(refused.tolist(), caught.tolist(), strict=True):
        while len(kept) >= 2 and _turns_left(kept[-2], kept[-1], (x, y)):
            kept.pop()
        kept.append((x, y))
    hull = np.array(kept)
    return hull[:, 0], hull[:, 1]


def _turns_left(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) >= 0


def auc_placements(bad: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """DeLong's structural components: of each bad case the share of good ones below it, of each good one the share of
    bad ones above it; both have the AUC as their mean (DeLong, DeLong, Clarke-Pearson 1988).
    """
    inside, ranks = bad > 0, average_ranks(scores)
    bads, goods = int(inside.sum()), int((~inside).sum())
    of_bads = (ranks[inside] - average_ranks(scores[inside])) / goods
    of_goods = 1 - (ranks[~inside] - average_ranks(scores[~inside])) / bads
    return of_bads, of_goods


def auc_interval(bad: Floats, scores: Floats) -> tuple[float, float]:
    """DeLong's 95 % interval of the AUC."""
    area = auc(bad, scores)
    half = _Z * math.sqrt(_variance(*auc_placements(bad, scores)))
    return max(0.0, area - half), min(1.0, area + half)


def auc_difference(bad: Floats, ours: Floats, theirs: Floats) -> tuple[float, float, float]:
    """(difference, low, high): DeLong's 95 % interval of the difference of two AUCs on the same cases."""
    mine, other = auc_placements(bad, ours), auc_placements(bad, theirs)
    half = _Z * math.sqrt(_variance(mine[0] - other[0], mine[1] - other[1]))
    difference = auc(bad, ours) - auc(bad, theirs)
    return difference, difference - half, difference + half


def _variance(of_bads: Floats, of_goods: Floats) -> float:
    return float(of_bads.var(ddof=1) / len(of_bads) + of_goods.var(ddof=1) / len(of_goods))


def population_stability(expected: Floats, actual: Floats) -> float:
    """PSI of two distributions over the same bins: Σ (a − e) ln(a / e); empty bins count as a ten-thousandth."""
    e = np.maximum(expected / expected.sum(), 1e-4)
    a = np.maximum(actual / actual.sum(), 1e-4)
    return float(((a - e) * np.log(a / e)).sum())


def wilson(bad: int, count: int) -> list[float]:
    """The 95 % interval of a rate (Wilson 1927, without continuity correction).

    Worked: 8 bad of 40 lies between 0.1050 and 0.3476.
    """
    rate, weight = bad / count, _Z * _Z / count
    middle = (rate + weight / 2) / (1 + weight)
    half = _Z * math.sqrt(rate * (1 - rate) / count + weight / (4 * count)) / (1 + weight)
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def summary(bad: Floats, probabilities: Floats) -> dict[str, float]:
    """The usual figures of one model on one sample, rounded to six places."""
    area = auc(bad, probabilities)
    figures: Mapping[str, float] = {
        "auc": area,
        "gini": 2 * area - 1,
        "ks": ks(bad, probabilities),
        "h_measure": h_measure(bad, probabilities),
        "brier": brier(bad, probabilities),
        "log_loss": log_loss(bad, probabilities),
        "calibration_error": expected_calibration_error(bad, probabilities),
        "bad_rate": float(bad.mean()),
    }
    return {name: round(value, 6) for name, value in figures.items()}
