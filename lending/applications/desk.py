"""What an officer sees of one application: everything the decision saw, in his language, on one page. Reads only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Purpose
from lending.applications.models import Application, Decision
from lending.products.purposes import PURPOSES
from scoring.features import REGISTRY

FAMILIES = {
    "identity_income": _("Identity and income"),
    "credit_history": _("Credit history"),
    "behaviour": _("Behaviour with us"),
    "device_transaction": _("Device and transactions"),
    "other": _("Other facts"),
}
HIDDEN = frozenset({"identifiers", "failed_sources", "name", "id_number", "phone", "email", "address"})


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One contribution to the score. `points` below zero speak for more risk; `width` is a whole percentage of half."""

    label: str
    points: str
    width: int
    adverse: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    who: str
    what: str
    note: str = ""
    colour: str = ""


def label_of(name: str) -> str:
    """What a fact or feature is called in the reader's language."""
    feature = REGISTRY.get(name)
    if feature is None:
        return name.replace("_", " ")
    return feature.label.zh if (get_language() or "").startswith("zh") else feature.label.en


def facts_by_family(facts: Mapping[str, Any], sources: Mapping[str, Any]) -> list[tuple[str, list[Fact]]]:
    """(family, facts), protected characteristics and identifiers left out: the officer decides without them too."""
    families: dict[str, list[Fact]] = {family: [] for family in FAMILIES}
    for name, value in sorted(facts.items()):
        feature = REGISTRY.get(name)
        if name in HIDDEN or isinstance(value, dict | list) or (feature is not None and feature.protected):
            continue
        family = str(feature.family) if feature else "other"
        families[family].append(Fact(label_of(name), _readable(value), str(sources.get(name, ""))))
    return [(str(FAMILIES[family]), rows) for family, rows in families.items() if rows]


def _readable(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if value is None or value == "":
        return "—"
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"


def bars(contributions: Mapping[str, Any], most: int = 12) -> list[Bar]:
    """The largest contributions, in units of log-odds of default, the heaviest first."""
    ranked = sorted(contributions.items(), key=lambda pair: -abs(float(pair[1])))[:most]
    widest = max((abs(float(value)) for _name, value in ranked), default=0.0)
    return [
        Bar(
            label_of(name),
            f"{float(value):+.2f}",
            round(abs(float(value)) * 100 / widest) if widest else 0,
            float(value) > 0,
        )
        for name, value in ranked
    ]


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
        who = row.history_user.username if row.history_user else str(_("System"))
        if before is None or row.status != before.status:
            yield Moment(row.history_date, who, str(Application.Status(row.status).label))
        elif row.assigned_to_id != before.assigned_to_id and row.assigned_to:
            yield Moment(row.history_date, who, str(_("Taken by %(name)s") % {"name": row.assigned_to.username}))
        before = row


def _decisions(decisions: list[Decision]) -> Iterator[Moment]:
    for decision in decisions:
        who = decision.by.username if decision.by else str(_("Rules"))
        yield Moment(decision.created_at, who, decision.get_outcome_display(), decision.note, decision.outcome)


def purpose_of(application: Application) -> str:
    """What the loan is for, in the reader's language; empty when it was not said, the code when it is not ours."""
    known = PURPOSES.get(application.purpose)
    return known.name(get_language() or "en") if known else application.purpose


def page_of(application: Application) -> dict[str, Any]:
    """The whole page as the template's context."""
    decisions = list(application.decisions.select_related("by", "snapshot", "score__model_version").order_by("id"))
    standing = decisions[-1] if decisions else None
    automatic = next((decision for decision in reversed(decisions) if decision.by_id is None), None)
    score = next((decision.score for decision in reversed(decisions) if decision.score), None)
    snapshot = application.snapshots.order_by("-id").first()
    version = application.product_version
    customer = application.customer
    return {
        "application": application,
        "version": version,
        "customer": customer,
        "loan_purpose": purpose_of(application),
        "standing": standing,
        "automatic": automatic,
        "score": score,
        "model_version": score.model_version if score else None,
        "bars": bars(score.contributions) if score else [],
        "probability": f"{score.probability_of_default:.1%}" if score else "",
        "families": facts_by_family(snapshot.facts, snapshot.sources) if snapshot else [],
        "snapshot": snapshot,
        "findings": findings_of(automatic or standing),
        "consents": standing_consents(application),
        "earlier": customer.applications.exclude(pk=application.pk)
        .select_related("product_version__product")
        .order_by("-id")[:10],
        "loans": customer.loans.order_by("-id")[:10],
        "offers": application.offers.order_by("-id")[:5],
        "timeline": timeline(application, decisions),
    }
