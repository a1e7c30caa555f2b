"""A running model beside its rivals: what champion, challengers and shadows said of the same applications.

Compared are the applications that both models scored. Approval is what the strategy in force would decide by each
model's probability; a swap is an application that one of them approves and the other does not. Bad rates are told where
the book knows what became of the applications. Reads only.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.learning import metrics
from scoring.models import ModelVersion, Score, Strategy
from scoring.recommendation import APPROVE, recommend
from scoring.replay import known_outcomes, predicted_of, request_like, wide_open
from scoring.strategy_rules import STARTING_RULES

MOST = 500
RUNNING = (ModelVersion.Status.CHAMPION, ModelVersion.Status.CHALLENGER, ModelVersion.Status.SHADOW)


@dataclass(frozen=True, slots=True)
class Side:
    """One model on the compared applications."""

    version: ModelVersion
    approval_rate: float
    mean_points: float
    mean_probability: float
    bad_rate: float | None
    outcomes_known: int
    auc: float | None


@dataclass(frozen=True, slots=True)
class Duel:
    """Two models on the same applications. `only_ours`: approved by the first alone, with how many of their outcomes are known
    and the bad rate of these.
    """

    ours: Side
    theirs: Side
    applications: int
    outcomes_known: int
    psi: float
    only_ours: int
    only_theirs: int
    only_ours_known: int
    only_theirs_known: int
    only_ours_bad_rate: float | None
    only_theirs_bad_rate: float | None


def duels(version: ModelVersion, *, on: datetime.date) -> list[Duel]:
    """This version against every other running version of its name, over the last applications both scored."""
    family = ModelVersion.objects.filter(name=version.name, status__in=RUNNING).exclude(pk=version.pk)
    if version.status not in RUNNING:
        return []
    strategy = Strategy.objects.in_force(on)
    rules = strategy.rules if strategy else STARTING_RULES
    found = (_duel(version, rival, rules, on) for rival in family.order_by("-version"))
    return [duel for duel in found if duel is not None]


def _duel(version: ModelVersion, rival: ModelVersion, rules: Mapping[str, Any], on: datetime.date) -> Duel | None:
    theirs_scores = Score.objects.filter(model_version=rival).exclude(role=Score.Role.RESCORE)
    ours_scores = Score.objects.filter(model_version=version).exclude(role=Score.Role.RESCORE)
    latest = ours_scores.filter(subject_reference__in=theirs_scores.values("subject_reference"))
    ours = {score.subject_reference: score for score in latest.order_by("-created_at")[:MOST]}
    theirs = {score.subject_reference: score for score in theirs_scores.filter(subject_reference__in=list(ours))}
    subjects = [subject for subject in ours if subject in theirs]
    if not subjects:
        return None
    outcomes = known_outcomes([ours[subject] for subject in subjects], as_of=on)
    pairs = [([one[subject] for subject in subjects]) for one in (ours, theirs)]
    approved = [[_approves(score, rules) for score in scores] for scores in pairs]
    only = [
        [subject for subject, mine, other in zip(subjects, *sides, strict=True) if mine and not other]
        for sides in (approved, approved[::-1])
    ]
    return Duel(
        _side(version, pairs[0], approved[0], outcomes),
        _side(rival, pairs[1], approved[1], outcomes),
        len(subjects),
        len(outcomes),
        _psi(pairs[0], pairs[1]),
        len(only[0]),
        len(only[1]),
        sum(subject in outcomes for subject in only[0]),
        sum(subject in outcomes for subject in only[1]),
        _bad_rate(only[0], outcomes),
        _bad_rate(only[1], outcomes),
    )


def _approves(score: Score, rules: Mapping[str, Any]) -> bool:
    request = request_like(score, wide_open())
    return recommend(score.facts, request, predicted_of(score), rules).outcome == APPROVE


def _side(
    version: ModelVersion, scores: Sequence[Score], approved: Sequence[bool], outcomes: Mapping[str, bool]
) -> Side:
    passed = [score.subject_reference for score, yes in zip(scores, approved, strict=True) if yes]
    known = [score for score in scores if score.subject_reference in outcomes]
    bad = np.array([float(outcomes[score.subject_reference]) for score in known])
    area = metrics.auc(bad, np.array([score.probability_of_default for score in known])) if len(known) else float("nan")
    return Side(
        version,
        len(passed) / len(scores),
        sum(score.points for score in scores) / len(scores),
        sum(score.probability_of_default for score in scores) / len(scores),
        _bad_rate(passed, outcomes),
        sum(subject in outcomes for subject in passed),
        None if area != area else area,
    )


def _bad_rate(subjects: Sequence[str], outcomes: Mapping[str, bool]) -> float | None:
    known = [outcomes[subject] for subject in subjects if subject in outcomes]
    return sum(known) / len(known) if known else None


def _psi(ours: Sequence[Score], theirs: Sequence[Score]) -> float:
    """Stability of the second model's points over tenths of the first one's."""
    mine, other = (np.array([score.points for score in scores], dtype=float) for scores in (ours, theirs))
    edges = np.unique(np.quantile(mine, np.linspace(0.1, 0.9, 9)))
    counts = [
        np.bincount(np.searchsorted(edges, points), minlength=len(edges) + 1).astype(float) for points in (mine, other)
    ]
    return metrics.population_stability(*counts)
