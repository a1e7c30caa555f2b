"""What an applicant is told would be approved is approved when she asks for it, by the whole assessment, for everybody."""

from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from scoring import demo_process
from scoring.assessment import Request, assess
from scoring.models import ModelVersion, Strategy
from tests.scoring.conftest import TODAY

pytestmark = pytest.mark.django_db
APPLICANTS = 250


def asked_by(facts: dict[str, Any], request: Request) -> Request:
    """Her own amount and term, inside the product's choices, and more than is comfortable."""
    longer = [count for count in request.allowed_installments if count >= facts["installments"]]
    amount = min(max(int(facts["requested_amount"]) * 100 * 2, request.min_amount_minor), request.max_amount_minor)
    return replace(request, amount_minor=amount, installments=longer[0] if longer else request.allowed_installments[-1])


@pytest.mark.parametrize("seed", [11, 12])
def test_every_counterfactual_is_true_when_tried(
    seed: int, champion: ModelVersion, approved_strategy: Strategy, request_: Request
) -> None:
    told = 0
    for number, person in enumerate(islice(demo_process.people(APPLICANTS, seed=seed), APPLICANTS)):
        request = asked_by(person.facts, request_)
        first = assess(
            facts=person.facts, request=request, subject=f"{seed}-{number}", customer=f"C{seed}-{number}", on=TODAY
        )
        nearest = first.counterfactual
        if nearest is None:
            continue
        told += 1
        assert first.recommendation != "approve" or first.limit_minor < request.amount_minor
        tried = replace(request, amount_minor=nearest.amount_minor, installments=nearest.installments)
        again = assess(
            facts=person.facts, request=tried, subject=f"{seed}-{number}-b", customer=f"C{seed}-{number}", on=TODAY
        )
        assert again.recommendation == "approve", nearest
        assert again.limit_minor >= nearest.amount_minor and again.max_installments >= nearest.installments
        assert again.yearly_rate_percent <= Decimal("18")
    assert told > 20, "enough people were told something for this to prove anything"
