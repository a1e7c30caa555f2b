"""The book is scored with the facts of today, once a month however often it is asked, and says who moved between bands."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from scoring import book_rescoring, demo_process
from scoring import champion as champions
from scoring.assessment import Request, assess
from scoring.book_rescoring import Present, rescore_book
from scoring.models import ModelVersion, MonitoringReading, Score, Strategy
from tests.scoring.conftest import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(good_facts: dict[str, Any]) -> dict[str, Any]:
    return {**good_facts, "requested_amount": "20000", "installments": 12}


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Present]]:
    """Blocks of the running book; whatever a test puts here."""
    blocks: list[Sequence[Present]] = []

    def provider(on: datetime.date) -> Iterator[Sequence[Present]]:
        for block in blocks:
            if isinstance(block, Exception):
                raise block
            yield block

    monkeypatch.setattr(book_rescoring, "_PROVIDERS", [provider])
    return blocks


def test_each_loan_gets_the_score_it_would_get_one_by_one(champion: ModelVersion, book: list[Any]) -> None:
    people = [person.facts for person in demo_process.people(30, seed=11)]
    book += [
        [Present(f"S{n}", f"C{n}", facts) for n, facts in list(enumerate(people))[part]]
        for part in (slice(0, 20), slice(20, 30))
    ]
    assert rescore_book(on=TODAY) == {"loans": 30, "scored": 30}
    for number, facts in enumerate(people):
        row, alone = Score.objects.get(subject_reference=f"S{number}"), champions.predict(champion, facts)
        assert row.role == "rescore" and row.scored_on == TODAY
        assert row.probability_of_default == pytest.approx(alone.probability, abs=1e-12)
        assert (row.points, row.band) == (alone.points, alone.band)
        assert {name: row.features[name] for name in alone.features} == pytest.approx(dict(alone.features))


def test_a_month_is_scored_once_and_a_run_that_was_cut_off_goes_on(
    champion: ModelVersion, book: list[Any], facts: dict[str, Any]
) -> None:
    book += [[Present("S1", "C1", facts)], RuntimeError("cut off"), [Present("S2", "C2", facts)]]
    with pytest.raises(RuntimeError):
        rescore_book(on=TODAY)
    assert Score.objects.filter(role="rescore").count() == 1
    del book[1]
    assert rescore_book(on=TODAY + datetime.timedelta(days=1)) == {"loans": 2, "scored": 1}
    assert Score.objects.filter(role="rescore").count() == 2
    rescore_book(on=TODAY + datetime.timedelta(days=2))
    assert Score.objects.filter(role="rescore").count() == 2
    rescore_book(on=TODAY + datetime.timedelta(days=30))
    assert Score.objects.filter(role="rescore").count() == 4


def test_moves_between_bands_are_shares_of_the_band_at_the_decision(
    champion: ModelVersion,
    approved_strategy: Strategy,
    request_: Request,
    book: list[Any],
    facts: dict[str, Any],
    bad_facts: dict[str, Any],
) -> None:
    for subject in ("S1", "S2", "S3", "S4"):
        assess(facts=facts, request=request_, subject=subject, customer="C", on=TODAY)
    then = Score.objects.filter(role="decision").values_list("band", flat=True)[0]
    worse = {**bad_facts, "requested_amount": "20000", "installments": 12}
    book += [[Present(s, "C", f) for s, f in (("S1", facts), ("S2", facts), ("S3", facts), ("S4", worse))]]
    month_later = TODAY + datetime.timedelta(days=30)
    rescore_book(on=month_later)
    now = Score.objects.get(subject_reference="S4", role="rescore").band
    assert now > then
    rows = MonitoringReading.objects.filter(metric="migration").values_list("feature", "value", "count", "on")
    assert sorted(rows) == [(f"{then}>{then}", 0.75, 4, month_later), (f"{then}>{now}", 0.25, 4, month_later)]
    before = MonitoringReading.objects.count()
    assert rescore_book(on=month_later + datetime.timedelta(days=1)) == {"loans": 0, "scored": 0}
    assert MonitoringReading.objects.count() == before


def test_without_a_model_in_force_nothing_is_scored(
    champion: ModelVersion, book: list[Any], facts: dict[str, Any]
) -> None:
    book += [[Present("S1", "C1", facts)]]
    assert rescore_book(on=TODAY + datetime.timedelta(days=800)) == {"loans": 0, "scored": 0}
    assert not Score.objects.exists()
