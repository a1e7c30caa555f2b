"""A table of cases: columns by name, the outcome, and the hash of the file it came from.

Numbers are float64 with NaN for missing; categories are lists of text with None. Which is which is read from the data:
a column is a number when nearly all its known values are, and has more than a handful of them or a declared direction.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.features import REGISTRY, Kind, compute_one
from scoring.features.computing import category, number
from scoring.refusals import DataUnusable

Floats = NDArray[np.float64]
Values = Any
"""A float array for a number, a list of text or None for a category: `Column.is_number` says which."""
_NUMERIC_SHARE = 0.98
_COLUMNS_SHOWN, _LETTERS_SHOWN = 40, 600
_DECIMAL_COMMA = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})")
"""12,5 or 1.234,56: no thousands are separated like that."""
_OUTCOMES: Mapping[str, float] = {
    **dict.fromkeys(("1", "1.0", "bad", "yes", "y", "true", "t", "坏", "是"), 1.0),
    **dict.fromkeys(("0", "0.0", "good", "no", "n", "false", "f", "好", "否"), 0.0),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`direction`: +1 risk may only rise with the value, -1 only fall, 0 undeclared."""

    name: str
    is_number: bool
    direction: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    values: Mapping[str, Values]
    bad: Floats
    sha256: str = ""
    source: str = ""
    aside: Mapping[str, list[str]] = field(default_factory=dict)
    """Columns kept out of the model: protected ones (for fairness), the time column."""

    def __len__(self) -> int:
        return len(self.bad)

    def take(self, rows: NDArray[np.intp]) -> "Table":
        """The same table with these rows only, in this order."""
        picked: dict[str, Values] = {}
        for name, values in self.values.items():
            picked[name] = values[rows] if isinstance(values, np.ndarray) else [values[i] for i in rows.tolist()]
        aside = {name: [values[i] for i in rows.tolist()] for name, values in self.aside.items()}
        return replace(self, values=picked, bad=self.bad[rows], aside=aside)

    def without(self, names: Sequence[str]) -> "Table":
        return replace(self, columns=tuple(column for column in self.columns if column.name not in names))


def read_csv(
    content: bytes,
    *,
    target: str,
    source: str = "",
    exclude: Sequence[str] = (),
    directions: Mapping[str, int] | None = None,
    categories: Sequence[str] = (),
    bad_value: str | None = None,
) -> Table:
    """A table from the bytes of a CSV file. Raises DataUnusable naming what is wrong.

    `exclude` names columns that must not be features; they are kept aside. The target is 1 (bad) or 0 (good).
    """
    header, rows = _cells(content, (target,))
    place = {name: i for i, name in enumerate(header)}
    for name in exclude:
        if name not in place:
            raise DataUnusable(problem=f"there is no column “{name}” to leave out", field="exclude")
    bad = _outcomes([row[place[target]] for row in rows], target, bad_value)
    columns: list[Column] = []
    values: dict[str, Values] = {}
    for name in header:
        if name == target or name in exclude:
            continue
        column, read = _column(
            name, [row[place[name]] for row in rows], (directions or {}).get(name, 0), name in categories
        )
        columns.append(column)
        values[name] = read
    if not any(_varies(values[column.name]) for column in columns):
        raise DataUnusable(problem=f"beside “{target}” there is no column with two different values to learn from")
    aside = {name: [row[place[name]] for row in rows] for name in exclude}
    return Table(tuple(columns), values, bad, hashlib.sha256(content).hexdigest(), source, aside)


def _varies(values: Values) -> bool:
    first = values[0]
    return any(value != first and not (value != value and first != first) for value in values)


def facts_table(
    content: bytes,
    *,
    target: str,
    facts_of: Callable[[Mapping[str, str]], Mapping[str, Any]],
    source: str = "",
    keep: Sequence[str] = (),
    bad_value: str | None = None,
) -> Table:
    """A table of declared features from a CSV whose rows `facts_of` turns into facts.

    Features that are never known are left out; the columns of `keep` are kept aside as they are.
    """
    header, rows = _cells(content, (target, *keep))
    place = {name: i for i, name in enumerate(header)}
    facts = [facts_of(dict(zip(header, row, strict=True))) for row in rows]
    table = from_facts(facts, _outcomes([row[place[target]] for row in rows], target, bad_value))
    aside = {**table.aside, **{name: [row[place[name]] for row in rows] for name in keep}}
    return replace(table, aside=aside, sha256=hashlib.sha256(content).hexdigest(), source=source)


def from_facts(facts: Sequence[Mapping[str, Any]], bad: Floats) -> Table:
    """A table of declared features from facts; protected characteristics are kept aside."""
    columns: list[Column] = []
    values: dict[str, Values] = {}
    aside: dict[str, list[str]] = {}
    for feature in REGISTRY.values():
        read = [compute_one(feature, row) for row in facts]
        if all(value is None for value in read):
            continue
        if feature.protected:
            aside[feature.name] = ["" if value is None else str(value) for value in read]
        elif feature.kind is Kind.CATEGORY:
            columns.append(Column(feature.name, False))
            values[feature.name] = [None if value is None else str(value) for value in read]
        else:
            columns.append(Column(feature.name, True, feature.direction))
            values[feature.name] = np.array([np.nan if value is None else value for value in read], dtype=np.float64)
    if not columns:
        raise DataUnusable(problem="no declared fact was found; give --mapping or name the columns as facts")
    return Table(tuple(columns), values, bad, aside=aside)


def header_of(content: bytes) -> list[str]:
    """The names of the columns of a CSV; empty when there is none."""
    text = _text(content)
    return _names(next(_reader(text), []))


def _text(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or else GB 18030 (with GBK and GB 2312 inside it)."""
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _reader(text: str) -> Iterator[list[str]]:
    """The rows of a text; whatever the csv module cannot read is refused as DataUnusable."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    while True:
        try:
            row = next(reader, None)
        except csv.Error as problem:
            raise DataUnusable(problem=f"line {reader.line_num} cannot be read as CSV: {problem}") from None
        if row is None:
            return
        yield row


def _names(header: Sequence[str]) -> list[str]:
    """Names without blanks around them; a column without a name is called by its place."""
    return [name.strip() or f"column {place}" for place, name in enumerate(header, 1)]


def _delimiter(text: str) -> str:
    """Comma, semicolon, tab or bar: what occurs most in the first line, a comma when none does."""
    return max(",;\t|", key=text.split("\n", 1)[0].count)


def _cells(content: bytes, needed: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    reader = _reader(_text(content))
    header = _names(next(reader, []))
    for name in needed:
        if name not in header:
            shown = ", ".join(header[:_COLUMNS_SHOWN]) + (" …" if len(header) > _COLUMNS_SHOWN else "")
            problem = f"there is no column “{name}”; the columns are {shown[:_LETTERS_SHOWN]}"
            raise DataUnusable(problem=problem, field="target")
    twice = next((name for place, name in enumerate(header) if name in header[:place]), None)
    if twice is not None:
        raise DataUnusable(problem=f"two columns have the same name, “{twice}”")
    rows = [row for row in reader if any(row)]
    for line, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise DataUnusable(problem=f"line {line} has {len(row)} values, the header {len(header)}")
    if len(rows) < 50:
        raise DataUnusable(problem=f"{len(rows)} rows are too few to learn from; at least 50 are needed")
    return header, rows


def _outcomes(raw: Sequence[str], target: str, bad_value: str | None = None) -> Floats:
    known = [value.strip().lower() for value in raw]
    outcomes = np.empty(len(raw))
    for line, value in enumerate(known, 2):
        if category(value) is None:
            problem = f"line {line}: “{target}” is empty; leave out cases whose outcome is not known"
            raise DataUnusable(problem=problem, field="target")
        read = _OUTCOMES.get(value) if bad_value is None else float(value == bad_value.strip().lower())
        if read is None:
            problem = (
                f"line {line}: “{raw[line - 2]}” in “{target}” is neither 1 (bad) nor 0 (good);"
                " say which value is bad with bad_value in the specification"
            )
            raise DataUnusable(problem=problem, field="target")
        outcomes[line - 2] = read
    if outcomes.sum() < 10 or len(outcomes) - outcomes.sum() < 10:
        raise DataUnusable(
            problem=f"“{target}” has fewer than ten bad or ten good outcomes to learn from", field="target"
        )
    return outcomes


def _column(name: str, raw: Sequence[str], direction: int, is_category: bool) -> tuple[Column, Values]:
    levels = [category(value) for value in raw]
    known = [level for level in levels if level is not None]
    numbers = [number(level) for level in levels]
    numeric = sum(value is not None for value in numbers)
    if not is_category and known and numeric >= _NUMERIC_SHARE * len(known):
        if any(_DECIMAL_COMMA.fullmatch(level) for level in known):
            raise DataUnusable(problem=f"“{name}” writes decimals with a comma; write them with a point")
        return Column(name, True, direction), np.array([np.nan if v is None else v for v in numbers], dtype=np.float64)
    return Column(name, False), levels
