"""The recommendation: facts, a predicted risk and a strategy in; approve, refer or decline with terms and reasons out.

Pure: no database, no clock. The order of the questions, first answer wins:

1. a knock-out rule holds                                   decline, with the rule's own words
2. a fact nothing may be approved without is missing,
   a source failed, no certified model could score, or one
   that never learnt what a missing fact means              refer, saying which
3. a fraud rule asks for it                                 decline or refer
4. the risk is at or above the decline cut-off              decline, with the factors that weighed most
5. a policy rule holds, or cannot be answered, a figure of
   affordability is not known, or the risk lies in the
   grey zone                                                refer, saying which
6. the new installment does not fit                         decline, with a way that would (if there is one)
7. otherwise                                                approve, within the band's limit, rate and term

An unanswered knock-out (a missing fact) never approves: it refers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from scoring.affordability import affordability, floor_to_step, to_major, to_minor
from scoring.conditions import holds, is_unknown, names_in
from scoring.features import REGISTRY, Text
from scoring.reasons import Reason, at_most_four, from_contributions

APPROVE, REFER, DECLINE = "approve", "refer", "decline"
_LABELS = {"debt_service_monthly": Text("每月偿还其他债务的金额", "monthly repayments on other debts")}
"""Facts that decide without being features of a model."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for and what the product allows. Amounts in minor units; rates yearly nominal, percent."""

    amount_minor: int
    currency: str
    installments: int
    product_code: str
    min_amount_minor: int
    max_amount_minor: int
    allowed_installments: tuple[int, ...]
    min_yearly_rate_percent: Decimal
    max_yearly_rate_percent: Decimal


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model says of one applicant. Contributions are parts of the log-odds of default."""

    log_odds: float
    probability: float
    points: int
    band: str
    contributions: Mapping[str, float]
    features: Mapping[str, Any]
    gaps: tuple[str, ...] = ()
    """Features that are missing here and were known of everybody the model learnt from."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A fraud rule that fired. `severity`: refer or decline."""

    code: str
    severity: str
    text_zh: str
    text_en: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`limit_minor` is the highest amount to lend; when approving it may be below the amount asked for; 0 on
    decline.
    """

    outcome: str
    reasons: tuple[Reason, ...]
    limit_minor: int
    yearly_rate_percent: Decimal | None
    max_installments: int


def recommend(
    facts: Mapping[str, Any],
    request: Request,
    predicted: Predicted | None,
    rules: Mapping[str, Any],
    alarms: Sequence[Alarm] = (),
    unavailable: Sequence[Reason] = (),
) -> Recommendation:
    """The recommendation of one strategy; see the module's words for the order of its questions."""
    terms = _terms(facts, request, predicted, rules)
    outcome, reasons = _outcome(facts, request, predicted, rules, alarms, unavailable, terms)
    limit_minor = 0 if outcome == DECLINE else terms.limit_minor
    return Recommendation(outcome, at_most_four(reasons), limit_minor, terms.rate, terms.max_installments)


@dataclass(frozen=True, slots=True)
class _Terms:
    limit_minor: int
    affordable_minor: int | None
    unknown: tuple[str, ...]
    rate: Decimal | None
    max_installments: int


def _outcome(
    facts: Mapping[str, Any],
    request: Request,
    predicted: Predicted | None,
    rules: Mapping[str, Any],
    alarms: Sequence[Alarm],
    unavailable: Sequence[Reason],
    terms: _Terms,
) -> tuple[str, list[Reason]]:
    knocked, unanswered = _rules_that_hold(rules["knock_outs"], facts)
    if knocked:
        return DECLINE, knocked
    lacking = [_missing(name) for name in rules["must_have"] if is_unknown(facts.get(name))]
    if lacking or unavailable or predicted is None or predicted.gaps:
        gaps = predicted.gaps if predicted else ()
        return REFER, [*unavailable, *lacking, *unanswered, *map(_missing, gaps)]
    severe = [_alarm_reason(alarm) for alarm in alarms if alarm.severity == DECLINE]
    if severe:
        return DECLINE, severe
    against = list(from_contributions(predicted.contributions, predicted.features, adverse=True))
    cut_offs = rules["cut_offs"]
    if predicted.probability >= float(cut_offs["decline_from_pd"]):
        return DECLINE, against
    held, unknown = _rules_that_hold(rules["policy"], facts)
    held = [_alarm_reason(alarm) for alarm in alarms] + held + unanswered + unknown
    held += [_missing(name) for name in terms.unknown]
    if not predicted.probability <= float(cut_offs["approve_to_pd"]):
        return REFER, held + against
    if held:
        return REFER, held
    return _by_affordability(request, predicted, rules, terms)


def _by_affordability(
    request: Request, predicted: Predicted, rules: Mapping[str, Any], terms: _Terms
) -> tuple[str, list[Reason]]:
    assert terms.affordable_minor is not None  # noqa: S101 - an unknown figure has referred before
    favourable = list(from_contributions(predicted.contributions, predicted.features, adverse=False))
    if terms.limit_minor >= request.amount_minor and request.installments <= terms.max_installments:
        return APPROVE, favourable
    least = max(
        request.min_amount_minor, int(request.amount_minor * Decimal(str(rules["offers"]["least_share_of_request"])))
    )
    bounded = _bounded(terms, request)
    if terms.limit_minor >= least:
        return APPROVE, [bounded, *favourable]
    if terms.affordable_minor < least:
        return DECLINE, [bounded]
    return REFER, [bounded]


def _terms(facts: Mapping[str, Any], request: Request, predicted: Predicted | None, rules: Mapping[str, Any]) -> _Terms:
    """Limit, rate and term of the applicant's band, inside the product's bounds, for the term asked for (or
    shorter).
    """
    if predicted is None:
        return _Terms(0, None, (), None, 0)
    band = rules["bands"][predicted.band]
    width = request.max_yearly_rate_percent - request.min_yearly_rate_percent
    rate = (request.min_yearly_rate_percent + width * Decimal(str(band["rate_position"]))).quantize(Decimal("0.01"))
    allowed = [count for count in request.allowed_installments if count <= band["installments_at_most"]]
    longest = max(allowed, default=min(request.allowed_installments, default=request.installments))
    left = affordability(facts, rules["affordability"])
    carried = left.carries(min(request.installments, longest), rate)
    if carried is None:
        return _Terms(0, None, left.unknown, rate, longest)
    income = Decimal(str(facts["income_monthly"]))
    step = Decimal(str(rules["offers"]["amount_step"]))
    most = to_major(request.max_amount_minor, request.currency)
    by_band = income * Decimal(str(band["income_multiple"]))
    asked = to_major(request.amount_minor, request.currency)
    limit = min(carried, by_band, most)
    limit = (
        limit
        if limit == asked
        else floor_to_step(limit, step)
        if limit < asked
        else max(floor_to_step(limit, step), asked)
    )
    limit_minor = to_minor(limit, request.currency)
    limit_minor = limit_minor if limit_minor >= request.min_amount_minor else 0
    return _Terms(limit_minor, to_minor(carried, request.currency), (), rate, longest)


def _rules_that_hold(rules: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> tuple[list[Reason], list[Reason]]:
    """The rules that hold, and for those that cannot be answered the facts that are missing or cannot be read."""
    held: list[Reason] = []
    unanswered: list[Reason] = []
    for rule in rules:
        answer = holds(rule["when"], facts)
        if answer:
            held.append(Reason(rule["code"], rule["text_zh"], rule["text_en"], kind="rule"))
        elif answer is None:
            names = list(names_in(rule["when"]))
            unanswered += [_missing(name) for name in names if is_unknown(facts.get(name))] or map(_missing, names)
    return held, unanswered


def _missing(name: str) -> Reason:
    label = REGISTRY[name].label if name in REGISTRY else _LABELS.get(name, Text(name, name.replace("_", " ")))
    zh, en = label.zh, label.en.lower()
    return Reason(
        f"MISSING_{name.upper()}",
        f"缺少“{zh}”的信息，需人工核实。",
        f"We need to know your {en} before we can decide; a person will ask you.",
        kind="missing",
        feature=name,
    )


def _alarm_reason(alarm: Alarm) -> Reason:
    return Reason(alarm.code, alarm.text_zh, alarm.text_en, kind="rule")


def _bounded(terms: _Terms, request: Request) -> Reason:
    """Why the amount asked for is not lent: the room for installments, or the limit of the risk band, or the term."""
    if terms.affordable_minor is not None and terms.affordable_minor < request.amount_minor:
        return Reason(
            "NOT_AFFORDABLE",
            "按您的收入和支出，所申请金额的每期还款超出可承受范围。",
            "The installments of the amount you asked for would be more than your income and expenses allow.",
            kind="rule",
        )
    if request.installments > terms.max_installments:
        return Reason(
            "TERM_TOO_LONG",
            "所选期限超出我们可提供的最长期限。",
            "The term you chose is longer than we can offer you.",
            kind="rule",
        )
    return Reason(
        "ABOVE_LIMIT",
        "所申请金额超出按您的收入可提供的额度。",
        "The amount you asked for is above the limit we can offer for your income.",
        kind="rule",
    )
