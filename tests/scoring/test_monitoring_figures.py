"""What is read of a model: windows that fit a small lender, thresholds no narrower than chance, days caught up in order,
decisions, outcomes by band, quarter and vintage.
"""

import datetime
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from scoring import chance, monitoring, monitoring_decisions, monitoring_drift, monitoring_outcomes
from scoring import outcomes as seam
from scoring.learning.metrics import population_stability
from scoring.models import ModelVersion, MonitoringReading, ReviewTask, Score
from scoring.monitoring_decisions import DayOfDecisions
from scoring.monitoring_figures import INDEX, cell
from scoring.outcomes import Definition, Outcome
from tests.scoring.conftest import TODAY

DAY = datetime.timedelta(days=1)
BAND_RISK = {"A": 0.01, "B": 0.05, "C": 0.12, "D": 0.25, "E": 0.6}


def score(version: ModelVersion, number: int, on: datetime.date, band: str = "B", role: str = "decision") -> Score:
    return Score(
        model_version=version,
        role=role,
        subject_reference=f"S{number}",
        customer_reference=f"C{number}",
        scored_on=on,
        facts={},
        facts_sha256="0" * 64,
        features={"income_monthly": 8000 + number, "employment_type": "salaried"},
        probability_of_default=BAND_RISK[band],
        points=600,
        band=band,
        contributions={},
    )


def value(metric: str, feature: str = "", **where: Any) -> tuple[float, int]:
    row = MonitoringReading.objects.get(metric=metric, feature=feature, **where)
    return round(row.value, 4), row.count


def test_the_table_of_chance_holds() -> None:
    assert round(chance.of_stability(10, 50, 6000), 3) == 0.566
    assert round(chance.of_stability(10, 120, 6000), 3) == 0.239
    assert round(chance.of_share(0.2, 100), 3) == 0.132
    assert chance.of_difference(0.5, 50, 150) == pytest.approx(3.2905 * (0.25 * (1 / 50 + 1 / 150)) ** 0.5, abs=1e-4)
    assert chance.of_area(0.8, 10, 90) > chance.of_area(0.8, 100, 900) > 0


def test_fifty_cases_of_the_same_people_pass_the_customary_limit_often_and_that_of_chance_hardly_ever() -> None:
    draw, before = np.random.default_rng(3), np.full(10, 600.0)
    found = [population_stability(before + 0.5, draw.multinomial(50, [0.1] * 10) + 0.5) for _ in range(4000)]
    limit = chance.of_stability(10, 50, 6000)
    assert np.mean(np.array(found) > 0.25) > 0.05
    assert np.mean(np.array(found) > limit) < 0.003


@pytest.mark.django_db
def test_a_small_lender_is_read_over_a_wider_window_and_too_few_cases_raise_nothing(champion: ModelVersion) -> None:
    first = TODAY - 200 * DAY
    Score.objects.bulk_create([score(champion, n, first + n * 4 * DAY, "E") for n in range(51)])
    monitoring.monitor(TODAY)
    assert value("window", on=first + 30 * DAY) == (0.0, 8)
    assert not MonitoringReading.objects.filter(metric="score_psi", on=first + 190 * DAY).exists()
    assert value("window", on=TODAY) == (365.0, 51)
    assert value("band_share", "E", on=TODAY) == (1.0, 51)
    assert list(ReviewTask.objects.values_list("metric", "opened_on").order_by("metric")[:1]) != []
    assert ReviewTask.objects.filter(opened_on__lt=first + 190 * DAY).count() == 0


@pytest.mark.django_db
def test_days_caught_up_at_once_are_the_days_read_one_by_one(champion: ModelVersion) -> None:
    bands = "ABCDE" * 40
    first = TODAY - 50 * DAY
    Score.objects.bulk_create(
        [score(champion, n, first + (n % 45) * DAY, band, "shadow" if n % 3 else "decision") for n, band in enumerate(bands)]
        + [score(champion, 999, TODAY, "E", "rescore")]
    )  # fmt: skip
    last = TODAY + DAY
    at_once = {(r.on, r.metric, r.feature): (r.value, r.count) for r in monitoring_drift.read(champion, first, last)}
    one_by_one = {
        (r.on, r.metric, r.feature): (r.value, r.count)
        for number in range((last - first).days + 1)
        for r in monitoring_drift.read(champion, first + number * DAY, first + number * DAY)
    }
    assert at_once == one_by_one
    assert at_once[TODAY, "window", ""] == (30.0, sum((n % 45) > 20 for n in range(200)))


@pytest.mark.django_db
def test_a_missed_week_is_read_by_the_next_run_and_a_second_run_adds_nothing(champion: ModelVersion) -> None:
    Score.objects.bulk_create([score(champion, n, TODAY - 9 * DAY) for n in range(60)])
    monitoring.monitor(TODAY - 7 * DAY)
    assert MonitoringReading.objects.filter(metric="window").count() == 3
    monitoring.monitor(TODAY)
    assert MonitoringReading.objects.filter(metric="window").count() == 10
    before = MonitoringReading.objects.count()
    assert monitoring.monitor(TODAY)["readings"] == 0
    assert monitoring.monitor(TODAY - 3 * DAY)["readings"] == 0
    assert MonitoringReading.objects.count() == before


@pytest.mark.django_db
def test_a_closed_task_keeps_its_figure_quiet_for_thirty_days(champion: ModelVersion, people: dict[str, Any]) -> None:
    def drift(days: int) -> None:
        monitoring.observe(champion, on=TODAY + days * DAY, metric="score_psi", value=0.9, count=500)

    drift(0)
    task = ReviewTask.objects.get()
    closed = monitoring.close_task(task, note="a campaign", by=people["vera"], on=TODAY + DAY, disposition="retrain")
    assert (closed.disposition, closed.closed_by) == ("retrain", people["vera"])
    drift(30)
    assert ReviewTask.objects.count() == 1
    drift(31)
    assert ReviewTask.objects.filter(closed_on=None).get().opened_on == TODAY + 31 * DAY
    again = monitoring.close_task(task, note="other words", by=people["dev"], on=TODAY + 40 * DAY)
    assert (again.note, again.closed_by) == ("a campaign", people["vera"])


@pytest.mark.django_db
def test_the_models_own_triggers_replace_the_defaults_but_never_chance(champion: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=champion.pk).update(review_triggers={"score_psi": 0.1})
    champion.refresh_from_db()
    Score.objects.bulk_create([score(champion, n, TODAY) for n in range(60)])
    readings = {r.metric: r for r in monitoring_drift.read(champion, TODAY, TODAY) if not r.feature}
    trained_on = sum(monitoring_drift.champion.load(champion.artifact.file_sha256).reference["score_counts"])
    assert readings["score_psi"].threshold == pytest.approx(chance.of_stability(10, 60, trained_on), rel=0.15)
    assert monitoring.figure(champion, TODAY, "score_psi", 0.12, 5000).breached
    assert not monitoring.figure(champion, TODAY, "score_psi", 0.09, 5000).breached


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> list[DayOfDecisions]:
    """Whatever a test puts here is what lending tells."""
    rows: list[DayOfDecisions] = []

    def provider(first: datetime.date, last: datetime.date) -> Iterator[DayOfDecisions]:
        return (row for row in rows if first <= row.on <= last)

    monkeypatch.setattr(monitoring_decisions, "_PROVIDERS", [provider])
    return rows


@pytest.mark.django_db
def test_decisions_of_a_day_are_shares_and_those_without_a_score_are_the_champions(
    champion: ModelVersion, decisions: list[DayOfDecisions]
) -> None:
    decisions += [
        DayOfDecisions(TODAY, champion.pk, approve=6, refer=2, decline=1, without_facts=1, approved=6, declined=1),
        DayOfDecisions(TODAY, None, refer=1, without_score=1, by_officer=4, up=1, down=1, approved=2, declined=2),
        DayOfDecisions(TODAY, champion.pk + 1, approve=50),
        DayOfDecisions(TODAY - 400 * DAY, None, refer=5, without_score=5),
    ]
    monitoring.monitor(TODAY)
    assert value("decided", "approve") == (0.6, 10)
    assert value("decided", "refer") == (0.3, 10)
    assert value("decided", "decline") == (0.1, 10)
    assert value("without_score") == (0.1, 10)
    assert value("without_facts") == (0.1, 10)
    assert value("overridden", "up") == (0.25, 4)
    assert value("overridden", "") == (0.5, 4)
    assert value("approved") == (round(8 / 11, 4), 11)
    assert not MonitoringReading.objects.filter(metric="override_rate").exists()


@pytest.mark.django_db
def test_a_shift_of_the_approval_rate_and_too_many_overrides_open_tasks_once(
    champion: ModelVersion, decisions: list[DayOfDecisions]
) -> None:
    first = TODAY - 119 * DAY
    Score.objects.bulk_create([score(champion, 1, first)])
    decisions += [
        DayOfDecisions(on, champion.pk, approve=5, approved=4 if on < TODAY - 15 * DAY else 1,
                       declined=1 if on < TODAY - 15 * DAY else 4, by_officer=2, up=1 if on >= TODAY - 40 * DAY else 0)
        for on in (first + number * DAY for number in range(120))
    ]  # fmt: skip
    monitoring.monitor(TODAY)
    shift, count = value("approval_shift", on=TODAY)
    assert (shift, count) == (round((14 * 4 + 16 * 1) / 150 - 0.8, 4), 150)
    assert value("override_rate", on=TODAY)[0] == pytest.approx(0.5)
    tasks = ReviewTask.objects.values_list("metric", flat=True)
    assert sorted(tasks) == ["approval_shift", "override_rate"]
    steady = MonitoringReading.objects.get(metric="approval_shift", on=TODAY - 20 * DAY)
    assert (steady.value, steady.breached) == (pytest.approx(0.0), False)


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    """Outcomes as a book tells them; `worst_days_past_due` of each is the age in months at which it went bad."""
    rows: list[Outcome] = []

    def provider(*, since: datetime.date, until: datetime.date, definition: Definition, as_of: datetime.date) -> Any:
        for row in rows:
            if since <= row.decided_on <= until:
                went_bad = row.worst_days_past_due
                bad = went_bad is not None and went_bad <= definition.months
                late = not bad and went_bad is not None and went_bad <= definition.months + 1
                yield Outcome(
                    row.subject, row.customer, row.decided_on, row.decision, row.final, row.overridden,
                    opened_on=row.opened_on, bad=None if late else bad, indeterminate=late, matured=True,
                )  # fmt: skip

    monkeypatch.setattr(seam, "_PROVIDERS", [provider])
    return rows


def _lent(
    book: list[Outcome], champion: ModelVersion, on: datetime.date, kinds: list[tuple[str, int, int, bool]]
) -> None:
    """Loans decided and paid out on a day: (band, how many, of them bad after five months, overridden)."""
    scores = []
    for band, count, bads, overridden in kinds:
        for number in range(count):
            place = len(book)
            scores.append(score(champion, place, on, band))
            book.append(
                Outcome(
                    f"S{place}", f"C{place}", on, "decline" if overridden else "approve", "approved", overridden,
                    opened_on=on, worst_days_past_due=5 if number < bads else None,
                )
            )  # fmt: skip
    Score.objects.bulk_create(scores)


@pytest.mark.django_db
def test_realised_and_predicted_by_band_quarter_and_override_are_read_when_the_window_has_passed(
    champion: ModelVersion, book: list[Outcome]
) -> None:
    decided = datetime.date(2025, 5, 6)
    _lent(book, champion, decided, [("A", 40, 0, False), ("C", 40, 4, False), ("D", 20, 8, True)])
    august = datetime.date(2026, 8, 1)
    rows = {(r.metric, r.feature): r for r in monitoring_outcomes.read(champion, august, august)}
    assert (rows["realised", ""].value, rows["realised", ""].count) == (0.12, 100)
    assert rows["predicted", ""].value == pytest.approx((40 * 0.01 + 40 * 0.12 + 20 * 0.25) / 100)
    assert (rows["realised", "D"].value, rows["predicted", "D"].value) == (0.4, pytest.approx(0.25))
    assert (rows["realised_by", "against"].value, rows["realised_by", "machine"].count) == (0.4, 80)
    assert (rows["realised", "2025Q2"].value, rows["realised", "2025Q2"].count) == (0.12, 100)
    assert not rows["bad_rate_gap", ""].breached
    assert rows["auc", ""].value == pytest.approx((4 * (40 + 36 / 2) + 8 * (40 + 36 + 12 / 2)) / (12 * 88))
    assert rows["auc_loss", ""].value == pytest.approx(champion.metrics["auc"] - rows["auc", ""].value)
    july = datetime.date(2026, 7, 1)
    assert ("realised", "2025Q2") not in {(r.metric, r.feature) for r in monitoring_outcomes.read(champion, july, july)}
    young = datetime.date(2026, 3, 1)
    assert {r.metric for r in monitoring_outcomes.read(champion, young, young)} == {"vintage_30", "vintage_90"}
    assert monitoring_outcomes.read(champion, august + DAY, august + 20 * DAY) == []


@pytest.mark.django_db
def test_a_bad_rate_far_above_the_prediction_is_an_alarm_and_few_loans_are_none(
    champion: ModelVersion, book: list[Outcome]
) -> None:
    _lent(book, champion, datetime.date(2025, 5, 6), [("B", 20, 9, False)])
    august = datetime.date(2026, 8, 1)
    assert "bad_rate_gap" not in {r.metric for r in monitoring_outcomes.read(champion, august, august)}
    _lent(book, champion, datetime.date(2025, 5, 7), [("B", 20, 9, False)])
    found = {r.metric: r for r in monitoring_outcomes.read(champion, august, august) if not r.feature}
    assert found["bad_rate_gap"].breached and found["bad_rate_gap"].value == pytest.approx(0.4)


@pytest.mark.django_db
def test_a_vintage_has_a_point_at_each_age_once_its_last_loan_is_that_old(
    champion: ModelVersion, book: list[Outcome]
) -> None:
    _lent(book, champion, datetime.date(2026, 1, 31), [("B", 10, 2, False)])
    found: dict[str, tuple[float, float, int]] = {}
    for month in range(2, 10):
        on = datetime.date(2026, month, 1)
        rows = {(r.metric, r.feature): r for r in monitoring_outcomes.read(champion, on, on)}
        for metric, feature in rows:
            if metric == "vintage_30":
                late, bad = rows["vintage_30", feature], rows["vintage_90", feature]
                assert feature not in found
                found[feature] = (late.value, bad.value, late.count)
    assert found == {
        "2026-01:01": (0.0, 0.0, 10),
        "2026-01:02": (0.0, 0.0, 10),
        "2026-01:03": (0.0, 0.0, 10),
        "2026-01:04": (0.2, 0.0, 10),
        "2026-01:05": (0.2, 0.2, 10),
        "2026-01:06": (0.2, 0.2, 10),
    }


@pytest.mark.django_db
def test_what_bad_means_is_what_the_model_was_trained_with(champion: ModelVersion) -> None:
    assert monitoring_outcomes.definition_of(champion) == Definition()
    champion.spec = {"definition": {"months": 6, "bad_days": 60, "indeterminate_from": 15, "exclusions": ["fraud"]}}
    assert monitoring_outcomes.definition_of(champion) == Definition(6, 60, 15, ("fraud",))


@pytest.mark.django_db
def test_without_a_book_nothing_is_read_of_outcomes(champion: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "_PROVIDERS", [])
    first = datetime.date(2026, 8, 1)
    assert monitoring_outcomes.read(champion, first, first) == []


def test_a_figure_is_rounded_not_cut_off() -> None:
    assert (cell(0.25678).text, cell(0.2599).text, cell(0.12367, INDEX).text) == ("25.7%", "26.0%", "0.124")
