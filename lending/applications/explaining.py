"""A decision explained (PIPL art. 24): at once by the machine where the machine decided, else by a person with a clock.

What the machine tells is what it went by: the reasons of the decision, the facts it saw and where each came from, what
would have been approved (tried, not guessed), which model and strategy, and how facts are corrected. Characteristics
that are never scored are not told as facts that were used. Whoever was explained to by the machine and asks again is
answered by a person; so is whoever was decided by an officer, for whom no machine speaks.
"""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import translation

from customers import answering, service_cases
from customers.models import ServiceCase, User
from lending.applications.filling import refuse_strangers
from lending.applications.models import Decision
from lending.applications.presenting import facts_by_family
from lending.applications.review import SUBJECT
from lending.applications.wording import outcome_of, words_of
from lending.regulation.clocks import answer_due_on

#: Where a fact came from, as the customer knows it; a channel is named as it names itself.
SOURCES = {
    "applicant": ("您填写", "you told us"),
    "request": ("您的申请", "your application"),
    "identity": ("身份核验", "identity check"),
    "our book": ("我行记录", "your record with us"),
    "bureau": ("征信报告", "credit report"),
}
#: Facts for the fraud rules alone: no model goes by them, and whoever deceives is not told what gave him away.
PAPERS = "papers"


def ask_for_explanation(
    decision: Decision, *, by: User | None, on: datetime.date, text: str = "", key: uuid.UUID | None = None
) -> ServiceCase:
    """The customer's request; the case comes back answered where the machine can. The same key gives the first case.

    Raises NotYours.
    """
    application = decision.application
    with transaction.atomic():
        refuse_strangers(application.customer, by)
        known = ServiceCase.objects.filter(customer=application.customer, key=key).first() if key else None
        if known is not None:
            return known
        case = service_cases.open_case(
            application.customer,
            kind=ServiceCase.Kind.EXPLANATION,
            by=by,
            on=on,
            due_on=answer_due_on("explanation", on=on, jurisdiction=application.product_version.jurisdiction),
            text=text,
            subject_type=SUBJECT,
            subject_id=str(decision.pk),
            key=key,
        )
        if case.status == ServiceCase.Status.OPEN and machine_can(decision):
            case = answering.answer(case, answer=explain(decision), by=None, on=on, topic="decision")
        return case


def machine_can(decision: Decision) -> bool:
    """Whether the machine can answer for this decision: it made it, and has not explained it before."""
    return decision.by_id is None and bool(decision.reasons) and not explained_by_machine(decision)


def explained_by_machine(decision: Decision) -> bool:
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
            {"label": fact.label, "value": fact.value, "source": _source(fact.source, language)}
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


def _source(source: str, language: str) -> str:
    words = SOURCES.get(source)
    return source if words is None else words[0] if language.startswith("zh") else words[1]
