"""What a page of monitoring is made of: sections with a chart, the table beneath it, and what is missing where nothing is.

The page, the JSON and the CSV are three ways to write down the same sections, so they cannot disagree.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils import formats

COUNT, SHARE, INDEX, TEXT = "count", "share", "index", "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """`tone`: "" or how much it wants to be looked at, from warm0 to warm3."""

    value: Any
    text: str
    tone: str = ""
    number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """`style`: what the series is, from which the chart takes its colour and dashes."""

    label: str
    values: tuple[float | None, ...]
    style: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`kind`: line, bar or stacked; `percent`: the values are shares of one."""

    kind: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    percent: bool = True
    axis: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Section:
    """`missing` says what is not there yet and when it will be; then there is neither chart nor table."""

    key: str
    title: str
    explanation: str
    chart: Chart | None = None
    table: Table | None = None
    missing: str = ""
    wide: bool = field(default=False)

    def as_json(self) -> dict[str, Any]:
        table = self.table and {
            "columns": list(self.table.columns),
            "rows": [[_plain(cell.value) for cell in row] for row in self.table.rows],
        }
        chart = self.chart and self.chart.as_json()
        return {
            "key": self.key, "title": self.title, "explanation": self.explanation, "chart": chart, "table": table,
            "missing": self.missing,
        }  # fmt: skip


def cell(value: Any, kind: str = SHARE, tone: str = "") -> Cell:
    """A value as it is shown: shares in percent, indices with three decimals, nothing as a dash."""
    if value is None:
        return Cell(None, "—", tone)
    if kind == SHARE:
        return Cell(value, f"{rounded(value * 100, 1)}%", tone)
    if kind == INDEX:
        return Cell(value, rounded(value, 3), tone)
    if kind == COUNT:
        return Cell(value, rounded(value, 0), tone)
    return Cell(value, value.isoformat() if isinstance(value, datetime.date) else str(value), tone, number=False)


def rounded(value: float, places: int) -> str:
    """A figure in the reader's way of writing numbers. Django's own format cuts the places off; this rounds them."""
    return formats.number_format(round(value, places), places, force_grouping=True)


def table(columns: Sequence[Any], rows: Iterable[Sequence[Cell]]) -> Table:
    return Table(tuple(map(str, columns)), tuple(tuple(row) for row in rows))


def tone(value: float, threshold: float | None) -> str:
    """How near a figure is to its threshold: below two fifths nothing, then warmer up to beyond it."""
    if not threshold:
        return ""
    part = abs(value) / threshold
    return "warm3" if part >= 1 else "warm2" if part >= 0.7 else "warm1" if part >= 0.4 else ""


def csv_rows(sections: Iterable[Section]) -> Iterable[list[Any]]:
    """One row a figure: section, row, column, value. Shares are of one, and a dot is the decimal point."""
    yield ["section", "row", "column", "value"]
    for section in sections:
        if section.table is None:
            continue
        for row in section.table.rows:
            for name, one in zip(section.table.columns[1:], row[1:], strict=True):
                yield [section.key, _plain(row[0].value), name, "" if one.value is None else _plain(one.value)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
