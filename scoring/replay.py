"""A draft strategy against past applications: who would change sides, before anybody does.

Every past decision score is judged again from its own facts and its own predicted risk: once under the strategy in
force, once under the draft. Swap-ins are approved by the draft alone, swap-outs by the present strategy alone. Fraud
alarms are those recorded with the application.
"""

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.affordability import to_minor
from scoring.models import FraudSignal, Score
from scoring.reasons import Reason
from scoring.recommendation import APPROVE, Alarm, Predicted, Recommendation, Request, recommend


@dataclass(frozen=True, slots=True)
class Replayed:
    """One application under both strategies. `bad` is what became of it, if that is known."""

    subject: str
    before: str
    after: str
    probability: float
    bad: bool | None


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
    found = []
    for score in kept:
        predicted, request = predicted_of(score), request_of(score)
        raised = alarms.get(score.subject_reference, [])
        before = _judged(score, request, predicted, present, raised)
        after = _judged(score, request, predicted, draft, raised)
        bad = (outcomes or {}).get(score.subject_reference)
        found.append(Replayed(score.subject_reference, before.outcome, after.outcome, predicted.probability, bad))
    return found


def summary(replayed: Sequence[Replayed]) -> dict[str, Any]:
    """Counts of every move, swap-ins and swap-outs with their mean risk and, where known, their bad rate."""
    moves = Counter(f"{one.before} → {one.after}" for one in replayed)
    swap_ins = [one for one in replayed if one.after == APPROVE != one.before]
    swap_outs = [one for one in replayed if one.before == APPROVE != one.after]
    return {
        "applications": len(replayed),
        "moves": dict(sorted(moves.items())),
        "before": _side([one for one in replayed if one.before == APPROVE], len(replayed)),
        "after": _side([one for one in replayed if one.after == APPROVE], len(replayed)),
        "swap_ins": _side(swap_ins, len(replayed)),
        "swap_outs": _side(swap_outs, len(replayed)),
    }


def recent_summary(draft: Mapping[str, Any], present: Mapping[str, Any], *, most: int = 500) -> dict[str, Any]:
    """The last decisions under both strategies, for the page of a draft. Products' bounds are left wide open, so what
    changes side does so for the strategy's reasons alone."""
    scores = list(Score.objects.filter(role=Score.Role.DECISION).order_by("-created_at")[:most])
    wide = Request(0, "CNY", 1, "", 1, 10**15, tuple(range(1, 361)), Decimal(0), Decimal(24))
    return summary(replay(scores, lambda score: request_like(score, wide), present, draft))


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
    for signal in FraudSignal.objects.filter(subject_reference__in=subjects):
        alarm = Alarm(signal.rule, signal.severity, "", "", signal.evidence)
        found.setdefault(signal.subject_reference, []).append(alarm)
    return found


def _side(rows: Sequence[Replayed], total: int) -> dict[str, Any]:
    known = [one.bad for one in rows if one.bad is not None]
    return {
        "count": len(rows),
        "share": round(len(rows) / total, 4) if total else 0.0,
        "mean_probability": round(sum(one.probability for one in rows) / len(rows), 4) if rows else None,
        "bad_rate": round(sum(known) / len(known), 4) if known else None,
    }
