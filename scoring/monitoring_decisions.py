"""Decisions day by day: what the machine recommended, what was decided in the end, and who went against it.

Scoring sees no decision. A room above registers one provider, which counts the decisions of each day by the model that
scored them; those that no model scored count for the champion.

    decided           share of approve, refer and decline (the `feature`) among the machine's decisions of the day
    approved          share of approvals among the day's final decisions, the machine's and the officers'
    overridden        share of officers' decisions of the day against the recommendation; `up`: approved, `down`: declined
    without_score     share of the machine's decisions without a score; without_facts: lacking a fact that it must have

A day without decisions has no such figure. Three are added up over the shortest of 30, 90, 180 and 365 days that holds
50 cases, and held against a threshold:

    approval_shift        final approval rate less that of the three windows before, where they hold 50 cases too
    override_rate         share of the officers' decisions that go against the recommendation
    without_score_rate    share of the machine's decisions without a score
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scoring import chance
from scoring.models import ModelVersion, MonitoringReading
from scoring.monitoring_drift import LEAST_CASES, WINDOWS, ByDay
from scoring.triggers import figure, trigger

_BEFORE = 3
_REACH = datetime.timedelta(days=(1 + _BEFORE) * WINDOWS[-1])
_ADDED_UP = {"approved": "approval_shift", "overridden": "override_rate", "without_score": "without_score_rate"}


@dataclass(frozen=True, slots=True)
class DayOfDecisions:
    """The decisions of one day that rest on one model version; `model` is its key, None where no model scored.

    `approve`, `refer` and `decline` are the machine's, and `without_score` and `without_facts` are of them.
    `by_officer` counts officers' decisions, `up` and `down` those against the recommendation. `approved` and `declined`
    are where the applications ended that day.
    """

    on: datetime.date
    model: int | None
    approve: int = 0
    refer: int = 0
    decline: int = 0
    without_score: int = 0
    without_facts: int = 0
    by_officer: int = 0
    up: int = 0
    down: int = 0
    approved: int = 0
    declined: int = 0

    @property
    def by_machine(self) -> int:
        return self.approve + self.refer + self.decline


Provider = Callable[[datetime.date, datetime.date], Iterable[DayOfDecisions]]
_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    """Make this the one that is asked: `provider(first, last)`, both days included. A second one replaces the first."""
    _PROVIDERS[:] = [provider]


def read(version: ModelVersion, first: datetime.date, last: datetime.date) -> list[MonitoringReading]:
    """The figures of each of these days, not yet stored."""
    if not _PROVIDERS:
        return []
    found: dict[tuple[datetime.date, str, str], MonitoringReading] = {}
    for day in _days(version, _PROVIDERS[0](first, last)):
        for metric, feature, hits, cases in _rates(day):
            if cases:
                row = figure(version, day.on, metric, hits / cases, cases, feature)
                found[(day.on, metric, feature)] = row
    return [*found.values(), *_added_up(version, first, last, found.values())]


def _days(version: ModelVersion, rows: Iterable[DayOfDecisions]) -> list[DayOfDecisions]:
    """One row a day: those of this model, and of a champion also those that no model scored."""
    days: dict[datetime.date, dict[str, int]] = {}
    names = [name for name in DayOfDecisions.__slots__ if name not in ("on", "model")]
    for row in rows:
        if row.model == version.pk or (row.model is None and _decided_on(version, row.on)):
            day = days.setdefault(row.on, dict.fromkeys(names, 0))
            for name in names:
                day[name] += getattr(row, name)
    return [DayOfDecisions(on, version.pk, **counts) for on, counts in sorted(days.items())]


def _decided_on(version: ModelVersion, on: datetime.date) -> bool:
    return version.status == "champion" and (version.promoted_on is None or version.promoted_on <= on)


def _rates(day: DayOfDecisions) -> list[tuple[str, str, int, int]]:
    """(metric, feature, hits, cases)"""
    return [
        ("decided", "approve", day.approve, day.by_machine),
        ("decided", "refer", day.refer, day.by_machine),
        ("decided", "decline", day.decline, day.by_machine),
        ("without_score", "", day.without_score, day.by_machine),
        ("without_facts", "", day.without_facts, day.by_machine),
        ("overridden", "", day.up + day.down, day.by_officer),
        ("overridden", "up", day.up, day.by_officer),
        ("overridden", "down", day.down, day.by_officer),
        ("approved", "", day.approved, day.approved + day.declined),
    ]


@dataclass(frozen=True)
class _Sums:
    hits: ByDay
    cases: ByDay

    def share(self, last: datetime.date, days: int) -> float:
        return self.hits.over(last, days) / self.cases.over(last, days)


def _added_up(
    version: ModelVersion, first: datetime.date, last: datetime.date, new: Iterable[MonitoringReading]
) -> list[MonitoringReading]:
    reach = first - _REACH
    stored = version.readings.filter(metric__in=_ADDED_UP, feature="", on__gt=reach, on__lt=first)
    hits: dict[str, dict[datetime.date, float]] = {metric: {} for metric in _ADDED_UP}
    cases: dict[str, dict[datetime.date, float]] = {metric: {} for metric in _ADDED_UP}
    for row in [*stored, *(row for row in new if row.metric in _ADDED_UP and not row.feature)]:
        hits[row.metric][row.on], cases[row.metric][row.on] = row.value * row.count, row.count
    sums = {metric: _Sums(ByDay(hits[metric], reach, last), ByDay(cases[metric], reach, last)) for metric in _ADDED_UP}
    days = [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]
    return [row for on in days for row in _of_one_day(version, on, sums)]


def _of_one_day(version: ModelVersion, on: datetime.date, sums: Mapping[str, _Sums]) -> list[MonitoringReading]:
    found = []
    for metric, added_up in _ADDED_UP.items():
        sum_ = sums[metric]
        width = sum_.cases.window(on)
        if not width:
            continue
        share, count = sum_.share(on, width), sum_.cases.over(on, width)
        if metric != "approved":
            limit = trigger(version, added_up) or 0.0
            spread = chance.of_share(limit, count)
            found.append(figure(version, on, added_up, share, round(count), chance=spread))
            continue
        before_on = on - datetime.timedelta(days=width)
        earlier = sum_.cases.over(before_on, _BEFORE * width)
        if earlier >= LEAST_CASES:
            before = sum_.share(before_on, _BEFORE * width)
            both = (share * count + before * earlier) / (count + earlier)
            spread = chance.of_difference(both, count, earlier)
            found.append(figure(version, on, added_up, share - before, round(count), chance=spread))
    return found
