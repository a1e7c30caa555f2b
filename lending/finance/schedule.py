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

from decimal import Decimal
from typing import NamedTuple

from lending.finance.amortization import in_multiples, level_installment, smoothed
from lending.finance.day_count import GRAIN, HALF_GRAIN, DayCounter, Rate, in_minor, rate_of
from lending.finance.due_dates import DuePlan, due_plan
from lending.finance.installments import Installment, Schedule
from lending.finance.money import EXACT, QUANTA, Rounder, rounder_to_multiples, to_minor
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
    return _as_schedule(terms, dates, at_once, whole, plan_rows(terms, rules, dates, whole - at_once))


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
    shape = shape_of(repayment, 0, len(factors), balance, terms.decimals, rules.rounder)
    if terms.interest.method == "flat":
        return _flat_rows(balance, factors, shape, rules, repayment.grace.interest)
    return _declining_rows(balance, factors, level_factors, shape, rules, repayment.grace.interest, dates.moved)


def _factors(counter: DayCounter, rate: Rate, dates: DuePlan, nominal: bool) -> list[int]:
    """The factor of each whole period; those of equal length are computed once."""
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
    if not any(shape.principals[:level_from]) and not any(shape.amounts[:level_from]):
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
    principals: list[int] = []
    interests: list[int] = []
    carried = 0
    last = len(factors) - 1
    plain = deferred == 0 and level_from == 0 and level > 0
    for place, factor in enumerate(factors):
        accrued = rounder((balance * factor + HALF_GRAIN) // GRAIN, GRAIN)
        if place == last:
            interest, principal = accrued + carried, balance
        elif plain and not carried and accrued <= level:
            interest = accrued
            principal = level - accrued
            if principal > balance:
                principal = balance
        else:
            principal, interest, carried = _one_row(
                balance, accrued, carried, place, shape, level_from, level, deferred
            )
        principals.append(principal)
        interests.append(interest)
        balance -= principal
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
    out: list[Installment] = []
    balance = whole
    if at_once:
        balance -= at_once
        out.append(
            _row(1, terms.starts_on, terms.starts_on, 0, major(at_once, quantum), nothing, major(at_once, quantum),
                 major(balance, quantum), nothing, "down_payment")
        )
    number = len(out)
    for span, principal, interest in zip(dates.spans, *rows, strict=True):
        number += 1
        balance -= principal
        out.append(
            _row(
                number,
                span.start,
                span.due,
                span.due.toordinal() - span.start.toordinal(),
                major(principal, quantum),
                major(interest, quantum),
                major(principal + interest, quantum),
                major(balance, quantum),
                nothing,
                "regular",
            )
        )
    interest = sum(rows.interests)
    return Schedule(tuple(out), terms.principal, major(interest, quantum), major(whole + interest, quantum))


def _row(
    number: int,
    start: object,
    due: object,
    days: int,
    principal: Decimal,
    interest: Decimal,
    total: Decimal,
    balance: Decimal,
    nothing: Decimal,
    kind: str,
) -> Installment:
    return tuple.__new__(
        Installment,
        (number, start, due, days, principal, interest, nothing, nothing, total, balance, nothing, nothing, nothing,
         nothing, nothing, nothing, total, None, kind),
    )
