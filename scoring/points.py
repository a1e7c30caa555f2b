"""From log-odds to points and bands.

Points fall as risk rises: 600 points mean odds of 30 good to 1 bad, and every 20 points double those odds.

    >>> points_of(-math.log(30)), points_of(-math.log(60)), band_of(1 / 31)
    (600, 620, 'B')
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

BASE_POINTS = 600
BASE_ODDS = 30.0
POINTS_TO_DOUBLE_ODDS = 20
FACTOR = POINTS_TO_DOUBLE_ODDS / math.log(2.0)

BANDS: Mapping[str, float] = MappingProxyType({"A": 0.03, "B": 0.08, "C": 0.15, "D": 0.30, "E": 1.0})
"""Each band's highest probability of default."""


def probability_of(log_odds: float) -> float:
    """Probability of default of these log-odds of default, without overflow."""
    if log_odds >= 0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    risen = math.exp(log_odds)
    return risen / (1.0 + risen)


def points_of(log_odds: float) -> int:
    """Whole points of these log-odds of default."""
    return round(BASE_POINTS - FACTOR * (log_odds + math.log(BASE_ODDS)))


def points_of_part(log_odds_part: float) -> float:
    """Points that one part of the log-odds takes away (negative) or adds."""
    return -FACTOR * log_odds_part


def band_of(probability: float) -> str:
    """The band of a probability of default."""
    return next((name for name, most in BANDS.items() if probability <= most), "E")
