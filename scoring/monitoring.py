"""Monitoring: does the population still look like the one the model was made of, and does it still tell right from
wrong?

    score_psi      stability of the score's distribution over the last 30 days against training     review from 0.25
    feature_psi    the same for every factor                                                         review from 0.25
    mean_gap       mean predicted probability less its mean in training, in absolute terms           review from 0.05
    bad_rate_gap   realised less predicted bad rate of scores whose outcome is known                 review from 0.05
    auc            of scores whose outcome is known                                 review below training less 0.05

Other rooms add what only they know (approval rate, override rate) by `observe`. A model's own `review_triggers`
replace the defaults. A breach opens a task, once, until somebody closes it. Each figure is read once a day, whatever
is repeated.
"""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import transaction

from scoring import champion, refusals
from scoring.history import sign
from scoring.learning import metrics
from scoring.models import ModelVersion, MonitoringReading, ReviewTask, Score

WINDOW_DAYS = 30
LEAST_CASES = 50
DEFAULT_TRIGGERS: Mapping[str, float] = {
    "score_psi": 0.25,
    "feature_psi": 0.25,
    "mean_gap": 0.05,
    "bad_rate_gap": 0.05,
    "auc_loss": 0.05,
}
_RUNNING = ("champion", "challenger", "shadow")


def monitor(on: datetime.date) -> dict[str, int]:
    """Read every running model's drift for a day. Safe to repeat: a reading that exists is kept."""
    counts = {"models": 0, "readings": 0, "breaches": 0}
    for version in ModelVersion.objects.filter(status__in=_RUNNING, uses_facts=True).select_related("artifact"):
        readings = read_drift(version, on)
        counts["models"] += 1
        counts["readings"] += len(readings)
        counts["breaches"] += sum(reading.breached for reading in readings)
    return counts


def read_drift(version: ModelVersion, on: datetime.date) -> list[MonitoringReading]:
    """Drift of score and factors over the window that ends on this day; nothing when too few were scored."""
    since = on - datetime.timedelta(days=WINDOW_DAYS)
    scores = Score.objects.filter(model_version=version, scored_on__gt=since, scored_on__lte=on).exclude(role="rescore")
    rows = list(scores.values_list("probability_of_default", "features"))
    if len(rows) < LEAST_CASES:
        return []
    model = champion.load(version.artifact.file_sha256)
    probabilities = np.array([row[0] for row in rows])
    reference = model.reference
    counts = np.array(reference["score_counts"], dtype=float)
    now = np.bincount(np.searchsorted(reference["score_edges"], probabilities), minlength=len(counts)).astype(float)
    expected = reference.get("mean", version.metrics.get("bad_rate", probabilities.mean()))
    gap = abs(float(probabilities.mean()) - float(expected))
    found = [
        observe(version, on=on, metric="score_psi", value=metrics.population_stability(counts, now), count=len(rows)),
        observe(version, on=on, metric="mean_gap", value=gap, count=len(rows)),
    ]
    for name, expected in reference["columns"].items():
        value = _feature_psi(expected, [row[1].get(name) for row in rows])
        found.append(observe(version, on=on, metric="feature_psi", feature=name, value=value, count=len(rows)))
    return found


def read_outcomes(version: ModelVersion, outcomes: Mapping[str, bool], on: datetime.date) -> list[MonitoringReading]:
    """Calibration and discrimination in time, from what became of the subjects (True: went bad)."""
    scores = Score.objects.filter(model_version=version, subject_reference__in=list(outcomes), role="decision")
    rows = list(scores.values_list("subject_reference", "probability_of_default"))
    if len(rows) < LEAST_CASES:
        return []
    bad = np.array([float(outcomes[subject]) for subject, _p in rows])
    probabilities = np.array([probability for _subject, probability in rows])
    found = [
        observe(version, on=on, metric="bad_rate_gap", value=float(bad.mean() - probabilities.mean()), count=len(rows))
    ]
    if 0 < bad.sum() < len(bad):
        loss = float(version.metrics.get("auc", 0.5)) - metrics.auc(bad, probabilities)
        found.append(observe(version, on=on, metric="auc_loss", value=loss, count=len(rows)))
    return found


@transaction.atomic
def observe(
    version: ModelVersion, *, on: datetime.date, metric: str, value: float, count: int, feature: str = ""
) -> MonitoringReading:
    """Keep one figure of one day; a breach opens a task. The same figure of the same day is the first one kept."""
    threshold = {**DEFAULT_TRIGGERS, **(version.review_triggers or {})}.get(metric)
    breached = (
        threshold is not None and abs(value) >= threshold if metric != "auc_loss" else value >= (threshold or 1.0)
    )
    reading, created = MonitoringReading.objects.get_or_create(
        model_version=version,
        on=on,
        metric=metric,
        feature=feature,
        defaults={"value": value, "threshold": threshold, "breached": breached, "count": count},
    )
    if created and breached:
        ReviewTask.objects.get_or_create(
            model_version=version,
            metric=metric,
            feature=feature,
            closed_on=None,
            defaults={"opened_on": on, "value": value, "threshold": threshold or 0.0},
        )
    return reading


@transaction.atomic
def close_task(task: ReviewTask, *, note: str, by: Any, on: datetime.date) -> ReviewTask:
    """Close a task with what was found."""
    if by is None:
        raise refusals.NotSomebody()
    locked = ReviewTask.objects.select_for_update().get(pk=task.pk)
    if locked.closed_on is None:
        locked.closed_on, locked.closed_by, locked.note = on, by, note
        sign(locked, by)
        locked.save()
    return locked


def _feature_psi(expected: Mapping[str, Any], values: list[Any]) -> float:
    if "edges" in expected:
        before = np.array(expected["missing_then_bins"], dtype=float)
        known = np.array([value for value in values if value is not None], dtype=float)
        places = np.searchsorted(expected["edges"], known, side="left") + 1
        now = np.bincount(places, minlength=len(before)).astype(float)
        now[0] = len(values) - len(known)
        return metrics.population_stability(before, now)
    levels = dict(expected["levels"])
    tally = dict.fromkeys(levels, 0)
    others = 0
    for value in values:
        name = "" if value is None else str(value)
        if name in tally:
            tally[name] += 1
        else:
            others += 1
    before = np.array([*levels.values(), 0], dtype=float)
    return metrics.population_stability(before, np.array([*tally.values(), others], dtype=float))
