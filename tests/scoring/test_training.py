"""Training: the same bytes give the same model, bins keep their direction, bad data is refused with its reason."""

import io
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError

from scoring.features import REGISTRY
from scoring.learning import metrics, training
from scoring.learning.binning import NumberBins, bin_levels, bin_numbers, part_of
from scoring.learning.booster import Booster
from scoring.learning.boosting import FAR, NEAR
from scoring.learning.model import Model
from scoring.learning.sentinels import codes_of
from scoring.learning.suspicion import duplicates, suspicions
from scoring.learning.table import Table, read_csv
from scoring.learning.training import Trained, train
from scoring.models import ModelVersion
from scoring.points import band_of, points_of
from scoring.training import sounds_protected


def test_the_worked_part_of_the_docstring() -> None:
    assert part_of(10, 5, 0.2) == pytest.approx(0.4700, abs=5e-5)


def test_points_double_the_odds_every_twenty() -> None:
    assert (points_of(-np.log(30)), points_of(-np.log(60)), points_of(-np.log(15))) == (600, 620, 580)
    assert [band_of(p) for p in (0.01, 0.05, 0.1, 0.2, 0.5)] == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize("direction", [-1, 1])
def test_bins_never_turn_against_their_declared_direction(direction: int) -> None:
    draw = np.random.default_rng(3)
    values = draw.normal(size=4000)
    bad = (draw.random(4000) < 1 / (1 + np.exp(1.5 - 0.8 * values - 0.9 * np.sin(4 * values)))).astype(float)
    parts = bin_numbers(values, bad, direction).parts
    assert all((later - earlier) * direction >= 0 for earlier, later in itertools.pairwise(parts))


def test_missing_values_and_unseen_levels_have_a_place() -> None:
    values = np.array([1.0, 2.0, np.nan, 4.0] * 100)
    bad = np.array([0.0, 1.0, 1.0, 0.0] * 100)
    bins = bin_numbers(values, bad)
    assert bins.of_array(np.array([np.nan]))[0] == bins.missing > 0
    levels = bin_levels(["a", "b", None, "a"] * 100, bad)
    assert levels.of_array(["never seen"])[0] == levels.other == 0.0


def test_auc_agrees_with_counting_every_pair() -> None:
    draw = np.random.default_rng(0)
    bad = (draw.random(120) < 0.4).astype(float)
    scores = np.round(draw.random(120), 1)
    pairs = [(b > g) + 0.5 * (b == g) for b in scores[bad == 1] for g in scores[bad == 0]]
    assert metrics.auc(bad, scores) == pytest.approx(float(np.mean(pairs)), abs=1e-12)


def test_measures_at_their_ends() -> None:
    bad = np.array([0.0] * 50 + [1.0] * 50)
    assert metrics.ks(bad, bad) == metrics.auc(bad, bad) == 1.0
    assert metrics.h_measure(bad, bad) == pytest.approx(1.0)
    assert metrics.h_measure(bad, np.zeros(100)) == pytest.approx(0.0, abs=1e-9)
    assert metrics.population_stability(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])) == 0.0


def test_the_model_learns_the_process_that_made_the_people(demo_trained: Trained, demo_table: Table) -> None:
    assert 0.76 < demo_trained.metrics["auc"] < 0.84
    assert demo_trained.metrics["pooled_calibration_error"] < 0.02


def test_the_same_data_gives_the_same_bytes(demo_table: Table, demo_trained: Trained) -> None:
    assert train(demo_table, algorithm="scorecard").model.to_bytes() == demo_trained.model.to_bytes()


def test_a_blend_is_reproducible_and_its_contributions_add_up(demo_table: Table) -> None:
    table = demo_table.take(np.arange(600))
    first, second = train(table, algorithm="blend"), train(table, algorithm="blend")
    assert first.model.to_bytes() == second.model.to_bytes()
    model = Model.from_bytes(first.model.to_bytes())
    for row in range(20):
        one = table.take(np.array([row]))
        features = {name: _plain(values[0]) for name, values in one.values.items()}
        log_odds, contributions = model.explain(features)
        assert log_odds == pytest.approx(float(model.log_odds(one.values)[0]), abs=1e-9)
        assert model.base + sum(contributions.values()) == pytest.approx(log_odds, abs=1e-12)
        assert model.log_odds_of_one(features) == pytest.approx(log_odds, abs=1e-9)


@pytest.fixture(scope="module")
def boosted(demo_table: Table) -> Trained:
    return train(demo_table.take(np.arange(1200)), algorithm="boosting")


def test_boosting_is_trees_that_learn_near_far_and_symmetrically(boosted: Trained) -> None:
    ((_share, part),) = boosted.model.parts
    assert isinstance(part, Booster)
    builds = (len(NEAR), len(FAR), 1)
    assert len(part.texts) in {sum(some) for size in (1, 2, 3) for some in itertools.combinations(builds, size)}


def test_parts_that_all_weigh_nothing_leave_one() -> None:
    unseen = {name: -np.linspace(-20, 20, 80) for name in ("near", "far")}
    _intercept, shares = training._shares(unseen, ("near", "far"), (np.arange(80) >= 40).astype(np.float64))
    assert list(shares.values()) == [0.0]


@pytest.mark.parametrize("algorithm", ["scorecard", "boosting"])
def test_more_of_what_is_declared_risky_never_lowers_the_risk(
    algorithm: str, demo_table: Table, boosted: Trained
) -> None:
    table = demo_table.take(np.arange(1200))
    model = boosted.model if algorithm == "boosting" else train(table, algorithm=algorithm).model
    for column in table.columns:
        direction = REGISTRY[column.name].direction
        if not direction or not column.is_number:
            continue
        known = np.asarray(table.values[column.name])
        grid = np.quantile(known[~np.isnan(known)], np.linspace(0, 1, 15))
        rows = {
            name: np.full(15, values[5]) if isinstance(values, np.ndarray) else [values[5]] * 15
            for name, values in table.values.items()
        }
        steps = np.diff(model.log_odds({**rows, column.name: grid})) * direction
        assert (steps >= -1e-9).all(), column.name


def test_protected_facts_never_reach_the_model(demo_table: Table, demo_trained: Trained) -> None:
    names = {column.name for column in demo_trained.model.columns}
    assert not names & {"age_years", "sex", "marital_status"}
    assert {"age_years", "sex", "marital_status"} <= set(demo_table.aside)


@pytest.mark.parametrize(
    ("name", "protected"),
    [("Age", True), ("personal_status_sex", True), ("MARRIAGE", True), ("foreign_worker", True), ("wage", False),
     ("mortgage", False), ("usage", False), ("essex", False), ("CustomerAge", True)],
)  # fmt: skip
def test_protected_columns_are_known_by_their_words(name: str, protected: bool) -> None:
    assert sounds_protected(name) is protected


def test_a_column_that_knows_the_outcome_and_repeated_rows_are_reported() -> None:
    lines = ["x,leak,target"] + [f"{i % 37},{i % 2 + 0.001 * (i % 7)},{i % 2}" for i in range(600)]
    table = read_csv("\n".join(lines).encode(), target="target")
    kinds = {(warning["kind"], warning.get("column")) for warning in suspicions(table)}
    assert ("leak", "leak") in kinds
    assert ("duplicates", None) in kinds


@pytest.mark.django_db
class TestTheCommand:
    def _csv(self, path: Path, text: bytes) -> str:
        path.write_bytes(text)
        return str(path)

    def test_it_enters_a_draft_and_prints_its_figures(self, tmp_path: Path, demo_csv: bytes) -> None:
        out = io.StringIO()
        data = self._csv(tmp_path / "d.csv", demo_csv)
        call_command("train_scorecard", data, target="target", algorithm="scorecard", json=True, stdout=out)
        told = json.loads(out.getvalue())
        version = ModelVersion.objects.get()
        assert (told["status"], told["uses_facts"], told["data"]["rows"]) == ("draft", True, 3000)
        assert told["file_sha256"] == version.artifact.file_sha256
        assert told["metrics"]["auc"] > 0.7

    def test_the_only_developer_needs_no_name_and_one_of_several_does(self, tmp_path: Path, demo_csv: bytes) -> None:
        data = self._csv(tmp_path / "d.csv", demo_csv)
        words = {"target": "target", "algorithm": "scorecard", "stdout": io.StringIO()}
        call_command("train_scorecard", data, **words)
        assert ModelVersion.objects.get(version=1).developer is None
        developers = Group.objects.get(name="model developer")
        dora = get_user_model().objects.create_user(username="dora")
        dora.groups.add(developers)
        call_command("train_scorecard", data, **words)
        second = ModelVersion.objects.get(version=2)
        assert (second.developer, second.owner) == (dora, "dora")
        get_user_model().objects.create_user(username="dan").groups.add(developers)
        with pytest.raises(CommandError, match=r"--by.*dan, dora"):
            call_command("train_scorecard", data, **words)

    def test_a_model_on_facts_is_the_next_version_and_any_other_needs_a_name(
        self, tmp_path: Path, demo_csv: bytes
    ) -> None:
        data, out = self._csv(tmp_path / "d.csv", demo_csv), io.StringIO()
        call_command("train_scorecard", data, target="target", algorithm="scorecard", stdout=out)
        assert "a new version of" not in out.getvalue()
        call_command("train_scorecard", data, target="target", algorithm="scorecard", stdout=out)
        assert "consumer-credit v2" in out.getvalue() and "a new version of consumer-credit" in out.getvalue()
        rows = "n,y\n" + "\n".join(f"{i},{int(i % 5 == 0)}" for i in range(300))
        other = self._csv(tmp_path / "o.csv", rows.encode())
        with pytest.raises(CommandError, match="--name"):
            call_command("train_scorecard", other, target="y", algorithm="scorecard")
        call_command("train_scorecard", other, target="y", algorithm="scorecard", name="study", stdout=out)
        assert [(one.name, one.version) for one in ModelVersion.objects.order_by("pk")][2:] == [("study", 1)]

    def test_any_table_can_be_studied(self, tmp_path: Path) -> None:
        rows = [f"{i},{'ab'[i % 2]},{'NA' if i % 9 == 0 else i % 13},{int(i % 5 == 0)}" for i in range(300)]
        data = self._csv(tmp_path / "d.csv", ("n,level,gaps,y\n" + "\n".join(rows)).encode())
        out = io.StringIO()
        call_command("train_scorecard", data, target="y", algorithm="scorecard", stdout=out)
        assert "cannot decide" in out.getvalue()
        assert not ModelVersion.objects.get().uses_facts

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (b"a,b\n1,2\n", "no column"),
            (b"a,target\n" + b"1,7\n" * 60, "neither 1 (bad) nor 0 (good)"),
            (b"a,target\n" + b"1,0\n" * 60, "fewer than ten"),
            (b"a,target\n" + b"1,0\n" * 30 + b"1,1,1\n", "line 32"),
            (b"a,target\n1,0\n", "too few"),
            (b"a,target\n" + b"1,1\n2,2\n" * 60, "bad_value"),
            (b"a,target\n" + b"1,0\n2,1\n" * 60 + b"3,\n", "line 122: “target” is empty"),
            (b"a,a,target\n" + b"1,2,0\n" * 60, "the same name, “a”"),
            (b"target\n" + b"0\n1\n" * 60, "no column"),
            (b"k,target\n" + b"7,0\n7,1\n" * 60, "two different values"),
            (b"m,target\n" + b",0\nNA,1\n" * 60, "two different values"),
            (b"a;target\n" + b"12,5;0\n7,25;1\n" * 60, "“a” writes decimals with a comma"),
            (b"a,target\n" + b"1,0\n2,1\n" * 60 + b"x" * 200_000 + b",1\n", "line 122 cannot be read"),
            (bytes(range(256)) * 20, "no column"),
            (b"", "no column"),
        ],
    )
    def test_bad_data_is_refused_with_its_reason(self, text: bytes, says: str, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=says.replace("(", r"\(").replace(")", r"\)")):
            call_command("train_scorecard", self._csv(tmp_path / "d.csv", text), target="target")
        assert not ModelVersion.objects.exists()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
    def test_every_usual_encoding_and_way_of_writing_numbers_is_read(self, encoding: str, tmp_path: Path) -> None:
        rows = [
            f'"{10_000 + 37 * (i % 97):,}";{i % 31}%;{"教师" if i % 3 else "工人"};{"坏" if i % 31 > 20 else "好"}'
            for i in range(300)
        ]
        text = "收入;占比;职业;违约\n" + "\n".join(rows) + "\n\n"
        out = io.StringIO()
        data = self._csv(tmp_path / "d.csv", text.encode(encoding))
        call_command("train_scorecard", data, target="违约", algorithm="scorecard", json=True, stdout=out)
        told = json.loads(out.getvalue())
        assert told["metrics"]["auc"] == 1.0
        assert len(told["metrics"]["by_fold"]) == 5
        assert {"brier", "calibration_error"} <= set(told["metrics"])
        assert ("leak", "占比") in {(warning["kind"], warning.get("column")) for warning in told["warnings"]}

    def test_cases_in_an_order_that_hides_one_outcome_are_refused(self, tmp_path: Path) -> None:
        rows = [f"{i % 40},{i:04d},{int(i > 270)}" for i in range(300)]
        data = self._csv(tmp_path / "d.csv", ("a,day,y\n" + "\n".join(rows)).encode())
        with pytest.raises(CommandError, match="in the order of “day”"):
            call_command("train_scorecard", data, target="y", algorithm="scorecard", time="day")

    def test_a_mapping_that_names_no_column_is_refused(self, tmp_path: Path, demo_csv: bytes) -> None:
        mapping = self._csv(tmp_path / "m.toml", b'[facts]\nincome_monthly = "Salary"\n')
        data = self._csv(tmp_path / "d.csv", demo_csv)
        with pytest.raises(CommandError, match="Salary"):
            call_command("train_scorecard", data, target="target", mapping=Path(mapping))


def _plain(value: Any) -> Any:
    return None if value is None or value != value else value


def test_number_bins_read_the_same_alone_and_in_bulk() -> None:
    bins = NumberBins((1.0, 2.0), (0.1, 0.2, 0.3), 0.9)
    assert bins.of_array(np.array([0.5, 1.0, 1.5, 2.0, 9.0, np.nan])).tolist() == [0.1, 0.1, 0.2, 0.2, 0.3, 0.9]


def test_codes_are_read_as_missing_and_measurements_are_left_alone() -> None:
    draw = np.random.default_rng(2)
    plain = np.round(draw.lognormal(8, 1.2, 3000))
    assert codes_of(plain) == ()
    assert codes_of(np.where(draw.random(3000) < 0.05, 99999999.0, plain)) == (99999999.0,)
    months = np.round(draw.uniform(0, 200, 3000))
    assert codes_of(np.where(draw.random(3000) < 0.05, draw.choice([-9.0, -8.0, -7.0], 3000), months)) == (
        -9.0,
        -8.0,
        -7.0,
    )
    assert codes_of(draw.normal(0, 50, 3000)) == ()


def test_a_code_in_training_is_missing_in_use_too(demo_table: Table) -> None:
    draw = np.random.default_rng(5)
    values = np.where(draw.random(800) < 0.1, 999999.0, np.round(draw.normal(50, 10, 800)))
    bad = (draw.random(800) < np.where(values == 999999.0, 0.5, 0.15)).astype(float)
    lines = ["score;y"] + [f"{value:g};{int(outcome)}" for value, outcome in zip(values, bad, strict=True)]
    table = read_csv("\n".join(lines).encode(), target="y")
    trained = train(table, algorithm="scorecard")
    assert {"kind": "sentinel", "column": "score", "values": [999999.0]} in trained.warnings
    model = Model.from_bytes(trained.model.to_bytes())
    assert model.explain({"score": 999999.0}) == model.explain({"score": None})
    assert model.explain({"score": None})[0] > model.explain({"score": 50.0})[0]


def test_a_row_number_is_known_for_one_and_an_amount_is_not() -> None:
    draw = np.random.default_rng(6)
    lines = ["no,amount,y"] + [f"{n + 5},{draw.integers(1, 10**6)},{n % 3 == 0}" for n in range(300)]
    found = {
        (warning["kind"], warning.get("column"))
        for warning in suspicions(read_csv("\n".join(lines).encode(), target="y"))
    }
    assert ("identifier", "no") in found
    assert ("identifier", "amount") not in found


def test_rows_alike_are_counted_whatever_they_hold() -> None:
    rows = ["1,a,0", "1,,1", ",a,0", "1,a,1", ",a,0", "-0,b,0", "0,b,1"] + [f"{n},c,{n % 2}" for n in range(2, 60)]
    assert duplicates(read_csv(("x,l,y\n" + "\n".join(rows)).encode(), target="y")) == 3


def test_another_word_for_bad_and_another_delimiter_are_understood() -> None:
    lines = ["a\ttarget"] + [f"{n % 40}\t{2 if n % 5 == 0 else 1}" for n in range(200)]
    table = read_csv("\n".join(lines).encode(), target="target", bad_value="2")
    assert (len(table.columns), table.bad.mean()) == (1, 0.2)
