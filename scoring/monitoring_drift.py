"""Drift: do the applicants of these days still look like the people the model was trained on?

A day is read over the shortest window of 30, 90, 180 or 365 days that ends on it and holds 50 scores; a lender with two
applications a week reads half a year, a large one a month. Where even a year holds fewer, only that is noted.

    window        days of the window (0: too few cases); the count says how many cases there were
    score_psi     stability index of the score's deciles in training
    feature_psi   the same of every factor, missing values being a bin of their own
    mean_gap      mean predicted probability less the bad rate in training
    band_share    share of each band

Half a case is added to every bin of both sides before the index is taken, so that one bin that is empty by chance does
not carry it. The scores are read once for however many days, each value kept as the number of its bin.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from scoring import champion, chance
from scoring.learning.metrics import population_stability
from scoring.models import ModelVersion, MonitoringReading, Score
from scoring.points import BANDS
from scoring.triggers import figure

WINDOWS = (30, 90, 180, 365)
LEAST_CASES = 50
BLOCK_ROWS = 5000
_ROLES = (Score.Role.DECISION, Score.Role.SHADOW)
Floats = NDArray[np.float64]


class ByDay:
    """Cases by day, added up over any days at once."""

    def __init__(self, cases: Mapping[datetime.date, float], first: datetime.date, last: datetime.date) -> None:
        self._first = first.toordinal()
        found = np.zeros(last.toordinal() - self._first + 1)
        for day, count in cases.items():
            if first <= day <= last:
                found[day.toordinal() - self._first] += count
        self._until = np.concatenate([[0.0], np.cumsum(found)])

    def over(self, last: datetime.date, days: int) -> float:
        """The cases of the so many days that end on this one."""
        end = min(max(last.toordinal() - self._first + 1, 0), len(self._until) - 1)
        return float(self._until[end] - self._until[max(end - days, 0)])

    def window(self, last: datetime.date) -> int:
        """The shortest window that ends on this day and holds enough cases; 0 where none does."""
        return next((days for days in WINDOWS if self.over(last, days) >= LEAST_CASES), 0)


@dataclass(frozen=True)
class _Seen:
    """Scores in the order of their days: the day, the probability and the numbers of the bins of each."""

    days: NDArray[np.int64]
    probabilities: Floats
    places: Mapping[str, NDArray[np.int16]]


def read(version: ModelVersion, first: datetime.date, last: datetime.date) -> list[MonitoringReading]:
    """The figures of each of these days, not yet stored."""
    reach = first - datetime.timedelta(days=WINDOWS[-1])
    scores = Score.objects.filter(model_version=version, role__in=_ROLES, scored_on__gt=reach, scored_on__lte=last)
    cases = ByDay(dict(scores.order_by().values_list("scored_on").annotate(Count("pk"))), reach, last)
    days = [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]
    windows = {day: cases.window(day) for day in days}
    found = [
        figure(version, day, "window", float(width), round(cases.over(day, width or WINDOWS[-1])))
        for day, width in windows.items()
    ]
    starts = [day - datetime.timedelta(days=width) for day, width in windows.items() if width]
    if not starts:
        return found
    reference = champion.load(version.artifact.file_sha256).reference
    seen = _read_scores(scores.filter(scored_on__gt=min(starts)), reference)
    for day, width in windows.items():
        if width:
            found += _of_one_day(version, day, width, seen, reference)
    return found


def _read_scores(scores: Any, reference: Mapping[str, Any]) -> _Seen:
    rows = scores.order_by("scored_on").values_list("scored_on", "probability_of_default", "features")
    unread = rows.iterator(chunk_size=BLOCK_ROWS)
    days: list[int] = []
    risks: list[Floats] = []
    places: dict[str, list[NDArray[np.int16]]] = {name: [] for name in reference["columns"]}
    while block := list(islice(unread, BLOCK_ROWS)):
        days += [row[0].toordinal() for row in block]
        risks.append(np.array([row[1] for row in block]))
        for name, found in places.items():
            found.append(_places(reference["columns"][name], [row[2].get(name) for row in block]))
    joined = {name: np.concatenate(found) for name, found in places.items()}
    return _Seen(np.array(days), np.concatenate(risks), joined)


def _places(expected: Mapping[str, Any], values: list[Any]) -> NDArray[np.int16]:
    """The number of each value's bin; of numbers 0 means missing, of categories the last one is all others."""
    if "edges" not in expected:
        number = {level: place for place, level in enumerate(expected["levels"])}
        return np.array(
            [number.get("" if value is None else str(value), len(number)) for value in values], dtype=np.int16
        )
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    found = np.searchsorted(expected["edges"], numbers, side="left") + 1
    return np.where(np.isnan(numbers), 0, found).astype(np.int16)


def _of_one_day(
    version: ModelVersion, on: datetime.date, width: int, seen: _Seen, reference: Mapping[str, Any]
) -> list[MonitoringReading]:
    start, end = np.searchsorted(seen.days, [on.toordinal() - width, on.toordinal()], side="right")
    risks, count = seen.probabilities[start:end], int(end - start)
    before = np.array(reference["score_counts"], dtype=float)
    psi, limit = _stability(before, np.searchsorted(reference["score_edges"], risks))
    gap = float(risks.mean()) - float(version.metrics.get("bad_rate", reference["mean"]))
    spread = chance.of_share(float(risks.mean()), count)
    found = [
        figure(version, on, "score_psi", psi, count, chance=limit),
        figure(version, on, "mean_gap", gap, count, chance=spread),
    ]
    bands = np.searchsorted(np.array(list(BANDS.values())[:-1]), risks, side="left")
    shares = np.bincount(bands, minlength=len(BANDS)) / count
    found += [
        figure(version, on, "band_share", float(share), count, band) for band, share in zip(BANDS, shares, strict=True)
    ]
    for name, expected in reference["columns"].items():
        counts = expected["missing_then_bins"] if "edges" in expected else [*expected["levels"].values(), 0]
        psi, limit = _stability(np.array(counts, dtype=float), seen.places[name][start:end])
        found.append(figure(version, on, "feature_psi", psi, count, name, chance=limit))
    return found


def _stability(before: Floats, places: NDArray[Any]) -> tuple[float, float]:
    """The stability index and how far chance carries it; bins that nobody is in on either side do not count."""
    now = np.bincount(places, minlength=len(before)).astype(float)
    used = (before + now) > 0
    value = population_stability(before[used] + 0.5, now[used] + 0.5)
    return value, chance.of_stability(int(used.sum()), float(now.sum()), float(before.sum()))
