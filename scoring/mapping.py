"""How a stranger's columns become our facts: a small TOML file.

```toml
[facts]
income_monthly   = "Income"                                                   # the column as it is
requested_amount = { column = "Amount", times = "1000" }                      # in another unit
home_ownership   = { column = "Home", levels = { owner = "owner", priv = "other" } }
currency_risk    = { value = "none" }                                         # the same for every row
debt_service_monthly = { column = "Debt", only = { 0 = 0 } }                  # who owes nothing repays nothing
```
Levels that are not listed are kept as they are; under `only`, any other level says nothing about the fact. An empty
cell, "NA", "NaN", "?" and the like are facts not known. Other tables of the file belong to whoever else reads it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from scoring.features.computing import fact_level
from scoring.refusals import DataUnusable


@dataclass(frozen=True, slots=True)
class Source:
    """Where one fact comes from: a column (scaled, or with its levels renamed, or `only` some of them), or a constant."""

    column: str | None = None
    times: Decimal | None = None
    levels: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None
    only: bool = False

    def read(self, row: Mapping[str, str]) -> Any:
        if self.column is None:
            return self.value
        raw = row.get(self.column)
        known = fact_level(raw)
        if raw is None or known is None:
            return None
        if self.levels:
            return self.levels.get(known, None if self.only else raw.strip())
        if self.times is None:
            return raw.strip()
        try:
            return str(Decimal(known.replace(",", "")) * self.times)
        except InvalidOperation:
            return raw.strip()


@dataclass(frozen=True, slots=True)
class FactMapping:
    """The facts of a row, by the sources of a mapping file."""

    sources: Mapping[str, Source]

    def facts_of(self, row: Mapping[str, str]) -> dict[str, Any]:
        return {name: source.read(row) for name, source in self.sources.items()}

    def columns(self) -> list[str]:
        return [source.column for source in self.sources.values() if source.column]


def read_mapping(content: bytes) -> FactMapping:
    """The mapping in a TOML file. Raises DataUnusable naming the entry that cannot be read."""
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise DataUnusable(problem=f"the mapping is not TOML: {problem}", field="mapping") from None
    facts = data.get("facts")
    if not isinstance(facts, dict) or not facts:
        raise DataUnusable(problem="the mapping has no table [facts]", field="mapping")
    return FactMapping({name: read_source(name, entry) for name, entry in facts.items()})


def identity(header: list[str]) -> FactMapping:
    """The mapping of a file whose columns are already named as facts."""
    return FactMapping({name: Source(column=name) for name in header})


def read_source(name: str, entry: Any) -> Source:
    if isinstance(entry, str):
        return Source(column=entry)
    if not isinstance(entry, dict) or ("column" in entry) == ("value" in entry):
        raise DataUnusable(problem=f"“{name}” needs a column, or a table with either column or value", field="mapping")
    unknown = set(entry) - {"column", "value", "times", "levels", "only"}
    if unknown:
        raise DataUnusable(problem=f"“{name}” has the unknown key {sorted(unknown)[0]}", field="mapping")
    try:
        times = Decimal(str(entry["times"])) if "times" in entry else None
    except InvalidOperation:
        raise DataUnusable(problem=f"“{name}”: times is a number", field="mapping") from None
    listed: Mapping[str, Any] = entry["only"] if "only" in entry else entry.get("levels", {})
    levels = {str(level).strip().lower(): value for level, value in listed.items()}
    return Source(entry.get("column"), times, levels, entry.get("value"), "only" in entry)
