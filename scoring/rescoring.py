"""Batch rescoring: a whole book (or any table) through one model, in blocks, memory bounded by a block."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from scoring.features import REGISTRY, Kind, compute_one
from scoring.features.columns import INPUTS, compute_columns, each
from scoring.features.computing import category, number
from scoring.learning.model import Model
from scoring.mapping import FactMapping, Source
from scoring.points import BANDS, BASE_ODDS, BASE_POINTS, FACTOR

BLOCK_ROWS = 20_000


def probabilities_in_blocks(
    model: Model, facts: Iterable[Mapping[str, Any]], *, block_rows: int = BLOCK_ROWS
) -> Iterator[NDArray[np.float64]]:
    """Probabilities of default of facts from any iterable, one array per block; nothing else is kept."""
    rows = iter(facts)
    while block := list(itertools.islice(rows, block_rows)):
        yield model.probabilities(values_of(model, block))


def values_of(model: Model, facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The model's columns of many facts at once."""
    found: dict[str, Any] = {}
    for column in model.columns:
        feature = REGISTRY.get(column.name)
        if feature is None:
            plain = number if column.is_number else category
            read: list[Any] = [plain(row.get(column.name)) for row in facts]
        else:
            read = [compute_one(feature, row) for row in facts]
        if column.is_number and (feature is None or feature.kind is not Kind.CATEGORY):
            found[column.name] = np.array([np.nan if value is None else value for value in read], dtype=np.float64)
        else:
            found[column.name] = read
    return found


def points_of_all(log_odds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Points of many log-odds."""
    return np.rint(BASE_POINTS - FACTOR * (log_odds + np.log(BASE_ODDS))).astype(np.int64)


def rescore_csv(model: Model, source: TextIO, target: TextIO, mapping: FactMapping) -> int:
    """Every row of a CSV with its probability, points and band beside it; returns how many there were."""
    reader = csv.reader(source)
    header = next(reader, [])
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([*header, "probability_of_default", "points", "band"])
    names, limits = np.array(list(BANDS)), np.array(list(BANDS.values())[:-1])
    count = 0
    rows = (_as_wide(row, len(header)) for row in reader if row)
    while block := list(itertools.islice(rows, BLOCK_ROWS)):
        log_odds = np.broadcast_to(model.log_odds(_columns(model, header, block, mapping)), len(block))
        risk = 1.0 / (1.0 + np.exp(-log_odds))
        bands = names[np.searchsorted(limits, risk, side="left")].tolist()
        found = zip(block, risk.tolist(), points_of_all(log_odds).tolist(), bands, strict=True)
        writer.writerows([*row, f"{p:.6f}", points, band] for row, p, points, band in found)
        count += len(block)
    return count


def _as_wide(row: list[str], width: int) -> list[str]:
    """A row of the header's width: what is missing at its end is not known."""
    return row if len(row) == width else [*row[:width], *[""] * (width - len(row))]


def _columns(model: Model, header: list[str], block: list[list[str]], mapping: FactMapping) -> dict[str, Any]:
    """The model's columns of a block of rows, read column by column."""
    cells = dict(zip(header, zip(*block, strict=True), strict=True))
    wanted = {*(column.name for column in model.columns), *INPUTS}
    facts = {
        name: _facts(one, cells, len(block)) for name, one in mapping.sources.items() if name in wanted
    }  # fmt: skip
    declared = [REGISTRY[column.name] for column in model.columns if column.name in REGISTRY]
    features: dict[str, Any] = compute_columns(declared, facts, len(block))
    for column in model.columns:
        feature, values = REGISTRY.get(column.name), features.get(column.name)
        if feature is None:
            values = each(facts.get(column.name, [None] * len(block)), number if column.is_number else category)
        if column.is_number and (feature is None or feature.kind is not Kind.CATEGORY):
            values = np.array(values, dtype=np.float64)  # None becomes NaN
        features[column.name] = values
    return features


def _facts(source: Source, cells: dict[str, tuple[str, ...]], rows: int) -> list[Any]:
    if source.column is None:
        return [source.value] * rows
    column = source.column
    return each(cells[column], lambda value: source.read({column: value})) if column in cells else [None] * rows
