"""The plan of a loan: its installments before anything has happened to it.

``plan(terms)`` is the schedule as if the whole principal were paid out on ``starts_on``.

50,000 from 2026-02-01, five monthly installments of equal principal, 0.05 % a day by actual days:

==========  =====  =========  ========  =========  =========
due         days   principal  interest  total      balance
==========  =====  =========  ========  =========  =========
2026-03-01  28     10,000.00    700.00  10,700.00  40,000.00
2026-04-01  31     10,000.00    620.00  10,620.00  30,000.00
2026-05-01  30     10,000.00    450.00  10,450.00  20,000.00
2026-06-01  31     10,000.00    310.00  10,310.00  10,000.00
2026-07-01  30     10,000.00    150.00  10,150.00       0.00
==========  =====  =========  ========  =========  =========

Declining balance: interest_k = round(balance x factor_k). Flat: interest on the whole principal in every
period, installment = round((principal + all interest) / n), the last takes the remainder: 12,000 in 12 at
flat 0.8 % a month is 1,096.00 each. Interest above the level installment is carried to the next period,
never compounded; so is interest of grace periods.
"""

from itertools import accumulate, repeat
from typing import NamedTuple

from lending.finance.amortization import in_multiples, level_installment, smoothed
from lending.finance.day_count import FRACTION, FRACTION_BITS, GRAIN_BITS, DayCounter, Rate, in_minor, rate_of
from lending.finance.due_dates import DuePlan, due_plan
from lending.finance.installments import Installment, Schedule
from lending.finance.money import EXACT, QUANTA, Rounder, round_half_even, round_half_up, rounder_to_multiples, to_minor
from lending.finance.shapes import Shape, shape_of
from lending.finance.terms import Terms

__all__ = ["Installment", "Rows", "Schedule", "plan", "plan_rows"]


class Rows(NamedTuple):
    """Principal and interest of each regular period, in minor units."""

    principals: list[int]
    interests: list[int]


class Rules(NamedTuple):
    """What planning needs of the terms, worked out once."""

    rounder: Rounder
    installment_multiple: int
    minor_per_major: int
    smooth: bool


FRACTION_MASK = FRACTION - 1
TIE = 1 << (GRAIN_BITS + 1)
#: Half a unit, and the hair within which a half counts as exactly a half.
NEARLY_HALF = (FRACTION >> 1) + (TIE >> 1)
TIES_UP: dict[Rounder, bool] = {round_half_up: True, round_half_even: False}


def rules_of(terms: Terms) -> Rules:
    rounding = terms.rounding
    multiple = 0 if rounding.amount_multiple is None else to_minor(rounding.amount_multiple, terms.decimals)
    whole = 0 if rounding.installment_multiple is None else to_minor(rounding.installment_multiple, terms.decimals)
    rounder = rounder_to_multiples(rounding.mode, multiple)
    return Rules(rounder, whole, 10**terms.decimals, rounding.smooth_last_installment)


def down_payment(terms: Terms, rules: Rules, amount: int) -> int:
    """The part of a disbursement that is due at once."""
    percent = terms.repayment.down_payment_percent
    if not percent:
        return 0
    numerator, denominator = EXACT.divide(percent, 100).as_integer_ratio()
    part = rules.rounder(amount * numerator, denominator)
    return min(amount, in_multiples(part, rules.installment_multiple, rules.rounder))


def plan(terms: Terms) -> Schedule:
    """The schedule as if disbursed in full on ``starts_on``; pure, and quick enough to quote with."""
    if terms.rate.steps or terms.rate.floating is not None:
        from lending.finance.replay import planned_by_replay  # the rates change on the way: walk them

        return planned_by_replay(terms)
    rules = rules_of(terms)
    whole = terms.principal_minor
    at_once = down_payment(terms, rules, whole)
    dates = due_plan(terms.repayment, terms.starts_on)
    rows = plan_rows(terms, rules, dates, whole - at_once)
    return _as_schedule(terms, dates, at_once, whole, rows)


def plan_rows(terms: Terms, rules: Rules, dates: DuePlan, balance: int) -> Rows:
    """Principal and interest of every regular period for a balance that is out from the start."""
    repayment = terms.repayment
    counter = DayCounter(terms.interest, repayment)
    rate = rate_of(terms.rate.percent, terms.rate.per, repayment)
    factors = _factors(counter, rate, dates, nominal=False)
    level_factors = _factors(counter, rate, dates, nominal=True) if dates.moved else factors
    free = min(repayment.grace.interest_free, len(factors))
    if free:
        factors = [0] * free + factors[free:]
        level_factors = [0] * free + level_factors[free:]
    if repayment.is_level and terms.interest.method == "declining":
        shape = Shape([], [], 0)
    else:
        shape = shape_of(repayment, 0, len(factors), balance, terms.decimals, rules.rounder)
    if terms.interest.method == "flat":
        return _flat_rows(balance, factors, shape, rules, repayment.grace.interest)
    return _declining_rows(balance, factors, level_factors, shape, rules, repayment.grace.interest, dates.moved)


def _factors(counter: DayCounter, rate: Rate, dates: DuePlan, nominal: bool) -> list[int]:
    """The factor of each whole period; those of equal length are computed once."""
    if dates.is_whole and (counter.by_period or (counter.thirty and (counter.year_days or rate.by_day))):
        span = dates.spans[0]
        return [counter.factor(rate, span.start, span.due, span, nominal)] * len(dates.spans)
    known: dict[object, int] = {}
    factors = []
    by_length = bool(counter.year_days) or rate.by_day
    for span in dates.spans:
        days = span.due.toordinal() - span.start.toordinal()
        key: object = span
        if counter.by_period or (counter.thirty and by_length):
            key = (span.steps, days > 0)
        elif by_length and not counter.day_count.endswith("e/360") and not counter.day_count.endswith("u/360"):
            key = days
        factor = known.get(key)
        if factor is None:
            factor = known[key] = counter.factor(rate, span.start, span.due, span, nominal)
        factors.append(factor)
    return factors


def _declining_rows(
    balance: int,
    factors: list[int],
    level_factors: list[int],
    shape: Shape,
    rules: Rules,
    deferred: int,
    moved: bool,
) -> Rows:
    level_from = shape.level_from
    count = len(factors) - level_from
    if not count:
        return _walk(balance, factors, shape, level_from, 0, deferred, rules.rounder)
    start = _balance_at(balance, factors, shape, level_from, rules.rounder)
    exact = level_installment(start, level_factors[level_from:], rules.rounder, shape.balloon)
    level = in_multiples(exact, rules.installment_multiple, rules.rounder)
    if rules.smooth and not moved and not shape.balloon and count > 1:

        def difference_with(installment: int) -> int:
            rows = _walk(balance, factors, shape, level_from, installment, 0, rules.rounder)
            return last_difference([p + i for p, i in zip(*rows, strict=True)][level_from:])

        level = smoothed(
            level,
            difference_with(level),
            count,
            rules.minor_per_major,
            rules.rounder,
            rules.installment_multiple,
            difference_with,
        )
    return _walk(balance, factors, shape, level_from, level, deferred, rules.rounder)


def last_difference(totals: list[int]) -> int:
    """The last installment that is not nothing, less the one before it."""
    place = len(totals) - 1
    while place > 0 and not (totals[place] and totals[place - 1]):
        place -= 1
    return totals[place] - totals[place - 1] if place > 0 else 0


def _balance_at(balance: int, factors: list[int], shape: Shape, level_from: int, rounder: Rounder) -> int:
    """The balance when the level part begins."""
    if not level_from or (not any(shape.principals[:level_from]) and not any(shape.amounts[:level_from])):
        return balance
    rows = _walk(balance, factors, shape, level_from, 0, 0, rounder)
    return balance - sum(rows.principals[:level_from])


def _walk(
    balance: int,
    factors: list[int],
    shape: Shape,
    level_from: int,
    level: int,
    deferred: int,
    rounder: Rounder,
) -> Rows:
    """Go through the periods: accrue, pay, and leave the rest to the last one.

    ``deferred`` first periods pay no interest; theirs comes on top of the first installment after them.
    """
    ties_up = TIES_UP.get(rounder)
    if ties_up is not None and not deferred and not level_from:
        rows = _walk_level(balance, factors, level, ties_up)
        if rows is not None:
            return rows
    principals: list[int] = []
    interests: list[int] = []
    carried = 0
    last = len(factors) - 1
    for place, factor in enumerate(factors):
        accrued = in_minor(balance * factor, rounder)
        if place == last:
            interest, principal = accrued + carried, balance
        else:
            principal, interest, carried = _one_row(
                balance, accrued, carried, place, shape, level_from, level, deferred
            )
        principals.append(principal)
        interests.append(interest)
        balance -= principal
    return Rows(principals, interests)


def _walk_level(balance: int, factors: list[int], level: int, ties_up: bool) -> Rows | None:
    """The walk of a plain level loan, with the usual roundings written out; None where it is not so plain."""
    interests: list[int] = []
    add = interests.append
    whole = balance
    for factor in factors:
        exact = balance * factor + NEARLY_HALF
        interest = exact >> FRACTION_BITS
        if not ties_up and interest & 1 and exact & FRACTION_MASK < TIE:
            interest -= 1
        add(interest)
        balance -= level - interest
        if interest > level or balance < 0:
            break
    if len(interests) < len(factors):
        return None
    principals = [level - interest for interest in interests]
    principals[-1] = 0
    principals[-1] = whole - sum(principals)
    return Rows(principals, interests)


def _one_row(
    balance: int,
    accrued: int,
    carried: int,
    place: int,
    shape: Shape,
    level_from: int,
    level: int,
    deferred: int,
) -> tuple[int, int, int]:
    """Principal, interest and interest carried on, of one period that is not the last."""
    fixed = shape.principals[place] if place < level_from else None
    amount = shape.amounts[place] if place < level_from else level
    if place < deferred:
        own = fixed if fixed is not None else max(0, (amount or 0) - accrued)
        return min(own, balance), 0, carried + accrued
    if fixed is not None:
        return min(fixed, balance), accrued + carried, 0
    room = (amount or 0) + (carried if place == deferred else 0)
    interest = min(accrued + carried, room)
    return min(room - interest, balance), interest, accrued + carried - interest


def _flat_rows(balance: int, factors: list[int], shape: Shape, rules: Rules, deferred: int) -> Rows:
    """Interest on the whole principal in each period; level installments share principal and interest evenly."""
    accrued = [in_minor(balance * factor, rules.rounder) for factor in factors]
    level_from = shape.level_from
    count = len(factors) - level_from
    level = 0
    if count:
        fixed = sum(principal or 0 for principal in shape.principals[:level_from])
        inside = sum(amount - accrued[n] for n, amount in enumerate(shape.amounts[:level_from]) if amount)
        owed = balance - fixed - inside + sum(accrued[level_from:]) - shape.balloon
        level = in_multiples(rules.rounder(owed, count), rules.installment_multiple, rules.rounder)
    principals: list[int] = []
    interests: list[int] = []
    carried = 0
    for place, own in enumerate(accrued[:-1]):
        principal, interest, carried = _one_row(balance, own, carried, place, shape, level_from, level, deferred)
        principals.append(principal)
        interests.append(interest)
        balance -= principal
    return Rows([*principals, balance], [*interests, accrued[-1] + carried])


def _as_schedule(terms: Terms, dates: DuePlan, at_once: int, whole: int, rows: Rows) -> Schedule:
    """The rows with dates and decimals."""
    quantum = QUANTA[terms.decimals]
    major = EXACT.multiply
    nothing = major(0, quantum)
    principals, interests = rows
    out: list[Installment] = []
    balance = whole - at_once
    if at_once:
        day, part = terms.starts_on, major(at_once, quantum)
        first = (1, day, day, 0, part, nothing, nothing, nothing, part, major(balance, quantum))
        out.append(tuple.__new__(Installment, (*first, *[nothing] * 6, part, None, "down_payment")))
    starts = [span[0] for span in dates.spans]
    dues = [span[1] for span in dates.spans]
    count = len(principals)
    quanta = repeat(quantum)
    shown = list(map(major, principals, quanta))
    totals = list(map(major, map(int.__add__, principals, interests), quanta))
    balances = accumulate(shown, EXACT.subtract, initial=major(balance, quantum))
    next(balances)
    ordinals = [start.toordinal() for start in starts]
    ordinals.append(dues[-1].toordinal())
    # one tuple a row, column by column: a schedule is made by the thousand when quotes are asked for
    columns = zip(
        range(len(out) + 1, len(out) + 1 + count),
        starts,
        dues,
        map(int.__sub__, ordinals[1:], ordinals),
        shown,
        map(major, interests, quanta),
        repeat(nothing),
        repeat(nothing),
        totals,
        balances,
        *[repeat(nothing)] * 6,
        totals,
        repeat(None),
        repeat("regular"),
        strict=False,
    )
    out.extend(map(tuple.__new__, repeat(Installment), columns))
    interest = sum(interests)
    return Schedule(tuple(out), terms.principal, major(interest, quantum), major(whole + interest, quantum))
