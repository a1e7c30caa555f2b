"""What an officer sees of one application: everything the decision saw, in his language, on one page. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Purpose
from lending.applications import presenting
from lending.applications.models import Application, Decision
from lending.applications.presenting import facts_by_family
from lending.clock import business_date
from lending.products.purposes import PURPOSES
from scoring.models import FraudSignal
from scoring.telling import percent_told

__all__ = ["facts_by_family", "page_of", "page_of_decision"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    who: str
    what: str
    note: str = ""
    colour: str = ""


def standing_consents(application: Application) -> list[tuple[str, Consent | None]]:
    """Every purpose with the latest row about it."""
    latest: dict[str, Consent] = {}
    for consent in application.customer.consents.order_by("id"):
        latest[consent.purpose] = consent
    return [(str(purpose.label), latest.get(purpose.value)) for purpose in Purpose]


def findings_of(decision: Decision | None) -> list[dict[str, Any]]:
    """Findings of the regulation checks kept with a decision, each with its citation."""
    if decision is None:
        return []
    findings = decision.rules.get("findings", [])
    return [finding for finding in findings if isinstance(finding, dict)]


def timeline(application: Application, decisions: list[Decision]) -> list[Moment]:
    """Changes of state from the history, and the decisions, in their order."""
    moments = [*_changes(application), *_decisions(decisions)]
    return sorted(moments, key=lambda moment: moment.at)


def _changes(application: Application) -> Iterator[Moment]:
    before: Any = None
    for row in application.history.select_related("history_user", "assigned_to").order_by("history_id"):
        who = _name(row.history_user, application)
        if before is None or row.status != before.status:
            yield Moment(row.history_date, who, str(Application.Status(row.status).label))
        elif row.assigned_to_id != before.assigned_to_id and row.assigned_to:
            yield Moment(row.history_date, who, str(_("Taken by %(name)s") % {"name": row.assigned_to.username}))
        before = row


def _name(user: Any, application: Application) -> str:
    """Who did it; a customer's user name is a random word and tells nobody anything."""
    if user is None:
        return str(_("System"))
    return str(_("The customer")) if user.pk == application.customer.user_id else str(user.username)


def channel_of(application: Application) -> str:
    """Where it was made: our own portal in words, another channel as it names itself."""
    return str(_("Customer portal")) if application.channel == "portal" else application.channel


def _decisions(decisions: list[Decision]) -> Iterator[Moment]:
    for decision in decisions:
        who = decision.by.username if decision.by else str(_("Rules"))
        yield Moment(decision.created_at, who, decision.get_outcome_display(), decision.note, decision.outcome)


def purpose_of(application: Application) -> str:
    """What the loan is for, in the reader's language; empty when it was not said, the code when it is not ours."""
    known = PURPOSES.get(application.purpose)
    return known.name(get_language() or "en") if known else application.purpose


def page_of(application: Application) -> dict[str, Any]:
    """The whole page of an application as the template's context."""
    decisions = _decisions_of(application)
    standing = decisions[-1] if decisions else None
    version, customer = application.product_version, application.customer
    return {
        **_explained(application, decisions, standing),
        "customer": customer,
        "loan_purpose": purpose_of(application),
        "channel": channel_of(application),
        "standing": standing,
        "consents": standing_consents(application),
        "earlier": customer.applications.exclude(pk=application.pk)
        .select_related("product_version__product")
        .order_by("-id")[:10],
        "loans": customer.loans.order_by("-id")[:10],
        "offers": application.offers.order_by("-id")[:5],
        "timeline": timeline(application, decisions),
        "version": version,
    }


def page_of_decision(decision: Decision) -> dict[str, Any]:
    """One decision of an application, with what was known then and what came before and after it."""
    application = decision.application
    return {
        **_explained(application, _decisions_of(application), decision),
        "decision": decision,
        "version": application.product_version,
        "loan_purpose": purpose_of(application),
    }


def _decisions_of(application: Application) -> list[Decision]:
    return list(application.decisions.select_related("by", "snapshot", "score__model_version").order_by("id"))


def _explained(application: Application, decisions: list[Decision], shown: Decision | None) -> dict[str, Any]:
    """What both pages tell: the decision `shown` with the score, facts, terms and rules it rests on."""
    until = [decision for decision in decisions if shown is None or decision.pk <= shown.pk]
    automatic = next((decision for decision in reversed(until) if decision.by_id is None), None)
    score = next((decision.score for decision in reversed(until) if decision.score), None)
    snapshot = shown.snapshot if shown else application.snapshots.order_by("-id").first()
    strategy = presenting.strategy_of(automatic)
    currency = application.product_version.currency
    loan = getattr(application, "loan", None)
    return {
        "application": application,
        "automatic": automatic,
        "troubles": presenting.troubles(automatic),
        "score": score,
        "probability": percent_told(score.probability_of_default) if score else "",
        "starting_points": presenting.starting_points(score) if score else None,
        "bars": presenting.bars(score, currency) if score else [],
        "other_scores": presenting.other_scores(application, score),
        "signals": FraudSignal.objects.filter(subject_reference=str(application.public_id)).order_by("id")[:20],
        "strategy": strategy,
        "strategy_name": automatic.rules.get("strategy") if automatic else None,
        "counterfactual": automatic.rules.get("counterfactual") if automatic else None,
        "terms": presenting.terms(application, automatic, shown),
        "strains": presenting.strains(application, automatic, strategy),
        "bounds": presenting.bounds(application, strategy),
        "families": facts_by_family(snapshot.facts, snapshot.sources, currency) if snapshot else [],
        "snapshot": snapshot,
        "findings": findings_of(automatic or shown),
        "decisions": decisions,
        "loan": loan,
        "loan_days_past_due": loan.days_past_due(business_date()) if loan else 0,
    }
