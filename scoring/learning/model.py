"""A trained model: a scorecard, a booster, or both, added on the scale of log-odds and calibrated there.

    log-odds of default = intercept + slope × (scorecard share × scorecard + booster share × booster)

Everything is a sum on one scale, so the contributions of a blend are as exact as those of its parts. The file is JSON
(LightGBM's model inside it as its own text format): nothing in it can run code.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning.binning import Bins, NumberBins
from scoring.learning.booster import Booster
from scoring.learning.scorecard import Scorecard
from scoring.learning.table import Column
from scoring.refusals import UnsafeArtifact

Floats = NDArray[np.float64]
FORMAT = "loanbook-model"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Model:
    """`reference` holds what drift is measured against: score quantiles and the bins of every column."""

    algorithm: str
    columns: tuple[Column, ...]
    scorecard: Scorecard | None
    booster: Booster | None
    scorecard_share: float = 1.0
    booster_share: float = 0.0
    intercept: float = 0.0
    slope: float = 1.0
    reference: Mapping[str, Any] = field(default_factory=dict)

    def log_odds(self, values: Mapping[str, Any]) -> Floats:
        """Log-odds of default of every row, in one pass over the columns."""
        return self.intercept + self.slope * self.raw(values)

    def raw(self, values: Mapping[str, Any]) -> Floats:
        """The blend before calibration."""
        total: Floats = np.zeros(1)
        if self.scorecard is not None and self.scorecard_share:
            total = total + self.scorecard_share * self.scorecard.log_odds(values)
        if self.booster is not None and self.booster_share:
            total = total + self.booster_share * self.booster.log_odds(values)
        return total

    def probabilities(self, values: Mapping[str, Any]) -> Floats:
        return 1.0 / (1.0 + np.exp(-self.log_odds(values)))

    def explain(self, features: Mapping[str, Any]) -> tuple[float, dict[str, float]]:
        """Log-odds of one applicant and each column's contribution; base + contributions = log-odds, exactly."""
        contributions = dict.fromkeys((column.name for column in self.columns), 0.0)
        for name, part in self._single_parts:
            contributions[name] += part(features.get(name))
        base = self.base
        if self.booster is not None and self.booster_share:
            factor = self.slope * self.booster_share
            for name, value in self.booster.contributions_of_one(features).items():
                contributions[name] += factor * value
        return base + sum(contributions.values()), contributions

    @cached_property
    def base(self) -> float:
        """Log-odds of the average applicant of the training data."""
        total = 0.0
        if self.scorecard is not None:
            total += self.scorecard_share * self.scorecard.intercept
        if self.booster is not None and self.booster_share:
            total += self.booster_share * self.booster.base
        return self.intercept + self.slope * total

    @cached_property
    def _single_parts(self) -> tuple[tuple[str, Callable[[Any], float]], ...]:
        if self.scorecard is None or not self.scorecard_share:
            return ()
        factor = self.slope * self.scorecard_share
        card = self.scorecard
        return tuple(
            (name, _single(bins, factor * card.weights[name], factor * card.centres[name]))
            for name, bins in card.bins.items()
        )

    def to_bytes(self) -> bytes:
        """The file: canonical JSON, the same bytes for the same model."""
        data = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "algorithm": self.algorithm,
            "columns": [[column.name, column.is_number, column.direction] for column in self.columns],
            "scorecard": self.scorecard.as_json() if self.scorecard else None,
            "booster": self.booster.as_json() if self.booster else None,
            "scorecard_share": self.scorecard_share,
            "booster_share": self.booster_share,
            "intercept": self.intercept,
            "slope": self.slope,
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
                Scorecard.from_json(data["scorecard"]) if data["scorecard"] else None,
                Booster.from_json(data["booster"]) if data["booster"] else None,
                data["scorecard_share"],
                data["booster_share"],
                data["intercept"],
                data["slope"],
                data["reference"],
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise UnsafeArtifact(problem=f"a part is missing or malformed ({type(problem).__name__})") from None


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _single(bins: Bins, weight: float, centre: float) -> Callable[[Any], float]:
    """The contribution of one value, by bisection in a table made once."""
    missing = weight * bins.missing - centre
    if isinstance(bins, NumberBins):
        edges = list(bins.edges)
        parts = [weight * part - centre for part in bins.parts]

        def of_number(value: Any) -> float:
            return missing if value is None or value != value else parts[bisect_left(edges, value)]

        return of_number
    levels = {level: weight * part - centre for level, part in bins.parts.items()}
    other = weight * bins.other - centre

    def of_level(value: Any) -> float:
        return missing if value is None else levels.get(value, other)

    return of_level
