"""Accuracy on public credit data, beside the libraries left to themselves and what monotony costs.

For each set: five stratified folds (shuffled, seed 0), mean AUC ± its standard deviation over the folds, Brier score and
expected calibration error of all out-of-fold probabilities; nothing is chosen by the fold it is judged on. `ours` are
the candidates of `train_scorecard` and the one it chose. `peers` are measured in the same folds on the same columns:
LightGBM, XGBoost and CatBoost with their defaults, a logistic regression on one-hot columns, and an explainable
boosting machine; those that are not installed are named as such. `monotone` is the plain mean of our boosters with the
directions that the training rows of each fold suggest, `free` the same mean without: the difference is what monotony
costs when nobody declared a direction.

Protected columns are never features. The sets are `NAME.csv` with a column `target` (1 bad, 0 good) in the folder
LOANBOOK_CREDIT_DATA (default ../shared/data); LOANBOOK_ACCURACY_SETS=german,credit_data names some of them, or others
of the same form. LOANBOOK_ACCURACY_PEERS=lightgbm,logistic limits the peers.
"""

import importlib.util
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

SETS: dict[str, tuple[str, ...]] = {
    "credit_data": ("Age", "Marital"),
    "german": ("age", "personal_status_sex", "foreign_worker"),
    "taiwan": ("SEX", "AGE", "MARRIAGE", "EDUCATION"),
    "polish5": (),
}
REFERENCE = {"credit_data": 0.8445, "german": 0.806, "taiwan": 0.785}
FOLDER = Path(os.environ.get("LOANBOOK_CREDIT_DATA", Path(__file__).parents[3] / "shared" / "data"))


def run() -> dict[str, Any]:
    wanted = os.environ.get("LOANBOOK_ACCURACY_SETS", ",".join(SETS)).split(",")
    absent = [name for name in wanted if not (FOLDER / f"{name}.csv").is_file()]
    if absent:
        files = ", ".join(f"{name}.csv" for name in absent)
        raise SystemExit(
            f"{FOLDER} has no {files}: name the folder in LOANBOOK_CREDIT_DATA, the sets in LOANBOOK_ACCURACY_SETS."
        )
    return {
        "folds": "StratifiedKFold(5, shuffle=True, random_state=0)",
        "sets": {name: _measure(FOLDER / f"{name}.csv", name) for name in wanted},
    }


def _measure(path: Path, name: str) -> dict[str, Any]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from scoring.learning.table import header_of, read_csv
    from scoring.learning.training import train
    from scoring.training import sounds_protected

    content = path.read_bytes()
    aside = SETS.get(name) or tuple(column for column in header_of(content) if sounds_protected(column))
    table = read_csv(content, target="target", exclude=aside, source=path.name)
    started, cpu = time.perf_counter(), time.process_time()
    trained = train(table)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    ours = {kind: _figures(table.bad, found) for kind, found in trained.by_algorithm.items()}
    peers = {peer: _peer(table, peer) for peer in _wanted_peers()}
    cost = {"monotone": _boosters(table, monotone=True), "free": _boosters(table, monotone=False)}
    return {
        "rows": len(table),
        "columns": len(table.columns),
        "reference_auc": REFERENCE.get(name),
        "ours": ours,
        "chosen": {"algorithm": trained.model.algorithm, **ours[trained.model.algorithm]},
        "peers": peers,
        "boosters": {**cost, "auc_lost_to_monotony": round(cost["free"]["auc"] - cost["monotone"]["auc"], 4)},
        "warnings": trained.warnings,
        "training_seconds": round(wall, 1),
        "training_cpu_seconds": round(cpu, 1),
        "cpu_seconds_per_explained_applicant": _explained(trained.model, table),
    }


def _figures(bad: Any, probabilities: Any) -> dict[str, float]:
    from scoring.learning import metrics

    areas = [metrics.auc(bad[out], probabilities[out]) for _learn, out in _folds(bad)]
    return {
        "auc": round(float(np.mean(areas)), 4),
        "auc_sd": round(float(np.std(areas)), 4),
        "brier": round(metrics.brier(bad, probabilities), 4),
        "calibration_error": round(metrics.expected_calibration_error(bad, probabilities), 4),
    }


def _folds(bad: Any) -> list[Any]:
    from sklearn.model_selection import StratifiedKFold

    return list(StratifiedKFold(5, shuffle=True, random_state=0).split(np.zeros(len(bad)), bad))


def _out_of_fold(table: Any, fit: Callable[[Any], Callable[[Any], Any]]) -> dict[str, float]:
    """Figures of what `fit` (of training rows, gives probabilities of other rows) says of every row unseen."""
    found, started = np.empty(len(table)), time.process_time()
    for learn, out in _folds(table.bad):
        found[out] = fit(table.take(learn))(table.take(out))
    return {**_figures(table.bad, found), "cpu_seconds": round(time.process_time() - started, 1)}


def _boosters(table: Any, *, monotone: bool) -> dict[str, float]:
    from scoring.learning.boosting import FAR, NEAR, fit_mean, fit_symmetric, together
    from scoring.learning.directions import suggested

    def fit(learn: Any) -> Callable[[Any], Any]:
        learn = suggested(learn) if monotone else learn
        parts = [fit_mean(learn, NEAR), fit_mean(learn, FAR), fit_symmetric(learn)]
        booster = together(parts, [1 / len(parts)] * len(parts))
        return lambda judged: 1 / (1 + np.exp(-booster.log_odds(judged.values)))

    return _out_of_fold(table, fit)


PEERS: Mapping[str, tuple[str, Callable[[], Any]]] = {
    "lightgbm": ("lightgbm", lambda: _import("lightgbm").LGBMClassifier(n_jobs=1, random_state=0, verbose=-1)),
    "xgboost": ("xgboost", lambda: _import("xgboost").XGBClassifier(n_jobs=1, random_state=0)),
    "catboost": (
        "catboost",
        lambda: _import("catboost").CatBoostClassifier(
            thread_count=1, random_seed=0, verbose=False, allow_writing_files=False
        ),
    ),
    "logistic": ("sklearn", lambda: _logistic()),
    "ebm": (
        "interpret",
        lambda: _import("interpret.glassbox").ExplainableBoostingClassifier(n_jobs=1, random_state=0),
    ),
}


def _wanted_peers() -> list[str]:
    return os.environ.get("LOANBOOK_ACCURACY_PEERS", ",".join(PEERS)).split(",")


def _import(name: str) -> Any:
    return importlib.import_module(name)


def _peer(table: Any, name: str) -> Any:
    module, make = PEERS[name]
    if importlib.util.find_spec(module) is None:
        return "not installed"
    coded = _one_hot if name == "logistic" else _by_rank

    def fit(learn: Any) -> Callable[[Any], Any]:
        matrix_of = coded(learn)
        model = make().fit(matrix_of(learn), learn.bad)
        return lambda judged: np.asarray(model.predict_proba(matrix_of(judged)))[:, 1]

    return _out_of_fold(table, fit)


def _by_rank(learn: Any) -> Callable[[Any], Any]:
    """Numbers as they are, levels by the rank of their bad rate among the training rows."""
    from scoring.learning.booster import Booster
    from scoring.learning.boosting import level_ranks

    shell = Booster(learn.columns, level_ranks(learn), ())
    return lambda table: shell.matrix(table.values)


def _one_hot(learn: Any) -> Callable[[Any], Any]:
    """Numbers with their median where missing, and a column per level seen in training."""
    numbers = [column.name for column in learn.columns if column.is_number]
    medians = {name: _median(learn.values[name]) for name in numbers}
    levels = {c.name: sorted({v for v in learn.values[c.name] if v}) for c in learn.columns if not c.is_number}

    def matrix(table: Any) -> Any:
        parts = [np.where(np.isnan(table.values[n]), medians[n], table.values[n]) for n in numbers]
        parts += [
            np.array([value == level for value in table.values[name]], dtype=np.float64)
            for name, known in levels.items()
            for level in known
        ]
        return np.column_stack(parts)

    return matrix


def _median(values: Any) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))


def _explained(model: Any, table: Any) -> float:
    """Processor seconds to score one applicant with all contributions, the best of several tries."""
    import timeit

    row = {name: values[0] for name, values in table.take(np.array([0])).values.items()}
    features = {name: None if value is None or value != value else value for name, value in row.items()}
    model.explain(features)
    taken = timeit.repeat(lambda: model.explain(features), timer=time.process_time, number=20, repeat=10)
    return round(min(taken) / 20, 6)
