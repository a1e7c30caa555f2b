"""Tabulated tree contributions: the worked example, equal to LightGBM's own, and left to LightGBM where they must be."""

from typing import Any

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.learning.booster import Booster
from scoring.learning.table import Column
from scoring.learning.tree_tables import MOST_CELLS, NotTabulated, tabulate

Floats = NDArray[np.float64]

ONE_SPLIT = """tree

Tree=0
num_leaves=2
num_cat=0
split_feature=1
threshold=10
decision_type=2
left_child=-1
right_child=-2
leaf_value=1 5
leaf_count=3 1
internal_count=4

end of trees
"""


def test_the_worked_example_of_the_docstring() -> None:
    found = tabulate([ONE_SPLIT], [1.0], 3).contributions(np.array([[7.0, 10.0, 7.0], [7.0, 10.5, 7.0]]))
    assert found == pytest.approx(np.array([[0.0, -1.0, 0.0], [0.0, 3.0, 0.0]]))


def test_a_missing_value_the_training_never_saw_is_read_as_zero() -> None:
    found = tabulate([ONE_SPLIT], [2.0], 2).contributions(np.array([[0.0, np.nan], [0.0, 0.0]]))
    assert found.tolist() == [[0.0, -2.0], [0.0, -2.0]]


def _data(draw: np.random.Generator, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Rough data: heavy tails, few distinct values, and holes in every second column."""
    x = np.where(draw.random(columns) < 0.5, np.exp(draw.normal(size=(rows, columns)) * 2), draw.normal(size=columns))
    x = np.where(
        draw.random(columns) < 0.4, np.round(draw.normal(size=(rows, columns)) * 2), x + draw.normal(size=x.shape)
    )
    holes = (draw.random(x.shape) < 0.2) & (np.arange(columns) % 2 == 0)
    x[holes] = np.nan
    z = np.nan_to_num(x[:, 0]) * np.sign(np.nan_to_num(x[:, 1]) - 0.2) + np.isnan(x[:, 2]) - 1
    return x, (draw.random(rows) < 1 / (1 + np.exp(-np.clip(z, -4, 4)))).astype(np.float64)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("leaves", "extra"), [(4, False), (12, True), (31, False)])
def test_contributions_are_those_of_lightgbm(seed: int, leaves: int, extra: bool) -> None:
    draw = np.random.default_rng(seed)
    x, y = _data(draw, 700, 9)
    settings: dict[str, Any] = {"num_leaves": leaves, "max_depth": 8, "extra_trees": extra, "min_data_in_leaf": 5}
    model = lightgbm.train(
        {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": seed, **settings}, lightgbm.Dataset(x, y), 25
    )
    met = np.vstack([x[:150], x[:150] + draw.normal(size=(150, 9)), np.full((1, 9), np.nan), np.zeros((1, 9))])
    met[draw.random(met.shape) < 0.1] = np.nan
    theirs = np.asarray(model.predict(met, pred_contrib=True))
    tables = tabulate([model.model_to_string()], [1.0], 9)
    assert np.abs(tables.contributions(met) - theirs[:, :-1]).max() < 1e-9
    assert tables.bytes_held < 8 * MOST_CELLS * len(tables.group) + 1_000_000


def test_boosters_are_added_with_their_weights_and_alone_as_in_bulk() -> None:
    x, y = _data(np.random.default_rng(9), 600, 5)
    texts = []
    for seed in (1, 2):
        given = {
            "objective": "binary",
            "verbose": -1,
            "num_threads": 1,
            "seed": seed,
            "num_leaves": 6,
            "extra_trees": True,
        }
        texts.append(lightgbm.train(given, lightgbm.Dataset(x, y), 12).model_to_string())
    columns = tuple(Column(f"c{i}", i != 4) for i in range(5))
    levels = {"c4": {str(level): float(level) for level in np.unique(x[:, 4])[:40]}}
    booster = Booster(columns, levels, tuple(texts), (0.3, 0.7), 0.0)
    values: dict[str, Any] = {f"c{i}": x[:, i] for i in range(4)}
    values["c4"] = [None if n % 7 == 0 else str(value) for n, value in enumerate(x[:, 4])]
    matrix = booster.matrix(values)
    first, second = (np.asarray(lightgbm.Booster(model_str=text).predict(matrix, pred_contrib=True)) for text in texts)
    theirs = 0.3 * first + 0.7 * second
    assert np.abs(booster.contributions(values) - theirs[:, :-1]).max() < 1e-9
    for row in (0, 3, 7):
        one = {
            name: None if found[row] is None or found[row] != found[row] else found[row]
            for name, found in values.items()
        }
        assert list(booster.contributions_of_one(one).values()) == pytest.approx(theirs[row, :-1].tolist(), abs=1e-9)


def test_trees_of_another_kind_are_left_to_lightgbm() -> None:
    draw = np.random.default_rng(4)
    x = np.column_stack([draw.integers(0, 12, 800), draw.normal(size=800)]).astype(np.float64)
    y = (np.isin(x[:, 0], (1, 5, 9)) ^ (draw.random(800) < 0.1)).astype(np.float64)
    model = lightgbm.train(
        {"objective": "binary", "verbose": -1, "num_threads": 1}, lightgbm.Dataset(x, y, categorical_feature=[0]), 5
    )
    text = model.model_to_string()
    with pytest.raises(NotTabulated):
        tabulate([text], [1.0], 2)
    booster = Booster((Column("a", True), Column("b", True)), {}, (text,))
    theirs = np.asarray(model.predict(x, pred_contrib=True))[:, :-1]
    assert np.abs(booster.contributions({"a": x[:, 0], "b": x[:, 1]}) - theirs).max() < 1e-12


def test_a_tree_too_deep_to_tabulate_is_refused() -> None:
    draw = np.random.default_rng(5)
    x = draw.normal(size=(4000, 14))
    y = (x.prod(axis=1) + x.sum(axis=1) > 0).astype(np.float64)
    given = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 400, "min_data_in_leaf": 2}
    text = lightgbm.train(given, lightgbm.Dataset(x, y), 3).model_to_string()
    with pytest.raises(NotTabulated):
        tabulate([text], [1.0], 14)
