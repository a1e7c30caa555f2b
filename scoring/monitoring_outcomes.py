"""Outcomes: what became of the loans a model decided about, read on the first day of each month.

A loan tells nothing before its performance window has passed, and what it tells then does not change; so a month is
soon enough. The definition of bad is the one the model was trained with (`spec["definition"]`), else that of
`scoring.outcomes.Definition`. Read are the cases of the twelve months of decisions whose window has passed:

    predicted, realised    mean predicted probability and bad rate: of all, of each band (A), and of a quarter of
                           decisions (2026Q1) once, in the month after the last of its loans is ripe
    realised_by            bad rate of loans approved by the `machine`, by an `officer` as recommended or as referred,
                           and `against` the recommendation
    auc, auc_loss          area under the ROC curve, and how far it lies below the one in training
    bad_rate_gap           realised less predicted bad rate

Alarms need 30 ripe cases, the area 5 bad ones as well. A vintage is a month of disbursements; on the first of a month
each vintage that reached one of the ages below gets its point, once:

    vintage_30, vintage_90    share of the loans of a vintage that were ever 30 (90) or more days past due, or worse, by
                              1, 2, 3, 4, 5, 6, 9, 12, 18 and 24 months after disbursement (2026-01:06)
"""

import datetime
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from dateutil.relativedelta import relativedelta

from scoring import chance
from scoring.learning import metrics
from scoring.models import ModelVersion, MonitoringReading, Score
from scoring.outcomes import Definition, Outcome, outcomes
from scoring.refusals import NoBook
from scoring.triggers import figure

AGES = (1, 2, 3, 4, 5, 6, 9, 12, 18, 24)
LEAST_OUTCOMES, LEAST_BAD = 30, 5
YEAR = relativedelta(months=12)
_BLOCK_ROWS = 1000
#: Offers lapse long before: nobody is paid out later than this after the decision.
_DECISION_TO_LOAN = datetime.timedelta(days=92)


def definition_of(version: ModelVersion) -> Definition:
    """What bad means to this model."""
    told: dict[str, Any] = dict((version.spec or {}).get("definition") or {})
    if "exclusions" in told:
        told["exclusions"] = tuple(told["exclusions"])
    return Definition(**told)


def read(version: ModelVersion, first: datetime.date, last: datetime.date) -> list[MonitoringReading]:
    """The figures of the first days of months among these days, not yet stored."""
    days = [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]
    try:
        return [row for on in days if on.day == 1 for row in _of_one_day(version, on)]
    except NoBook:
        return []


def _of_one_day(version: ModelVersion, on: datetime.date) -> list[MonitoringReading]:
    found = _ripe_readings(version, on)
    return found if version.status == "shadow" else [*found, *_vintages(version, on)]


@dataclass
class _Group:
    """Ripe cases of one kind: their predicted probabilities and whether they went bad."""

    predicted: "array[float]" = field(default_factory=lambda: array("d"))
    bad: "array[int]" = field(default_factory=lambda: array("b"))

    def add(self, predicted: float, bad: bool) -> None:
        self.predicted.append(predicted)
        self.bad.append(bad)

    def __len__(self) -> int:
        return len(self.bad)

    @property
    def expected(self) -> float:
        return sum(self.predicted) / len(self.predicted)

    @property
    def rate(self) -> float:
        return sum(self.bad) / len(self.bad)


def _ripe_readings(version: ModelVersion, on: datetime.date) -> list[MonitoringReading]:
    definition = definition_of(version)
    until = on - relativedelta(months=definition.months)
    rows = outcomes(since=until - YEAR, until=until, definition=definition, as_of=on)
    quarter_from = _quarter_ripe_on(on, definition.months)
    groups: dict[tuple[str, str], _Group] = defaultdict(_Group)
    for outcome, predicted, band in _scored(
        version, (row for row in rows if row.matured and row.place in ("good", "bad"))
    ):
        bad = bool(outcome.bad)
        groups["both", ""].add(predicted, bad)
        groups["both", band].add(predicted, bad)
        groups["realised_by", _decided_by(outcome)].add(predicted, bad)
        if quarter_from and quarter_from <= outcome.decided_on < quarter_from + relativedelta(months=3):
            groups["both", f"{quarter_from.year}Q{(quarter_from.month + 2) // 3}"].add(predicted, bad)
    found = []
    for (metric, feature), group in groups.items():
        if metric == "both":
            found.append(figure(version, on, "predicted", group.expected, len(group), feature))
        found.append(figure(version, on, "realised" if metric == "both" else metric, group.rate, len(group), feature))
    return [*found, *_alarms(version, on, groups["both", ""])]


def _quarter_ripe_on(on: datetime.date, months: int) -> datetime.date | None:
    """The first day of the quarter whose last loans became ripe in the month before; its payouts are given a month."""
    after = on - relativedelta(months=months + 1)
    return after - relativedelta(months=3) if after.month in (1, 4, 7, 10) else None


def _decided_by(outcome: Outcome) -> str:
    if outcome.overridden:
        return "against"
    return "machine" if outcome.decision == "approve" else "officer"


def _alarms(version: ModelVersion, on: datetime.date, ripe: _Group) -> list[MonitoringReading]:
    if len(ripe) < LEAST_OUTCOMES:
        return []
    spread = chance.of_share(ripe.expected, len(ripe))
    found = [figure(version, on, "bad_rate_gap", ripe.rate - ripe.expected, len(ripe), chance=spread)]
    bads = sum(ripe.bad)
    if LEAST_BAD <= bads < len(ripe):
        area = metrics.auc(np.array(ripe.bad, dtype=float), np.array(ripe.predicted))
        trained = float(version.metrics.get("auc", 0.5))
        spread = chance.of_area(trained, bads, len(ripe) - bads)
        found.append(figure(version, on, "auc", area, len(ripe)))
        found.append(figure(version, on, "auc_loss", trained - area, len(ripe), chance=spread))
    return found


def _scored(version: ModelVersion, rows: Iterable[Outcome]) -> Iterator[tuple[Outcome, float, str]]:
    """The outcomes of subjects that this version scored, with the probability and the band it gave."""
    role = Score.Role.SHADOW if version.status == "shadow" else Score.Role.DECISION
    unread = iter(rows)
    while block := list(islice(unread, _BLOCK_ROWS)):
        scores = Score.objects.filter(
            model_version=version, role=role, subject_reference__in=[row.subject for row in block]
        )
        known = {
            subject: (probability, band)
            for subject, probability, band in scores.values_list("subject_reference", "probability_of_default", "band")
        }
        for row in block:
            if row.subject in known:
                yield row, *known[row.subject]


def _vintages(version: ModelVersion, on: datetime.date) -> list[MonitoringReading]:
    found = []
    for age in AGES:
        month = on - relativedelta(months=age + 1)
        end = month + relativedelta(months=1)
        definition = Definition(months=age, bad_days=90, indeterminate_from=30, exclusions=())
        rows = outcomes(since=month - _DECISION_TO_LOAN, until=end, definition=definition, as_of=on)
        opened = (row for row in rows if row.opened_on is not None and month <= row.opened_on < end)
        places = [row.place for row, _predicted, _band in _scored(version, opened)]
        if places:
            bad, late, key = places.count("bad"), places.count("indeterminate"), f"{month:%Y-%m}:{age:02}"
            found.append(figure(version, on, "vintage_30", (bad + late) / len(places), len(places), key))
            found.append(figure(version, on, "vintage_90", bad / len(places), len(places), key))
    return found
