"""How applications stand: the last decision, the last offer and the loan of each, read for a whole page at once."""

from collections.abc import Collection
from dataclasses import dataclass

from lending.applications.models import Application, Decision, Offer
from lending.loans.models import Loan


@dataclass(frozen=True, slots=True)
class Standing:
    decision: Decision | None
    offer: Offer | None
    loan_number: str | None


def standing_of(applications: Collection[Application]) -> dict[int, Standing]:
    """By the application's key; three queries, however many there are."""
    known = {application.pk: application for application in applications}
    decisions: dict[int, Decision] = {}
    for decision in Decision.objects.filter(application__in=known).select_related("score").order_by("pk"):
        decision.application = known[decision.application_id]
        decisions[decision.application_id] = decision
    offers: dict[int, Offer] = {}
    for offer in Offer.objects.filter(application__in=known).order_by("pk"):
        offers[offer.application_id] = offer
    loans = dict(Loan.objects.filter(application__in=known).values_list("application_id", "number"))
    return {pk: Standing(decisions.get(pk), offers.get(pk), loans.get(pk)) for pk in known}
