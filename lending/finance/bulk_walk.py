"""The arrays behind `bulk.plan_many`; see there for the arithmetic. NumPy is imported with this module only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lending.finance.amortization import SMOOTHING_ROUNDS, level_installment
from lending.finance.bulk import MICROS_PER_PERCENT, ManyPlans
from lending.finance.bulk_accrual import Accrual, Flags, Ints, Period, round_ratio
from lending.finance.day_count import FRACTION, DayCounter, Rate, rate_of
from lending.finance.due_dates import DuePlan, due_plan
from lending.finance.money import EXACT, ROUNDERS, from_minor, round_half_even, to_minor
from lending.finance.schedule import plan
from lending.finance.terms import Terms

BLOCK_LOANS = 8192
LARGEST_PRODUCT = float(2**62)
LARGEST_SHARE_DENOMINATOR = 10**9


class Kind(NamedTuple):
    """What all loans of one call share."""

    terms: Terms
    periods: list[Period]
    level_periods: list[Period]
    grace: int
    level_from: int
    deferred: int
    half_even: bool
    installment_multiple: int
    smooths: bool


class Block(NamedTuple):
    """Loans that are walked together: what is amortised, and the rate of each as a whole number."""

    principals: Ints
    rates: Ints


def walk_all(
    terms: Terms, principals_minor: Sequence[int] | Ints, percent_micros: Sequence[int] | Ints | None
) -> ManyPlans:
    """See `bulk.plan_many`."""
    amounts = np.asarray(principals_minor, dtype=np.int64)
    micros = _micros(terms, amounts.shape, percent_micros)
    if amounts.ndim != 1 or micros.shape != amounts.shape:
        raise ValueError("Principals and rates are two lists of the same length.")
    if amounts.size and (int(amounts.min()) <= 0 or int(micros.min()) < 0):
        raise ValueError("Principals are above zero and rates not below it.")
    dates = due_plan(terms.repayment, terms.starts_on)
    shape = (len(dates.spans), amounts.size)
    principals, interests = np.empty(shape, np.int64), np.empty(shape, np.int64)
    down = np.zeros(amounts.size, np.int64)
    alone = np.ones(amounts.size, np.bool_)
    if is_known(terms) and amounts.size:
        step = max(1, int(np.gcd.reduce(micros)))
        kind = kind_of(terms, dates, step)
        down = _down_payments(terms, amounts, kind)
        alone = ~_fits(kind, amounts, micros // step)
        for start in range(0, amounts.size, BLOCK_LOANS):
            part = slice(start, start + BLOCK_LOANS)
            block = Block((amounts - down)[part], micros[part] // step)
            # Loans that do not fit are walked along with a principal of nothing, and planned alone afterwards.
            block = block._replace(principals=np.where(alone[part], 0, block.principals))
            alone[part] |= walk_block(kind, block, principals[:, part], interests[:, part])
    for place in np.flatnonzero(alone).tolist():
        _plan_alone(terms, place, amounts, micros, down, principals, interests)
    due_on: tuple[date, ...] = tuple(span.due for span in dates.spans)
    return ManyPlans(terms.starts_on, due_on, down, principals, interests)


def is_known(terms: Terms) -> bool:
    """Whether the array walk covers these terms."""
    repayment, rounding = terms.repayment, terms.rounding
    plain_rate = not terms.rate.steps and terms.rate.floating is None
    plain_shape = repayment.method != "steps" and repayment.principal_percent_per_installment is None
    plain_shape = plain_shape and repayment.balloon_percent is None
    return plain_rate and plain_shape and rounding.mode in ("half_even", "half_up") and not rounding.amount_multiple


def kind_of(terms: Terms, dates: DuePlan, step_micros: int) -> Kind:
    """The periods' exact factors and the shape, for rates counted in steps of so many millionths of a percent."""
    repayment = terms.repayment
    count = len(dates.spans)
    grace = min(repayment.principal_grace, count - 1)
    level = repayment.method in ("equal_installment", "staged")
    whole = terms.rounding.installment_multiple
    periods = exact_periods(terms, dates, step_micros, nominal=False)
    return Kind(
        terms=terms,
        periods=periods,
        level_periods=exact_periods(terms, dates, step_micros, nominal=True) if dates.moved else periods,
        grace=grace,
        level_from=grace if level else count,
        deferred=repayment.grace.interest,
        half_even=terms.rounding.mode == "half_even",
        installment_multiple=0 if whole is None else to_minor(whole, terms.decimals),
        smooths=terms.rounding.smooth_last_installment and not dates.moved,
    )


def exact_periods(terms: Terms, dates: DuePlan, step_micros: int, *, nominal: bool) -> list[Period]:
    """Each period's share of the rate as a small exact fraction, found from the many digits of its factor."""
    counter = DayCounter(terms.interest, terms.repayment)
    unit = rate_of(Decimal(1), terms.rate.per, terms.repayment)
    rate = Fraction(unit.numerator * step_micros, unit.denominator * MICROS_PER_PERCENT)
    free = terms.repayment.grace.interest_free
    found: list[Period] = []
    for place, span in enumerate(dates.spans):
        factor = counter.factor(Rate(1, 1, unit.by_day), span.start, span.due, span, nominal)
        share = (
            Fraction(factor, FRACTION).limit_denominator(LARGEST_SHARE_DENOMINATOR) if place >= free else Fraction(0)
        )
        found.append(Period(*(rate * share).as_integer_ratio()))
    return found


def _fits(kind: Kind, amounts: Ints, rates: Ints) -> Flags:
    """Loans whose products stay within 63 bits; floats suffice to compare with so round a limit."""
    scaled = amounts.astype(np.float64) * np.maximum(rates, 1)
    product = scaled * max(1.0, max(2.0 * period.numerator for period in kind.periods))
    interest = scaled * max(period.numerator / period.denominator for period in kind.periods) + amounts
    largest = 2.0 * max(period.denominator for period in kind.periods)
    fits: Flags = (product + largest < LARGEST_PRODUCT) & (interest * len(kind.periods) < LARGEST_PRODUCT)
    return fits


def walk_block(kind: Kind, block: Block, principals: Ints, interests: Ints) -> Flags:
    """Fill the rows of a block; says which loans must be planned alone after all."""
    alone = np.zeros(block.principals.size, np.bool_)
    if kind.terms.interest.method == "flat":
        _walk_flat(kind, block, principals, interests)
        return alone
    count = len(kind.periods) - kind.level_from
    level = level_installments(kind, block) if count > 1 else np.zeros_like(block.principals)
    if not (kind.smooths and count > 1):
        _walk(kind, block, level, kind.deferred, principals, interests)
        return alone
    _walk(kind, block, level, 0, principals, interests)
    changed = _smooth(kind, block, level, principals, interests, alone)
    if kind.deferred:
        _walk(kind, block, level, kind.deferred, principals, interests)
    elif changed.size:
        again, rows = _taken(block, changed), np.empty((2, len(kind.periods), changed.size), np.int64)
        _walk(kind, again, level[changed], 0, rows[0], rows[1])
        principals[:, changed], interests[:, changed] = rows
    return alone


def level_installments(kind: Kind, block: Block) -> Ints:
    """The rounded level installment of each loan, exact: floats decide where they can, integers where they cannot."""
    periods = kind.level_periods[kind.level_from :]
    value = np.ones(block.rates.size)
    worth = np.zeros(block.rates.size)
    discounts = {period: 1.0 / (1.0 + block.rates * (period.numerator / period.denominator)) for period in set(periods)}
    for period in periods:
        value *= discounts[period]
        worth += value
    unrounded = block.principals / worth
    level = np.floor(unrounded + 0.5).astype(np.int64)
    doubt = unrounded * ((len(periods) + 8) * 4e-16) + 1e-9
    unsure = np.abs(unrounded + 0.5 - np.rint(unrounded + 0.5)) <= doubt
    free = (block.rates == 0) & unsure
    if free.any():
        level[free] = round_ratio(block.principals[free], len(periods), kind.half_even)
    rounder = ROUNDERS[kind.terms.rounding.mode]
    for place in np.flatnonzero(unsure & ~free).tolist():
        rate = int(block.rates[place])
        factors = [round_half_even(rate * p.numerator * FRACTION, p.denominator) for p in periods]
        level[place] = level_installment(int(block.principals[place]), factors, rounder)
    return _in_multiples(level, kind)


def _in_multiples(amounts: Ints, kind: Kind) -> Ints:
    if kind.installment_multiple <= 1:
        return amounts
    whole = round_ratio(amounts, kind.installment_multiple, kind.half_even) * kind.installment_multiple
    return np.where(whole == 0, amounts, whole)


def _walk(kind: Kind, block: Block, level: Ints, deferred: int, principals: Ints, interests: Ints) -> None:
    """Go through the periods of declining loans: accrue, pay, and leave the rest to the last one."""
    accrual = Accrual(block.rates, kind.half_even)
    balance = block.principals.copy()
    carried = np.zeros_like(balance)
    may_carry = deferred > 0 or _outgrows(kind, block, level)
    last = len(kind.periods) - 1
    fixed = _fixed_principals(kind, block)
    for place, period in enumerate(kind.periods):
        principal, interest = principals[place], interests[place]
        accrual.into(interest, balance, period)
        if place == last:
            interest += carried
            principal[:] = balance
        elif place < deferred:
            own = fixed[place] if place < kind.level_from else np.maximum(level - interest, 0)
            np.minimum(own, balance, out=principal)
            carried += interest
            interest[:] = 0
        elif place < kind.level_from:
            interest += carried
            carried[:] = 0
            np.minimum(fixed[place], balance, out=principal)
        elif may_carry:
            _pay_level_and_carry(level + carried if place == deferred else level, balance, carried, principal, interest)
        else:
            np.subtract(level, interest, out=principal)
            np.minimum(principal, balance, out=principal)
        balance -= principal


def _pay_level_and_carry(room: Ints, balance: Ints, carried: Ints, principal: Ints, interest: Ints) -> None:
    """Interest beyond the installment waits for the next one."""
    owed = interest + carried
    np.minimum(owed, room, out=interest)
    np.subtract(owed, interest, out=carried)
    np.minimum(room - interest, balance, out=principal)


def _outgrows(kind: Kind, block: Block, level: Ints) -> bool:
    """Might a period's interest exceed the level installment? Judged on the whole principal, which is the most."""
    highest = max(period.numerator / period.denominator for period in kind.periods)
    return bool((block.principals * (block.rates * highest) + 1 > level).any())


def _fixed_principals(kind: Kind, block: Block) -> list[Ints]:
    """Principal of the installments before the level part: nothing, or equal shares after the grace."""
    nothing = np.zeros_like(block.principals)
    shares = len(kind.periods) - kind.grace
    if kind.terms.repayment.method != "equal_principal":
        return [nothing] * kind.level_from
    return [nothing] * kind.grace + [round_ratio(block.principals, shares, kind.half_even)] * shares


def _smooth(kind: Kind, block: Block, level: Ints, principals: Ints, interests: Ints, alone: Flags) -> NDArray[np.intp]:
    """Try the installments that `amortization.smoothed` tries; changes `level` and says where it did."""
    count = len(kind.periods) - kind.level_from
    limit, minor = count // 2, 10**kind.terms.decimals
    first = level.copy()
    totals = principals[-2:] + interests[-2:]
    difference = totals[1] - totals[0]
    # A plan that ends early is judged by its last two installments that are something: one by one, it is rare.
    alone |= (totals == 0).any(axis=0)
    moving = np.flatnonzero((np.abs(difference) * 100 > limit * minor) & ~alone) if limit else np.empty(0, np.intp)
    for _ in range(SMOOTHING_ROUNDS):
        if not moving.size:
            break
        tried = _in_multiples(level[moving] + round_ratio(difference[moving], count, kind.half_even), kind)
        rows = np.empty((2, len(kind.periods), moving.size), np.int64)
        _walk(kind, _taken(block, moving), tried, 0, rows[0], rows[1])
        ends = rows[:, -2:].sum(axis=0)
        alone[moving[(ends == 0).any(axis=0)]] = True
        after = ends[1] - ends[0]
        better = (tried != level[moving]) & (np.abs(after) < np.abs(difference[moving]))
        moving, after, tried = moving[better], after[better], tried[better]
        level[moving], difference[moving] = tried, after
        moving = moving[(np.abs(after) * 100 > limit * minor) & ~alone[moving]]
    return np.flatnonzero(level != first)


def _taken(block: Block, places: NDArray[np.intp]) -> Block:
    return Block(block.principals[places], block.rates[places])


def _walk_flat(kind: Kind, block: Block, principals: Ints, interests: Ints) -> None:
    """Interest on the whole principal in each period; level installments share principal and interest evenly."""
    accrual = Accrual(block.rates, kind.half_even)
    for place, period in enumerate(kind.periods):
        accrual.into(interests[place], block.principals, period)
    count = len(kind.periods) - kind.level_from
    level = np.zeros_like(block.principals)
    if count:
        owed = block.principals + interests[kind.level_from :].sum(axis=0)
        level = _in_multiples(round_ratio(owed, count, kind.half_even), kind)
    balance, carried = block.principals.copy(), np.zeros_like(level)
    fixed = _fixed_principals(kind, block)
    for place in range(len(kind.periods) - 1):
        principal, interest = principals[place], interests[place]
        if place < kind.deferred:
            own = fixed[place] if place < kind.level_from else np.maximum(level - interest, 0)
            np.minimum(own, balance, out=principal)
            carried += interest
            interest[:] = 0
        elif place < kind.level_from:
            interest += carried
            carried[:] = 0
            np.minimum(fixed[place], balance, out=principal)
        else:
            room = level + carried if place == kind.deferred else level
            _pay_level_and_carry(room, balance, carried, principal, interest)
        balance -= principal
    principals[-1] = balance
    interests[-1] += carried


def _down_payments(terms: Terms, amounts: Ints, kind: Kind) -> Ints:
    """The part of each principal that is due at once."""
    percent = terms.repayment.down_payment_percent
    if not percent:
        return np.zeros_like(amounts)
    numerator, denominator = EXACT.divide(percent, 100).as_integer_ratio()
    reduced = gcd(numerator, denominator)
    numerator, denominator = numerator // reduced, denominator // reduced
    rounder = ROUNDERS[terms.rounding.mode]
    part = np.array([rounder(amount * numerator, denominator) for amount in amounts.tolist()], np.int64)
    return np.minimum(amounts, _in_multiples(part, kind))


def _micros(terms: Terms, shape: tuple[int, ...], given: Sequence[int] | Ints | None) -> Ints:
    if given is not None:
        return np.asarray(given, dtype=np.int64)
    micros = terms.rate.percent * MICROS_PER_PERCENT
    if micros != int(micros):
        raise ValueError("Rates have at most six decimals here.")
    return np.full(shape, int(micros), np.int64)


def _plan_alone(
    terms: Terms, place: int, amounts: Ints, micros: Ints, down: Ints, principals: Ints, interests: Ints
) -> None:
    """One loan by `plan`, into its column."""
    percent = Decimal(int(micros[place])) / MICROS_PER_PERCENT
    own = replace(
        terms, principal=from_minor(int(amounts[place]), terms.decimals), rate=replace(terms.rate, percent=percent)
    )
    rows = plan(own).installments
    regular = [row for row in rows if row.kind != "down_payment"]
    down[place] = sum(to_minor(row.principal, terms.decimals) for row in rows if row.kind == "down_payment")
    principals[:, place] = [to_minor(row.principal, terms.decimals) for row in regular]
    interests[:, place] = [to_minor(row.interest, terms.decimals) for row in regular]
