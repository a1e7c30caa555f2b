"""The training sample of our own book: what became of the applications we decided, beside what we knew on that day.

The features come from the facts kept with each score when it decided; nothing is looked up again, so that a model never
learns from what was not known. The sample is made step by step, and every application falls into exactly one step:

    excluded       fraud, staff, declined by a rule whatever the score, a channel that is left out
    not_taken_up   no loan came of it: withdrawn, expired, still open
    declined       we refused it, so no outcome can be seen (see `scoring.reject_inference`)
    immature       paid out less than the performance window ago, whatever became of it so far: loans that go bad early
                   would stand there without the good ones of their age
    indeterminate  late, but neither good nor bad
    good, bad      what a model learns from

    decided 2,226 = excluded 31 + not taken up 12 + declined 560 + immature 700 + indeterminate 23 + good 840 + bad 60
"""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from dateutil.relativedelta import relativedelta
from numpy.typing import NDArray

from scoring.features import REGISTRY, Feature, Kind
from scoring.features.columns import INPUTS, compute_columns
from scoring.learning.table import Column, Table
from scoring.models import Score
from scoring.outcomes import Definition, Outcome, outcomes
from scoring.refusals import NothingDecided

CHUNK = 1000
STEPS = ("excluded", "not_taken_up", "declined", "immature", "indeterminate", "good", "bad")
DECIDED_ON = "decided_on"
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Sample:
    """`everybody` is whoever was decided and is not excluded, with NaN as outcome where none was seen; `seen` are its
    rows with an outcome, `declined` those refused so long ago that they would have one. `sha256` is of all that was
    read: subject, day, step and facts of every application.
    """

    everybody: Table
    seen: Rows
    declined: Rows
    counts: Mapping[str, int]
    excluded: Mapping[str, int]
    sha256: str

    @property
    def judged(self) -> Table:
        """The table to learn from and to measure on."""
        return self.everybody.take(self.seen)

    @property
    def refused(self) -> Table:
        """The declined, whose outcome nobody knows."""
        return self.everybody.take(self.declined)


def step_of(outcome: Outcome) -> str:
    """Where an application falls among `STEPS`."""
    if outcome.excluded:
        return "excluded"
    if outcome.opened_on is None:
        return "declined" if outcome.final == "declined" else "not_taken_up"
    if not outcome.matured:
        return "immature"
    return "indeterminate" if outcome.bad is None else "bad" if outcome.bad else "good"


def read_sample(
    *,
    definition: Definition,
    since: datetime.date,
    until: datetime.date,
    as_of: datetime.date,
    leave_out: Sequence[str] = (),
) -> Sample:
    """The sample of applications decided from `since` to `until` as known on `as_of`, without the features `leave_out`.

    Memory holds the features as columns, not the facts. Raises NoBook, DefinitionInvalid and NothingDecided.
    """
    old_enough = as_of - relativedelta(months=definition.months)
    gathered = _Columns([feature for name, feature in REGISTRY.items() if name not in leave_out])
    counts, excluded, digest = Counter[str](), Counter[str](), hashlib.sha256()
    steps: list[str] = []
    for chunk in _chunks(outcomes(since=since, until=until, definition=definition, as_of=as_of)):
        known = _facts_of(chunk)
        kept = []
        for outcome in chunk:
            step = step_of(outcome)
            facts, facts_sha256 = known[outcome.subject]
            counts[step] += 1
            digest.update(f"{outcome.subject} {outcome.decided_on} {step} {facts_sha256}\n".encode())
            if step == "excluded":
                excluded[outcome.excluded] += 1
                continue
            steps.append("young" if step == "declined" and outcome.decided_on > old_enough else step)
            kept.append((outcome.decided_on, facts))
        gathered.add(kept)
    if not counts:
        raise NothingDecided(until=until)
    bad = np.array([{"bad": 1.0, "good": 0.0}.get(step, np.nan) for step in steps])
    seen = np.flatnonzero(~np.isnan(bad))
    return Sample(
        gathered.table(bad, seen),
        seen,
        np.flatnonzero([step == "declined" for step in steps]),
        {"decided": counts.total(), **{step: counts[step] for step in STEPS}},
        dict(sorted(excluded.items())),
        digest.hexdigest(),
    )


def _chunks(rows: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _facts_of(chunk: Sequence[Outcome]) -> dict[str, tuple[Mapping[str, Any], str]]:
    """The facts each subject was decided on, with their digest."""
    scores = Score.objects.filter(
        subject_reference__in=[outcome.subject for outcome in chunk], role=Score.Role.DECISION
    )
    rows = scores.order_by("-created_at").values_list("subject_reference", "facts", "facts_sha256")
    return {subject: (facts, sha256) for subject, facts, sha256 in rows}


class _Columns:
    """Features gathered column by column, a chunk of applications at a time."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = features
        self.parts: dict[str, list[Any]] = {feature.name: [] for feature in features}
        self.decided_on: list[str] = []

    def add(self, rows: Sequence[tuple[datetime.date, Mapping[str, Any]]]) -> None:
        wanted = {*self.parts, *INPUTS}
        facts = {name: [known.get(name) for _day, known in rows] for name in wanted}
        found = compute_columns(self.features, facts, len(rows))
        for feature in self.features:
            values = found[feature.name]
            self.parts[feature.name].append(values if _is_text(feature) else np.array(values, dtype=np.float64))
        self.decided_on += [day.isoformat() for day, _known in rows]

    def table(self, bad: NDArray[np.float64], seen: Rows) -> Table:
        """What was gathered, without the features that are known of nobody who was seen to the end."""
        columns: list[Column] = []
        values: dict[str, Any] = {}
        aside: dict[str, list[str]] = {DECIDED_ON: self.decided_on}
        for feature in self.features:
            column = _together(feature, self.parts[feature.name])
            if not any(_known(column[row]) for row in seen.tolist()):
                continue
            if feature.protected:
                aside[feature.name] = [str(value) if _known(value) else "" for value in column]
            else:
                columns.append(
                    Column(feature.name, not _is_text(feature), 0 if _is_text(feature) else feature.direction)
                )
                values[feature.name] = column
        return Table(tuple(columns), values, bad, aside=aside)


def _is_text(feature: Feature) -> bool:
    return feature.kind is Kind.CATEGORY


def _together(feature: Feature, parts: Iterable[Any]) -> Any:
    if _is_text(feature):
        return [value for part in parts for value in part]
    return np.concatenate([np.empty(0), *parts])


def _known(value: Any) -> bool:
    return value is not None and value == value
