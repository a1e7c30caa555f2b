"""Thresholds: from where a monitored figure wants somebody to look at it.

    score_psi, feature_psi    0.25   the customary limit of the stability index (Siddiqi 2006, chapter 9)
    mean_gap                  0.05   mean predicted probability against the bad rate in training
    bad_rate_gap              0.05   realised against predicted bad rate
    auc_loss                  0.05   area under the ROC curve below the one in training
    approval_shift            0.10   final approval rate against the three windows before
    override_rate             0.20   share of officers' decisions that go against the recommendation
    without_score_rate        0.05   share of applications no model could score

A model's own `review_triggers` replace these. A threshold is never narrower than chance makes the figure with so few
cases (`scoring.chance`): drift is held against the wider of the two, a rate against the trigger and chance on top of it.
"""

import datetime
from collections.abc import Mapping

from scoring.models import ModelVersion, MonitoringReading

DEFAULT_TRIGGERS: Mapping[str, float] = {
    "score_psi": 0.25,
    "feature_psi": 0.25,
    "mean_gap": 0.05,
    "bad_rate_gap": 0.05,
    "auc_loss": 0.05,
    "approval_shift": 0.10,
    "override_rate": 0.20,
    "without_score_rate": 0.05,
}
RATES = ("override_rate", "without_score_rate")
ONE_SIDED = (*RATES, "auc_loss")


def trigger(version: ModelVersion, metric: str) -> float | None:
    """The model's own trigger, the default one, or None for a figure that raises no alarm."""
    found = (version.review_triggers or {}).get(metric, DEFAULT_TRIGGERS.get(metric))
    return None if found is None else float(found)


def figure(
    version: ModelVersion,
    on: datetime.date,
    metric: str,
    value: float,
    count: int,
    feature: str = "",
    *,
    chance: float = 0.0,
) -> MonitoringReading:
    """One figure of one day with the threshold it is held against, not yet stored."""
    limit = trigger(version, metric)
    if limit is not None:
        limit = limit + chance if metric in RATES else max(limit, chance)
    breached = limit is not None and (value if metric in ONE_SIDED else abs(value)) >= limit
    return MonitoringReading(
        model_version=version,
        on=on,
        metric=metric,
        feature=feature,
        value=value,
        threshold=limit,
        breached=breached,
        count=count,
    )
