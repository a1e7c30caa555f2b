"""How far chance alone carries a figure: limits that a sound model passes once in a thousand independent readings.

Few cases make wild figures. Fifty applicants drawn from the very population a model was trained on differ from it by a
stability index of 0.56 once in a thousand draws, so an alarm at the customary 0.25 would be false. A threshold is
therefore never narrower than chance:

    figure                      limit                                                        source
    stability index, B bins     chi-square quantile (B − 1 degrees) × (1/n + 1/m)            Yurdakul & Naranjo 2020
    share of n cases            z × √(p (1 − p) / n)                                         binomial, normal limit
    two shares, n and m cases   z × √(p (1 − p) (1/n + 1/m)), p of both together             the same
    area under the ROC curve    z × its standard error                                       Hanley & McNeil 1982

Yurdakul & Naranjo, Statistical properties of the population stability index, Journal of Risk Model Validation 14(4);
Hanley & McNeil, The meaning and use of the area under a ROC curve, Radiology 143(1). The chi-square quantile is Wilson
and Hilferty's (1931): at this level 3 percent too high with one degree of freedom, 1 percent from five on.

    cases now, of training      bins     limit
    50, 6000                    10       0.566
    120, 6000                   10       0.238
"""

import math
from statistics import NormalDist

ONCE_IN = 1000
_ONE_SIDED = NormalDist().inv_cdf(1 - 1 / ONCE_IN)
_TWO_SIDED = NormalDist().inv_cdf(1 - 1 / (2 * ONCE_IN))


def of_stability(bins: int, now: float, before: float) -> float:
    """The stability index that unchanged populations of `now` and `before` cases pass once in a thousand."""
    degrees = max(bins - 1, 1)
    part = 2 / (9 * degrees)
    quantile: float = degrees * (1 - part + _ONE_SIDED * math.sqrt(part)) ** 3
    return quantile * (1 / now + 1 / before)


def of_share(share: float, cases: float) -> float:
    """How far the share of so many cases strays from the true one."""
    return _TWO_SIDED * math.sqrt(share * (1 - share) / cases)


def of_difference(share: float, cases: float, others: float) -> float:
    """How far two shares stray from each other where both populations have the same true one."""
    return _TWO_SIDED * math.sqrt(share * (1 - share) * (1 / cases + 1 / others))


def of_area(area: float, bads: float, goods: float) -> float:
    """How far the area under the ROC curve of so many bad and good cases falls below the true one."""
    both_bads, both_goods = area / (2 - area), 2 * area * area / (1 + area)
    variance = (
        area * (1 - area) + (bads - 1) * (both_bads - area * area) + (goods - 1) * (both_goods - area * area)
    ) / (bads * goods)
    return _ONE_SIDED * math.sqrt(max(variance, 0.0))
