"""The plan's promises, measured on real applicants.

credit_data: the blend is trained on the first half of the file's columns as facts and judged on the second, as `intake`
would see it. The reference policy is what a branch does without a model: no adverse records before any, then the
smaller installment as a share of what income leaves. Reported are the bad rate at the same approval rate against that
policy, the highest approval with a bad rate under one percent, and who changes sides when the cut-off is halved.
Fairness on german and taiwan is a benchmark of its own.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(os.environ.get("LOANBOOK_CREDIT_DATA", Path(__file__).parents[3] / "shared" / "data"))
MAPPING = Path(__file__).parents[1] / "scoring" / "data" / "credit_data.toml"


def run() -> dict[str, Any]:
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        django.setup()
    found: dict[str, Any] = {}
    if (FOLDER / "credit_data.csv").exists():
        found["credit_data"] = _promises()
    return found


def _promises() -> dict[str, Any]:
    from scoring.learning import metrics
    from scoring.learning.training import train
    from scoring.mapping import read_mapping
    from scoring.training import read_table
    from scoring.validation import against_reference, promises

    mapping = read_mapping(MAPPING.read_bytes())
    table, _facts = read_table((FOLDER / "credit_data.csv").read_bytes(), target="target", mapping=mapping)
    half = len(table) // 2
    learn, judge = table.take(np.arange(half)), table.take(np.arange(half, len(table)))
    ours = train(learn, algorithm="blend").model.probabilities(judge.values)
    records = np.nan_to_num(np.asarray(judge.values["records"]))
    burden = np.nan_to_num(np.asarray(judge.values["burden_of_residual"]), nan=1000.0)
    theirs = 1e6 * records + burden
    return {
        "trained_on": half,
        "judged_on": len(judge),
        "auc": round(metrics.auc(judge.bad, ours), 4),
        "auc_of_reference_policy": round(metrics.auc(judge.bad, theirs), 4),
        "bad_rate_of_all": round(float(judge.bad.mean()), 4),
        "same_approval": [against_reference(judge.bad, ours, theirs, share) for share in (0.4, 0.5, 0.6, 0.7)],
        **promises(judge.bad, ours),
        "cut_off_halved": _swapped(judge.bad, ours, 0.18, 0.09),
    }


def _swapped(bad: Any, risk: Any, before: float, after: float) -> dict[str, Any]:
    out = (risk <= before) & (risk > after)
    kept = risk <= after
    return {
        "approved_before": int((risk <= before).sum()),
        "bad_rate_before": round(float(bad[risk <= before].mean()), 4),
        "swapped_out": int(out.sum()),
        "bad_rate_of_swapped_out": round(float(bad[out].mean()), 4),
        "bad_rate_after": round(float(bad[kept].mean()), 4),
    }
