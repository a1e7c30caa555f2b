"""Training on our own book: the sample step by step, point in time, reproducible, and never flattered by guesses."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from scoring import demo_process, outcomes
from scoring.assessment import facts_digest
from scoring.book_sample import read_sample, step_of
from scoring.book_training import train_on_book
from scoring.learning import metrics
from scoring.learning.table import Table, from_facts
from scoring.learning.training import train
from scoring.model_card import card
from scoring.models import ModelVersion, Score
from scoring.outcomes import Definition, Outcome
from scoring.refusals import DataUnusable, DefinitionInvalid, NoBook, NothingDecided, TooFewOutcomes
from scoring.reject_inference import Parcelling, band_rates, drawn
from scoring.training import Spec

pytestmark = pytest.mark.django_db
FIRST, AS_OF = dt.date(2025, 1, 1), dt.date(2026, 9, 14)
PEOPLE, FRAUD = 1200, 12


class Book:
    """Invented applicants of a year; the riskiest were declined, some loans are young, one in a hundred was fraud."""

    def __init__(self, version: ModelVersion, *, people: int = PEOPLE) -> None:
        self.outcomes: list[Outcome] = []
        draw = random.Random(11)
        scores = []
        for number in range(people):
            one, on = demo_process.person(draw), FIRST + dt.timedelta(days=number * 600 // people)
            facts = {name: value for name, value in one.facts.items() if value is not None}
            scores.append(self._score(version, number, on, facts))
            self.outcomes.append(self._outcome(number, on, one.probability_of_default, one.defaulted))
        Score.objects.bulk_create(scores)

    @staticmethod
    def _score(version: ModelVersion, number: int, on: dt.date, facts: dict[str, Any]) -> Score:
        return Score(
            model_version=version, subject_reference=f"subject-{number}", customer_reference=f"customer-{number}",
            scored_on=on, facts=facts, facts_sha256=facts_digest(facts), features={}, probability_of_default=0.1,
            points=600, band="B", contributions={},
        )  # fmt: skip

    @staticmethod
    def _outcome(number: int, on: dt.date, risk: float, defaulted: bool) -> Outcome:
        given = Outcome(f"subject-{number}", f"customer-{number}", on, "approve", "approved", opened_on=on)
        if number % 100 == 50:
            return replace(given, excluded="fraud", bad=True, matured=True)
        if risk > 0.45:
            return replace(given, decision="decline", final="declined", opened_on=None)
        if number % 20 == 7:
            return replace(given, final="withdrawn", opened_on=None)
        matured = on <= dt.date(2025, 9, 14)
        if matured and number % 33 == 5:
            return replace(given, indeterminate=True, matured=True, worst_days_past_due=40)
        return replace(given, matured=matured, bad=defaulted if matured or defaulted else None)

    def __call__(self, *, since: dt.date, until: dt.date, definition: Definition, as_of: dt.date) -> Iterator[Outcome]:
        return (outcome for outcome in self.outcomes if since <= outcome.decided_on <= min(until, as_of))


@pytest.fixture
def book(draft: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> Book:
    kept = Book(draft)
    monkeypatch.setattr(outcomes, "_PROVIDERS", [kept])
    return kept


def sample() -> Any:
    return read_sample(definition=Definition(), since=FIRST, until=AS_OF, as_of=AS_OF)


def test_every_application_falls_into_one_step(book: Book) -> None:
    made = sample()
    steps = {key: count for key, count in made.counts.items() if key != "decided"}
    assert sum(steps.values()) == made.counts["decided"] == PEOPLE
    assert min(steps.values()) > 0
    assert made.excluded == {"fraud": steps["excluded"]} == {"fraud": FRAUD}
    assert len(made.seen) == steps["good"] + steps["bad"]
    assert len(made.everybody) == PEOPLE - FRAUD
    assert 0 < len(made.declined) < steps["declined"]  # the late ones are too young to be held beside matured loans


def test_loans_gone_bad_early_wait_for_the_good_ones_of_their_age(book: Book) -> None:
    early = [one for one in book.outcomes if one.bad and not one.matured and not one.excluded]
    assert early
    assert {step_of(one) for one in early} == {"immature"}


def test_features_are_those_of_the_facts_of_the_day(book: Book) -> None:
    judged = sample().judged
    by_subject = {
        score.subject_reference: score.facts for score in Score.objects.filter(subject_reference__startswith="s")
    }
    used = [one for one in book.outcomes if step_of(one) in ("good", "bad")]
    expected = from_facts([by_subject[one.subject] for one in used], np.array([float(bool(one.bad)) for one in used]))
    assert [column.name for column in judged.columns] == [column.name for column in expected.columns]
    assert judged.columns == expected.columns
    assert np.array_equal(judged.bad, expected.bad)
    for column in judged.columns:
        ours, theirs = judged.values[column.name], expected.values[column.name]
        assert np.allclose(ours, theirs, equal_nan=True) if column.is_number else list(ours) == list(theirs)
    assert judged.aside["decided_on"] == [one.decided_on.isoformat() for one in used]


def trained_on_book(people: dict[str, Any], **options: Any) -> tuple[ModelVersion, Any]:
    given = {"definition": Definition(), "as_of": AS_OF, "algorithm": "scorecard", **options}
    return train_on_book(by=people["dev"], **given)


def test_the_same_book_on_the_same_day_gives_the_same_bytes(book: Book, people: dict[str, Any]) -> None:
    first, _trained = trained_on_book(people, inference="parcelling")
    again, _trained = trained_on_book(people, inference="parcelling")
    assert first.artifact_id == again.artifact_id
    assert first.data_sha256 == again.data_sha256 == first.spec["sample"]["rows_sha256"]
    book.outcomes[0] = replace(book.outcomes[0], excluded="staff")
    assert sample().sha256 != first.data_sha256


def test_the_version_keeps_its_making_and_is_measured_on_seen_outcomes_alone(
    book: Book, people: dict[str, Any]
) -> None:
    version, trained = trained_on_book(people, inference="parcelling", factor=2.0)
    made, counts = version.spec["sample"], sample().counts
    assert made["counts"] == counts
    assert (made["months"], made["bad_days"], made["as_of"], made["since"]) == (12, 90, "2026-09-14", "2025-01-01")
    assert (made["inference"], made["factor"], made["inferred"]) == ("parcelling", 2.0, len(sample().declined))
    assert 0 < made["inferred_bad"] < made["inferred"]
    assert version.uses_facts
    assert version.data_rows == len(trained.out_of_fold) == counts["good"] + counts["bad"]
    assert version.validation["rows"] == version.data_rows
    assert {"kind": "inferred", "rows": made["inferred"], "factor": 2.0} in version.warnings
    assert version.metrics["out_of_time"]["auc"] > 0
    english, chinese = card(version, "en"), card(version, "zh")
    told = [count for step, count in counts.items() if step != "good"] + [version.data_rows, made["inferred_bad"]]
    assert all(f" {count:,}" in english and f"{count:,}" in chinese for count in told)
    judged = sample().judged
    assert trained.metrics["pooled_auc"] == pytest.approx(metrics.auc(judged.bad, trained.out_of_fold), abs=1e-6)
    assert trained.model.reference["rows"] == PEOPLE - FRAUD
    assert trained.model.reference["mean"] > judged.bad.mean()


def test_without_inference_a_warning_says_whom_the_model_never_saw(book: Book, people: dict[str, Any]) -> None:
    version, trained = trained_on_book(people, spec=Spec(exclude=("records",), owner="Retail"))
    assert "records" not in {column.name for column in trained.model.columns}
    assert version.owner == "Retail"
    assert {"kind": "declined_unseen", "rows": version.spec["sample"]["counts"]["declined"]} in version.warnings
    assert version.spec["sample"]["inferred"] == 0


def test_too_few_outcomes_are_refused_with_the_numbers(book: Book, people: dict[str, Any]) -> None:
    with pytest.raises(TooFewOutcomes) as refused:
        trained_on_book(people, until=FIRST + dt.timedelta(days=60))
    assert refused.value.details["least"] == 20
    assert refused.value.details["bad"] < 20
    with pytest.raises(NothingDecided):
        trained_on_book(people, until=FIRST - dt.timedelta(days=1))
    assert ModelVersion.objects.count() == 1


def test_a_feature_nobody_declared_cannot_be_left_out(book: Book, people: dict[str, Any]) -> None:
    with pytest.raises(DataUnusable):
        trained_on_book(people, spec=Spec(exclude=("shoe_size",)))


def test_nobody_keeps_a_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "_PROVIDERS", [])
    with pytest.raises(NoBook):
        outcomes.outcomes(since=FIRST, until=AS_OF, definition=Definition(), as_of=AS_OF)


@pytest.mark.parametrize(
    "wrong",
    [
        {"months": 0}, {"bad_days": 0}, {"indeterminate_from": 91}, {"indeterminate_from": 0},
        {"exclusions": ("luck",)}, {"exclusions": ("channel:",)},
    ],
)  # fmt: skip
def test_definitions_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionInvalid):
        Definition(**wrong)


def test_the_worked_table_of_parcelling() -> None:
    accepted = np.concatenate([np.full(300, -3.0), np.full(100, -1.0), np.full(6, 9.0)])
    bad = np.concatenate([np.ones(12), np.zeros(288), np.ones(23), np.zeros(77), np.ones(6)])
    predicted = np.log(0.4 / 0.6)
    declined = np.concatenate([np.full(40, -3.0), np.full(40, -1.0), np.full(40, predicted)])
    bands = [
        (rows, rate) for part in (0, 40, 80)
        for rows, rate in band_rates(declined[part : part + 40], accepted, bad, 1.5)[:1]
    ]  # fmt: skip
    rates = [round(rate, 4) for _rows, rate in bands]
    assert rates == [0.06, 0.345, 0.6]
    together = [(np.arange(40) + 40 * place, rate) for place, (_rows, rate) in enumerate(bands)]
    outcome = drawn(together, seed=0)
    assert [int(outcome[start : start + 40].sum()) for start in (0, 40, 80)] == [2, 14, 24]
    assert np.array_equal(outcome, drawn(together, seed=0))
    assert not np.array_equal(outcome, drawn(together, seed=1))


def test_inference_makes_a_model_more_careful_of_those_it_was_inferred_for(demo_table: Table) -> None:
    """Of invented people whose outcome is known, the riskier half is declined: what is said of them comes nearer to it."""
    first = train(demo_table.take(np.arange(800)), algorithm="scorecard").model
    rest = demo_table.take(np.arange(800, 3000))
    risky = first.log_odds(rest.values) > np.median(first.log_odds(rest.values))
    accepted, declined = rest.take(np.flatnonzero(~risky)), rest.take(np.flatnonzero(risky))
    unseen = replace(declined, bad=np.full(len(declined), np.nan))
    alone = train(accepted, algorithm="scorecard")
    careful = train(accepted, algorithm="scorecard", inference=Parcelling(unseen, 1.5, 0))
    errors = [
        abs(trained.model.probabilities(declined.values).mean() - declined.bad.mean()) for trained in (alone, careful)
    ]
    assert errors[1] < errors[0]
    assert len(careful.out_of_fold) == len(accepted)


def test_the_command_trains_on_the_book(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        "train_scorecard", "--book", "--as-of", "2026-09-14", "--algorithm", "scorecard", "--reject-inference",
        "parcelling", "--exclude", "fraud",
    )  # fmt: skip
    said = capsys.readouterr().out
    counts = ModelVersion.objects.latest("pk").spec["sample"]["counts"]
    assert f"{PEOPLE} decided - {FRAUD} excluded (fraud {FRAUD}) - {counts['not_taken_up']} not taken up" in said
    assert "declined inferred by parcelling × 1.5" in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--book", "a.csv"], "exclude each other"),
        (["--book", "--target", "bad"], "exclude each other"),
        ([], "or --book"),
        (["a.csv"], "--target"),
        (["--book", "--months", "0"], "1 to 120"),
        (["--book", "--months", "x"], "--months: “x” is not a whole number: write it in figures"),
        (["nope.csv", "--target", "bad"], "data: nope.csv cannot be read: No such file"),
        (["--book", "--from", "2026-09-14", "--until", "2026-09-13"], "before"),
    ],
)
def test_the_command_says_what_is_wrong(book: Book, words: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        call_command("train_scorecard", *words)
