"""Fairness on public credit data: approval and error rates by protected group, on rows the model had not seen.

The model never sees the protected columns. Approved is who lies at or below the cut-off: the probability at which the
share of approvals is that of the good cases in the set, so that no set is judged at another's appetite.
LOANBOOK_FAIRNESS_SETS=german names some of the sets only; sets that are not here are skipped.
"""

import os
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("LOANBOOK_CREDIT_DATA", Path(__file__).parents[3] / "shared" / "data"))
COLUMNS = ("rows", "bad_rate", "approved", "ratio", "ratio_interval", "good_approved", "good_gap", "good_gap_interval",
           "bad_approved", "bad_gap", "bad_gap_interval", "below_four_fifths")  # fmt: skip


def run() -> dict[str, Any]:
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        django.setup()
    sets = os.environ.get("LOANBOOK_FAIRNESS_SETS", "german,taiwan").split(",")
    return {name: _measure(name) for name in sets if (FOLDER / f"{name}.csv").exists()}


def _measure(name: str) -> dict[str, Any]:
    import numpy as np

    from scoring.fairness import fairness, proxies
    from scoring.learning import metrics
    from scoring.learning.training import train
    from scoring.training import Spec, read_table
    from tests.benchmarks.accuracy import SETS

    spec = Spec(protected=SETS[name])
    table, _facts = read_table((FOLDER / f"{name}.csv").read_bytes(), target="target", spec=spec)
    risk = train(table, algorithm="boosting").out_of_fold
    cut_off = float(np.quantile(risk, 1 - table.bad.mean()))
    found = {column: fairness(table.aside[column], table.bad, risk, cut_off) for column in SETS[name]}
    return {
        "rows": len(table),
        "auc": round(metrics.auc(table.bad, risk), 4),
        "approved_up_to": round(cut_off, 4),
        "approved": round(float((risk <= cut_off).mean()), 4),
        "groups": {
            column: {row["group"]: {key: row[key] for key in COLUMNS} for row in told["groups"]}
            for column, told in found.items()
        },
        "proxies": proxies(table, SETS[name]),
    }
