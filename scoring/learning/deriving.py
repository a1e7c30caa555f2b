"""Columns made of columns, without looking at the outcome.

Behaviour comes as a panel: the same thing month after month (`bill_1 … bill_6`). A panel of three to thirty-six
columns that share a stem and move together gets its mean, least, most, spread, trend and how often it is positive;
two panels of equal length get the ratio of their sums, and a panel gets its ratio to each single amount beside it (a
balance to a limit). Nothing is derived for declared features (they are derived already, see `scoring.features`), and
of columns with a declared direction only mean, least and most, which keep it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning.table import Column, Table

Floats = NDArray[np.float64]
FEWEST, MOST = 3, 36
TOGETHER = 0.25
"""Least mean correlation of neighbours for columns with a common stem to be one thing over time."""
MOST_SINGLES = 3
_KEEP_DIRECTION = ("mean", "least", "most")
_BEND = ("spread", "trend", "positive")


@dataclass(frozen=True, slots=True)
class Derived:
    """One derived column: `kind` of the columns `of` (for a ratio, divided by the sum of `by`)."""

    name: str
    kind: str
    of: tuple[str, ...]
    by: tuple[str, ...] = ()
    direction: int = 0

    def of_values(self, values: Mapping[str, Any]) -> Floats:
        return self.of_blocks(_block(values, self.of), _block(values, self.by) if self.by else None)

    def of_blocks(self, block: Floats, below: Floats | None) -> Floats:
        """The column from the columns `of` side by side, and for a ratio those of `by`."""
        if below is None:
            return _SUMMARIES[self.kind](block)
        divisor = below.mean(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(np.abs(divisor) > 0, block.mean(axis=1) / divisor, np.nan)

    def as_json(self) -> list[Any]:
        return [self.name, self.kind, list(self.of), list(self.by), self.direction]

    @classmethod
    def from_json(cls, row: Sequence[Any]) -> "Derived":
        return cls(row[0], row[1], tuple(row[2]), tuple(row[3]), row[4])


def _block(values: Mapping[str, Any], names: Sequence[str]) -> Floats:
    return np.column_stack([np.asarray(values[name], dtype=np.float64) for name in names])


def _trend(block: Floats) -> Floats:
    steps = np.arange(block.shape[1]) - (block.shape[1] - 1) / 2
    return np.asarray(block @ steps / (steps @ steps), dtype=np.float64)


_SUMMARIES = {
    "mean": lambda block: block.mean(axis=1),
    "least": lambda block: block.min(axis=1),
    "most": lambda block: block.max(axis=1),
    "spread": lambda block: block.std(axis=1),
    "trend": _trend,
    "positive": lambda block: np.where(np.isnan(block).any(axis=1), np.nan, (block > 0).sum(axis=1).astype(np.float64)),
}


def plan(table: Table) -> tuple[Derived, ...]:
    """The columns worth deriving from this table, in a fixed order; none when there is no panel."""
    panels = _panels(table)
    if not panels:
        return ()
    inside = {column.name for panel in panels.values() for column in panel}
    singles = [c for c in table.columns if c.name not in inside and _is_amount(c, table)][:MOST_SINGLES]
    found: list[Derived] = []
    for stem, panel in panels.items():
        names = tuple(column.name for column in panel)
        ways = {column.direction for column in panel}
        way = ways.pop() if len(ways) == 1 else 0
        bendable = all(not column.direction for column in panel)
        found += [Derived(f"{kind} of {stem}", kind, names, (), way) for kind in _KEEP_DIRECTION if way or bendable]
        if not bendable:
            continue
        found += [Derived(f"{kind} of {stem}", kind, names) for kind in _BEND]
        for other, others in panels.items():
            if other > stem and len(others) == len(panel) and all(not column.direction for column in others):
                found.append(Derived(f"{stem} / {other}", "ratio", names, tuple(column.name for column in others)))
        for single in singles:
            if not single.direction:
                found.append(Derived(f"{stem} / {single.name}", "ratio", names, (single.name,)))
                found.append(Derived(f"{names[0]} / {single.name}", "ratio", names[:1], (single.name,)))
    return tuple(found)


def expand(table: Table, derived: Sequence[Derived]) -> Table:
    """The table with the derived columns beside its own."""
    if not derived:
        return table
    columns = (*table.columns, *(Column(one.name, True, one.direction) for one in derived))
    return Table(columns, expand_values(table.values, derived), table.bad, table.sha256, table.source, table.aside)


def expand_values(values: Mapping[str, Any], derived: Sequence[Derived]) -> Mapping[str, Any]:
    return {**values, **{one.name: one.of_values(values) for one in derived}} if derived else values


def expand_one(features: Mapping[str, Any], derived: Sequence[Derived]) -> Mapping[str, Any]:
    """The same for one applicant; what is made of the same columns reads them once."""
    if not derived:
        return features
    blocks: dict[tuple[str, ...], Floats] = {}
    for names in {names for one in derived for names in (one.of, one.by) if names}:
        known = [features.get(name) for name in names]
        blocks[names] = np.array([[np.nan if value is None else value for value in known]], dtype=np.float64)
    found = {one.name: float(one.of_blocks(blocks[one.of], blocks.get(one.by))[0]) for one in derived}
    return {**features, **{name: None if value != value else value for name, value in found.items()}}


def _panels(table: Table) -> dict[str, list[Column]]:
    stems: dict[str, list[tuple[int, Column]]] = {}
    for column in table.columns:
        match = re.fullmatch(r"(.*?\D)_?(\d{1,3})", column.name)
        if column.is_number and match:
            stems.setdefault(match[1].rstrip("_-. "), []).append((int(match[2]), column))
    panels = {stem: [column for _n, column in sorted(found, key=lambda p: p[0])] for stem, found in stems.items()}
    return {
        stem: panel
        for stem, panel in sorted(panels.items())
        if stem and FEWEST <= len(panel) <= MOST and _move_together(panel, table)
    }


def _move_together(panel: Sequence[Column], table: Table) -> bool:
    block = np.column_stack([np.nan_to_num(np.asarray(table.values[column.name])) for column in panel])
    if (block.std(axis=0) == 0).any():
        return False
    pairs = [np.corrcoef(block[:, i], block[:, i + 1])[0, 1] for i in range(len(panel) - 1)]
    return float(np.mean(pairs)) >= TOGETHER


def _is_amount(column: Column, table: Table) -> bool:
    """A positive number with many values: a limit, an income, a price."""
    if not column.is_number:
        return False
    values = np.asarray(table.values[column.name])
    return not np.isnan(values).any() and bool((values > 0).all()) and len(np.unique(values)) > 30
