"""A trained model: parts (a scorecard, boosters, a smooth part) added on the scale of log-odds.

    log-odds of default = intercept + Σ share × part

Shares and intercept are found on rows the parts had not seen, which calibrates the sum. Everything is a sum on one
scale, so the contributions of a blend are as exact as those of its parts. The file is JSON (LightGBM's models inside
it as its own text format): nothing in it can run code.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.learning.booster import Booster
from scoring.learning.deriving import Derived, expand_one, expand_values
from scoring.learning.pairs import Pairs
from scoring.learning.scorecard import Scorecard
from scoring.learning.sentinels import without, without_one
from scoring.learning.table import Column
from scoring.refusals import UnsafeArtifact

Floats = NDArray[np.float64]
FORMAT = "loanbook-model"
FORMAT_VERSION = 1


class Part(Protocol):
    """What every part can do; contributions sum to its log-odds less its base."""

    @property
    def base(self) -> float: ...
    def log_odds(self, values: Mapping[str, Any]) -> Floats: ...
    def contributions_of_one(self, features: Mapping[str, Any]) -> Mapping[str, float]: ...
    def as_json(self) -> dict[str, Any]: ...


_KINDS: Mapping[str, Any] = {"scorecard": Scorecard, "booster": Booster, "pairs": Pairs}


@dataclass(frozen=True)
class Model:
    """`columns` are what it is given, `sentinels` the codes among them it reads as missing, `derived` what it makes
    of the rest; `reference` is what drift is measured against."""

    algorithm: str
    columns: tuple[Column, ...]
    derived: tuple[Derived, ...]
    parts: tuple[tuple[float, Part], ...]
    intercept: float
    sentinels: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    reference: Mapping[str, Any] = field(default_factory=dict)

    def log_odds(self, values: Mapping[str, Any]) -> Floats:
        """Log-odds of default of every row, in one pass over the parts."""
        known = expand_values(without(values, self.sentinels), self.derived)
        total: Floats = np.full(1, self.intercept)
        for share, part in self.parts:
            total = total + share * part.log_odds(known)
        return total

    def probabilities(self, values: Mapping[str, Any]) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(-self.log_odds(values))), dtype=np.float64)

    def explain(self, features: Mapping[str, Any]) -> tuple[float, dict[str, float]]:
        """Log-odds of one applicant and each column's contribution; base + contributions = log-odds, exactly."""
        known = expand_one(without_one(features, self.sentinels), self.derived)
        contributions = dict.fromkeys(self.names, 0.0)
        for share, part in self.parts:
            for name, value in part.contributions_of_one(known).items():
                contributions[name] += share * value
        return self.base + sum(contributions.values()), contributions

    def log_odds_of_one(self, features: Mapping[str, Any]) -> float:
        """Log-odds of one applicant without contributions: several times quicker where there are trees."""
        row = {
            column.name: _one_number(features.get(column.name)) if column.is_number else [features.get(column.name)]
            for column in self.columns
        }
        return float(self.log_odds(row)[0])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every factor of the score: the columns given and those derived."""
        return (*(column.name for column in self.columns), *(one.name for one in self.derived))

    @cached_property
    def base(self) -> float:
        """Log-odds of the average applicant of the training data."""
        return self.intercept + sum(share * part.base for share, part in self.parts)

    @property
    def has_trees(self) -> bool:
        return any(isinstance(part, Booster) for _share, part in self.parts)

    @property
    def scorecard(self) -> Scorecard | None:
        """The model's scorecard, if it is one or has one."""
        return next((part for _share, part in self.parts if isinstance(part, Scorecard)), None)

    def to_bytes(self) -> bytes:
        """The file: canonical JSON, the same bytes for the same model."""
        kinds = {kind: name for name, kind in _KINDS.items()}
        data = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "algorithm": self.algorithm,
            "columns": [[column.name, column.is_number, column.direction] for column in self.columns],
            "derived": [one.as_json() for one in self.derived],
            "parts": [[share, kinds[type(part)], part.as_json()] for share, part in self.parts],
            "intercept": self.intercept,
            "sentinels": self.sentinels,
            "reference": self.reference,
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Model":
        """The model in a file. Raises UnsafeArtifact for anything that is not this format."""
        try:
            data = json.loads(content)
        except (UnicodeDecodeError, ValueError):
            raise UnsafeArtifact(problem="it is not JSON") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("format_version") != FORMAT_VERSION:
            raise UnsafeArtifact(problem=f"it is not {FORMAT} {FORMAT_VERSION}")
        try:
            return cls(
                data["algorithm"],
                tuple(Column(name, is_number, direction) for name, is_number, direction in data["columns"]),
                tuple(Derived.from_json(row) for row in data["derived"]),
                tuple((share, _KINDS[kind].from_json(part)) for share, kind, part in data["parts"]),
                data["intercept"],
                {name: tuple(codes) for name, codes in data["sentinels"].items()},
                data["reference"],
            )
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise UnsafeArtifact(problem=f"a part is missing or malformed ({type(problem).__name__})") from None


def _one_number(value: Any) -> Floats:
    return np.array([np.nan if value is None else value], dtype=np.float64)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
