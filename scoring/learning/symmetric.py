"""Gradient boosting with symmetric trees: CatBoost grows them, and they are kept as LightGBM's model text.

All nodes of one level of a symmetric tree ask the same question, which errs less on few bad cases among many related
ratios (Prokhorenkova and others 2018). Written as ordinary trees they predict the same and share everything that reads
LightGBM's text: prediction, exact contributions, the model's file. A branch that no value can take is left out, and one
that no training row took and that says the same everywhere is folded into a leaf.

    worked: splits (x > 1, y > 2), leaf values 10, 11, 12, 13; the first split is the lowest bit of a leaf's number
    x = 0, y = 3 lies in leaf 0 + 2 × 1 = 2 and is given 12
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BORDERS = 32
"""Thresholds tried per column: the time of constrained trees grows with columns × thresholds."""
_LARGEST = 1e38
"""CatBoost reads 32-bit numbers; what is larger is as large as that."""
_WITH_MISSING, _WITHOUT_MISSING = 10, 2
"""LightGBM's numeric split with missing values to the left, and the one that saw none in training."""


@dataclass
class _Written:
    """The nodes and leaves of one tree in LightGBM's order: a child below zero is leaf −1 − child."""

    split_feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    decision_type: list[int] = field(default_factory=list)
    left_child: list[int] = field(default_factory=list)
    right_child: list[int] = field(default_factory=list)
    internal_count: list[int] = field(default_factory=list)
    leaf_value: list[float] = field(default_factory=list)
    leaf_count: list[int] = field(default_factory=list)

    def leaf(self, value: float, count: int) -> int:
        self.leaf_value.append(value)
        self.leaf_count.append(count)
        return -len(self.leaf_value)

    def count(self, child: int) -> int:
        return self.internal_count[child] if child >= 0 else self.leaf_count[~child]

    def text(self, number: int) -> str:
        lines = [f"Tree={number}", f"num_leaves={len(self.leaf_value)}", "num_cat=0"]
        if self.split_feature:
            lines += [
                f"{name}={' '.join(map(repr, getattr(self, name)))}"
                for name in ("split_feature", "threshold", "decision_type", "left_child", "right_child")
            ]
        lines += [f"{name}={' '.join(map(repr, getattr(self, name)))}" for name in ("leaf_value", "leaf_count")]
        if self.split_feature:
            lines.append(f"internal_count={' '.join(map(repr, self.internal_count))}")
        return "\n".join([*lines, "is_linear=0", "shrinkage=1"]) + "\n\n\n"


@dataclass(frozen=True)
class _Question:
    """One level of a symmetric tree: whether the column's value is above the threshold."""

    column: int
    threshold: float
    bit: int


def grow(matrix: Floats, bad: Floats, directions: Sequence[int], *, seed: int) -> str:
    """LightGBM text of a symmetric booster for the log-odds of `bad`; matrix is rows × columns, NaN is missing.

    CatBoost's defaults (1,000 trees of depth 6, the rate by the number of rows) but for the thresholds; one thread and
    a fixed seed: the same matrix gives the same text.
    """
    clipped = np.clip(matrix, -_LARGEST, _LARGEST)
    if not _differ(clipped):  # CatBoost learns nothing from rows that are all alike
        return as_text({"scale_and_bias": [1, [_log_odds(bad)]], "oblivious_trees": []}, matrix.shape[1], len(bad))
    from catboost import CatBoostClassifier

    constraints = {"monotone_constraints": list(directions)} if any(directions) else {}
    model = CatBoostClassifier(
        random_seed=seed, thread_count=1, border_count=BORDERS, verbose=False, allow_writing_files=False, **constraints
    )
    model.fit(clipped, bad.astype(np.int64))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        return as_text(json.loads(path.read_text(encoding="utf-8")), matrix.shape[1], len(bad))


def as_text(model: Mapping[str, Any], columns: int, rows: int) -> str:
    """CatBoost's JSON as LightGBM text of that many columns, learnt from that many rows. The bias is its first tree."""
    scale, (bias,) = model["scale_and_bias"]
    first = _Written()
    first.leaf(float(bias), rows)
    trees = [first, *(_written(tree, model, float(scale)) for tree in model["oblivious_trees"])]
    texts = [tree.text(number) for number, tree in enumerate(trees)]
    header = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={columns - 1}", "objective=binary sigmoid:1",
        f"feature_names={' '.join(f'Column_{number}' for number in range(columns))}",
        f"feature_infos={' '.join(['[-1e308:1e308]'] * columns)}",
        f"tree_sizes={' '.join(str(len(text)) for text in texts)}",
    ]  # fmt: skip
    return "\n".join(header) + "\n\n" + "".join(texts) + "end of trees\n"


def _written(tree: Mapping[str, Any], model: Mapping[str, Any], scale: float) -> _Written:
    facts = model["features_info"]["float_features"]
    splits = tree["splits"] or ()
    questions = [
        _Question(facts[split["float_feature_index"]]["flat_feature_index"], split["border"], bit)
        for bit, split in enumerate(splits)
    ]
    missing = {feature["flat_feature_index"] for feature in facts if feature["has_nans"]}
    values = scale * np.asarray(tree["leaf_values"], dtype=np.float64)
    counts = np.asarray(tree["leaf_weights"], dtype=np.float64)
    found = _Written()
    _branch(found, questions, missing, values, counts, 0, {})
    return found


def _branch(
    found: _Written,
    questions: Sequence[_Question],
    missing: set[int],
    values: Floats,
    counts: Floats,
    leaf: int,
    bounds: Mapping[int, tuple[float, float]],
) -> int:
    """Write what lies below these answers: the bits of `leaf` so far, and what they say of each column."""
    reached = np.arange(len(values))
    asked = (1 << (len(values).bit_length() - 1 - len(questions))) - 1
    below = reached[(reached & asked) == leaf]
    if not questions or (counts[below].sum() == 0 and len(set(values[below].tolist())) == 1):
        return found.leaf(float(values[below[0]]), max(1, round(float(counts[below].sum()))))
    question, rest = questions[0], questions[1:]
    low, high = bounds.get(question.column, (-np.inf, np.inf))
    up = leaf | 1 << question.bit
    if question.threshold <= low:
        return _branch(found, rest, missing, values, counts, up, bounds)
    if question.threshold >= high:
        return _branch(found, rest, missing, values, counts, leaf, bounds)
    node = len(found.split_feature)
    found.split_feature.append(question.column)
    found.threshold.append(float(question.threshold))
    found.decision_type.append(_WITH_MISSING if question.column in missing else _WITHOUT_MISSING)
    for children in (found.left_child, found.right_child, found.internal_count):
        children.append(0)
    inside = {**bounds, question.column: (low, question.threshold)}
    found.left_child[node] = _branch(found, rest, missing, values, counts, leaf, inside)
    beyond = {**bounds, question.column: (question.threshold, high)}
    found.right_child[node] = _branch(found, rest, missing, values, counts, up, beyond)
    found.internal_count[node] = found.count(found.left_child[node]) + found.count(found.right_child[node])
    return node


def _differ(matrix: Floats) -> bool:
    """Whether any two rows differ in any column."""
    return any(len(np.unique(column)) > 1 for column in matrix.T)


def _log_odds(bad: Floats) -> float:
    share = float(np.clip(bad.mean(), 1e-6, 1 - 1e-6))
    return float(np.log(share / (1 - share)))
