"""Exact rounding of whole arrays: interest of one period over many loans, to the same unit as `schedule.plan`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Period(NamedTuple):
    """The exact factor of a loan with rate number n is n x `numerator` / `denominator`."""

    numerator: int
    denominator: int


def round_ratio(numerators: Ints, denominator: int, half_even: bool) -> Ints:
    """Integers nearest to numerators over one denominator; ties away from zero, or to even."""
    doubled = 2 * np.abs(numerators) + denominator
    nearest = doubled // (2 * denominator)
    if half_even:
        nearest -= (nearest * (2 * denominator) == doubled) & (nearest & 1 == 1)
    return nearest * np.sign(numerators)


class Accrual:
    """Interest of a whole block, period by period: round(balance x N / D), N the loan's rate times the period's share.

    (2 x balance x N + D) div 2D rounds halves upward. A half is met where that division leaves nothing, which takes an
    even D; to even it then goes by one less where the quotient is odd.
    """

    __slots__ = ("half_even", "product", "rates", "rest", "scaled")

    def __init__(self, rates: Ints, half_even: bool) -> None:
        self.half_even = half_even
        same = rates.size > 0 and bool((rates == rates[0]).all())
        self.rates: Ints | int = int(rates[0]) if same else rates
        self.product, self.rest = np.empty_like(rates), np.empty_like(rates)
        self.scaled: dict[int, Ints | int] = {}

    def into(self, out: Ints, balance: Ints, period: Period) -> None:
        """out = round(balance x factor)"""
        numerator, denominator = period
        scaled = self.scaled.get(numerator)
        if scaled is None:
            scaled = self.scaled[numerator] = self.rates * (2 * numerator)
        product = np.multiply(balance, scaled, out=self.product)
        product += denominator
        # Nothing is negative here, and unsigned division is the faster one.
        np.floor_divide(product.view(np.uint64), np.uint64(2 * denominator), out=out.view(np.uint64))
        if not self.half_even or denominator % 2:
            return
        product -= np.multiply(out, 2 * denominator, out=self.rest)
        if np.count_nonzero(product) < product.size:
            out -= (product == 0) & (out & 1 == 1)
