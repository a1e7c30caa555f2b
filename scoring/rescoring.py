"""Batch rescoring: a whole book (or any table) through one model, in blocks, memory bounded by a block."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from scoring.features import REGISTRY, Kind, compute_one
from scoring.learning.model import Model
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
            read: list[Any] = [row.get(column.name) for row in facts]
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


def rescore_csv(model: Model, source: TextIO, target: TextIO, facts_of: Any) -> int:
    """Every row of a CSV with its probability, points and band beside it; returns how many there were."""
    reader = csv.DictReader(source)
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([*(reader.fieldnames or ()), "probability_of_default", "points", "band"])
    names, limits = list(BANDS), np.array(list(BANDS.values())[:-1])
    count = 0
    rows = iter(reader)
    while block := list(itertools.islice(rows, BLOCK_ROWS)):
        log_odds = model.log_odds(values_of(model, [facts_of(row) for row in block]))
        risk = 1.0 / (1.0 + np.exp(-log_odds))
        bands = np.searchsorted(limits, risk, side="left")
        for row, p, points, band in zip(
            block, risk.tolist(), points_of_all(log_odds).tolist(), bands.tolist(), strict=True
        ):
            writer.writerow([*row.values(), f"{p:.6f}", points, names[band]])
        count += len(block)
    return count
