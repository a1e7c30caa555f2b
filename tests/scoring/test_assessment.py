"""What `assess` promises: it decides by a certified model alone, explains itself exactly, and never approves
blindly.
"""

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from scoring import certification
from scoring import champion as champions
from scoring.assessment import Request, assess, facts_digest
from scoring.features import REGISTRY
from scoring.learning.table import Table
from scoring.learning.training import Trained
from scoring.models import ModelVersion, Score, Strategy
from tests.scoring.conftest import TODAY, another_draft, carried_to_certificate

pytestmark = pytest.mark.django_db


def _assess(facts: dict[str, Any], request: Request, subject: str = "A1", on: datetime.date = TODAY) -> Any:
    return assess(facts=facts, request=request, subject=subject, customer=f"C-{subject}", on=on)


def test_a_sound_applicant_is_approved_within_the_products_bounds(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    found = _assess(good_facts, request_)
    assert found.recommendation == "approve"
    assert request_.amount_minor <= found.limit_minor <= request_.max_amount_minor
    assert request_.min_yearly_rate_percent <= found.yearly_rate_percent <= request_.max_yearly_rate_percent
    assert found.max_installments >= request_.installments
    assert found.model_version == champion
    assert found.strategy_version == approved_strategy
    assert all(reason.kind == "favourable" for reason in found.reasons)


def test_a_risky_applicant_is_declined_with_at_most_four_specific_reasons(
    champion: ModelVersion, approved_strategy: Strategy, bad_facts: dict[str, Any], request_: Request
) -> None:
    found = _assess(bad_facts, request_)
    assert found.recommendation == "decline"
    assert 1 <= len(found.reasons) <= 4
    for reason in found.reasons:
        assert reason.feature in found.score.features
        assert not REGISTRY[reason.feature].protected
        assert found.score.contributions[reason.feature] > 0
        assert "score" not in reason.text_en.lower() and "评分" not in reason.text_zh
    assert len({reason.code for reason in found.reasons}) == len(found.reasons)


def test_reasons_are_the_factors_that_weighed_most(
    champion: ModelVersion, approved_strategy: Strategy, bad_facts: dict[str, Any], request_: Request
) -> None:
    found = _assess(bad_facts, request_)
    told = {reason.feature for reason in found.reasons}
    themes = {REGISTRY[name].reason_theme for name in told}
    least_told = min(found.score.contributions[name] for name in told)
    for name, value in found.score.contributions.items():
        assert value <= least_told + 1e-9 or REGISTRY[name].reason_theme in themes


def test_contributions_add_up_to_the_score_and_it_can_be_computed_again(
    champion: ModelVersion, approved_strategy: Strategy, bad_facts: dict[str, Any], request_: Request
) -> None:
    score = Score.objects.get(pk=_assess(bad_facts, request_).score.pk)
    model = champions.load(champion.artifact.file_sha256)
    again = champions.predict(champion, score.facts)
    assert again.probability == pytest.approx(score.probability_of_default, abs=1e-12)
    assert again.points == score.points
    assert model.base + sum(score.contributions.values()) == pytest.approx(again.log_odds, abs=1e-6)
    assert facts_digest(score.facts) == score.facts_sha256


def test_without_a_certified_model_a_person_decides(
    draft: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    found = _assess(good_facts, request_)
    assert found.recommendation == "refer"
    assert found.score is None
    assert found.reasons[0].code == "NO_CERTIFIED_MODEL"


def test_an_expired_certificate_decides_nothing(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    last_day = champion.certificate_expires_on
    assert _assess(good_facts, request_, "A1", last_day).recommendation == "approve"
    after = _assess(good_facts, request_, "A2", last_day + datetime.timedelta(days=1))
    assert (after.recommendation, after.reasons[0].code) == ("refer", "NO_CERTIFIED_MODEL")


def test_without_an_approved_strategy_a_person_decides(
    champion: ModelVersion, good_facts: dict[str, Any], request_: Request
) -> None:
    found = _assess(good_facts, request_)
    assert (found.recommendation, found.reasons[0].code) == ("refer", "NO_APPROVED_STRATEGY")


@pytest.mark.parametrize("fact", ["income_monthly", "expenses_monthly"])
@pytest.mark.parametrize("absent", [None, ""])
def test_a_missing_must_have_never_approves(
    fact: str,
    absent: str | None,
    champion: ModelVersion,
    approved_strategy: Strategy,
    good_facts: dict[str, Any],
    request_: Request,
) -> None:
    found = _assess({**good_facts, fact: absent}, request_)
    assert found.recommendation == "refer"
    assert f"MISSING_{fact.upper()}" in {reason.code for reason in found.reasons}


def test_a_failing_source_refers(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    found = _assess({**good_facts, "failed_sources": ["bureau"]}, request_)
    assert (found.recommendation, found.reasons[0].code) == ("refer", "SOURCE_FAILED")


def test_a_model_that_fails_refers(
    champion: ModelVersion,
    approved_strategy: Strategy,
    good_facts: dict[str, Any],
    request_: Request,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: Any, **_named: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(champions, "predict", broken)
    found = _assess(good_facts, request_)
    assert (found.recommendation, found.reasons[0].code, found.score) == ("refer", "MODEL_FAILED", None)


def test_a_knock_out_declines_in_its_own_words(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    found = _assess({**good_facts, "bureau_max_dpd_24m": 120}, request_)
    assert (found.recommendation, found.reasons[0].code) == ("decline", "SERIOUSLY_PAST_DUE")


def test_a_protected_fact_changes_nothing(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    ours = _assess({**good_facts, "age_years": 22, "sex": "female"}, request_, "A1").score
    theirs = _assess({**good_facts, "age_years": 60, "sex": "male"}, request_, "A2").score
    assert ours.probability_of_default == theirs.probability_of_default


def test_what_cannot_be_afforded_is_not_lent_and_the_way_out_told_is_true(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    tight = {**good_facts, "expenses_monthly": "14000"}
    asked = replace(request_, amount_minor=25_000_00, installments=6)
    found = _assess(tight, asked)
    assert found.recommendation != "approve" or found.limit_minor < asked.amount_minor
    assert found.counterfactual is not None
    way_out = found.counterfactual
    tried = replace(asked, amount_minor=way_out.amount_minor, installments=way_out.installments)
    again = _assess(tight, tried, "A2")
    assert again.recommendation == "approve"
    assert again.limit_minor >= way_out.amount_minor


def test_the_amount_approved_can_always_be_repaid_from_what_is_left(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    for number, expenses in enumerate(range(2000, 15000, 1000)):
        found = _assess({**good_facts, "expenses_monthly": expenses}, request_, f"A{number}")
        if found.recommendation == "approve":
            monthly = found.yearly_rate_percent / 1200
            amount = Decimal(min(found.limit_minor, request_.amount_minor)) / 100
            installment = amount * monthly / (1 - (1 + monthly) ** -request_.installments)
            assert installment <= 15000 - expenses + Decimal("0.01")


def test_challenger_decides_its_share_and_the_same_subject_always_meets_the_same_model(
    champion: ModelVersion, people: dict[str, Any], demo_trained: Trained, demo_table: Table
) -> None:
    other = another_draft(demo_trained, demo_table, people["dev"])
    other = certification.promote(
        carried_to_certificate(other, people), to="challenger", by=people["cert"], on=TODAY, challenger_percent=20
    )
    met = [champions.deciding_version(TODAY, f"S{number}") for number in range(500)]
    again = [champions.deciding_version(TODAY, f"S{number}") for number in range(500)]
    assert met == again
    assert 0.14 < sum(version == other for version in met) / len(met) < 0.26


def test_a_shadow_scores_and_decides_nothing(
    champion: ModelVersion,
    approved_strategy: Strategy,
    people: dict[str, Any],
    demo_trained: Trained,
    demo_table: Table,
    good_facts: dict[str, Any],
    request_: Request,
) -> None:
    other = another_draft(demo_trained, demo_table, people["dev"])
    certification.promote(carried_to_certificate(other, people), to="shadow", by=people["cert"], on=TODAY)
    found = _assess(good_facts, request_)
    assert found.model_version == champion
    assert set(Score.objects.filter(subject_reference="A1").values_list("role", "model_version__version")) == {
        ("decision", champion.version),
        ("shadow", other.version),
    }


def test_the_assessment_is_quick(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: dict[str, Any], request_: Request
) -> None:
    import timeit

    facts = {**good_facts, "requested_amount": "20000", "installments": 12}
    champions.predict(champion, facts)
    took = min(timeit.repeat(lambda: champions.predict(champion, facts), number=50, repeat=5)) / 50
    assert took < 0.001
