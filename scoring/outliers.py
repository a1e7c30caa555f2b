"""How unusual the facts of one applicant are among those of many: an unsupervised score that explains itself.

ECOD (Li, Zhao, Hu, Botta, Ionescu and Chen 2022, "ECOD: Unsupervised Outlier Detection Using Empirical Cumulative
Distribution Functions", IEEE TKDE): no outcome, no distance and nothing to tune. For each fact, how few applicants lie at
least as far out on the same side; the score is the sum of the surprise of all facts:

    rarity(value)  = min(1, 2 × min(share at or below the value, share at or above it))      of a number
                   = share of the level / share of the commonest level                       of a category
    surprise       = −ln(rarity), and 0 for a fact that is not known
    score          = sum of the surprises; unusual above the score that a stated share of the learned applicants passes

    of 1000 applicants 4 earn 60,000 or more:  rarity 2 × 0.004 = 0.008, surprise 4.83
    nobody earned 90,000:                      rarity 2 / 1001 = 0.002, surprise 6.22

The file is JSON: for each fact a grid of values with both shares. It decides nothing: an unusual applicant goes to a
person, with the facts that were rarest.
"""

import json
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.features import REGISTRY, Kind, compute_one
from scoring.features.computing import number
from scoring.fraud_rules import COUNTS
from scoring.refusals import DataUnusable, UnsafeArtifact

FORMAT = "loanbook-outliers"
FORMAT_VERSION = 1
FACTS = (
    "income_monthly", "expense_share", "amount_to_income", "debt_to_income", "assets", "employment_years",
    "residence_years", "dependants", "employment_type", "home_ownership", "installments", "bureau_inquiries_6m",
    "bureau_open_loans", "bureau_history_months", *COUNTS,
)  # fmt: skip
"""Declared features (never protected ones) and the counts of what is shared; those that are known of half of all."""
LEAST_ROWS = 200
LEAST_KNOWN_SHARE = 0.5
GRID = 256
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Rare:
    """One fact with its value, and the share of applicants that lie as far out."""

    name: str
    value: Any
    rarity: float


@dataclass(frozen=True, slots=True)
class Judged:
    score: float
    unusual: bool
    rarest: tuple[Rare, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Grid values in order, with the share of applicants at or below and at or above each."""

    name: str
    values: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]
    least: float

    def rarity(self, value: Any) -> float:
        """Between two grid values the shares of the outer one hold, as none that was learned lies between."""
        at = bisect_right(self.values, value) - 1
        low = self.below[at] if at >= 0 else 0.0
        at = bisect_left(self.values, value)
        high = self.above[at] if at < len(self.values) else 0.0
        return min(1.0, max(2 * min(low, high), self.least))


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of a category with their share of the commonest one."""

    name: str
    shares: Mapping[str, float]
    least: float

    def rarity(self, value: Any) -> float:
        return max(self.shares.get(str(value), 0.0), self.least)


@dataclass(frozen=True, slots=True)
class OutlierModel:
    """`threshold` is the score that `share` of the learned applicants passes."""

    columns: tuple[Numbers | Levels, ...]
    threshold: float
    share: float

    def judge(self, facts: Mapping[str, Any]) -> Judged:
        """Score, verdict and the rarest facts of one applicant."""
        found = []
        for column in self.columns:
            value = value_of(column.name, facts)
            if value is not None:
                found.append(Rare(column.name, value, column.rarity(value)))
        score = math.fsum(-math.log(one.rarity) for one in found)
        rarest = sorted(found, key=lambda one: (one.rarity, one.name))[:MOST_NAMED]
        return Judged(score, score > self.threshold, tuple(one for one in rarest if one.rarity < 1.0))

    def to_bytes(self) -> bytes:
        data = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "numbers": [
                [one.name, one.values, one.below, one.above, one.least]
                for one in self.columns
                if isinstance(one, Numbers)
            ],
            "levels": [[one.name, one.shares, one.least] for one in self.columns if isinstance(one, Levels)],
            "threshold": self.threshold,
            "share": self.share,
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "OutlierModel":
        """The model in a file. Raises UnsafeArtifact for anything that is not this format."""
        try:
            data = json.loads(content)
            if data["format"] != FORMAT or data["format_version"] != FORMAT_VERSION:
                raise UnsafeArtifact(problem=f"it is not {FORMAT} {FORMAT_VERSION}")
            numbers = [
                Numbers(name, tuple(values), tuple(below), tuple(above), float(least))
                for name, values, below, above, least in data["numbers"]
            ]
            levels = [Levels(name, dict(shares), float(least)) for name, shares, least in data["levels"]]
            return cls((*numbers, *levels), float(data["threshold"]), float(data["share"]))
        except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise UnsafeArtifact(problem=f"a part is missing or malformed ({type(problem).__name__})") from None


def value_of(name: str, facts: Mapping[str, Any]) -> Any:
    """A declared feature's value, or a count; None when it is not known."""
    feature = REGISTRY.get(name)
    return number(facts.get(name)) if feature is None else compute_one(feature, facts)


def learn(rows: Sequence[Mapping[str, Any]], *, share: float = 0.01) -> OutlierModel:
    """A model of these applicants' facts. Raises DataUnusable for fewer than 200."""
    if len(rows) < LEAST_ROWS:
        raise DataUnusable(problem=f"{len(rows)} applicants are too few: {LEAST_ROWS} are needed", field="rows")
    columns = [column for name in FACTS if (column := _column(name, rows)) is not None]
    unbounded = OutlierModel(tuple(columns), math.inf, share)
    scores = sorted(unbounded.judge(row).score for row in rows)
    threshold = scores[min(math.ceil(len(scores) * (1 - share)), len(scores)) - 1]
    return OutlierModel(tuple(columns), threshold, share)


def held_out_share(rows: Sequence[Mapping[str, Any]], *, share: float, folds: int = 5) -> float:
    """The share of applicants called unusual by a model that had not seen them: near `share` if it carries over."""
    called = 0
    for fold in range(folds):
        model = learn([row for place, row in enumerate(rows) if place % folds != fold], share=share)
        called += sum(model.judge(row).unusual for row in rows[fold::folds])
    return called / len(rows)


def _column(name: str, rows: Sequence[Mapping[str, Any]]) -> Numbers | Levels | None:
    known = [value for row in rows if (value := value_of(name, row)) is not None]
    if len(known) < LEAST_KNOWN_SHARE * len(rows):
        return None
    least = 1 / (len(known) + 1)
    if name in REGISTRY and REGISTRY[name].kind is Kind.CATEGORY:
        counts = Counter(map(str, known))
        most = max(counts.values())
        return Levels(name, {level: round(count / most, 9) for level, count in sorted(counts.items())}, least)
    ordered = sorted(map(float, known))
    distinct = sorted(set(ordered))
    step = max(1, math.ceil(len(distinct) / GRID))
    grid = sorted({*distinct[::step], distinct[-1]})
    count = len(ordered)
    return Numbers(
        name,
        tuple(grid),
        tuple(round(bisect_right(ordered, value) / count, 9) for value in grid),
        tuple(round((count - bisect_left(ordered, value)) / count, 9) for value in grid),
        2 * least,
    )
