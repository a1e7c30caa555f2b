"""Features column by column are those of one applicant after another, whatever stands in the cells."""

import csv
import io
import random

import pytest

from scoring import demo_process
from scoring.features import REGISTRY, compute_named, compute_one
from scoring.features.columns import DERIVED, INPUTS, compute_columns
from scoring.features.computing import _DERIVED
from scoring.learning.training import Trained, train
from scoring.mapping import identity, read_mapping
from scoring.points import band_of, points_of, probability_of
from scoring.refusals import DataUnusable
from scoring.rescoring import rescore_csv
from scoring.training import read_table

ODD: tuple[object, ...] = (
    "",
    "NA",
    "?",
    None,
    "0",
    "-1",
    "1e400",
    "1,200.50",
    " 3 ",
    "yes",
    "否",
    "OWNER ",
    "99999999999999",
    7,
    True,
    2.5,
)


TEXTS = tuple(value for value in ODD if value is None or isinstance(value, str))
AMOUNTS = ("0", "12", "3500.5", "-4", "1e11", "1e-300", "1e308", "9000", None, "24", "0.1")


@pytest.mark.parametrize("cells", [ODD, TEXTS, AMOUNTS])
def test_columns_and_rows_give_the_same_features(cells):
    draw, rows = random.Random(5), 400
    names = sorted({*REGISTRY, *INPUTS})[:-1]  # one fact has no column at all
    facts = {name: [draw.choice(cells) for _ in range(rows)] for name in names}
    found = {
        name: [None if value != value else value for value in values.tolist()] if hasattr(values, "tolist") else values
        for name, values in compute_columns(REGISTRY.values(), facts, rows).items()
    }
    for place in range(rows):
        one = {name: values[place] for name, values in facts.items()}
        for feature in REGISTRY.values():
            assert repr(found[feature.name][place]) == repr(compute_one(feature, one)), (feature.name, one)


def test_the_inputs_named_are_all_that_derived_features_read():
    class Asked(dict):
        def get(self, name, default=None):
            asked.add(name)
            return "3"

    asked: set[str] = set()
    for derive in _DERIVED.values():
        derive(Asked())
    assert asked == set(INPUTS)
    assert set(DERIVED) == set(_DERIVED)


AWKWARD = (
    lambda text: text,
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("salaried", "", 20).replace("\n", "\n\n", 9) + "1200\n" + "7," * 40 + "\n",
    lambda text: (
        text.replace("rent", '"re,nt"', 3).replace("owner", '"ow\n\n""ner"', 5).replace("married", '"married"')
    ),
    lambda text: '"' + text.replace(",", '","').replace("\n", '"\n"').removesuffix('"'),
    lambda text: text.removesuffix("\n"),
)


@pytest.mark.parametrize("rows_of_a_block", [7, 20_000])
@pytest.mark.parametrize("awkward", AWKWARD)
def test_a_rescored_file_says_what_the_rows_say_one_by_one(
    demo_trained: Trained, monkeypatch, awkward, rows_of_a_block
):
    monkeypatch.setattr("scoring.rescoring.BLOCK_ROWS", rows_of_a_block)
    file, target, expected = io.StringIO(), io.StringIO(), io.StringIO()
    demo_process.write_csv(file, count=200, seed=3)
    text = awkward(file.getvalue())
    header, *rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    writer = csv.writer(expected, lineterminator="\n")
    writer.writerow([*header, "probability_of_default", "points", "band"])
    for row in rows:
        wide = [*row, *[""] * len(header)][: len(header)]
        facts = identity(header).facts_of(dict(zip(header, wide, strict=True)))
        features = compute_named(tuple(column.name for column in demo_trained.model.columns), facts)
        log_odds = demo_trained.model.log_odds_of_one(features)
        risk = probability_of(log_odds)
        writer.writerow([*wide, f"{risk:.6f}", points_of(log_odds), band_of(risk)])
    assert rescore_csv(demo_trained.model, io.StringIO(text, newline=""), target) == len(rows) >= 200
    assert target.getvalue() == expected.getvalue()


def test_a_model_of_columns_reads_them_as_it_was_trained_on_them_whatever_their_names():
    draw = random.Random(4)
    rows = [(draw.choice(("true", "false")), draw.random(), draw.random()) for _ in range(400)]
    bad = [int(draw.random() < 0.2 + 0.4 * (records == "true") + 0.3 * ratio) for records, ratio, _x in rows]
    text = "records,debt_to_income,x,bad\n" + "".join(
        f"{a},{b},{c},{d}\n" for (a, b, c), d in zip(rows, bad, strict=True)
    )
    table, uses_facts = read_table(text.encode(), target="bad")
    model, target = train(table, algorithm="scorecard").model, io.StringIO()
    rescore_csv(model, io.StringIO(text), target, uses_facts=uses_facts)
    written = [row["probability_of_default"] for row in csv.DictReader(io.StringIO(target.getvalue()))]
    assert not uses_facts and len(set(written)) > 4
    assert written == [f"{p:.6f}" for p in model.probabilities(table.values)]


def test_a_file_without_any_column_of_the_model_is_refused(demo_trained: Trained):
    for text in ("", "income;indebted\n1;2\n"):
        with pytest.raises(DataUnusable, match="none of the columns"):
            rescore_csv(demo_trained.model, io.StringIO(text), io.StringIO())


def test_of_a_column_only_the_levels_that_say_something_are_taken() -> None:
    mapping = read_mapping(b'[facts]\nservice = { column = "Debt", only = { 0 = "0" } }\n')
    assert [mapping.facts_of({"Debt": told})["service"] for told in ("0", " 0 ", "1300", "NA", "")] == [
        "0", "0", None, None, None,
    ]  # fmt: skip
