"""The stored figures of one model that a page shows, in four statements however long the range is.

Daily figures are read for the range, those of each factor on thirteen days of it, monthly ones for as long as vintages
run.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, Min, Q, QuerySet

from scoring.models import ModelVersion, MonitoringReading

DAILY = (
    "window", "score_psi", "mean_gap", "decided", "approved", "overridden", "without_score", "without_facts",
    "approval_shift", "override_rate", "without_score_rate",
)  # fmt: skip
SAMPLED = ("feature_psi", "band_share")
MONTHLY = (
    "predicted", "realised", "realised_by", "auc", "auc_loss", "bad_rate_gap", "vintage_30", "vintage_90", "migration",
)  # fmt: skip
_SAMPLES = 13
_MONTHLY_REACH = datetime.timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Reading:
    on: datetime.date
    feature: str
    value: float
    threshold: float | None
    breached: bool
    count: int


@dataclass(frozen=True)
class Readings:
    """`first` and `last` are the days read so far, of all time; None where none was."""

    by_metric: dict[str, list[Reading]]
    sampled: tuple[datetime.date, ...]
    first: datetime.date | None
    last: datetime.date | None

    def of(self, metric: str, feature: str | None = "") -> list[Reading]:
        """The readings of a figure in the order of their days; `feature` None: of everything it is read of."""
        return [row for row in self.by_metric.get(metric, []) if feature is None or row.feature == feature]

    def latest(self, metric: str, feature: str = "") -> Reading | None:
        rows = self.of(metric, feature)
        return rows[-1] if rows else None

    def latest_by_feature(self, metric: str) -> dict[str, Reading]:
        """The readings of the last day that has any, by what they are of."""
        rows = self.of(metric, None)
        return {row.feature: row for row in rows if row.on == rows[-1].on}


def load(version: ModelVersion, *, on: datetime.date, days: int) -> Readings:
    """The figures of a model for the so many days that end on `on`, or on the last day read if that is earlier."""
    read = version.readings.filter(metric="window", on__lte=on).aggregate(first=Min("on"), last=Max("on"))
    if read["last"] is None:
        return Readings({}, (), None, None)
    since = on - datetime.timedelta(days=days)
    sampled = _sampled(since, read["last"])
    rows = version.readings.filter(on__lte=on).order_by("on", "feature")
    wanted: list[QuerySet[MonitoringReading]] = [
        rows.filter(metric__in=DAILY, on__gt=since),
        rows.filter(metric__in=SAMPLED, on__in=sampled),
        rows.filter(metric__in=MONTHLY, on__gt=on - _MONTHLY_REACH),
    ]
    found: dict[str, list[Reading]] = defaultdict(list)
    for part in wanted:
        for _key, metric, reading in _readings(part):
            found[metric].append(reading)
    return Readings(dict(found), sampled, read["first"], read["last"])


def side_by_side(version: ModelVersion, last: datetime.date) -> dict[int, dict[str, dict[str, Reading]]]:
    """What the running versions of this name were last read to be: by version, figure and what it is of."""
    of_the_day = Q(metric__in=("window", "score_psi", "band_share"), on=last)
    ripe = Q(metric__in=("auc", "realised"), feature="", on__gt=last - datetime.timedelta(days=62))
    rows = MonitoringReading.objects.filter(of_the_day | ripe, model_version__name=version.name).order_by("on")
    found: dict[int, dict[str, dict[str, Reading]]] = defaultdict(lambda: defaultdict(dict))
    for key, metric, reading in _readings(rows):
        found[key][metric][reading.feature] = reading
    return found


def _readings(rows: "QuerySet[MonitoringReading]") -> Iterable[tuple[int, str, Reading]]:
    names = ("model_version", "metric", "on", "feature", "value", "threshold", "breached", "count")
    for key, metric, *fields in rows.values_list(*names):
        yield key, metric, Reading(*fields)


def _sampled(since: datetime.date, last: datetime.date) -> tuple[datetime.date, ...]:
    """Up to thirteen days, evenly spread, the last one among them; in their order."""
    step = max((last - since).days // _SAMPLES, 1)
    days = [last - datetime.timedelta(days=step * number) for number in range(_SAMPLES)]
    return tuple(day for day in reversed(days) if day > since)
