"""The rows of a CSV in blocks: as they will be written again, and cell by cell.

A block without a quote is cut at its commas; only where there is one (or a stray carriage return) the csv module reads
and writes. Both give the same rows: blank lines are passed by, and every row gets the width of the header.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from scoring.features.coded import Coded


@dataclass(frozen=True, slots=True)
class Block:
    """`rows` are lines of CSV without their ends; `cells` are theirs, one row of `width` after another."""

    rows: list[str]
    cells: list[str]
    width: int

    def column(self, place: int) -> Coded:
        return Coded.of_texts(self.cells[place :: self.width])


class _Lines(list[str]):
    """Where a csv writer leaves each row as one text."""

    write = list.append


def blocks(source: Iterator[str], *, width: int, rows: int) -> Iterator[Block]:
    """The rows of the lines that are left in `source`, about `rows` at a time."""
    while lines := list(islice(source, rows)):
        block = _cut(lines, width) or _read(lines, source, width)
        if block.rows:
            yield block


def _cut(lines: list[str], width: int) -> Block | None:
    """The block of these lines, or None where a comma may stand inside a cell."""
    commas = width - 1
    ended = (line.rstrip("\r\n") for line in lines)
    rows = [
        row if row.count(",") == commas else ",".join(_as_wide(row.split(","), width)) for row in ended if row
    ]  # fmt: skip
    whole = ",".join(rows)
    return None if '"' in whole or "\r" in whole else Block(rows, whole.split(","), width)


def _read(lines: list[str], source: Iterator[str], width: int) -> Block:
    """The same by the csv module, up to the end of the row that the last line belongs to."""
    written, cells = _Lines(), list[str]()
    writer, reader = csv.writer(written, lineterminator="\n"), csv.reader(chain(lines, source))
    for row in reader:
        if row:
            row = _as_wide(row, width)
            cells += row
            writer.writerow([*row, ""])
        if reader.line_num >= len(lines):
            break
    return Block([line.removesuffix(",\n") for line in written], cells, width)


def _as_wide(row: list[str], width: int) -> list[str]:
    """A row of the header's width: what is missing at its end is not known."""
    return row if len(row) == width else [*row[:width], *[""] * (width - len(row))]
