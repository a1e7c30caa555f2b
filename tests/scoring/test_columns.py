"""Features column by column are those of one applicant after another, whatever stands in the cells."""

import csv
import io
import random

import pytest

from scoring import demo_process
from scoring.features import REGISTRY, compute_one
from scoring.features.columns import DERIVED, INPUTS, compute_columns
from scoring.features.computing import _DERIVED
from scoring.learning.training import Trained
from scoring.mapping import identity
from scoring.rescoring import probabilities_in_blocks, rescore_csv

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


def test_a_rescored_file_says_what_the_rows_say_one_by_one(demo_trained: Trained):
    file = io.StringIO()
    demo_process.write_csv(file, count=300, seed=3)
    text = file.getvalue().replace("salaried", "", 20) + "\n1200\n"  # a blank line, and a row that breaks off
    target = io.StringIO()
    mapping = identity(text.split("\n", 1)[0].split(","))
    assert rescore_csv(demo_trained.model, io.StringIO(text), target, mapping) == 301
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = next(probabilities_in_blocks(demo_trained.model, (mapping.facts_of(row) for row in rows)))
    written = list(csv.DictReader(io.StringIO(target.getvalue())))
    assert [row["probability_of_default"] for row in written] == [f"{p:.6f}" for p in expected]
    assert {row["band"] for row in written} <= set("ABCDE")
