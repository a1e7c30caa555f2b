"""The rate that makes what was lent worth what is paid back.

Every yearly rate of this package is a root of one equation, the *present value* of dated amounts:

    f(delta) = sum of a_k x exp(-delta x t_k) = 0

a_k is an amount, positive when the customer receives it and negative when the customer pays it; t_k is the time
since the first flow, in whatever unit the convention at hand counts (periods, years of 365 days, equal months); and
delta = ln(1 + i) is the force of interest, which makes the search range of i, from -100 % to any height, an even line.

A loan as people know it (money out, then money in) has exactly one root. Money that changes direction several times
may have none or several; then no rate can honestly be named, and `RateUndefined` says why.

Example: 1,000 out, 1,200 back 546 days later, years of 365 days: delta = ln(1.2) x 365 / 546 = 0.121881,
i = exp(delta) - 1 = 12.96 % (first example of Annex III of Directive 98/7/EC).

Only rates are computed in binary floating point here; no amount of money ever is.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

HIGHEST_PERCENT = 1e12  # beyond it a percentage informs nobody, and the figures lose their digits
LOWEST_FORCE, HIGHEST_FORCE = -20.0, 64.0
STORED_PLACES = Decimal("0.00000001")


class RateKind(StrEnum):
    """Which yearly rate a figure is; a rate is never shown without it."""

    IRR_NOMINAL = "irr_nominal"
    IRR_EFFECTIVE = "irr_effective"
    XIRR = "xirr"
    APR_US = "apr_us_appendix_j"
    APRC_EU = "aprc_eu"
    SIMPLE = "simple"
    FLAT = "flat"
    CONTRACT_NOMINAL = "contract_nominal"


class RateUndefined(ValueError):
    """No yearly rate can be named for these flows; `reason` is a stable code, the text says what is missing.

    Reasons: no_flows, one_direction, no_time, no_root, several_roots, too_high, too_low, not_finite, bad_period.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CashFlow:
    """An amount in currency units on a day: positive is received by the customer, negative is paid by them."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class AnnualRate:
    """A yearly rate in percent that says which it is and how it was found."""

    kind: RateKind
    percent: Decimal
    method: str

    def rounded(self, places: int = 2) -> Decimal:
        """The percentage to so many decimals, halves upward (as Directive 2008/48/EC, Annex I, remark d)."""
        return self.percent.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)

    def __str__(self) -> str:
        return f"{self.rounded()} % ({self.kind})"


@dataclass(frozen=True, slots=True)
class TimedFlow:
    """An amount and its distance from the first flow, counted in the unit of the rate that is sought."""

    time: float
    amount: float


def annual_rate(kind: RateKind, rate: float, method: str) -> AnnualRate:
    """Wrap a yearly rate given as a fraction (0.12) into the percent that is shown (12.00000000)."""
    if not math.isfinite(rate):
        raise RateUndefined("not_finite", "The rate is not a finite number.")
    if rate * 100 > HIGHEST_PERCENT:
        raise RateUndefined("too_high", f"The rate exceeds {HIGHEST_PERCENT:.0e} percent a year and cannot be shown.")
    return AnnualRate(kind, Decimal(repr(rate * 100)).quantize(STORED_PLACES, rounding=ROUND_HALF_UP), method)


def check_flows(amounts: Sequence[Decimal], times: Sequence[float]) -> None:
    """Refuse flows that cannot have a rate: empty, all in one direction, or all at one moment."""
    if not amounts or not any(amounts):
        raise RateUndefined("no_flows", "There are no cash flows.")
    if all(a >= 0 for a in amounts) or all(a <= 0 for a in amounts):
        raise RateUndefined("one_direction", "Money flows in one direction only, so there is no rate.")
    moments = {t for a, t in zip(amounts, times, strict=True) if a}
    if len(moments) < 2:
        raise RateUndefined("no_time", "All money moves at the same moment, so no time passes to bear a rate.")


def force_of_interest(flows: Sequence[TimedFlow]) -> float:
    """The one delta with sum(a x exp(-delta x t)) = 0; raises `RateUndefined` for none or several."""
    span = max(flow.time for flow in flows) or 1.0
    scale = max(abs(flow.amount) for flow in flows)
    pairs = [(flow.time / span, flow.amount / scale) for flow in flows if flow.amount]

    def value(force: float) -> float:
        return _damped_sum(pairs, force)

    # Scaled to the whole span, a root of a real loan lies within a few units of zero; yearly limits are kept as well.
    low, high = max(LOWEST_FORCE * span, -600.0), min(HIGHEST_FORCE * span, 600.0)
    brackets = sign_changes(value, low, high, only_first=_turns_once(pairs))
    if not brackets and _turns_once(pairs):
        too_high = value(0.0) * max(pairs)[1] > 0
        reason, word = ("too_high", "high") if too_high else ("too_low", "close to -100 %")
        raise RateUndefined(reason, f"The rate is too {word} to be shown.")
    if not brackets:
        raise RateUndefined("no_root", "No rate makes these flows worth the same.")
    if len(brackets) > 1:
        raise RateUndefined("several_roots", "Several rates fit these flows, so none of them can be named alone.")
    return bracketed_root(value, *brackets[0]) / span


def _damped_sum(pairs: Sequence[tuple[float, float]], force: float) -> float:
    """The present value times a positive factor: same sign, same roots, no overflow for a very negative force."""
    shift = -force if force < 0 else 0.0
    return math.fsum([amount * math.exp(-force * time - shift) for time, amount in pairs])


def _turns_once(pairs: Sequence[tuple[float, float]]) -> bool:
    """One change of direction in order of time: by Descartes' rule of signs there is one root at most."""
    signs = [amount > 0 for _, amount in sorted(pairs)]
    return sum(a != b for a, b in itertools.pairwise(signs)) == 1


def sign_changes(
    value: Callable[[float], float], low: float, high: float, *, only_first: bool
) -> list[tuple[float, float]]:
    """Intervals in which `value` changes sign, walking outward from zero in steps that grow with the distance.

    `only_first` stops at the first one, for flows that are known to have no second root.
    """
    found: list[tuple[float, float]] = []
    at_zero = value(0.0)
    if abs(at_zero) < 1e-15:
        return [(0.0, 0.0)]
    for limit in (high, low):
        step, here, before = math.copysign(0.02, limit), 0.0, at_zero
        while here != limit:
            there = here + step
            if abs(there) > abs(limit):
                there = limit
            after = value(there)
            if (before > 0) != (after > 0):
                found.append((min(here, there), max(here, there)))
                if only_first:
                    return found
            here, before, step = there, after, step * 1.1
    return found


def bracketed_root(value: Callable[[float], float], left: float, right: float) -> float:
    """A root inside [left, right] by secant steps kept inside the bracket (the Illinois rule), to double precision."""
    if left == right:
        return left
    at_left, at_right = value(left), value(right)
    for _ in range(200):
        middle = right - at_right * (right - left) / (at_right - at_left)
        if not left < middle < right:
            middle = (left + right) / 2
        at_middle = value(middle)
        if at_middle == 0 or right - left < 1e-15 * max(1.0, abs(middle)):
            return middle
        if (at_middle > 0) == (at_right > 0):
            right, at_right, at_left = middle, at_middle, at_left / 2
        else:
            left, at_left, at_right = middle, at_middle, at_right / 2
    return (left + right) / 2
