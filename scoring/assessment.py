"""The assessment of one application: plain facts in; score, reasons and a recommendation out.

    assessment = assess(facts=…, request=Request(…), subject="…", customer="…", on=date(2026, 11, 23))
    assessment.recommendation   # "approve", "refer" or "decline"

Facts are values by name: see `scoring.features.registry` for those a model may use; facts nobody declared are ignored.
Money is in major units of the request's currency. Three keys are not facts about risk:

    identifiers      {"phone": …, "device": …}: what may be shared with others; kept as keyed hashes only
    failed_sources   ["bureau", …]: sources that did not answer; nothing is approved then
    debt_service_monthly   what is paid each month on debts elsewhere, for affordability

Nothing is approved without a certified, unexpired model, without the facts the strategy demands, or while a source
fails: such an application is referred to a person, with a reason that says so. Called inside the caller's
transaction; writes the score (and those of shadow models), the links and the fraud signals.
"""

import datetime
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from scoring import champion, fraud
from scoring.affordability import to_major
from scoring.counterfactual import Counterfactual, nearest_approved
from scoring.models import ModelVersion, Score, Strategy
from scoring.outliers import OutlierModel
from scoring.reasons import Reason
from scoring.recommendation import APPROVE, Alarm, Predicted, Recommendation, Request, recommend
from scoring.strategy_rules import STARTING_RULES

__all__ = ["Assessment", "Reason", "Request", "assess"]

_log = logging.getLogger(__name__)

_NO_MODEL = Reason(
    "NO_CERTIFIED_MODEL",
    "目前没有有效认证的评分模型，您的申请将由人工审核。",
    "No certified scoring model is in force; a person will look at your application.",
    kind="system",
)
_MODEL_FAILED = Reason(
    "MODEL_FAILED",
    "评分模型暂时无法使用，您的申请将由人工审核。",
    "The scoring model could not be used; a person will look at your application.",
    kind="system",
)
_NO_STRATEGY = Reason(
    "NO_APPROVED_STRATEGY",
    "目前没有已批准的审批策略，您的申请将由人工审核。",
    "No approved decision strategy is in force; a person will look at your application.",
    kind="system",
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the decision needs. `limit_minor` may be below the amount asked for when approving: offer that much.

    `yearly_rate_percent` (nominal) is None and `limit_minor` and `max_installments` are 0 when no model could score.
    """

    score: Score | None
    recommendation: str
    reasons: tuple[Reason, ...]
    limit_minor: int
    yearly_rate_percent: Decimal | None
    max_installments: int
    model_version: ModelVersion | None
    strategy_version: Strategy | None
    counterfactual: Counterfactual | None = None
    alarms: tuple[Alarm, ...] = ()


class InForce(NamedTuple):
    """The approved strategy and the certified models of a day."""

    strategy: Strategy | None
    models: tuple[ModelVersion, ...]


def in_force(on: datetime.date) -> InForce:
    return InForce(Strategy.objects.in_force(on), champion.candidates(on))


def assess(
    *,
    facts: Mapping[str, Any],
    request: Request,
    subject: str,
    customer: str,
    on: datetime.date,
    going_by: InForce | None = None,
    newcomer: bool = False,
) -> Assessment:
    """Assess one application. `subject` and `customer` are the caller's references, `on` the business date.

    `going_by`: what is in force on that date, where the caller has read it. `newcomer`: the customer has just come to us,
    so that nothing of hers need be looked for.
    """
    known = _known_facts(facts, request)
    strategy, models = going_by or in_force(on)
    rules = strategy.rules if strategy else STARTING_RULES
    with transaction.atomic():
        in_use = champion.running(models, subject)
        examined = fraud.examine(
            identifiers=facts.get("identifiers") or {},
            facts=known,
            subject=subject,
            customer=customer,
            on=on,
            outliers=_outliers(in_use.outliers),
            newcomer=newcomer,
        )
        alarms, known = examined.alarms, {**known, **examined.counts}
        version = in_use.deciding
        predicted, unavailable = _predicted(version, known)
        if strategy is None:
            unavailable.append(_NO_STRATEGY)
        unavailable += [_failed(source) for source in facts.get("failed_sources") or ()]
        result = recommend(known, request, predicted, rules, alarms, unavailable)
        score = None
        if version is not None and predicted is not None:
            score = _kept(version, predicted, known, subject, customer, on, Score.Role.DECISION, result)
        _score_in_shadow(in_use.shadows, known, subject, customer, on)
    return Assessment(
        score,
        result.outcome,
        result.reasons,
        result.limit_minor,
        result.yearly_rate_percent,
        result.max_installments,
        version,
        strategy,
        _counterfactual(known, request, version, rules, alarms, unavailable, result),
        alarms,
    )


def _known_facts(facts: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """The facts to score and keep: the request fills what it says, and raw identifiers are left out."""
    kept = {name: value for name, value in facts.items() if name not in ("identifiers", "failed_sources")}
    return {**kept, **_asked(request)}


def _outliers(version: ModelVersion | None) -> OutlierModel | None:
    """What tells the unusual, or None: without it nobody is called unusual, and nothing else changes."""
    if version is None:
        return None
    try:
        return champion.load_outliers(version.artifact.file_sha256)
    except Exception:  # a damaged file must not keep a decision from being made
        _log.exception("anomaly score %s failed", version)
        return None


def _asked(request: Request) -> dict[str, Any]:
    return {
        "requested_amount": str(to_major(request.amount_minor, request.currency)),
        "installments": request.installments,
    }


def _predicted(version: ModelVersion | None, facts: dict[str, Any]) -> tuple[Predicted | None, list[Reason]]:
    if version is None:
        return None, [_NO_MODEL]
    try:
        return champion.predict(version, facts), []
    except Exception:  # whatever a model does, an applicant is referred to a person and not shown an error
        _log.exception("model %s failed", version)
        return None, [_MODEL_FAILED]


def _failed(source: str) -> Reason:
    return Reason(
        "SOURCE_FAILED",
        f"数据源“{source}”暂时无法使用，您的申请将由人工审核。",
        f"The source “{source}” did not answer; a person will look at your application.",
        kind="system",
    )


def _kept(
    version: ModelVersion,
    predicted: Predicted,
    facts: dict[str, Any],
    subject: str,
    customer: str,
    on: datetime.date,
    role: str,
    result: Recommendation | None = None,
) -> Score:
    plain = json.loads(json.dumps(facts, default=str, sort_keys=True))
    return Score.objects.create(
        model_version=version,
        role=role,
        subject_reference=subject,
        customer_reference=customer,
        scored_on=on,
        facts=plain,
        facts_sha256=facts_digest(plain),
        features=dict(predicted.features),
        probability_of_default=predicted.probability,
        points=predicted.points,
        band=predicted.band,
        contributions={name: round(value, 9) for name, value in predicted.contributions.items()},
        reasons=[reason.as_json() for reason in result.reasons] if result else [],
    )


def facts_digest(facts: Mapping[str, Any]) -> str:
    """SHA-256 of the facts as canonical JSON."""
    content = json.dumps(facts, default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _score_in_shadow(
    shadows: tuple[ModelVersion, ...], facts: dict[str, Any], subject: str, customer: str, on: datetime.date
) -> None:
    """Shadow models score everything and decide nothing; one that fails is only noted."""
    for shadow in shadows:
        try:
            predicted = champion.predict(shadow, facts)
        except Exception:  # a shadow must never disturb a decision
            _log.exception("shadow model %s failed", shadow)
            continue
        _kept(shadow, predicted, facts, subject, customer, on, Score.Role.SHADOW)


def _counterfactual(
    facts: dict[str, Any],
    request: Request,
    version: ModelVersion | None,
    rules: Mapping[str, Any],
    alarms: tuple[Alarm, ...],
    unavailable: list[Reason],
    result: Recommendation,
) -> Counterfactual | None:
    in_full = result.outcome == APPROVE and result.limit_minor >= request.amount_minor
    if version is None or unavailable or in_full:
        return None

    def judge(tried: Request) -> Recommendation:
        changed = {**facts, **_asked(tried)}
        return recommend(changed, tried, champion.predict(version, changed, explained=False), rules, alarms)

    return nearest_approved(replace(request), judge)
