"""Money as integers of the minor unit, rounding, and splitting without losing a unit.

Inside the engine an amount is an ``int`` of minor units (fen, cents): additions are exact and cheap,
nothing has a hidden exponent, and 10**13 units fit as easily as one. At the edges an amount is a
``Decimal`` in major units quantized to the currency's decimals.

=========  ========  =====================
currency   decimals  10.00 in minor units
=========  ========  =====================
JPY        0         10
CNY, EUR   2         1000
KWD, TND   3         10000
=========  ========  =====================

Rounding happens once for each *stored* amount and only there. A fraction ``n / d`` is rounded by
``ROUNDERS[mode](n, d)``; with ``n / d = 2.5`` the modes give

=========  ====  =====  ================================
mode       2.5   -2.5   used for
=========  ====  =====  ================================
half_even  2     -2     IEEE 754, the default of most ledgers
half_up    3     -3     what people learn at school; away from zero
half_down  2     -2
up         3     -3     away from zero
down       2     -2     towards zero
=========  ====  =====  ================================

Source: ISO 4217 for the decimals; IEEE 754-2008 section 4.3 for the names.
"""

from collections.abc import Callable, Sequence
from decimal import Context, Decimal

Rounder = Callable[[int, int], int]

#: One unit of the last place for each number of decimals.
QUANTA: tuple[Decimal, ...] = tuple(Decimal(1).scaleb(-places) for places in range(5))

#: Currencies without a minor unit, and those with a thousandth; all others have two decimals (ISO 4217).
WITHOUT_DECIMALS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
WITH_THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))

#: Wide enough for every amount; never the caller's ambient context, which may be anything.
EXACT = Context(prec=60)


def round_half_even(numerator: int, denominator: int) -> int:
    """Nearest integer to a fraction with a positive denominator, ties to the even one."""
    quotient, rest = divmod(numerator, denominator)
    twice = rest + rest
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


def round_half_up(numerator: int, denominator: int) -> int:
    """Nearest integer, ties away from zero."""
    quotient, rest = divmod(numerator, denominator)
    twice = rest + rest
    if twice > denominator or (twice == denominator and numerator >= 0):
        return quotient + 1
    return quotient


def round_half_down(numerator: int, denominator: int) -> int:
    """Nearest integer, ties towards zero."""
    quotient, rest = divmod(numerator, denominator)
    twice = rest + rest
    if twice > denominator or (twice == denominator and numerator < 0):
        return quotient + 1
    return quotient


def round_up(numerator: int, denominator: int) -> int:
    """Away from zero."""
    quotient, rest = divmod(numerator, denominator)
    return quotient + 1 if rest and numerator > 0 else quotient


def round_down(numerator: int, denominator: int) -> int:
    """Towards zero."""
    quotient, rest = divmod(numerator, denominator)
    return quotient + 1 if rest and numerator < 0 else quotient


ROUNDERS: dict[str, Rounder] = {
    "half_even": round_half_even,
    "half_up": round_half_up,
    "half_down": round_half_down,
    "up": round_up,
    "down": round_down,
}


def rounder_to_multiples(mode: str, multiple: int) -> Rounder:
    """A rounder whose results are multiples of ``multiple`` minor units (1 for plain rounding)."""
    plain = ROUNDERS[mode]
    if multiple <= 1:
        return plain

    def rounded(numerator: int, denominator: int) -> int:
        return plain(numerator, denominator * multiple) * multiple

    return rounded


def decimals_of(currency: str) -> int:
    """Decimals of a currency by its ISO 4217 code: 0, 3, or the usual 2."""
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in WITH_THREE_DECIMALS else 2


def to_minor(amount: Decimal, decimals: int) -> int:
    """Integer minor units of an exact amount; ``ValueError`` when it has more decimals than the currency."""
    if not amount.is_finite():
        raise ValueError(f"{amount} is not an amount of money")
    scaled = EXACT.scaleb(amount, decimals)
    minor = int(scaled)
    if minor != scaled:
        raise ValueError(f"{amount} has more than {decimals} decimals")
    return minor


def from_minor(minor: int, decimals: int) -> Decimal:
    """The amount in major units, quantized to the currency's decimals: ``from_minor(5, 2)`` is ``0.05``."""
    return EXACT.multiply(minor, QUANTA[decimals])


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split minor units in proportion to weights so that the parts add up to the total exactly.

    Each part is rounded down and the units left over go one each to the largest remainders, the first
    of equals first (the method of Hare). ``split(100, [1, 1, 1])`` is ``[34, 33, 33]``.
    """
    if total < 0:
        return [-part for part in split(-total, weights)]
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are non-negative and not all zero")
    parts = []
    remainders = []
    for index, weight in enumerate(weights):
        part, rest = divmod(total * weight, whole)
        parts.append(part)
        remainders.append((-rest, index))
    left = total - sum(parts)
    for _, index in sorted(remainders)[:left]:
        parts[index] += 1
    return parts
