"""The anomaly score: what is rare is rare by its share, explains itself, is certified like any model, and only refers."""

import json
import math
from typing import Any

import pytest

from scoring import certification, champion, demo_process
from scoring.assessment import Request, assess
from scoring.fraud_rules import COUNTS
from scoring.models import FraudSignal, ModelVersion
from scoring.outlier_training import train_outliers
from scoring.outliers import OutlierModel, held_out_share, learn
from scoring.refusals import DataUnusable, UnsafeArtifact
from tests.scoring.conftest import TODAY, carried_to_certificate


def _incomes(count: int = 1000) -> list[dict[str, Any]]:
    """1 to `count` in steps of one: the share at or above a value is known."""
    return [{"income_monthly": value} for value in range(1, count + 1)]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [person.facts for person in demo_process.people(1500, seed=3)]


def test_rarity_is_twice_the_share_as_far_out_and_surprise_its_logarithm() -> None:
    model = learn(_incomes())
    (column,) = model.columns
    assert column.rarity(500.0) == pytest.approx(1.0, abs=0.01)  # four values share a step of the grid
    highest = model.judge({"income_monthly": 1000})
    assert highest.rarest[0].rarity == pytest.approx(0.002, abs=1e-4)
    assert highest.score == pytest.approx(-math.log(highest.rarest[0].rarity))
    beyond = model.judge({"income_monthly": 90_000})
    assert beyond.rarest[0].rarity == pytest.approx(2 / 1001)
    assert model.judge({}).score == 0.0


def test_a_share_of_applicants_is_called_unusual_learned_or_not(rows: list[dict[str, Any]]) -> None:
    model = learn(rows, share=0.02)
    called = sum(model.judge(row).unusual for row in rows) / len(rows)
    assert called <= 0.02
    assert 0.005 < held_out_share(rows, share=0.02) < 0.045


def test_the_rarest_facts_are_named(rows: list[dict[str, Any]]) -> None:
    model = learn(rows)
    odd = {**rows[0], "dependants": 25, "residence_years": 119, "employment_years": 70, "bureau_inquiries_6m": 40}
    found = model.judge(odd)
    assert found.unusual
    assert {one.name for one in found.rarest} <= {
        "dependants", "residence_years", "employment_years", "bureau_inquiries_6m"
    }  # fmt: skip


def test_nothing_protected_is_learned_and_counts_are() -> None:
    rows = [{"age_years": 20 + n % 40, "sex": "f", "others_on_phone": n % 2} for n in range(400)]
    assert [column.name for column in learn(rows).columns] == ["others_on_phone"]
    assert "others_on_phone" in COUNTS


def test_the_file_gives_the_same_judgement_back_and_nothing_else_is_loaded(rows: list[dict[str, Any]]) -> None:
    model = learn(rows)
    again = OutlierModel.from_bytes(model.to_bytes())
    assert again.to_bytes() == model.to_bytes()
    assert [again.judge(row).score for row in rows[:50]] == [model.judge(row).score for row in rows[:50]]
    for content in (b"\x80\x04pickle", b"[]", b"{}", json.dumps({"format": "other", "format_version": 1}).encode()):
        with pytest.raises(UnsafeArtifact):
            OutlierModel.from_bytes(content)


def test_too_few_are_refused(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(DataUnusable):
        learn(rows[:199])


@pytest.mark.django_db
def test_only_a_certified_score_is_used_and_it_only_sends_to_a_person(
    people: dict[str, Any],
    rows: list[dict[str, Any]],
    champion: ModelVersion,
    approved_strategy: Any,
    request_: Request,
    good_facts: dict[str, Any],
) -> None:
    odd = {**good_facts, "dependants": 29, "residence_years": 119, "assets": 9e10, "employment_years": 79}

    def unusual(subject: str) -> tuple[bool, str]:
        found = assess(facts=odd, request=request_, subject=subject, customer="ada", on=TODAY)
        return "UNUSUAL_FACTS" in {alarm.code for alarm in found.alarms}, found.recommendation

    draft, _model = train_outliers(rows, share=0.01, source="demo", by=people["dev"])
    assert unusual("A1")[0] is False
    certified = carried_to_certificate(draft, people)
    assert unusual("A2") == (True, "refer")
    signal = FraudSignal.objects.get(rule="UNUSUAL_FACTS")
    assert signal.severity == "refer"
    assert len(signal.evidence["facts"]) == 3 == len(signal.evidence["rarity"])
    normal = assess(facts=good_facts, request=request_, subject="A3", customer="bao", on=TODAY)
    assert "UNUSUAL_FACTS" not in {alarm.code for alarm in normal.alarms}
    assert normal.score is not None and normal.score.facts["others_on_phone"] == 0
    certification.retire(certified, fallback="people", by=people["cert"], on=TODAY)
    assert unusual("A4")[0] is False


@pytest.mark.django_db
def test_it_can_never_become_the_model_that_decides(people: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    from scoring.refusals import NotTrainedOnFacts

    draft, _model = train_outliers(rows, share=0.01, source="demo", by=people["dev"])
    certified = carried_to_certificate(draft, people)
    with pytest.raises(NotTrainedOnFacts):
        certification.promote(certified, to="champion", by=people["cert"], on=TODAY)
    running = champion.running(champion.candidates(TODAY), "A1")
    assert running.deciding is None and running.outliers == certified
