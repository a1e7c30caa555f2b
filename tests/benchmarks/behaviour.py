"""How the behaviour score ranks real borrowers: 30,000 card holders of Taiwan, six months of behaviour, default in the next.

The table of `scoring.behaviour` was set by hand and is fitted to nothing, so every row is held out. Months past due stand
for days (30 each); what a month's bill asks for is taken to be paid in the next. The set is read from LOANBOOK_CREDIT_DATA
or ../shared/data and skipped if absent.
"""

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MONTHS = ("0", "2", "3", "4", "5", "6")


def run() -> dict[str, Any]:
    import numpy as np

    from scoring.behaviour import behaviour
    from scoring.learning import metrics

    folder = Path(os.environ.get("LOANBOOK_CREDIT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    path = folder / "taiwan.csv"
    if not path.exists():
        return {"skipped": f"{path} is not there"}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    bad = np.array([float(row["target"]) for row in rows])
    found = [behaviour(facts_of(row)) for row in rows]
    risk = np.array([-float(one.score) for one in found])
    now = np.array([float(row["PAY_0"]) for row in rows])
    grades = {
        grade: {"share": round(float(chosen.mean()), 4), "bad_rate": round(float(bad[chosen].mean()), 4)}
        for grade in ("steady", "watch", "at_risk")
        if (chosen := np.array([one.grade == grade for one in found])).any()
    }
    return {
        "rows": len(rows),
        "auc": round(metrics.auc(bad, risk), 4),
        "auc_of_days_past_due_alone": round(metrics.auc(bad, now), 4),
        "by_grade": grades,
    }


def facts_of(row: Mapping[str, str]) -> dict[str, Any]:
    """The facts of one card holder, as far as this set tells them."""
    late = [max(0, int(row[f"PAY_{month}"])) for month in _MONTHS]
    limit = float(row["LIMIT_BAL"])
    asked = sum(0.05 * max(0.0, float(row[f"BILL_AMT{n}"])) for n in (2, 3, 4))
    paid = sum(float(row[f"PAY_AMT{n}"]) for n in (1, 2, 3))
    return {
        "days_past_due": 30 * late[0],
        "worst_days_late": 30 * max(late),
        "late_installments": sum(month > 0 for month in late),
        "payments_ratio": paid / asked if asked > 0 else None,
        "utilisation": max(0.0, float(row["BILL_AMT1"])) / limit if limit > 0 else None,
    }
