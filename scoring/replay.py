"""A draft strategy against past applications: who would change sides, before anybody does.

Every past decision score is judged again from its own facts and its own predicted risk: once under the strategy in
force, once under the draft. Swap-ins are approved by the draft alone, swap-outs by the present strategy alone. Fraud
alarms are those recorded with the application. Where it is known what became of an application (`outcomes`, from the
book or from a file), the bad rates of both sides are told, each with its 95 % interval (Wilson 1927).
"""

import csv
import dataclasses
import datetime
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring import champion
from scoring import outcomes as book
from scoring.affordability import to_minor
from scoring.csv_blocks import delimiter_of
from scoring.learning import metrics
from scoring.models import FraudSignal, ModelVersion, Score
from scoring.reasons import Reason
from scoring.recommendation import APPROVE, Alarm, Predicted, Recommendation, Request, recommend
from scoring.refusals import DataUnusable, NoBook


@dataclass(frozen=True, slots=True)
class Replayed:
    """One application under both strategies. `bad` is what became of it, if that is known."""

    subject: str
    before: str
    after: str
    probability: float
    bad: bool | None
    score: Score


def replay(
    scores: Iterable[Score],
    request_of: Callable[[Score], Request],
    present: Mapping[str, Any],
    draft: Mapping[str, Any],
    outcomes: Mapping[str, bool] | None = None,
) -> list[Replayed]:
    """Both strategies' recommendations for every score, in its order. Reads only."""
    kept = list(scores)
    alarms = _alarms([score.subject_reference for score in kept])
    versions = ModelVersion.objects.filter(pk__in={score.model_version_id for score in kept})
    files = dict(versions.values_list("pk", "artifact__file_sha256"))
    found = []
    for score in kept:
        gaps = champion.gaps_of(champion.load(files[score.model_version_id]), score.features)
        predicted, request = dataclasses.replace(predicted_of(score), gaps=gaps), request_of(score)
        raised = alarms.get(score.subject_reference, [])
        before = _judged(score, request, predicted, present, raised)
        after = _judged(score, request, predicted, draft, raised)
        bad = (outcomes or {}).get(score.subject_reference)
        found.append(
            Replayed(score.subject_reference, before.outcome, after.outcome, predicted.probability, bad, score)
        )
    return found


def summary(replayed: Sequence[Replayed]) -> dict[str, Any]:
    """Counts of every move, and of both sides and both swaps their mean risk and, where known, their bad rate."""
    moves = Counter((one.before, one.after) for one in replayed)
    sides = {
        "before": [one for one in replayed if one.before == APPROVE],
        "after": [one for one in replayed if one.after == APPROVE],
        "swap_ins": [one for one in replayed if one.after == APPROVE != one.before],
        "swap_outs": [one for one in replayed if one.before == APPROVE != one.after],
    }
    return {
        "applications": len(replayed),
        "outcomes_known": sum(one.bad is not None for one in replayed),
        "moves": [{"before": old, "after": new, "count": count} for (old, new), count in sorted(moves.items())],
        **{name: _side(rows, len(replayed)) for name, rows in sides.items()},
    }


def recent(
    draft: Mapping[str, Any],
    present: Mapping[str, Any],
    *,
    on: datetime.date,
    most: int = 500,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    outcomes: Mapping[str, bool] | None = None,
) -> list[Replayed]:
    """The last decisions under both strategies, with what became of them as known on a day.

    Products' bounds are left wide open, so what changes side does so for the strategy's reasons alone.
    """
    rows = Score.objects.filter(role=Score.Role.DECISION, scored_on__lte=until or on)
    rows = rows.filter(scored_on__gte=since) if since else rows
    scores = list(rows.order_by("-scored_on", "-created_at")[:most])
    wide = wide_open()
    known = known_outcomes(scores, as_of=on) if outcomes is None else outcomes
    return replay(scores, lambda score: request_like(score, wide), present, draft, known)


def recent_summary(draft: Mapping[str, Any], present: Mapping[str, Any], *, on: datetime.date) -> dict[str, Any]:
    """The summary of the last decisions, for the page of a draft."""
    return summary(recent(draft, present, on=on))


def wide_open() -> Request:
    """A product without bounds, of which a score's own request is taken."""
    return Request(0, "CNY", 1, "", 1, 10**15, tuple(range(1, 361)), Decimal(0), Decimal(24))


def known_outcomes(scores: Sequence[Score], *, as_of: datetime.date) -> dict[str, bool]:
    """What the book knows of these applications: True went bad. Empty where nobody keeps a book."""
    if not scores:
        return {}
    days, wanted = [score.scored_on for score in scores], {score.subject_reference for score in scores}
    try:
        found = book.outcomes(since=min(days), until=max(days), definition=book.Definition(), as_of=as_of)
        return {one.subject: one.bad for one in found if one.bad is not None and one.subject in wanted}
    except NoBook:
        return {}


def read_outcomes(lines: Iterable[str]) -> dict[str, bool]:
    """Outcomes in a CSV with the columns subject and outcome (1 bad, 0 good; empty rows are not known).

    Raises DataUnusable naming the columns that are there, or the line.
    """
    source = iter(lines)
    first = next(source, "")
    reader = csv.DictReader(itertools.chain([first], source), delimiter=delimiter_of(first))
    if not {"subject", "outcome"} <= set(reader.fieldnames or ()):
        columns = ", ".join(reader.fieldnames or ())[:200] or "none"
        problem = (
            f"the outcomes need the columns subject (of the application) and outcome (1 bad, 0 good); found: {columns}"
        )
        raise DataUnusable(problem=problem, field="outcomes")
    found = {}
    for line, row in enumerate(reader, 2):
        value = (row["outcome"] or "").strip()
        if value not in ("", "0", "1"):
            raise DataUnusable(problem=f"line {line}: the outcome is 1 (bad) or 0 (good)", field="outcomes")
        if value and row["subject"]:
            found[row["subject"].strip()] = value == "1"
    return found


def predicted_of(score: Score) -> Predicted:
    """What the model said then, from the row."""
    probability = min(max(score.probability_of_default, 1e-12), 1 - 1e-12)
    return Predicted(
        math.log(probability / (1 - probability)),
        score.probability_of_default,
        score.points,
        score.band,
        score.contributions,
        score.features,
    )


def request_like(score: Score, product: Request) -> Request:
    """The request of a past application, as its facts tell it, within a product's bounds."""
    amount = to_minor(Decimal(str(score.facts["requested_amount"])), product.currency)
    return dataclasses.replace(product, amount_minor=amount, installments=int(score.facts["installments"]))


def _judged(
    score: Score, request: Request, predicted: Predicted, rules: Mapping[str, Any], alarms: Sequence[Alarm]
) -> Recommendation:
    unavailable: tuple[Reason, ...] = ()
    return recommend(score.facts, request, predicted, rules, alarms, unavailable)


def _alarms(subjects: Sequence[str]) -> dict[str, list[Alarm]]:
    found: dict[str, list[Alarm]] = {}
    for signal in FraudSignal.objects.filter(subject_reference__in=subjects).exclude(severity="note"):
        alarm = Alarm(signal.rule, signal.severity, "", "", signal.evidence)
        found.setdefault(signal.subject_reference, []).append(alarm)
    return found


def _side(rows: Sequence[Replayed], total: int) -> dict[str, Any]:
    known = [one.bad for one in rows if one.bad is not None]
    return {
        "count": len(rows),
        "share": round(len(rows) / total, 4) if total else 0.0,
        "mean_probability": round(sum(one.probability for one in rows) / len(rows), 4) if rows else None,
        "outcomes_known": len(known),
        "bad_rate": round(sum(known) / len(known), 4) if known else None,
        "bad_rate_interval": metrics.wilson(sum(known), len(known)) if known else None,
    }
