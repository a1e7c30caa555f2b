"""Exact contributions of trees, tabulated once and then looked up.

A column's contribution is its Shapley value in the tree, what is not known being averaged over the training rows that
went each way (path-dependent TreeSHAP: Lundberg, Erion and Lee 2018, the definition of LightGBM's `pred_contrib`). A
leaf of value v is reached when each of its columns lies where the path wants it. With o (1 or 0) for whether column f
does, and z for the share of the training rows that the path lets through on f, the leaf gives column f

    v (o_f − z_f) ∫₀¹ Π_{g ≠ f} ((1 − t) z_g + t o_g) dt

a polynomial in t, which Gauss-Legendre quadrature with half as many points as columns integrates exactly. Only the o
depend on the applicant, so every tree is cut into groups of neighbouring leaves small enough that all combinations of
o (the group's *cells*) can be worked out beforehand. An applicant is then found in three steps over all groups at
once: each column's place among its thresholds, the cell of each group, the contributions that stand in the cells.

    worked: one split, 3 of 4 training rows go left, leaf values 1 left and 5 right; base = 0.75 × 1 + 0.25 × 5 = 2
    applicant left:  1 × (1 − 0.75) + 5 × (0 − 0.25) = −1,  2 − 1 = 1
    applicant right: 1 × (0 − 0.75) + 5 × (1 − 0.25) = +3,  2 + 3 = 5

A tree whose leaf has more than eight columns, or that is not of plain numeric splits, is not tabulated: the caller
asks LightGBM instead.
"""

import math
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
MOST_CELLS = 256
"""Cells of one group at most, so that a cell's number fits a byte; leaves share a group while it has no more."""
_BLOCK = 2_000_000
"""Cells looked up in one go: bounds memory in bulk."""
_CATEGORICAL, _MISSING_GOES_LEFT, _ZERO, _NAN = 1, 2, 1, 2

Split = tuple[int, int, bool]
"""A column, the place of the threshold, and whether a missing value goes left."""
Splits = frozenset[Split]


class NotTabulated(Exception):
    """These trees have no tables: too wide a leaf, or splits of another kind than ours."""


@dataclass(frozen=True, slots=True)
class _Tree:
    """One tree of a model text, as lists by inner node and by leaf; a child below zero is leaf −1 − child."""

    split_feature: list[int]
    threshold: list[float]
    decision_type: list[int]
    left_child: list[int]
    right_child: list[int]
    leaf_value: list[float]
    leaf_count: list[int]
    internal_count: list[int]

    def count(self, node: int) -> int:
        return self.internal_count[node] if node >= 0 else self.leaf_count[~node]

    def knows_missing(self, node: int) -> bool:
        return self.decision_type[node] >> 2 == _NAN

    def missing_goes_left(self, node: int) -> bool:
        """Where training saw nothing missing, LightGBM reads a missing value as zero."""
        if self.knows_missing(node):
            return bool(self.decision_type[node] & _MISSING_GOES_LEFT)
        return self.threshold[node] >= 0.0


class _Wanted(NamedTuple):
    """What a path wants of one column: places from `first` to `last`, `missing` or not; `share` is z."""

    first: int
    last: int
    missing: bool
    share: float


_ANYTHING = _Wanted(0, sys.maxsize - 1, True, 1.0)
_Leaf = tuple[float, Mapping[int, _Wanted]]


@dataclass(frozen=True)
class _Axes:
    """Per column its distinct thresholds; a value's place is how many lie below it, a missing one's comes last."""

    thresholds: tuple[Floats, ...]
    has_missing: tuple[bool, ...]

    def places(self, column: int, values: Floats) -> Places:
        thresholds = self.thresholds[column]
        missing = np.isnan(values)
        # Where training saw nothing missing, LightGBM reads a missing value as zero.
        found = np.searchsorted(thresholds, np.where(missing, 0.0, values), side="left")
        return np.where(missing, len(thresholds) + 1, found) if self.has_missing[column] else found

    def place(self, column: int, value: float) -> int:
        """The same for one value."""
        if value != value:
            if self.has_missing[column]:
                return len(self.thresholds[column]) + 1
            value = 0.0
        return bisect_left(self._lists[column], value)

    @cached_property
    def _lists(self) -> tuple[list[float], ...]:
        return tuple(found.tolist() for found in self.thresholds)

    def place_of_threshold(self, column: int, threshold: float) -> int:
        return bisect_left(self._lists[column], threshold)

    def count(self, column: int) -> int:
        """How many places a column has, the missing one's among them."""
        return len(self.thresholds[column]) + 2


@dataclass(frozen=True)
class TreeTables:
    """Tables of many trees. A *pair* is one column of one group; pairs are ordered by column.

    `steps` has per used column its places × pairs: what a place adds to the number of the group's cell. `by_group`
    orders pairs by group and `group_starts` says where each group begins there; `group` is each pair's group, `begins`
    where its `values` begin.
    """

    axes: _Axes
    used: tuple[int, ...]
    steps: tuple[NDArray[np.uint8], ...]
    by_group: Places
    group_starts: Places
    column_starts: Places
    group: Places
    begins: Places
    values: Floats

    @property
    def bytes_held(self) -> int:
        indices = (self.by_group, self.group_starts, self.group, self.begins)
        return sum(a.nbytes for a in self.steps) + sum(a.nbytes for a in indices) + self.values.nbytes

    def contributions(self, matrix: Floats) -> Floats:
        """Rows × columns; the sum of a row is its log-odds less the base."""
        found = np.zeros(matrix.shape)
        if not self.used:
            return found
        if len(matrix) == 1:
            row = matrix[0].tolist()
            at_once = [
                table[self.axes.place(column, row[column])] for column, table in zip(self.used, self.steps, strict=True)
            ]
            found[0, self.used] = self._looked_up(np.concatenate(at_once))
            return found
        places = [self.axes.places(column, matrix[:, column]) for column in self.used]
        most = max(1, _BLOCK // len(self.group))
        for first in range(0, len(matrix), most):
            rows = slice(first, first + most)
            steps = np.concatenate([table[at[rows]] for table, at in zip(self.steps, places, strict=True)], axis=1)
            found[rows, self.used] = self._looked_up(steps)
        return found

    def _looked_up(self, steps: NDArray[np.uint8]) -> Floats:
        """Contributions of the used columns from the steps of all pairs, for one row or many."""
        ordered = steps.take(self.by_group, axis=-1)
        cells = np.add.reduceat(ordered, self.group_starts, axis=-1, dtype=np.intp)
        values = self.values.take(cells.take(self.group, axis=-1) + self.begins)
        return np.asarray(np.add.reduceat(values, self.column_starts, axis=-1))


def tabulate(texts: Sequence[str], weights: Sequence[float], columns: int) -> TreeTables:
    """The tables of LightGBM model texts added with weights. Raises NotTabulated."""
    trees = [(weight, tree) for text, weight in zip(texts, weights, strict=True) for tree in _trees(text)]
    axes = _axes([tree for _weight, tree in trees], columns)
    pairs: list[tuple[int, int, NDArray[np.uint8], Floats]] = []
    group = -1
    for weight, tree in trees:
        for leaves in _groups(tree, axes):
            group += 1
            pairs += [(column, group, steps, weight * found) for column, steps, found in _table(leaves, axes)]
    return _put_together(sorted(pairs, key=lambda pair: pair[:2]), axes)


def _put_together(pairs: Sequence[tuple[int, int, NDArray[np.uint8], Floats]], axes: _Axes) -> TreeTables:
    of_pair = np.array([column for column, _group, _steps, _values in pairs], dtype=np.intp)
    used, column_starts = np.unique(of_pair, return_index=True)
    _names, group = np.unique([group for _column, group, _steps, _values in pairs], return_inverse=True)
    by_group = np.argsort(group, kind="stable")
    _groups_found, group_starts = np.unique(group[by_group], return_index=True)
    lengths = np.array([len(values) for _column, _group, _steps, values in pairs], dtype=np.intp)
    ends = [*column_starts[1:].tolist(), len(pairs)]
    return TreeTables(
        axes,
        tuple(used.tolist()),
        tuple(
            np.ascontiguousarray(np.stack([pair[2] for pair in pairs[start:end]], axis=1))
            for start, end in zip(column_starts.tolist(), ends, strict=True)
        ),
        by_group,
        group_starts,
        column_starts,
        group,
        np.cumsum(lengths) - lengths,
        np.concatenate([values for _column, _group, _steps, values in pairs]) if pairs else np.empty(0),
    )


def _trees(text: str) -> Iterator[_Tree]:
    """The trees of a model text that split at all; one without a split moves only the base."""
    for block in text.split("\nTree=")[1:]:
        found: dict[str, list[str]] = {}
        for line in block.splitlines():
            name, equals, rest = line.partition("=")
            if equals:
                found[name] = rest.split()
        if found["num_leaves"] == ["1"]:
            continue
        tree = _Tree(**{name: _numbers(found[name], kind) for name, kind in _FIELDS.items()})
        kinds = set(tree.decision_type)
        if any(kind & _CATEGORICAL or kind >> 2 == _ZERO for kind in kinds) or found.get("is_linear") == ["1"]:
            raise NotTabulated
        if min(tree.leaf_count) <= 0:
            raise NotTabulated
        yield tree


_FIELDS: Mapping[str, type] = {
    "split_feature": int,
    "threshold": float,
    "decision_type": int,
    "left_child": int,
    "right_child": int,
    "leaf_value": float,
    "leaf_count": int,
    "internal_count": int,
}


def _numbers(words: Sequence[str], kind: type) -> Any:
    return [kind(word) for word in words]


def _axes(trees: Sequence[_Tree], columns: int) -> _Axes:
    thresholds: list[set[float]] = [set() for _ in range(columns)]
    missing = [False] * columns
    for tree in trees:
        for node, column in enumerate(tree.split_feature):
            thresholds[column].add(tree.threshold[node])
            missing[column] = missing[column] or tree.knows_missing(node)
    return _Axes(tuple(np.array(sorted(found)) for found in thresholds), tuple(missing))


def _groups(tree: _Tree, axes: _Axes) -> Iterator[list[_Leaf]]:
    """The tree's leaves in groups of neighbours: whole branches where their cells are few enough."""
    splits = [
        (column, axes.place_of_threshold(column, tree.threshold[node]), tree.missing_goes_left(node))
        for node, column in enumerate(tree.split_feature)
    ]
    below: dict[int, Splits] = {}

    def collect(node: int) -> Splits:
        if node < 0:
            return frozenset()
        below[node] = frozenset({splits[node]}) | collect(tree.left_child[node]) | collect(tree.right_child[node])
        return below[node]

    def cut(node: int, above: Splits, path: Mapping[int, _Wanted]) -> Iterator[list[_Leaf]]:
        if node < 0 or _most_cells(above | below[node], axes) <= MOST_CELLS:
            yield list(leaves(node, path))
            return
        for child in (tree.left_child[node], tree.right_child[node]):
            yield from cut(child, above | {splits[node]}, _further(path, tree, axes, node, child, splits[node]))

    def leaves(node: int, path: Mapping[int, _Wanted]) -> Iterator[_Leaf]:
        if node < 0:
            yield tree.leaf_value[~node], path
            return
        for child in (tree.left_child[node], tree.right_child[node]):
            yield from leaves(child, _further(path, tree, axes, node, child, splits[node]))

    collect(0)
    return cut(0, frozenset(), {})


def _most_cells(splits: Splits, axes: _Axes) -> int:
    """No fewer than the cells of these splits: a place more than thresholds, and one for missing where it is its own."""
    by_column: dict[int, list[int]] = {}
    for column, place, _missing in splits:
        by_column.setdefault(column, []).append(place)
    cells = 1
    for column, places in by_column.items():
        cells *= len(set(places)) + 1 + (axes.has_missing[column] and len(places) > 1)
    return cells


def _further(
    path: Mapping[int, _Wanted], tree: _Tree, axes: _Axes, node: int, child: int, split: Split
) -> Mapping[int, _Wanted]:
    """The path with one more step, from a node to its child."""
    column, place, missing_left = split
    came = path.get(column, _ANYTHING)
    share = came.share * tree.count(child) / tree.count(node)
    left = child == tree.left_child[node]
    missing = came.missing and missing_left == left
    if left:
        return {**path, column: _Wanted(came.first, min(came.last, place), missing, share)}
    return {**path, column: _Wanted(max(came.first, place + 1), came.last, missing, share)}


def _table(leaves: Sequence[_Leaf], axes: _Axes) -> Iterator[tuple[int, NDArray[np.uint8], Floats]]:
    """Per column of a group: what each place adds to the cell's number, and the contributions of every cell."""
    columns = sorted({column for _value, path in leaves for column in path})
    if not columns:
        return
    codes, reached = zip(*(_kinds(column, leaves, axes) for column in columns), strict=True)
    sizes = [len(found) for found in reached]
    cells = math.prod(sizes)
    if cells > MOST_CELLS:
        raise NotTabulated
    points, weights = _quadrature((len(columns) + 1) // 2)
    shares = [np.array([path.get(column, _ANYTHING).share for _value, path in leaves]) for column in columns]
    # Everything below is points × cells of one or all columns × leaves.
    factors = [
        share * (1 - points[:, None, None]) + found * points[:, None, None]
        for share, found in zip(shares, reached, strict=True)
    ]
    product = weights[:, None, None] * np.array([value for value, _path in leaves])
    for factor in factors:
        product = (product[:, :, None, :] * factor[:, None, :, :]).reshape(len(points), -1, len(leaves))
    stride = cells
    for place, column in enumerate(columns):
        size, before = sizes[place], cells // stride
        stride //= size
        pull = (reached[place] - shares[place]) / factors[place]
        split = product.reshape(len(points), before, size, stride, len(leaves))
        steps = b"".join(bytes((code * stride,)) * count for code, count in codes[place])
        yield column, np.frombuffer(steps, dtype=np.uint8), np.einsum("pbcal,pcl->bca", split, pull).reshape(-1)


def _kinds(column: int, leaves: Sequence[_Leaf], axes: _Axes) -> tuple[list[tuple[int, int]], Floats]:
    """Runs of places of a column with their kind, and per kind × leaf whether it is reached: like places share a kind.

    The last run is the missing value's place.
    """
    end = axes.count(column) - 1
    wanted = [path.get(column, _ANYTHING) for _value, path in leaves]
    firsts = sorted({0, *(one.first for one in wanted), *(one.last + 1 for one in wanted if one.last + 1 < end)})
    found: dict[tuple[bool, ...], int] = {}
    runs = []
    for first, following in zip(firsts, [*firsts[1:], end], strict=True):
        kind = found.setdefault(tuple([one.first <= first <= one.last for one in wanted]), len(found))
        runs.append((kind, following - first))
    missing = 0
    if axes.has_missing[column]:
        missing = found.setdefault(tuple([one.missing for one in wanted]), len(found))
    return [*runs, (missing, 1)], np.array(list(found), dtype=np.float64)


@cache
def _quadrature(points: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre points and weights on 0 … 1."""
    at, weights = np.polynomial.legendre.leggauss(points)
    return (at + 1) / 2, weights / 2
