"""Level installments, and smoothing the last one.

The level installment over periods with factors r_1 … r_n (each period's share of the rate, so that periods
may differ in length and rate) repays a balance P exactly when

    P = E / (1 + r_1) + E / ((1 + r_1)(1 + r_2)) + …        so        E = P x product(1 + r_k) / f_n

with f_1 = 1 and f_k = 1 + f_(k-1) x (1 + r_k), which needs no division per period. E is rounded; interest
of each period is rounded; the last installment takes what remains.

100,000 at 4.2 % in 12 months (r = 0.0035): E = 8,524.13; the interest is 2,289.57 in all and the last
installment 8,524.14. With n equal factors this is the usual annuity P r / (1 - (1 + r)^-n).

Smoothing brings a last installment that differs much closer to the others. With d = last - E, n
installments in the tail: while floor(n / 2) > 0 and |d| in cents exceeds floor(n / 2), E + round(d / n) is
tried and kept only where the difference gets smaller; at most three rounds.

Source: any text on annuities, for example Kellison, The Theory of Interest, chapter 3; the smoothing rule is
the one behind the published figures of an open-source progressive loan engine.
"""

from collections.abc import Callable, Sequence

from lending.finance.day_count import FRACTION, FRACTION_BITS
from lending.finance.money import Rounder

SMOOTHING_ROUNDS = 3


def power(growth: int, exponent: int) -> int:
    """A fraction (``FRACTION`` as one) to a whole power, by squaring."""
    result = FRACTION
    while exponent:
        if exponent & 1:
            result = result * growth >> FRACTION_BITS
        exponent >>= 1
        if exponent:
            growth = growth * growth >> FRACTION_BITS
    return result


def level_installment(balance: int, factors: Sequence[int], rounder: Rounder, left: int = 0) -> int:
    """The level installment, in minor units, that brings ``balance`` to ``left`` after the last period."""
    first = factors[0]
    if first and factors.count(first) == len(factors):
        # the usual annuity: P r (1 + r)^n / ((1 + r)^n - 1)
        grown = power(FRACTION + first, len(factors))
        return rounder((balance * grown - (left << FRACTION_BITS)) * first, (grown - FRACTION) << FRACTION_BITS)
    product = FRACTION + first
    divisor = FRACTION
    for factor in factors[1:]:
        growth = FRACTION + factor
        product = product * growth >> FRACTION_BITS
        divisor = FRACTION + (divisor * growth >> FRACTION_BITS)
    return rounder(balance * product - (left << FRACTION_BITS), divisor)


def in_multiples(amount: int, multiple: int, rounder: Rounder) -> int:
    """The amount in multiples of so many minor units, unless that would make it nothing."""
    if multiple <= 1:
        return amount
    return rounder(amount, multiple) * multiple or amount


def smoothed(
    installment: int,
    difference: int,
    count: int,
    minor_per_major: int,
    rounder: Rounder,
    multiple: int,
    difference_with: Callable[[int], int],
) -> int:
    """The installment after smoothing; ``difference_with(E)`` gives last - E for another installment E."""
    half = count // 2
    for _ in range(SMOOTHING_ROUNDS):
        if half <= 0 or difference == 0 or abs(difference) * 100 <= half * minor_per_major:
            break
        tried = in_multiples(installment + rounder(difference, count), multiple, rounder)
        if tried == installment:
            break
        after = difference_with(tried)
        if abs(after) >= abs(difference):
            break
        installment, difference = tried, after
    return installment
