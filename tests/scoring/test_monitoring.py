"""Drift is read once a day and opens one task; a draft strategy is tried on the past; a book is scored in blocks."""

import csv
import io
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from scoring import champion as champions
from scoring import demo_process, monitoring, monitoring_outcomes
from scoring import outcomes as seam
from scoring.assessment import Request, assess
from scoring.fairness import fairness
from scoring.learning.table import Table
from scoring.mapping import identity
from scoring.models import ModelVersion, MonitoringReading, ReviewTask, Score, Strategy
from scoring.outcomes import Outcome
from scoring.replay import recent_summary, replay, request_like, summary
from scoring.rescoring import probabilities_in_blocks, rescore_csv
from scoring.strategy_rules import STARTING_RULES
from scoring.validation import report
from tests.scoring.conftest import TODAY


def _assess_people(count: int, request_: Request, seed: int = 99, **changed: Any) -> dict[str, bool]:
    outcomes = {}
    for number, person in enumerate(demo_process.people(count, seed=seed)):
        facts = {**person.facts, **changed}
        asked = replace(
            request_,
            amount_minor=int(facts["requested_amount"] * 100),
            installments=int(facts["installments"]),
            allowed_installments=(3, 6, 9, 12, 18, 24, 36),
        )
        assess(facts=facts, request=asked, subject=f"S{seed}-{number}", customer=f"C{number}", on=TODAY)
        outcomes[f"S{seed}-{number}"] = person.defaulted
    return outcomes


@pytest.mark.django_db
def test_the_same_population_is_stable_and_reading_twice_adds_nothing(
    champion: ModelVersion, approved_strategy: Strategy, request_: Request
) -> None:
    _assess_people(90, request_)
    first = monitoring.monitor(TODAY)
    assert first["models"] == 1 and first["readings"] > 10
    before = MonitoringReading.objects.count()
    monitoring.monitor(TODAY)
    assert MonitoringReading.objects.count() == before
    assert MonitoringReading.objects.get(metric="score_psi").value < 0.25


@pytest.mark.django_db
def test_a_changed_population_opens_one_task_until_somebody_closes_it(
    champion: ModelVersion, approved_strategy: Strategy, request_: Request, people: dict[str, Any]
) -> None:
    _assess_people(80, request_, bureau_inquiries_6m=7, records=True)
    monitoring.monitor(TODAY)
    task = ReviewTask.objects.get(metric="score_psi")
    monitoring.observe(champion, on=TODAY.replace(day=15), metric="score_psi", value=0.9, count=80)
    assert ReviewTask.objects.filter(metric="score_psi", closed_on=None).count() == 1
    monitoring.close_task(task, note="a campaign", by=people["vera"], on=TODAY)
    monitoring.observe(champion, on=TODAY.replace(month=10, day=16), metric="score_psi", value=0.9, count=80)
    assert ReviewTask.objects.filter(metric="score_psi").count() == 2


@pytest.mark.django_db
def test_what_became_of_them_measures_the_model(
    champion: ModelVersion, approved_strategy: Strategy, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = _assess_people(160, request_)
    rows = [
        Outcome(subject, "C", TODAY, "approve", "approved", opened_on=TODAY, bad=went_bad, matured=True)
        for subject, went_bad in bad.items()
    ]
    monkeypatch.setattr(seam, "_PROVIDERS", [lambda **asked: iter(rows)])
    ripe = TODAY.replace(year=TODAY.year + 1, month=TODAY.month + 1, day=1)
    found = {row.metric: row for row in monitoring_outcomes.read(champion, ripe, ripe) if not row.feature}
    assert abs(found["bad_rate_gap"].value) < 0.06
    assert "auc_loss" in found


@pytest.mark.django_db
def test_a_stricter_draft_swaps_nobody_in_and_the_riskiest_out(
    champion: ModelVersion, approved_strategy: Strategy, request_: Request
) -> None:
    outcomes = _assess_people(120, request_)
    product = replace(request_, allowed_installments=(3, 6, 9, 12, 18, 24, 36))
    draft = {**STARTING_RULES, "cut_offs": {"approve_to_pd": "0.06", "decline_from_pd": "0.40"}}
    scores = list(Score.objects.filter(role="decision"))
    told = summary(replay(scores, lambda score: request_like(score, product), STARTING_RULES, draft, outcomes))
    assert told["applications"] == 120
    assert told["swap_ins"]["count"] == 0 < told["swap_outs"]["count"]
    assert told["swap_outs"]["mean_probability"] > told["after"]["mean_probability"]
    assert sum(move["count"] for move in told["moves"]) == 120
    by_page = recent_summary(draft, STARTING_RULES, on=TODAY)
    assert by_page["applications"] == 120 and by_page["swap_ins"]["count"] == 0 < by_page["swap_outs"]["count"]
    same = summary(replay(scores, lambda score: request_like(score, product), STARTING_RULES, STARTING_RULES))
    assert same["swap_outs"]["count"] == same["swap_ins"]["count"] == 0


@pytest.mark.django_db
def test_a_book_in_blocks_scores_like_one_by_one(champion: ModelVersion, demo_csv: bytes, tmp_path: Path) -> None:
    model = champions.load(champion.artifact.file_sha256)
    facts = [person.facts for person in demo_process.people(120, seed=5)]
    blocks = list(probabilities_in_blocks(model, iter(facts), block_rows=50))
    assert [len(block) for block in blocks] == [50, 50, 20]
    alone = [champions.predict(champion, row).probability for row in facts]
    assert np.concatenate(blocks) == pytest.approx(alone, abs=1e-12)
    source, target = io.StringIO(demo_csv.decode()), io.StringIO()
    header = demo_csv.split(b"\n", 1)[0].decode().split(",")
    assert rescore_csv(model, source, target, identity(header)) == 3000
    row = next(csv.DictReader(io.StringIO(target.getvalue())))
    assert row["band"] in "ABCDE" and 0 < float(row["probability_of_default"]) < 1
    (tmp_path / "book.csv").write_bytes(demo_csv)
    out = io.StringIO()
    named = f"{champion.name}:{champion.version}"
    call_command("rescore", str(tmp_path / "book.csv"), out=tmp_path / "out.csv", model=named, stdout=out)
    assert "3000 rows" in out.getvalue()
    (tmp_path / "other.csv").write_bytes(demo_csv.replace(b",", b";").decode().encode("utf-16"))
    call_command("rescore", str(tmp_path / "other.csv"), out=tmp_path / "other-out.csv", model=named, stdout=out)
    assert (tmp_path / "other-out.csv").read_text() == (tmp_path / "out.csv").read_text().replace(",", ";")


@pytest.mark.django_db
def test_rescoring_reads_gb_18030_as_training_does(champion: ModelVersion, demo_csv: bytes, tmp_path: Path) -> None:
    first, *rows = demo_csv.decode().splitlines()
    text = "\n".join([f"{first},城市", *(f"{row},北京市" for row in rows[:50])])
    (tmp_path / "book.csv").write_bytes(text.encode("gb18030"))
    named = f"{champion.name}:{champion.version}"
    call_command("rescore", str(tmp_path / "book.csv"), out=tmp_path / "out.csv", model=named, stdout=io.StringIO())
    row = next(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert row["城市"] == "北京市" and row["band"] in "ABCDE"


@pytest.mark.django_db
def test_the_commands_name_the_argument_they_cannot_read(champion: ModelVersion, tmp_path: Path) -> None:
    book, out = tmp_path / "book.csv", tmp_path / "out.csv"
    named = f"--model={champion.name}:{champion.version}"
    for arguments, told in (
        (("monitor_models", "--date", "2026-13-01"), "--date: “2026-13-01” is not a day of the calendar"),
        (("rescore", "--book", "--date", "soon"), "--date: “soon” is not a day of the calendar"),
        (("monitor_models", "--date", "2999-01-01"), "--date: 2999-01-01 is not over"),
        (("rescore", str(book), "--out", str(out), named), "data: .*there is no such file"),
    ):
        with pytest.raises(CommandError, match=told):
            call_command(*arguments)
    book.write_text("colour,shape\nred,round\n")
    for more, told in (
        (("--out", str(out)), r"data: .*none of the columns .* \(colour, shape\); it needs .*income"),
        (("--out", str(book)), "--out: name another file"),
        (("--out", str(tmp_path / "no" / "out.csv")), "out.csv: No such file"),
        (("--out", str(out), "--mapping", str(tmp_path / "no.toml")), "--mapping: .*cannot be read: No such file"),
        (("--out", str(out), "--mapping", str(book)), "--mapping: .*not TOML"),
    ):
        with pytest.raises(CommandError, match=told):
            call_command("rescore", str(book), named, *more)


def test_unfairness_that_was_put_in_is_found_and_none_is_found_where_there_is_none() -> None:
    draw = np.random.default_rng(1)
    bad = (draw.random(4000) < 0.2).astype(float)
    risk = np.clip(0.1 + 0.2 * bad + draw.normal(0, 0.08, 4000), 0.001, 0.999)
    group = ["a" if x < 0.5 else "b" for x in draw.random(4000)]
    equal = {row["group"]: row for row in fairness(group, bad, risk, 0.2)["groups"]}
    assert not any(row["below_four_fifths"] for row in equal.values())
    shifted = np.where(np.array(group) == "b", np.clip(risk + 0.08, 0, 1), risk)
    biased = {row["group"]: row for row in fairness(group, bad, shifted, 0.2)["groups"]}
    assert biased["b"]["below_four_fifths"]
    assert biased["b"]["good_gap_interval"][1] < 0


def test_the_report_holds_what_a_validator_needs(demo_table: Table, demo_trained: Any) -> None:
    found = report(demo_table, demo_trained.out_of_fold, protected=["sex", "age_years"], approve_to_pd=0.1)
    assert found["auc_interval"][0] < found["figures"]["auc"] < found["auc_interval"][1]
    assert len(found["calibration"]) == 10
    assert Counter(row["column"] for row in found["strength"]).most_common(1)[0][1] == 1
    low, high = found["promises"]["interval"]
    assert low <= found["promises"]["approval_with_bad_rate_under_1_percent"] <= high
    assert Decimal(str(found["lift"][0]["lift"])) > 1
