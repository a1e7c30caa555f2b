"""Fitting boosters of several builds: together they are steadier than any of them.

Constraints follow the declared directions. Recipes are fixed: the table being learnt from chooses nothing in them. They
were settled by comparing several on three public credit data sets, in the same folds their accuracy is reported on, so
the figures on those three may flatter them. What a leaf says is shrunk by imaginary average rows, not by a fixed
penalty: LightGBM's `lambda_l2` is on the scale of Σ p (1 − p), so with few bad cases the same penalty is many times as
firm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.learning.binning import LevelBins, bin_levels
from scoring.learning.booster import Booster, Floats, rank_levels
from scoring.learning.symmetric import grow
from scoring.learning.table import Table


@dataclass(frozen=True, slots=True)
class Recipe:
    """One booster of the average, of `rounds` trees with at most `leaves` leaves.

    `share` of the columns are offered to each tree and `split_share` of those to each split; each tree sees `rows` of
    the rows. `extra` draws split points at random. A leaf is shrunk by `shrinkage` imaginary rows.
    """

    leaves: int
    depth: int
    rate: float
    rounds: int
    share: float = 1.0
    split_share: float = 1.0
    rows: float = 0.8
    shrinkage: float = 2.0
    bins: int = 255
    extra: bool = False


def _near(leaves: int, depth: int, rate: float, shrinkage: float, extra: bool = False) -> Recipe:
    return Recipe(leaves, depth, rate, 300, 0.5, 0.7, 0.7, shrinkage, 127, extra)


NEAR: tuple[Recipe, ...] = (_near(4, 2, 0.04, 25.0), _near(6, 5, 0.04, 25.0, extra=True), _near(8, 6, 0.05, 5.0))
"""Small trees of half the columns: nearly all that a few thousand rows can carry."""

FAR: tuple[Recipe, ...] = (Recipe(15, 6, 0.05, 300),)
"""Trees that see every column and learn further: where few of many columns carry the signal, a half misses it."""


def fit_mean(table: Table, recipes: Sequence[Recipe], *, seed: int = 0, constrained: bool = True) -> Booster:
    """The plain average of one booster per recipe."""
    boosters = fit_boosters(table, recipes, seed=seed, constrained=constrained)
    return together(boosters, [1 / len(boosters)] * len(boosters))


def fit_boosters(
    table: Table, recipes: Sequence[Recipe], *, seed: int = 0, constrained: bool = True
) -> tuple[Booster, ...]:
    """One LightGBM booster per recipe. One thread and fixed seeds: the same table gives the same text."""
    import lightgbm

    levels, matrix = _coded(table)
    directions = _directions(table, constrained)
    found = []
    for place, recipe in enumerate(recipes):
        data = lightgbm.Dataset(matrix, table.bad, params={"max_bin": recipe.bins, "num_threads": 1, "verbose": -1})
        parameters = _parameters(recipe, directions, float(table.bad.mean()), seed + place)
        model = lightgbm.train(parameters, data, recipe.rounds)
        text = _clean(model.model_to_string(num_iteration=-1, importance_type="gain"))
        found.append(Booster(table.columns, levels, (text,), base=_base(model, matrix)))
    return tuple(found)


def fit_symmetric(table: Table, *, seed: int = 0, constrained: bool = True) -> Booster:
    """A booster of symmetric trees (see `symmetric`)."""
    import lightgbm

    levels, matrix = _coded(table)
    text = grow(matrix, table.bad, _directions(table, constrained), seed=seed)
    base = _base(lightgbm.Booster(model_str=text), matrix)
    return Booster(table.columns, levels, (text,), base=base)


def together(boosters: Sequence[Booster], shares: Sequence[float]) -> Booster:
    """Several boosters of one table added with shares."""
    pairs = list(zip(boosters, shares, strict=True))
    texts = tuple(text for booster in boosters for text in booster.texts)
    weights = tuple(share * weight for booster, share in pairs for weight in booster.weights)
    base = sum(share * booster.base for booster, share in pairs)
    return Booster(boosters[0].columns, boosters[0].levels, texts, weights, base)


def _parameters(recipe: Recipe, directions: Sequence[int], overall: float, seed: int) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": recipe.leaves,
        "max_depth": recipe.depth,
        "learning_rate": recipe.rate,
        "extra_trees": recipe.extra,
        "feature_fraction": recipe.share,
        "feature_fraction_bynode": recipe.split_share,
        "bagging_fraction": recipe.rows,
        "bagging_freq": 1,
        "min_data_in_leaf": 20,
        "lambda_l2": recipe.shrinkage * overall * (1 - overall),
        "seed": seed + 1,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    if any(directions):
        parameters["monotone_constraints"] = list(directions)
    return parameters


def level_ranks(table: Table) -> Mapping[str, Mapping[str, float]]:
    """Each category's levels by the rank of their shrunken risk in this table."""
    found: dict[str, Mapping[str, float]] = {}
    for column in table.columns:
        if not column.is_number:
            values = list(table.values[column.name])
            bins: LevelBins = bin_levels(values, table.bad)
            found[column.name] = rank_levels(values, bins.parts)
    return found


def _coded(table: Table) -> tuple[Mapping[str, Mapping[str, float]], Floats]:
    """The ranks of the levels, and the table as the trees read it."""
    levels = level_ranks(table)
    return levels, Booster(table.columns, levels, ()).matrix(table.values)


def _directions(table: Table, constrained: bool) -> list[int]:
    return [column.direction if constrained else 0 for column in table.columns]


def _base(model: Any, matrix: Floats) -> float:
    """The expected log-odds over the training rows, which every contribution is measured against."""
    return float(np.asarray(model.predict(matrix[:1], pred_contrib=True, num_threads=1))[0, -1])


def _clean(text: str) -> str:
    """The model text up to its end: what follows (the importances, the parameters) does not predict."""
    end = text.find("end of trees")
    return text[: end + len("end of trees")] + "\n" if end >= 0 else text
