"""The automatic decision of an application: rules of law, then the score and the strategy, then the cost of the offer.

1. Without consent to automated decisions nothing is decided or scored by a machine: a person decides (PIPL art. 24).
2. What the rules in force refuse is declined, with the rule's own words.
3. `scoring` recommends. If it cannot be asked, or fails, a person decides.
4. What the rules in force refer goes to a person, whatever was recommended.
5. An approval whose offer would cost more than the law allows goes to a person.

`judge` says what it comes to and writes no more than scoring does; `concluding.conclude` writes it, in the same
transaction. The officer's own decision is in `officers_decision`, and is offered here as well: `decide_by_officer`,
`OFFICER_REASONS`.
"""

import datetime
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from customers.models import Purpose
from lending.applications import facts as fact_gathering
from lending.applications import purpose_text
from lending.applications.concluding import Conclusion
from lending.applications.in_force import in_force
from lending.applications.models import Application, Decision, FactsSnapshot
from lending.applications.officer_reasons import OFFICER_REASONS
from lending.applications.officers_decision import decide_by_officer
from lending.finance.money import from_minor, to_minor
from lending.products.costs import quote
from lending.products.purposes import is_business
from lending.products.terms import term_months, terms_of
from lending.regulation import checks
from lending.regulation.checks import Credit, Finding, RuleBook, Severity
from scoring import assessment
from scoring.assessment import Assessment, Request

__all__ = ["OFFICER_REASONS", "decide_by_officer", "judge"]

_log = logging.getLogger(__name__)
MOST_REASONS = 4

NO_CONSENT = {
    "code": "NO_CONSENT_TO_AUTOMATED_DECISION",
    "text_zh": "您未同意自动化决策，您的申请将由人工审核。",
    "text_en": "You did not consent to automated decisions; a person will look at your application.",
    "kind": "system",
}
SCORING_FAILED = {
    "code": "SCORING_UNAVAILABLE",
    "text_zh": "评分服务暂时无法使用，您的申请将由人工审核。",
    "text_en": "The assessment is not available at the moment; a person will look at your application.",
    "kind": "system",
}
RULES_USED = (
    "consumer_amount_max", "business_amount_max", "consumer_term_months_max", "business_term_months_max",
    "bullet_term_months_max", "purposes_forbidden", "age_years", "students_refused", "all_in_rate_max_percent",
    "rate_void_above_percent", "lpr_multiple_max", "lpr_1y_percent", "penalty_multiple", "adverse_action_days",
    "decision_review_days", "automated_decision_needs_consent",
)  # fmt: skip


def judge(
    application: Application,
    *,
    on: datetime.date,
    snapshot: FactsSnapshot,
    consents: Mapping[str, bool],
    book: RuleBook,
) -> Conclusion:
    """What the rules of `book`, the score and the strategy make of an application that nobody else can change."""
    findings = _findings(application, snapshot.facts, book, on)
    if not consents.get(Purpose.AUTOMATED_DECISION):
        return Conclusion(Decision.Outcome.REFER, [NO_CONSENT], _rules(book, findings, None))
    if checks.worst(findings) is Severity.REFUSE:
        return Conclusion(Decision.Outcome.DECLINE, _words(findings, Severity.REFUSE), _rules(book, findings, None))
    assessed = _assess(application, snapshot, consents, book, on)
    if assessed is None:
        return Conclusion(Decision.Outcome.REFER, [SCORING_FAILED], _rules(book, findings, None))
    return _conclude_by_score(application, assessed, findings, book, on)


def _conclude_by_score(
    application: Application, assessed: Assessment, findings: list[Finding], book: RuleBook, on: datetime.date
) -> Conclusion:
    reasons = [reason.as_json() for reason in assessed.reasons]
    outcome, quoted = assessed.recommendation, None
    limit = min(assessed.limit_minor, application.product_version.max_amount_minor) or None
    installments = _installments(application, assessed)
    if outcome == Decision.Outcome.APPROVE and limit and installments and assessed.yearly_rate_percent is not None:
        quoted = quote(
            application.product_version,
            amount_minor=min(application.amount_minor or limit, limit),
            installments=installments,
            yearly_rate_percent=assessed.yearly_rate_percent,
            starts_on=on,
        )
        findings = [*findings, *checks.check_cost(quoted.cost.irr_nominal.rounded(), book)]
    if outcome == Decision.Outcome.APPROVE and (quoted is None or findings):
        # Nothing that law or policy has an objection to is approved by a machine.
        outcome, reasons = Decision.Outcome.REFER, [*_words(findings, *Severity), *reasons]
    elif outcome == Decision.Outcome.REFER:
        reasons = [*_words(findings, *Severity), *reasons]
    return Conclusion(
        outcome=outcome,
        reasons=reasons[:MOST_REASONS],
        rules=_rules(book, findings, assessed),
        score=assessed.score,
        limit_minor=limit,
        yearly_rate_percent=assessed.yearly_rate_percent,
        installments=installments,
        quoted=quoted,
    )


def _installments(application: Application, assessed: Assessment) -> int | None:
    """The number asked for, or the longest that is offered and recommended where that is shorter."""
    asked = application.installments or 0
    if asked <= assessed.max_installments:
        return asked or None
    return max(
        (n for n in application.product_version.installment_choices if n <= assessed.max_installments), default=None
    )


def credit_of(application: Application, amount_minor: int, installments: int, on: datetime.date) -> Credit:
    """A loan of this application as the checks want to see it."""
    version = application.product_version
    terms = terms_of(
        version,
        amount_minor=amount_minor,
        installments=installments,
        yearly_rate_percent=version.max_yearly_rate_percent,
        starts_on=on,
    )
    return Credit(
        amount=from_minor(amount_minor, version.decimals),
        currency=version.currency,
        term_months=term_months(terms),
        purpose=application.purpose,
        business=version.product.audience == "organisation" or is_business(application.purpose),
        bullet=terms.repayment.method in ("interest_only", "bullet"),
    )


def _findings(application: Application, known: Mapping[str, Any], book: RuleBook, on: datetime.date) -> list[Finding]:
    credit = credit_of(application, application.amount_minor or 0, application.installments or 0, on)
    age = known.get("age_years")
    return [
        *checks.check_credit(credit, book),
        *purpose_text.findings(application, book, on),
        *checks.check_applicant(
            age_years=int(age) if age is not None else None,
            employment_type=str(known.get("employment_type", "")),
            rules=book,
        ),
    ]


def _assess(
    application: Application,
    snapshot: FactsSnapshot,
    consents: Mapping[str, bool],
    book: RuleBook,
    on: datetime.date,
) -> Assessment | None:
    """What scoring says; None when it cannot be asked. Whatever happens there, an applicant is not shown an error."""
    known = {**snapshot.facts, "identifiers": fact_gathering.identifiers(application, consents)}
    try:
        return assessment.assess(
            facts=known,
            request=_request(application, book),
            subject=str(application.public_id),
            customer=str(application.customer.public_id),
            on=on,
            going_by=in_force(on).scoring,
            newcomer=application.customer.pk is None,
        )
    except Exception:
        _log.exception("scoring could not assess the application %s", application.public_id)
        return None


def _request(application: Application, book: RuleBook) -> Request:
    version = application.product_version
    most = version.max_amount_minor
    business = version.product.audience == "organisation" or is_business(application.purpose)
    rule = book.get("business_amount_max" if business else "consumer_amount_max")
    if rule is not None and rule.unit == version.currency:
        most = min(most, to_minor(rule.decimal, version.decimals))
    return Request(
        amount_minor=application.amount_minor or 0,
        currency=version.currency,
        installments=application.installments or 0,
        product_code=version.product.code,
        min_amount_minor=version.min_amount_minor,
        max_amount_minor=most,
        allowed_installments=tuple(version.installment_choices),
        min_yearly_rate_percent=version.min_yearly_rate_percent,
        max_yearly_rate_percent=version.max_yearly_rate_percent,
    )


def _words(findings: Sequence[Finding], *severities: Severity) -> list[dict[str, Any]]:
    """Findings as reasons, each code once."""
    told = {finding.code: finding for finding in findings if finding.severity in severities}
    return [
        {
            "code": code,
            "text_zh": finding.text_zh,
            "text_en": finding.text_en,
            "kind": "rule",
            "citation": finding.citation,
        }
        for code, finding in told.items()
    ][:MOST_REASONS]


def _rules(book: RuleBook, findings: Sequence[Finding], assessed: Assessment | None) -> dict[str, Any]:
    """What the decision rests on and keeps: versions, recommendation, findings, parameters with citations."""
    applied: dict[str, Any] = {
        "parameters": {code: book[code].as_json() for code in RULES_USED if code in book},
        "findings": [finding.as_json() for finding in findings],
    }
    if assessed is None:
        return applied
    rate, nearest = assessed.yearly_rate_percent, assessed.counterfactual
    return applied | {
        "strategy": str(assessed.strategy_version) if assessed.strategy_version else None,
        "model": str(assessed.model_version) if assessed.model_version else None,
        "recommendation": {
            "outcome": assessed.recommendation,
            "limit_minor": assessed.limit_minor,
            "yearly_rate_percent": None if rate is None else str(rate),
            "max_installments": assessed.max_installments,
        },
        "counterfactual": nearest
        and {
            "amount_minor": nearest.amount_minor,
            "installments": nearest.installments,
            "text_zh": nearest.text_zh,
            "text_en": nearest.text_en,
        },
    }
