"""A column told by its different values: a book of a million rows has few different texts in most of its columns."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_TEXTS = frozenset({str, type(None)})


@dataclass(frozen=True, slots=True)
class Coded:
    """`values` are those that occur, and `places` says for each row which of them is its own."""

    values: Sequence[Any]
    places: NDArray[np.intp]

    @classmethod
    def of(cls, column: Sequence[Any]) -> "Coded":
        """A column of anything. Only texts are told apart: among the others 1, 1.0 and True would be one value."""
        if set(map(type, column)) <= _TEXTS:
            return cls.of_texts(column)
        return cls(column, np.arange(len(column)))

    @classmethod
    def of_texts(cls, column: Sequence[str | None]) -> "Coded":
        places = defaultdict[str | None, int](count().__next__)
        found = np.fromiter(map(places.__getitem__, column), np.intp, len(column))
        return cls(list(places), found)

    @classmethod
    def same(cls, value: Any, rows: int) -> "Coded":
        """One value for every row."""
        return cls([value], np.zeros(rows, np.intp))

    def each(self, read: Callable[[Any], Any]) -> "Coded":
        """`read` of every row, called once for each different value."""
        return Coded([read(value) for value in self.values], self.places)

    def numbers(self) -> Floats:
        """The rows as numbers; None is NaN."""
        return np.asarray(np.array(self.values, dtype=np.float64)[self.places])

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Any]:
        return map(self.values.__getitem__, self.places.tolist())

    def __getitem__(self, row: int) -> Any:
        return self.values[self.places[row]]


def numbers_of(column: Coded | Sequence[Any], read: Callable[[Any], float]) -> Floats:
    """`read` of every row of a column, coded or not."""
    if isinstance(column, Coded):
        return column.each(read).numbers()
    return np.array([read(value) for value in column], dtype=np.float64)
