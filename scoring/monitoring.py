"""Monitoring: does the population still look like the one the model was made of, is it decided as before, and does the
model still tell right from wrong?

`monitor` reads every running model up to a day: the days since the last one it read, in order, so a day the worker was
down is read by the next. What is read is told by three modules, which know nothing of each other:

    monitoring_drift        the population: stability of score and factors          every day
    monitoring_decisions    approval, referral and override rates                   every day
    monitoring_outcomes     realised bad rates by band, quarter and vintage         the first day of each month

A figure of a day is written once and never changed; a repeated or doubled run adds nothing. A breach of a threshold
(`scoring.triggers`) opens a task, once, until somebody closes it; a closed task keeps its figure quiet for 30 days,
because the cases that broke the threshold stay in the window that long.
"""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from scoring import monitoring_decisions, monitoring_drift, monitoring_outcomes, refusals
from scoring.history import sign
from scoring.models import ModelVersion, MonitoringReading, ReviewTask, Score
from scoring.triggers import figure

QUIET = datetime.timedelta(days=30)
RUNNING = ("champion", "challenger", "shadow")
_BLOCK_DAYS = 31


def monitor(on: datetime.date) -> dict[str, int]:
    """Read every running model up to this day. Safe to repeat: a day that was read is not read again."""
    counts = {"models": 0, "readings": 0, "breaches": 0}
    for version in ModelVersion.objects.filter(status__in=RUNNING, uses_facts=True).select_related("artifact"):
        counts["models"] += 1
        for first, last in _blocks(version, on):
            with transaction.atomic():
                readings = _read(version, first, last)
                keep(readings)
            counts["readings"] += len(readings)
            counts["breaches"] += sum(reading.breached for reading in readings)
    return counts


def _read(version: ModelVersion, first: datetime.date, last: datetime.date) -> list[MonitoringReading]:
    return [
        *monitoring_drift.read(version, first, last),
        *monitoring_decisions.read(version, first, last),
        *monitoring_outcomes.read(version, first, last),
    ]


def _blocks(version: ModelVersion, on: datetime.date) -> Iterator[tuple[datetime.date, datetime.date]]:
    """The days that were not read yet, a month at a time."""
    last_read = version.readings.filter(metric="window").aggregate(day=Max("on"))["day"]
    first_score = Score.objects.filter(model_version=version, scored_on__lte=on).aggregate(day=Min("scored_on"))["day"]
    first = last_read + datetime.timedelta(days=1) if last_read else first_score or on
    while first <= on:
        last = min(first + datetime.timedelta(days=_BLOCK_DAYS - 1), on)
        yield first, last
        first = last + datetime.timedelta(days=1)


def keep(readings: Sequence[MonitoringReading]) -> None:
    """Store figures; those of a day that are there stay as they are. Breaches open tasks."""
    MonitoringReading.objects.bulk_create(readings, ignore_conflicts=True, batch_size=500)
    breached = [reading for reading in readings if reading.breached]
    if not breached:
        return
    tasks = ReviewTask.objects.filter(model_version__in={reading.model_version_id for reading in breached})
    known = {(task.model_version_id, task.metric, task.feature): task for task in tasks.order_by("pk")}
    for reading in sorted(breached, key=lambda one: one.on):
        key = (reading.model_version_id, reading.metric, reading.feature)
        before = known.get(key)
        if before is None or (before.closed_on is not None and reading.on >= before.closed_on + QUIET):
            known[key] = _opened(reading)


def _opened(reading: MonitoringReading) -> ReviewTask:
    task, _created = ReviewTask.objects.get_or_create(
        model_version=reading.model_version,
        metric=reading.metric,
        feature=reading.feature,
        closed_on=None,
        defaults={"opened_on": reading.on, "value": reading.value, "threshold": reading.threshold or 0.0},
    )
    return task


@transaction.atomic
def observe(
    version: ModelVersion, *, on: datetime.date, metric: str, value: float, count: int, feature: str = ""
) -> MonitoringReading:
    """Keep one figure of one day, for what another room alone knows. The first one of a day stays."""
    of_the_day = version.readings.filter(on=on, metric=metric, feature=feature)
    if not of_the_day.exists():
        keep([figure(version, on, metric, value, count, feature)])
    return of_the_day.get()


@transaction.atomic
def close_task(task: ReviewTask, *, note: str, by: Any, on: datetime.date, disposition: str = "") -> ReviewTask:
    """Close a task with what was found and what follows from it. A second closing changes nothing."""
    if by is None:
        raise refusals.NotSomebody()
    locked = ReviewTask.objects.select_for_update().get(pk=task.pk)
    if locked.closed_on is None:
        locked.closed_on, locked.closed_by, locked.note, locked.disposition = on, by, note, disposition
        sign(locked, by)
        locked.save()
    return locked
