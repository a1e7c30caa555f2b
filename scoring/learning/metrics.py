"""Measures of a probability model. All take outcomes (1 = bad) and scores or probabilities, higher meaning riskier."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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
    all).
    """
    hull_bad, hull_good = _roc_hull(bad, scores)
    share_bad = float(bad.mean())
    share_good = 1 - share_bad
    costs = np.linspace(0.0005, 0.9995, 1000)
    weights = 6 * costs * (1 - costs)
    caught, refused = np.asarray(hull_bad)[:, None], np.asarray(hull_good)[:, None]
    least = (costs * share_bad * (1 - caught) + (1 - costs) * share_good * refused).min(axis=0)
    without = np.minimum(costs * share_bad, (1 - costs) * share_good)
    return float(1 - (weights * least).sum() / (weights * without).sum())


def _roc_hull(bad: Floats, scores: Floats) -> tuple[list[float], list[float]]:
    order = np.argsort(-scores, kind="stable")
    ordered, outcome = scores[order], bad[order]
    ends = np.append(np.nonzero(np.diff(ordered))[0], len(ordered) - 1)
    caught = [0.0, *(np.cumsum(outcome)[ends] / outcome.sum()).tolist()]
    refused = [0.0, *(np.cumsum(1 - outcome)[ends] / (1 - outcome).sum()).tolist()]
    return caught, refused


def population_stability(expected: Floats, actual: Floats) -> float:
    """PSI of two distributions over the same bins: Σ (a − e) ln(a / e); empty bins count as a ten-thousandth."""
    e = np.maximum(expected / expected.sum(), 1e-4)
    a = np.maximum(actual / actual.sum(), 1e-4)
    return float(((a - e) * np.log(a / e)).sum())


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
