"""Fitting boosters: a few small, differently built boosters whose average is steadier than any of them.

Constraints follow the declared directions. Recipes are fixed and general: nothing in them was chosen by the data at
hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.learning.binning import LevelBins, bin_levels
from scoring.learning.booster import Booster, rank_levels
from scoring.learning.table import Table


@dataclass(frozen=True, slots=True)
class Recipe:
    """One booster of the average. `share` columns are offered to each tree; `extra` draws split points at random,
    `thorough` looks at every column in every split and shrinks little."""

    leaves: int
    rate: float
    rounds: int
    extra: bool = False
    depth: int = -1
    share: float = 0.5
    thorough: bool = False


QUICK: tuple[Recipe, ...] = (
    Recipe(leaves=4, depth=2, rate=0.04, rounds=300),
    Recipe(leaves=6, rate=0.04, rounds=300, extra=True),
    Recipe(leaves=12, rate=0.03, rounds=300, extra=True),
)
"""Shallow builds: quick to explain, and nearly all that a few thousand rows can carry."""

DEEP: tuple[Recipe, ...] = (
    Recipe(leaves=6, rate=0.05, rounds=400),
    Recipe(leaves=16, rate=0.03, rounds=300),
    Recipe(leaves=16, rate=0.04, rounds=600),
)
"""Builds that learn faster or further, for a blend."""


THOROUGH: tuple[Recipe, ...] = (Recipe(leaves=31, rate=0.05, rounds=200, share=1.0, thorough=True),)
"""One build that sees everything: where few of many columns carry the signal, a random half of them misses it."""


def fit_mean(table: Table, recipes: Sequence[Recipe], *, seed: int = 0, constrained: bool = True) -> Booster:
    """The plain average of one booster per recipe."""
    boosters = fit_boosters(table, recipes, seed=seed, constrained=constrained)
    return together(boosters, [1 / len(boosters)] * len(boosters))


def fit_boosters(
    table: Table, recipes: Sequence[Recipe], *, seed: int = 0, constrained: bool = True
) -> tuple[Booster, ...]:
    """One LightGBM booster per recipe. One thread and fixed seeds: the same table gives the same text."""
    import lightgbm

    levels = level_ranks(table)
    matrix = Booster(table.columns, levels, ()).matrix(table.values)
    directions = [column.direction if constrained else 0 for column in table.columns]
    found = []
    for place, recipe in enumerate(recipes):
        data = lightgbm.Dataset(matrix, table.bad, params={"max_bin": 255 if recipe.thorough else 127, "verbose": -1})
        model = lightgbm.train(_parameters(recipe, directions, seed + place), data, recipe.rounds)
        text = _clean(model.model_to_string(num_iteration=-1, importance_type="gain"))
        base = float(np.asarray(model.predict(matrix[:1], pred_contrib=True))[0, -1])
        found.append(Booster(table.columns, levels, (text,), base=base))
    return tuple(found)


def together(boosters: Sequence[Booster], shares: Sequence[float]) -> Booster:
    """Several boosters of one table added with shares."""
    pairs = list(zip(boosters, shares, strict=True))
    texts = tuple(text for booster in boosters for text in booster.texts)
    weights = tuple(share * weight for booster, share in pairs for weight in booster.weights)
    base = sum(share * booster.base for booster, share in pairs)
    return Booster(boosters[0].columns, boosters[0].levels, texts, weights, base)


def _parameters(recipe: Recipe, directions: Sequence[int], seed: int) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": recipe.leaves,
        "max_depth": recipe.depth,
        "learning_rate": recipe.rate,
        "extra_trees": recipe.extra,
        "feature_fraction": recipe.share,
        "feature_fraction_bynode": 1.0 if recipe.thorough else 0.7,
        "bagging_fraction": 0.8 if recipe.thorough else 0.7,
        "bagging_freq": 1,
        "min_data_in_leaf": 20,
        "lambda_l2": 1.0 if recipe.thorough else 5.0,
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


def _clean(text: str) -> str:
    """The model text up to its end: what follows (the importances, the parameters) does not predict."""
    end = text.find("end of trees")
    return text[: end + len("end of trees")] + "\n" if end >= 0 else text
