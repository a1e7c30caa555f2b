"""The monitoring page of one model: its alarms, its sections, and its rivals side by side.

A fixed number of statements whatever the range is: the model's readings, its review tasks, the running versions of its
name and their readings.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from scoring import monitoring_outcome_sections as became
from scoring import monitoring_sections as daily
from scoring.models import ModelVersion, ReviewTask
from scoring.monitoring import RUNNING
from scoring.monitoring_figures import COUNT, INDEX, TEXT, Chart, Section, Series, cell, table
from scoring.monitoring_readings import Readings, load, side_by_side
from scoring.monitoring_words import feature_name, figure_told, metric_name
from scoring.points import BANDS

RANGES = (30, 90, 365)
_MOST_TASKS = 20
_STYLES = ("main", "quiet", "refer", "approve", "decline")


@dataclass(frozen=True, slots=True)
class Alarm:
    """A review task in words."""

    task: ReviewTask
    name: str
    of: str
    value: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Page:
    version: ModelVersion
    days: int
    read_until: datetime.date | None
    alarms: tuple[Alarm, ...]
    sections: tuple[Section, ...]
    rivals: tuple[ModelVersion, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "model": str(self.version),
            "days": self.days,
            "read_until": self.read_until and self.read_until.isoformat(),
            "alarms": [
                {
                    "metric": alarm.task.metric,
                    "feature": alarm.task.feature,
                    "value": alarm.task.value,
                    "threshold": alarm.task.threshold,
                    "opened_on": alarm.task.opened_on.isoformat(),
                    "closed_on": alarm.task.closed_on and alarm.task.closed_on.isoformat(),
                    "disposition": alarm.task.disposition,
                }
                for alarm in self.alarms
            ],
            "sections": [section.as_json() for section in self.sections],
        }


def page(version: ModelVersion, *, on: datetime.date, days: int) -> Page:
    """Everything the page shows of the so many days that end on `on`."""
    readings = load(version, on=on, days=days)
    rivals = tuple(ModelVersion.objects.filter(name=version.name).filter(Q(status__in=RUNNING) | Q(pk=version.pk)).defer(
        "validation", "spec", "warnings"
    ))  # fmt: skip
    sections = (
        daily.drift(readings),
        daily.population(version, readings),
        daily.factors(readings),
        daily.decisions(readings, days),
        daily.overrides(readings, days),
        *became.calibration(version, readings),
        became.overrides(version, readings),
        became.vintages(readings, 30),
        became.vintages(readings, 90),
        became.moves(readings),
        _side_by_side(version, rivals, readings),
    )
    return Page(version, days, readings.last, _alarms(version, on, days), sections, rivals)


def champion_first() -> ModelVersion | None:
    """The model whose page opens first: the champion promoted last, else the newest that runs or was trained on facts."""
    versions = ModelVersion.objects.filter(uses_facts=True).only("pk", "name", "version")
    champions = versions.filter(status=ModelVersion.Status.CHAMPION).order_by(F("promoted_on").desc(nulls_last=True))
    return champions.first() or versions.filter(status__in=RUNNING).order_by("-pk").first()


def _alarms(version: ModelVersion, on: datetime.date, days: int) -> tuple[Alarm, ...]:
    """Open ones first, then those closed within the range, the latest first."""
    since = on - datetime.timedelta(days=days)
    tasks = version.review_tasks.filter(Q(closed_on=None) | Q(closed_on__gt=since)).select_related("closed_by")
    ordered = tasks.order_by(F("closed_on").desc(nulls_first=True), "-opened_on", "-pk")[:_MOST_TASKS]
    return tuple(_alarm(task) for task in ordered)


def _alarm(task: ReviewTask) -> Alarm:
    value, threshold = (figure_told(task.metric, figure) for figure in (task.value, task.threshold))
    return Alarm(task, metric_name(task.metric), feature_name(task.feature), value, threshold)


def _side_by_side(version: ModelVersion, rivals: Sequence[ModelVersion], readings: Readings) -> Section:
    title = _("Champion, challengers and shadows")
    told = _("The running versions of this name on the last day read: how they see the same applicants.")
    found = side_by_side(version, readings.last) if readings.last else {}
    if len(rivals) < 2:
        missing = _("Only one version of this name runs. Promote a certified one as a shadow or challenger to compare.")
        return Section("rivals", title, told, missing=missing, wide=True)
    body, series = [], []
    for number, rival in enumerate(rivals):
        own = found.get(rival.pk, {})
        shares = [own["band_share"][band].value if band in own.get("band_share", {}) else None for band in BANDS]
        psi, auc, bad = (own.get(name, {}).get("") for name in ("score_psi", "auc", "realised"))
        cases = own.get("window", {}).get("")
        body.append(
            (
                cell(f"v{rival.version}", TEXT),
                cell(rival.get_status_display(), TEXT),
                cell(cases and cases.count, COUNT),
                *(cell(share) for share in shares),
                cell(psi and psi.value, INDEX),
                cell(rival.metrics.get("auc"), INDEX),
                cell(auc and auc.value, INDEX),
                cell(bad and bad.value),
            )
        )
        if any(share is not None for share in shares):
            series.append(Series(f"v{rival.version}", tuple(shares), _STYLES[number % len(_STYLES)]))
    columns = (
        _("Version"), _("Status"), _("Cases"), *BANDS, _("PSI"), _("AUC in training"), _("AUC realised"), _("Realised"),
    )  # fmt: skip
    chart = Chart("bar", tuple(BANDS), tuple(series), axis=_("Band")) if series else None
    return Section("rivals", title, told, chart, table(columns, body), wide=True)
