"""Training: parts fitted in every fold, weighed on what they said of rows they had not seen, then fitted on all rows.

1. Codes among the numbers are read as missing (see `sentinels`), and columns are derived where a panel is found (see
   `deriving`); nothing here looks at the outcome.
2. Five stratified folds (shuffled, seeded). In each, the parts are fitted on four fifths and predict the last: a
   scorecard, boosters that learn near, far and with symmetric trees, and for small data a smooth part. Every row gets
   an out-of-fold log-odds from each part.
3. A ridge logistic regression of the outcome on those log-odds, weights not negative and near each other, blends and
   calibrates at once (Platt scaling; isotonic regression hurts below about five thousand rows and makes steps above).
4. What is reported for a fold uses weights found on the other folds only.
5. The parts with weight are fitted once more on all rows and put together with the weights of step 3.

To spread the folds over a cluster, wrap the call: joblib's backends run unchanged, each fold is one task.

    import joblib
    from dask.distributed import Client
    with Client("tcp://scheduler:8786"), joblib.parallel_config(backend="dask"):
        trained = train(table, algorithm="blend", jobs=-1)

or, with Ray, `ray.util.joblib.register_ray()` and `joblib.parallel_config(backend="ray")`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.learning import metrics, sentinels
from scoring.learning.binning import NumberBins
from scoring.learning.booster import Booster
from scoring.learning.boosting import FAR, NEAR, fit_mean, fit_symmetric, together
from scoring.learning.deriving import expand, plan
from scoring.learning.model import Model, Part
from scoring.learning.pairs import can_fit, fit_pairs
from scoring.learning.scorecard import fit_not_negative, fit_scorecard
from scoring.learning.suspicion import suspicions
from scoring.learning.table import Table

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
SCORECARD, BOOSTING, BLEND = "scorecard", "boosting", "blend"
ALGORITHMS = (SCORECARD, BOOSTING, BLEND)
FOLDS = 5
NEAR_TREES, FAR_TREES, SYMMETRIC_TREES, SMOOTH = "near", "far", "symmetric", "pairs"
TREES = (NEAR_TREES, FAR_TREES, SYMMETRIC_TREES)
_RECIPES = {NEAR_TREES: (NEAR, 0), FAR_TREES: (FAR, len(NEAR))}
"""The builds of each group of trees and where their seeds begin."""
_BLEND_RIDGE = 30.0
"""How firmly the weights of a blend are held near equal shares: on small tables their differences are mostly chance."""
_LEAST_WEIGHT = 0.02
"""A part with less weight than this is left out of the model."""
_AS_GOOD = 0.0025
"""A simpler model whose loss is at most this share worse is chosen."""


class Inference(Protocol):
    """Guesses the outcomes of applicants whose outcome nobody saw, from rows whose outcome is known."""

    @property
    def declined(self) -> Table: ...
    def infer(self, accepted: Table) -> Floats: ...


@dataclass(frozen=True)
class Fold:
    """`bad` is what this fold goes by: the outcomes seen and, behind them, those inferred from its own rows."""

    fit: Rows
    out: Rows
    bad: Floats


@dataclass(frozen=True)
class Trained:
    """A model with what it was seen to do on rows it had not been fitted on."""

    model: Model
    metrics: dict[str, float]
    by_fold: list[dict[str, float]]
    candidates: dict[str, dict[str, float]]
    warnings: list[dict[str, Any]] = field(default_factory=list)
    out_of_fold: Floats = field(default_factory=lambda: np.empty(0))
    by_algorithm: Mapping[str, Floats] = field(default_factory=dict)
    """What every candidate said of each row without having seen it."""


def parts_of(algorithm: str, table: Table) -> tuple[str, ...]:
    """The parts an algorithm is made of on this table."""
    if algorithm == SCORECARD:
        return (SCORECARD,)
    if algorithm == BOOSTING:
        return TREES
    return (*TREES, SMOOTH if can_fit(table) else SCORECARD)


def train(
    table: Table,
    *,
    algorithm: str | None = None,
    seed: int = 0,
    jobs: int = 1,
    constrained: bool = True,
    inference: Inference | None = None,
    population: Table | None = None,
) -> Trained:
    """Train on a table. Without an algorithm, the simplest whose loss is within a quarter of a percent of the best.

    With an `inference`, the declined are fitted and calibrated on as well, with outcomes that every fold infers anew from
    its own rows; whatever is measured is measured on the rows of the table alone. `population` are the applicants the
    model will meet, where these are more than the table's: drift is measured against them.
    """
    from joblib import Parallel, delayed
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    given, codes = table, sentinels.find(table)
    table = replace(table, values=sentinels.without(table.values, codes))
    derived = plan(table)
    whole = table if inference is None else joined(table, sentinels.without(inference.declined.values, codes))
    wide = expand(whole, derived)
    tried = (algorithm,) if algorithm else ALGORITHMS
    parts_by_kind = {kind: parts_of(kind, table) for kind in tried}
    split = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(table)), table.bad)
    with threadpool_limits(limits=1):
        folds = [_fold(table, fit, out, place, inference, seed) for place, (fit, out) in enumerate(split)]
        bad = _with_inferred(table, inference)
        names = _all_of(parts_by_kind)
        predicted = Parallel(n_jobs=jobs)(
            delayed(_predict_fold)(wide, whole, fold, names, seed, constrained) for fold in folds
        )
        unseen = {name: np.empty(len(whole)) for name in names}
        for fold, found in zip(folds, predicted, strict=True):
            for name in names:
                unseen[name][fold.out] = found[name]
        probabilities = {
            kind: _cross_fitted(unseen, names, folds)[: len(table)] for kind, names in parts_by_kind.items()
        }
        chosen = algorithm or _simplest_good(probabilities, table.bad)
        intercept, shares = _shares(unseen, parts_by_kind[chosen], bad)
        parts = _fit_parts(replace(wide, bad=bad), replace(whole, bad=bad), shares, seed, constrained)
    model = Model(chosen, table.columns, derived, parts, intercept, codes, _reference(table, probabilities[chosen]))
    if population is not None:
        met = replace(population, values=sentinels.without(population.values, codes))
        model = replace(model, reference=_reference(met, model.probabilities(met.values)))
    told = [{"kind": "sentinel", "column": name, "values": list(found)} for name, found in codes.items()]
    return _report(model, given, probabilities, folds, told)


def _all_of(parts_by_kind: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in parts_by_kind.values() for name in names))


def joined(table: Table, values: Mapping[str, Any]) -> Table:
    """The rows of a table and behind them others of the same columns, whose outcomes are not known."""
    both: dict[str, Any] = {}
    for column in table.columns:
        ours, theirs = table.values[column.name], values[column.name]
        both[column.name] = np.concatenate([ours, theirs]) if column.is_number else [*ours, *theirs]
    more = len(both[table.columns[0].name]) - len(table)
    return replace(table, values=both, bad=np.concatenate([table.bad, np.full(more, np.nan)]), aside={})


def _fold(table: Table, fit: Rows, out: Rows, place: int, inference: Inference | None, seed: int) -> Fold:
    """A fold of the table's rows and, behind them, every fifth of the declined."""
    if inference is None:
        return Fold(fit, out, table.bad)
    declined = len(table) + np.random.default_rng(seed).permutation(len(inference.declined))
    left = np.arange(len(declined)) % FOLDS == place
    bad = np.concatenate([table.bad, inference.infer(table.take(fit))])
    return Fold(np.concatenate([fit, declined[~left]]), np.concatenate([out, declined[left]]), bad)


def _with_inferred(table: Table, inference: Inference | None) -> Floats:
    return table.bad if inference is None else np.concatenate([table.bad, inference.infer(table)])


def _predict_fold(
    wide: Table, table: Table, fold: Fold, names: Sequence[str], seed: int, constrained: bool
) -> dict[str, Floats]:
    judged = wide.take(fold.out).values
    learn, narrow = (replace(one, bad=fold.bad).take(fold.fit) for one in (wide, table))
    return {name: _fit_part(name, learn, narrow, seed, constrained).log_odds(judged) for name in names}


def _fit_part(name: str, wide: Table, table: Table, seed: int, constrained: bool) -> Part:
    """One part; the smooth part sees no derived columns, for it makes its own products."""
    if name == SCORECARD:
        return fit_scorecard(wide)
    if name == SMOOTH:
        return fit_pairs(table)
    if name == SYMMETRIC_TREES:
        return fit_symmetric(wide, seed=seed, constrained=constrained)
    recipes, place = _RECIPES[name]
    return fit_mean(wide, recipes, seed=seed + place, constrained=constrained)


def _fit_parts(
    wide: Table, table: Table, shares: dict[str, float], seed: int, constrained: bool
) -> tuple[tuple[float, Part], ...]:
    """The parts of the final model, its boosters put together into one."""
    fitted = [(share, _fit_part(name, wide, table, seed, constrained)) for name, share in shares.items()]
    boosters = [(share, part) for share, part in fitted if isinstance(part, Booster)]
    others = [(share, part) for share, part in fitted if not isinstance(part, Booster)]
    if not boosters:
        return tuple(others)
    joined = together([part for _share, part in boosters], [share for share, _part in boosters])
    return (*others, (1.0, joined))


def _shares(unseen: dict[str, Floats], names: Sequence[str], bad: Floats) -> tuple[float, dict[str, float]]:
    """Intercept and shares of the parts; those with next to none are left out, one after another."""
    while True:
        intercept, weights = _weigh(unseen, names, bad)
        if len(names) == 1 or weights.min() >= _LEAST_WEIGHT:
            return intercept, dict(zip(names, weights.tolist(), strict=True))
        weakest = int(weights.argmin())
        names = [*names[:weakest], *names[weakest + 1 :]]


def _weigh(unseen: dict[str, Floats], parts: Sequence[str], bad: Floats) -> tuple[float, Floats]:
    return fit_not_negative(np.column_stack([unseen[name] for name in parts]), bad, _BLEND_RIDGE, 1 / len(parts))


def _cross_fitted(unseen: dict[str, Floats], parts: Sequence[str], folds: Sequence[Fold]) -> Floats:
    """Calibrated probabilities of every row with weights found on the other folds."""
    found = np.empty(len(folds[0].bad))
    for fold in folds:
        intercept, weights = _weigh({name: unseen[name][fold.fit] for name in parts}, parts, fold.bad[fold.fit])
        total = intercept + sum(weight * unseen[name][fold.out] for name, weight in zip(parts, weights, strict=True))
        found[fold.out] = 1.0 / (1.0 + np.exp(-total))
    return found


def _simplest_good(probabilities: dict[str, Floats], bad: Floats) -> str:
    losses = {kind: metrics.log_loss(bad, found) for kind, found in probabilities.items()}
    least = min(losses.values())
    return next(kind for kind in ALGORITHMS if losses[kind] <= least * (1 + _AS_GOOD))


def _report(
    model: Model, table: Table, probabilities: dict[str, Floats], folds: Sequence[Fold], told: list[dict[str, Any]]
) -> Trained:
    out_of_fold = probabilities[model.algorithm]
    seen = [fold.out[fold.out < len(table)] for fold in folds]
    by_fold = [metrics.summary(table.bad[out], out_of_fold[out]) for out in seen]
    pooled = {
        "pooled_auc": round(metrics.auc(table.bad, out_of_fold), 6),
        "pooled_calibration_error": round(metrics.expected_calibration_error(table.bad, out_of_fold), 6),
    }
    candidates = {
        kind: _mean([metrics.summary(table.bad[out], found[out]) for out in seen])
        for kind, found in probabilities.items()
    }
    warnings = suspicions(table) + told
    return Trained(model, {**_mean(by_fold), **pooled}, by_fold, candidates, warnings, out_of_fold, probabilities)


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
    return {
        "score_edges": quantiles.tolist(),
        "score_counts": shares.tolist(),
        "mean": float(probabilities.mean()),
        "columns": columns,
        "rows": len(table),
    }


def _mean(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([row[name] for row in rows])), 6) for name in rows[0]}
