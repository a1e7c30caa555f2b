"""Accuracy on public credit data, beside LightGBM left to itself.

For each set: five stratified folds (shuffled, seed 0), mean AUC, and nothing chosen by the fold it is judged on. The
candidates are those of `train_scorecard`; "constrained" is the booster with the directions that the training data of
each fold suggest, which is what monotony costs when nobody declared anything; "lightgbm" is the library's defaults.
Protected columns are never features. The data are read from LOANBOOK_CREDIT_DATA or ../shared/data and skipped if
absent; LOANBOOK_ACCURACY_SETS=german,credit_data names some of them only.
"""

import os
import time
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


def run() -> dict[str, Any]:
    folder = Path(os.environ.get("LOANBOOK_CREDIT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    wanted = os.environ.get("LOANBOOK_ACCURACY_SETS", ",".join(SETS)).split(",")
    found = {name: _measure(folder / f"{name}.csv", name) for name in wanted if (folder / f"{name}.csv").exists()}
    return {"sets": found, "folds": "StratifiedKFold(5, shuffle=True, random_state=0), mean AUC"}


def _measure(path: Path, name: str) -> dict[str, Any]:
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        django.setup()
    from scoring.learning.table import read_csv
    from scoring.learning.training import train

    table = read_csv(path.read_bytes(), target="target", exclude=SETS[name], source=path.name)
    started = time.process_time()
    trained = train(table)
    took = time.process_time() - started
    rows: dict[str, Any] = {
        kind: {key: round(figures[key], 4) for key in ("auc", "ks", "brier", "log_loss")}
        for kind, figures in trained.candidates.items()
    }
    rows["constrained"] = _constrained(table)
    rows["lightgbm"] = _lightgbm(table)
    return {
        "rows": len(table),
        "chosen": trained.model.algorithm,
        "reference": REFERENCE.get(name),
        "calibration_error": trained.metrics["pooled_calibration_error"],
        "candidates": rows,
        "warnings": trained.warnings,
        "training_cpu_seconds": round(took, 1),
        "seconds_per_explained_applicant": _explained(trained.model, table),
    }


def _constrained(table: Any) -> dict[str, float]:
    """The booster with directions suggested by each fold's training rows."""
    from scoring.learning.boosting import QUICK, fit_mean
    from scoring.learning.directions import suggested

    return _folds(table, lambda learn: fit_mean(suggested(learn), QUICK))


def _lightgbm(table: Any) -> dict[str, float]:
    """LightGBM's own defaults on the same columns (categories by rank)."""
    import lightgbm

    from scoring.learning.booster import Booster
    from scoring.learning.boosting import level_ranks

    class Plain:
        def __init__(self, learn: Any) -> None:
            self.shell = Booster(learn.columns, level_ranks(learn), ())
            data = lightgbm.Dataset(self.shell.matrix(learn.values), learn.bad)
            self.model = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 0}, data)

        def log_odds(self, values: Any) -> Any:
            return self.model.predict(self.shell.matrix(values), raw_score=True)

    return _folds(table, Plain)


def _folds(table: Any, fit: Any) -> dict[str, float]:
    from sklearn.model_selection import StratifiedKFold

    from scoring.learning import metrics

    areas, briers = [], []
    for learn, out in StratifiedKFold(5, shuffle=True, random_state=0).split(np.zeros(len(table)), table.bad):
        log_odds = fit(table.take(learn)).log_odds(table.take(out).values)
        areas.append(metrics.auc(table.bad[out], log_odds))
        briers.append(metrics.brier(table.bad[out], 1 / (1 + np.exp(-log_odds))))
    return {"auc": round(float(np.mean(areas)), 4), "brier": round(float(np.mean(briers)), 4)}


def _explained(model: Any, table: Any) -> float:
    """Seconds to score one applicant with all contributions, the best of several tries."""
    import timeit

    row = {name: values[0] for name, values in table.take(np.array([0])).values.items()}
    features = {name: None if value is None or value != value else value for name, value in row.items()}
    model.explain(features)
    return round(min(timeit.repeat(lambda: model.explain(features), number=20, repeat=5)) / 20, 6)
