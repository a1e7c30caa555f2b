"""Symmetric trees: what CatBoost grew is predicted and explained the same from LightGBM's text."""

import itertools
import json
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from catboost import CatBoostClassifier

from scoring.learning import symmetric
from scoring.learning.boosting import fit_symmetric
from scoring.learning.table import Column, Table


def drawn(rows: int = 900, *, with_missing: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Four columns, of which two matter, the second also by whether it is known at all."""
    draw = np.random.default_rng(5)
    matrix = draw.normal(size=(rows, 4))
    lost = (draw.random(rows) < 0.15) & with_missing
    risk = 1 / (1 + np.exp(1.2 - matrix[:, 0] - np.where(lost, 1.5, 0.7 * matrix[:, 1])))
    bad = (draw.random(rows) < risk).astype(np.float64)
    matrix[lost, 1] = np.nan
    return matrix, bad


@pytest.mark.parametrize("directions", [(0, 0, 0, 0), (1, 1, 0, -1)])
def test_the_text_predicts_what_catboost_does_to_the_last_bits(directions: tuple[int, ...], tmp_path: Path) -> None:
    matrix, bad = drawn()
    constraints = {"monotone_constraints": list(directions)} if any(directions) else {}
    theirs = CatBoostClassifier(
        iterations=120, random_seed=3, thread_count=1, border_count=symmetric.BORDERS, verbose=False,
        allow_writing_files=False, **constraints,
    )  # fmt: skip
    theirs.fit(matrix, bad.astype(int))
    theirs.save_model(str(tmp_path / "model.json"), format="json")
    found = json.loads((tmp_path / "model.json").read_text())
    ours = lightgbm.Booster(model_str=symmetric.as_text(found, 4, len(bad)))
    assert ours.num_trees() == 121
    unseen = drawn(400)[0] * 1.5
    expected = theirs.predict(unseen, prediction_type="RawFormulaVal")
    assert np.abs(np.asarray(ours.predict(unseen, raw_score=True)) - expected).max() < 1e-11


def test_the_worked_leaf_of_the_docstring() -> None:
    features = [
        {"flat_feature_index": at, "feature_index": at, "has_nans": False, "borders": [at + 1.0]} for at in (0, 1)
    ]
    splits = [{"float_feature_index": at, "border": at + 1.0, "split_type": "FloatFeature"} for at in (0, 1)]
    tree = {"splits": splits, "leaf_values": [10.0, 11.0, 12.0, 13.0], "leaf_weights": [1.0, 2.0, 3.0, 4.0]}
    made = {"features_info": {"float_features": features}, "oblivious_trees": [tree], "scale_and_bias": [1, [0.5]]}
    model = lightgbm.Booster(model_str=symmetric.as_text(made, 2, 10))
    rows = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 3.0], [2.0, 3.0]])
    assert np.asarray(model.predict(rows, raw_score=True)).tolist() == [10.5, 11.5, 12.5, 13.5]


def test_contributions_are_the_exact_shapley_values_of_the_text() -> None:
    matrix, bad = drawn()
    table = Table(tuple(Column(name, True) for name in "abcd"), dict(zip("abcd", matrix.T, strict=True)), bad)
    booster = fit_symmetric(table)
    few = {name: values[:30] for name, values in table.values.items()}
    theirs = lightgbm.Booster(model_str=booster.texts[0]).predict(matrix[:30], pred_contrib=True)
    ours = booster.contributions(few)
    assert np.abs(ours - np.asarray(theirs)[:, :-1]).max() < 1e-9
    assert ours.sum(axis=1) + booster.base == pytest.approx(booster.log_odds(few), abs=1e-9)


def test_what_is_declared_risky_never_lowers_the_risk() -> None:
    matrix, bad = drawn(with_missing=False)
    model = lightgbm.Booster(model_str=symmetric.grow(matrix, bad, (1, 0, -1, 0), seed=0))
    grid = np.linspace(-3, 3, 60)
    for (column, way), row in itertools.product([(0, 1), (2, -1)], matrix[:10]):
        rows = np.tile(row, (60, 1))
        rows[:, column] = grid
        assert (np.diff(np.asarray(model.predict(rows, raw_score=True))) * way >= -1e-12).all()


def test_the_same_rows_give_the_same_text_and_the_infinite_is_only_large() -> None:
    matrix, bad = drawn(300)
    matrix[7, 3], matrix[9, 3] = np.inf, -np.inf
    first, second = (symmetric.grow(matrix, bad, (0, 0, 0, 0), seed=1) for _ in range(2))
    assert first == second
    assert np.isfinite(np.asarray(lightgbm.Booster(model_str=first).predict(matrix, raw_score=True))).all()


def test_rows_that_are_all_alike_are_given_their_share_of_bad() -> None:
    bad = np.array([1.0, 0.0, 0.0, 0.0] * 20)
    model = lightgbm.Booster(model_str=symmetric.grow(np.ones((80, 3)), bad, (0, 0, 0), seed=0))
    assert np.asarray(model.predict(np.zeros((2, 3)))) == pytest.approx([0.25, 0.25])
