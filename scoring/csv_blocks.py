"""The rows of a CSV in blocks: as they will be written again, and cell by cell.

A block without a quote is cut at its commas; only where there is one (or a stray carriage return) the csv module reads
and writes. Both give the same rows: blank lines are passed by, and every row gets the width of the header.

A file is read as training reads it: UTF-8, UTF-16 with its mark, or else GB 18030; cells end with commas, semicolons,
tabs or bars, whatever its first line has most of.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from scoring.features.coded import Coded

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """`rows` are lines of CSV without their ends; `cells` are theirs, one row of `width` after another."""

    rows: list[str]
    cells: list[str]
    width: int

    def column(self, place: int) -> Coded:
        return Coded.of_texts(self.cells[place :: self.width])


def opened(path: Path) -> TextIO:
    """The file for reading as text, in whatever encoding it is."""
    encoding = _encoding(path)
    return path.open(encoding=encoding, errors="strict" if encoding == "utf-8-sig" else "replace", newline="")


def _encoding(path: Path) -> str:
    """Found by reading the file once, a piece at a time."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for piece in iter(partial(file.read, _PIECE), b""):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def delimiter_of(line: str) -> str:
    """Comma, semicolon, tab or bar: what occurs most in a file's first line, a comma when none does."""
    return max(",;\t|", key=line.count)


class _Lines(list[str]):
    """Where a csv writer leaves each row as one text."""

    write = list.append


def blocks(source: Iterator[str], *, width: int, rows: int, delimiter: str = ",") -> Iterator[Block]:
    """The rows of the lines that are left in `source`, about `rows` at a time."""
    while lines := list(islice(source, rows)):
        block = _cut(lines, width, delimiter) or _read(lines, source, width, delimiter)
        if block.rows:
            yield block


def _cut(lines: list[str], width: int, delimiter: str) -> Block | None:
    """The block of these lines, or None where a delimiter may stand inside a cell."""
    inside = width - 1
    ended = (line.rstrip("\r\n") for line in lines)
    rows = [
        row if row.count(delimiter) == inside else delimiter.join(_as_wide(row.split(delimiter), width))
        for row in ended if row
    ]  # fmt: skip
    whole = delimiter.join(rows)
    return None if '"' in whole or "\r" in whole else Block(rows, whole.split(delimiter), width)


def _read(lines: list[str], source: Iterator[str], width: int, delimiter: str) -> Block:
    """The same by the csv module, up to the end of the row that the last line belongs to."""
    written, cells = _Lines(), list[str]()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    reader = csv.reader(chain(lines, source), delimiter=delimiter)
    for row in reader:
        if row:
            row = _as_wide(row, width)
            cells += row
            writer.writerow([*row, ""])
        if reader.line_num >= len(lines):
            break
    return Block([line.removesuffix(f"{delimiter}\n") for line in written], cells, width)


def _as_wide(row: list[str], width: int) -> list[str]:
    """A row of the header's width: what is missing at its end is not known."""
    return row if len(row) == width else [*row[:width], *[""] * (width - len(row))]
