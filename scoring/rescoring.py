"""Batch rescoring: a whole book (or any table) through one model, in blocks, memory bounded by a block."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from scoring.csv_blocks import Block, blocks, delimiter_of
from scoring.features import REGISTRY
from scoring.features.coded import Coded
from scoring.features.columns import INPUTS, compute_columns
from scoring.features.computing import category, number
from scoring.learning.model import Model
from scoring.mapping import FactMapping, Source, identity
from scoring.points import BANDS, BASE_ODDS, BASE_POINTS, FACTOR
from scoring.refusals import DataUnusable

Floats = NDArray[np.float64]
BLOCK_ROWS = 20_000


def probabilities_in_blocks(
    model: Model, facts: Iterable[Mapping[str, Any]], *, block_rows: int = BLOCK_ROWS
) -> Iterator[Floats]:
    """Probabilities of default of facts from any iterable, one array per block; nothing else is kept."""
    rows = iter(facts)
    while block := list(itertools.islice(rows, block_rows)):
        yield model.probabilities(values_of(model, block))


def values_of(model: Model, facts: Sequence[Mapping[str, Any]]) -> dict[str, Coded | Floats]:
    """The model's columns of many facts at once."""
    return _values(model, {name: Coded.of([row.get(name) for row in facts]) for name in _wanted(model)}, len(facts))


def points_of_all(log_odds: Floats) -> NDArray[np.int64]:
    """Points of many log-odds."""
    return np.rint(BASE_POINTS - FACTOR * (log_odds + np.log(BASE_ODDS))).astype(np.int64)


def rescore_csv(
    model: Model, source: Iterable[str], target: TextIO, mapping: FactMapping | None = None, *, uses_facts: bool = True
) -> int:
    """Every row of a CSV with its probability, points and band beside it; returns how many there were.

    Without a mapping the columns are named as the model's. A model that was not trained on facts reads them as they are,
    whatever declared feature has the same name. Cells end as the first line's do, and so they are written. Raises
    DataUnusable where nothing the model needs is in the file, or a row is no CSV.
    """
    try:
        return _rescore_csv(model, iter(source), target, mapping, uses_facts)
    except csv.Error as problem:
        raise DataUnusable(problem=f"a row cannot be read as CSV: {problem}") from None


def _rescore_csv(
    model: Model, lines: Iterator[str], target: TextIO, mapping: FactMapping | None, uses_facts: bool
) -> int:
    first = next((line for line in lines if line.strip("\r\n")), "")
    delimiter = delimiter_of(first)
    header = next(csv.reader(itertools.chain([first], lines), delimiter=delimiter), [])
    sources = _sources(model, header, mapping)
    csv.writer(target, delimiter=delimiter, lineterminator="\n").writerow(
        [*header, "probability_of_default", "points", "band"]
    )
    names, limits = np.array(list(BANDS)), np.array(list(BANDS.values())[:-1])
    count = 0
    for block in blocks(lines, width=len(header), rows=BLOCK_ROWS, delimiter=delimiter):
        values = _values(model, _facts(block, header, sources), len(block.rows), uses_facts)
        log_odds = np.broadcast_to(model.log_odds(values), len(block.rows))
        risk = 1.0 / (1.0 + np.exp(-log_odds))
        bands = names[np.searchsorted(limits, risk, side="left")].tolist()
        found = zip(block.rows, risk.tolist(), points_of_all(log_odds).tolist(), bands, strict=True)
        target.write(
            "".join(
                [f"{row}{delimiter}{p:.6f}{delimiter}{points}{delimiter}{band}\n" for row, p, points, band in found]
            )
        )
        count += len(block.rows)
    return count


def _sources(model: Model, header: list[str], mapping: FactMapping | None) -> dict[str, Source]:
    """Where the facts that the model needs come from; a column that is not there is known of nobody."""
    names, wanted = _names(header), _wanted(model)
    named = {name: source for name, source in (mapping or identity(names)).sources.items() if name in wanted}
    found = {name: source for name, source in named.items() if source.column is None or source.column in names}
    if not any(source.column for source in found.values()):
        needed = ", ".join(column.name for column in model.columns)
        raise DataUnusable(
            problem=f"none of the columns that the model needs is in the file ({', '.join(names)[:200]}); it needs "
            f"{needed[:400]}: name the columns so, or say with a mapping which is which"
        )
    return found


def _names(header: list[str]) -> list[str]:
    """As training names them: a column without a name is called by its place."""
    return [name.strip() or f"column {place}" for place, name in enumerate(header, 1)]


def _facts(block: Block, header: list[str], sources: Mapping[str, Source]) -> dict[str, Coded]:
    places = {name: place for place, name in enumerate(_names(header))}
    raw = {column: block.column(places[column]) for column in {one.column for one in sources.values()} if column}
    return {name: _fact(source, raw, len(block.rows)) for name, source in sources.items()}


def _fact(source: Source, raw: Mapping[str, Coded], rows: int) -> Coded:
    column = source.column
    if column is None:
        return Coded.same(source.value, rows)
    return raw[column].each(lambda value: source.read({column: value}))


def _wanted(model: Model) -> set[str]:
    return {*(column.name for column in model.columns), *INPUTS}


def _values(model: Model, facts: Mapping[str, Coded], rows: int, uses_facts: bool = True) -> dict[str, Coded | Floats]:
    """The model's columns made of facts: declared features, and beside them facts as they are."""
    declared = [REGISTRY[column.name] for column in model.columns if uses_facts and column.name in REGISTRY]
    found = compute_columns(declared, facts, rows)
    for column in model.columns:
        if column.name not in found:
            read = facts.get(column.name, Coded.same(None, rows)).each(number if column.is_number else category)
            found[column.name] = read.numbers() if column.is_number else read
    return found
