"""Training: parts fitted in every fold, weighed on what they said of rows they had not seen, then fitted on all rows.

1. Five stratified folds (shuffled, seeded). In each, a scorecard and, if asked for, a booster are fitted on four fifths
   and predict the last: every row gets an out-of-fold log-odds from each part.
2. A ridge logistic regression of the outcome on those log-odds, weights not negative, blends and calibrates at once
   (Platt scaling; isotonic regression hurts below about five thousand rows and makes steps above).
3. What is reported for a fold uses weights found on the other folds only.
4. The parts are fitted once more on all rows and put together with the weights of step 2.

To spread the folds over a cluster, wrap the call: joblib's backends run unchanged, each fold is one task.

    import joblib
    from dask.distributed import Client
    with Client("tcp://scheduler:8786"), joblib.parallel_config(backend="dask"):
        trained = train(table, algorithm="blend", jobs=-1)

or, with Ray, `ray.util.joblib.register_ray()` and `joblib.parallel_config(backend="ray")`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning import metrics
from scoring.learning.binning import NumberBins
from scoring.learning.boosting import fit_booster
from scoring.learning.model import Model
from scoring.learning.scorecard import fit_not_negative, fit_scorecard
from scoring.learning.suspicion import suspicions
from scoring.learning.table import Table

Floats = NDArray[np.float64]
SCORECARD, BOOSTING, BLEND = "scorecard", "boosting", "blend"
ALGORITHMS = (SCORECARD, BOOSTING, BLEND)
_PARTS = {SCORECARD: (SCORECARD,), BOOSTING: (BOOSTING,), BLEND: (SCORECARD, BOOSTING)}
FOLDS = 5
_BLEND_RIDGE = 1.0


@dataclass(frozen=True)
class Trained:
    """A model with what it was seen to do on rows it had not been fitted on."""

    model: Model
    metrics: dict[str, float]
    by_fold: list[dict[str, float]]
    candidates: dict[str, dict[str, float]]
    warnings: list[dict[str, Any]] = field(default_factory=list)
    out_of_fold: Floats = field(default_factory=lambda: np.empty(0))


def train(
    table: Table,
    *,
    algorithm: str | None = None,
    seed: int = 0,
    jobs: int = 1,
    constrained: bool = True,
) -> Trained:
    """Train on a table. Without an algorithm, the simplest whose loss is within one standard error of the best."""
    from joblib import Parallel, delayed
    from sklearn.model_selection import StratifiedKFold

    names = _PARTS[algorithm] if algorithm else _PARTS[BLEND]
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(table)), table.bad))
    predicted = Parallel(n_jobs=jobs)(
        delayed(_predict_fold)(table, fit, out, names, seed, constrained) for fit, out in folds
    )
    unseen = {name: np.empty(len(table)) for name in names}
    for (_fit, out), parts in zip(folds, predicted, strict=True):
        for name in names:
            unseen[name][out] = parts[name]
    tried = [algorithm] if algorithm else list(ALGORITHMS)
    probabilities = {kind: _cross_fitted(unseen, _PARTS[kind], table.bad, folds) for kind in tried}
    chosen = algorithm or _simplest_good(probabilities, table.bad)
    intercept, weights = _weigh(unseen, _PARTS[chosen], table.bad)
    model = _whole(
        table, chosen, seed, constrained, intercept, dict(zip(_PARTS[chosen], weights.tolist(), strict=True))
    )
    out_of_fold = probabilities[chosen]
    by_fold = [metrics.summary(table.bad[out], out_of_fold[out]) for _fit, out in folds]
    return Trained(
        replace(model, reference=_reference(table, out_of_fold)),
        {**_mean(by_fold), "pooled_auc": round(metrics.auc(table.bad, out_of_fold), 6),
         "pooled_calibration_error": round(metrics.expected_calibration_error(table.bad, out_of_fold), 6)},
        by_fold,
        {
            kind: _mean([metrics.summary(table.bad[out], found[out]) for _fit, out in folds])
            for kind, found in probabilities.items()
        },
        suspicions(table),
        out_of_fold,
    )  # fmt: skip


def _predict_fold(
    table: Table, fit: NDArray[np.intp], out: NDArray[np.intp], names: Sequence[str], seed: int, constrained: bool
) -> dict[str, Floats]:
    learn, judge = table.take(fit), table.take(out)
    found: dict[str, Floats] = {}
    if SCORECARD in names:
        found[SCORECARD] = fit_scorecard(learn).log_odds(judge.values)
    if BOOSTING in names:
        found[BOOSTING] = fit_booster(learn, seed=seed, constrained=constrained).log_odds(judge.values)
    return found


def _weigh(unseen: dict[str, Floats], parts: Sequence[str], bad: Floats) -> tuple[float, Floats]:
    return fit_not_negative(np.column_stack([unseen[name] for name in parts]), bad, _BLEND_RIDGE)


def _cross_fitted(
    unseen: dict[str, Floats],
    parts: Sequence[str],
    bad: Floats,
    folds: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
) -> Floats:
    """Calibrated probabilities of every row with weights found on the other folds."""
    found = np.empty(len(bad))
    for fit, out in folds:
        intercept, weights = _weigh({name: unseen[name][fit] for name in parts}, parts, bad[fit])
        total = intercept + sum(weight * unseen[name][out] for name, weight in zip(parts, weights, strict=True))
        found[out] = 1.0 / (1.0 + np.exp(-total))
    return found


def _simplest_good(probabilities: dict[str, Floats], bad: Floats) -> str:
    losses = {
        kind: -(bad * np.log(np.clip(p, 1e-12, 1)) + (1 - bad) * np.log(np.clip(1 - p, 1e-12, 1)))
        for kind, p in probabilities.items()
    }
    best = min(losses, key=lambda kind: float(losses[kind].mean()))
    for kind in ALGORITHMS:
        gap = losses[kind] - losses[best]
        if float(gap.mean()) <= float(gap.std()) / np.sqrt(len(bad)):
            return kind
    return best


def _whole(
    table: Table, chosen: str, seed: int, constrained: bool, intercept: float, weights: dict[str, float]
) -> Model:
    return Model(
        chosen,
        table.columns,
        fit_scorecard(table) if SCORECARD in weights else None,
        fit_booster(table, seed=seed, constrained=constrained) if BOOSTING in weights else None,
        weights.get(SCORECARD, 0.0),
        weights.get(BOOSTING, 0.0),
        intercept,
    )


def _reference(table: Table, probabilities: Floats) -> dict[str, Any]:
    """What later populations are compared with: the score's quantiles, and each column's bins and shares."""
    columns: dict[str, Any] = {}
    for column in table.columns:
        values = table.values[column.name]
        if column.is_number:
            known = np.asarray(values)[~np.isnan(values)]
            edges = np.unique(np.quantile(known, np.linspace(0.1, 0.9, 9))) if len(known) else np.empty(0)
            places = NumberBins(tuple(edges.tolist()), tuple(range(len(edges) + 1)), -1.0).of_array(np.asarray(values))
            counts = [int((places == place).sum()) for place in range(-1, len(edges) + 1)]
            columns[column.name] = {"edges": edges.tolist(), "missing_then_bins": counts}
        else:
            tally: dict[str, int] = {}
            for value in values:
                tally["" if value is None else value] = tally.get("" if value is None else value, 0) + 1
            top = sorted(tally, key=lambda level: (-tally[level], level))[:50]
            columns[column.name] = {"levels": {level: tally[level] for level in sorted(top)}}
    quantiles = np.unique(np.quantile(probabilities, np.linspace(0.1, 0.9, 9)))
    shares = np.bincount(np.searchsorted(quantiles, probabilities), minlength=len(quantiles) + 1)
    return {"score_edges": quantiles.tolist(), "score_counts": shares.tolist(), "columns": columns, "rows": len(table)}


def _mean(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([row[name] for row in rows])), 6) for name in rows[0]}
