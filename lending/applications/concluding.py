"""Write a decision down and draw its consequence in the same transaction: an offer, the officers' queue, or the end.

    approve   an offer is made             application: offered
    refer     an officer takes it over     application: referred (unassigned until somebody takes it)
    decline   the principal reasons        application: declined

The customer is told at once, once per decision, in her language.
"""

import datetime
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone

from customers import notices
from customers.models import User
from lending.applications.models import Application, Decision, FactsSnapshot, Offer
from lending.applications.offering import first_offer
from lending.applications.review import answer_reviews
from lending.products.costs import Quote
from scoring.models import Score

STATUS_AFTER = {
    Decision.Outcome.APPROVE: Application.Status.OFFERED,
    Decision.Outcome.REFER: Application.Status.REFERRED,
    Decision.Outcome.DECLINE: Application.Status.DECLINED,
}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was decided, before it is written. Limit in minor units, rate yearly nominal percent."""

    outcome: str
    reasons: Sequence[Mapping[str, Any]]
    rules: Mapping[str, Any] = field(default_factory=dict)
    score: Score | None = None
    limit_minor: int | None = None
    yearly_rate_percent: Decimal | None = None
    installments: int | None = None
    quoted: Quote | None = None


@dataclass(frozen=True, slots=True)
class Concluded:
    """What was written: the decision and, where it approves, its offer."""

    decision: Decision
    offer: Offer | None


def conclude(
    application: Application,
    conclusion: Conclusion,
    *,
    snapshot: FactsSnapshot,
    by: User | None,
    on: datetime.date,
    override: bool = False,
    note: str = "",
    began: float | None = None,
) -> Concluded:
    """Write the decision of a locked application, in the caller's transaction; or the application too, where it is new.

    `began` (perf_counter) is when the customer began to wait for the machine.
    """
    took_ms = None if began is None else max(1, round((time.perf_counter() - began) * 1000))
    application.status = STATUS_AFTER[Decision.Outcome(conclusion.outcome)]
    application.decided_at = timezone.now()
    if application.pk is None:
        application.save(force_insert=True)
    else:
        application.save(update_fields=["status", "submitted_on", "submitted_at", "decided_at"])
    if snapshot.pk is None:
        snapshot.save(force_insert=True)
    decision = Decision.objects.create(
        application=application,
        snapshot=snapshot,
        score=conclusion.score,
        outcome=conclusion.outcome,
        reasons=list(conclusion.reasons),
        rules=dict(conclusion.rules),
        limit_minor=conclusion.limit_minor,
        yearly_rate_percent=conclusion.yearly_rate_percent,
        installments=conclusion.installments,
        by=by,
        override=override,
        note=note,
        decided_on=on,
        took_ms=took_ms,
    )
    offer = None
    if decision.outcome == Decision.Outcome.APPROVE:
        offer = first_offer(decision, on=on, quoted=conclusion.quoted)
    _tell(application, decision, offer, on)
    answer_reviews(decision, on=on)
    return Concluded(decision, offer)


def _tell(application: Application, decision: Decision, offer: Offer | None, on: datetime.date) -> None:
    product = application.product_version.product
    context: dict[str, Any] = {
        "application": str(application),
        "product_zh": product.name_zh,
        "product_en": product.name_en,
        "currency": application.product_version.currency,
        "decimals": application.product_version.decimals,
    }
    if offer is not None:
        kind = "application_approved"
        context |= {
            "amount_minor": offer.amount_minor,
            "installments": offer.installments,
            "yearly_rate_percent": offer.disclosure["yearly_rate_nominal_percent"],
            "expires_on": offer.expires_on,
        }
    elif decision.outcome == Decision.Outcome.DECLINE:
        kind = "application_declined"
        context["reasons"] = [
            {"text_zh": reason["text_zh"], "text_en": reason["text_en"]} for reason in decision.reasons
        ]
    else:
        kind = "application_referred"
    customer = application.customer
    known = hasattr(customer, "person") or hasattr(customer, "organisation")
    notices.notify(
        customer,
        kind=kind,
        key=f"decision:{decision.pk}",
        context=context,
        on=on,
        subject_type="application",
        subject_id=str(application.public_id),
        channels=notices.ALL_CHANNELS if known else (notices.INBOX,),
        first=True,
    )
