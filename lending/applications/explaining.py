"""A decision explained (PIPL art. 24): at once by what it went by, whoever decided; asked again, by a person with a clock.

What is told is what the decision went by: its reasons, the facts that were seen and where each came from, what would have
been approved (tried, not guessed), which model and strategy, how facts are corrected, and how a person looks again.
Characteristics that are never scored are not told as facts that were used. An officer's decision is told as that of a
loan officer, with the reasons given by the officer; the note for the file and the name stay with us.
"""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import translation

from customers import answering
from customers.models import ServiceCase, User
from lending.applications.asking import SUBJECT, asked_before, case_about
from lending.applications.models import Decision
from lending.applications.presenting import Fact, facts_by_family
from lending.applications.wording import outcome_of, words_of

#: Where a fact came from, as the customer knows it; a channel is named as it names itself.
SOURCES = {
    "applicant": ("您填写", "you told us"),
    "request": ("您的申请", "your application"),
    "identity": ("身份核验", "identity check"),
    "our book": ("本机构记录", "your record with us"),
    "bureau": ("征信报告", "credit report"),
}
#: Facts for the fraud rules alone: no model goes by them, and whoever deceives is not told what gave him away.
PAPERS = "papers"


def ask_for_explanation(
    decision: Decision, *, by: User | None, on: datetime.date, text: str = "", key: uuid.UUID | None = None
) -> ServiceCase:
    """The customer's request; the first case about a decision comes back answered. The same key gives the first case.

    Raises NotYours.
    """
    with transaction.atomic():
        known = asked_before(decision, by=by, key=key)
        if known is not None:
            return known
        case = case_about(decision, ServiceCase.Kind.EXPLANATION, by=by, on=on, text=text, key=key)
        if case.status == ServiceCase.Status.OPEN and at_once(decision):
            case = answering.answer(case, answer=explain(decision), by=None, on=on, topic="decision")
        return case


def at_once(decision: Decision) -> bool:
    """Whether the explanation is given at once: the decision has its reasons, and they were not explained before."""
    return bool(decision.reasons) and not explained_before(decision)


def explained_before(decision: Decision) -> bool:
    answered = ServiceCase.objects.about(SUBJECT, decision.pk).filter(kind=ServiceCase.Kind.EXPLANATION)
    return answered.filter(status=ServiceCase.Status.ANSWERED, answered_by=None).exists()


def explain(decision: Decision, language: str | None = None) -> str:
    """The whole explanation in the customer's language."""
    spoken = language or decision.application.customer.language
    return words_of("explanation", _context(decision, spoken), spoken)


def _context(decision: Decision, language: str) -> dict[str, Any]:
    snapshot, score = decision.snapshot, decision.score
    currency = decision.application.product_version.currency
    with translation.override(language):
        facts = [
            {"label": fact.label, "value": fact.value, "source": _source(fact, language)}
            for _family, rows in facts_by_family(snapshot.facts, snapshot.sources, currency)
            for fact in rows
            if fact.source != PAPERS
        ]
        model = score.model_version if score else None
        kind = str(model.get_algorithm_display()) if model else ""
    rules: Mapping[str, Any] = decision.rules
    nearest = rules.get("counterfactual")
    return {
        "application": str(decision.application),
        "officer": decision.by_id is not None,
        "outcome": outcome_of(decision, language),
        "on": decision.decided_on,
        "reasons": decision.reasons,
        "facts": facts,
        "findings": [one for one in rules.get("findings", []) if isinstance(one, Mapping)],
        "model": str(model) if model else "",
        "model_kind": kind,
        "strategy": rules.get("strategy") or "",
        "nearest": [nearest] if nearest else [],
    }


def _source(fact: Fact, language: str) -> str:
    words = SOURCES.get(fact.source)
    return fact.source_told if words is None else words[0] if language.startswith("zh") else words[1]
