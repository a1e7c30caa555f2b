"""Due dates: a start, a step, and what happens where a month is too short.

Every due date is computed from the anchor (the start, or the first due date where that is chosen), never
from the date before it, so that a loan of the 31st returns to the 31st:

==========================  ==========  ==========  ==========  ==========
monthly from 2024-01-31     1           2           3           4
==========================  ==========  ==========  ==========  ==========
clip                        2024-02-29  2024-03-31  2024-04-30  2024-05-31
last_day                    2024-02-29  2024-03-31  2024-04-30  2024-05-31
first_of_next_month         2024-03-01  2024-03-31  2024-05-01  2024-05-31
==========================  ==========  ==========  ==========  ==========

From 2024-02-29 ``clip`` goes on to the 29th of each month, ``last_day`` to the last day of each.

A period is also measured in steps of its unit, because 30-day months count steps and not days: a date one
step after the one before it is exactly 1 step; else whole steps, and a fraction of the next one by days.
From 2024-01-01 to 2024-02-15 are 1 + 14/29 monthly steps.

A due date that was moved later shifts all dates after it; they follow it in the loan's rhythm.
"""

import datetime as dt
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

from lending.finance.china_calendar import china_calendar
from lending.finance.reading import InvalidTerms
from lending.finance.repayment_terms import BusinessDayTerms, RepaymentTerms
from lending.finance.working_days import WEEKDAYS, NoWorkingDay, adjust

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_length(year: int, month: int) -> int:
    """Days of a month, month from 1 to 12."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _LENGTHS[month - 1]


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def months_after(anchor: dt.date, months: int, month_end: str = "clip") -> dt.date:
    """The day so many months after the anchor; see the table above for days that a month lacks."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = month_length(year, month + 1)
    if month_end == "last_day" and anchor.day == month_length(anchor.year, anchor.month):
        return dt.date(year, month + 1, last)
    if anchor.day <= last:
        return dt.date(year, month + 1, anchor.day)
    if month_end == "first_of_next_month":
        return dt.date(year, month + 1, last) + dt.timedelta(1)
    return dt.date(year, month + 1, last)


def half_months_after(anchor: dt.date, steps: int, days: tuple[int, int]) -> dt.date:
    """The ``steps``-th of the two monthly days strictly after the anchor, clipped to short months."""
    month = anchor.year * 12 + anchor.month - 1
    halves = [(month + place // 2, days[place % 2]) for place in range(4)]
    ahead = [pair for pair in halves if _in_month(*pair) > anchor]
    first_month, first_day = ahead[0]
    place = first_month * 2 + days.index(first_day) + steps - 1
    return _in_month(place // 2, days[place % 2])


def _in_month(month: int, day: int) -> dt.date:
    year, zero_based = divmod(month, 12)
    return dt.date(year, zero_based + 1, min(day, month_length(year, zero_based + 1)))


def step_after(anchor: dt.date, steps: int, unit: str, month_end: str = "clip") -> dt.date:
    """The day so many units after the anchor."""
    if unit == "day":
        return anchor + dt.timedelta(steps)
    if unit == "week":
        return anchor + dt.timedelta(7 * steps)
    if unit == "half_month":
        return half_months_after(anchor, steps, (1, 15))
    return months_after(anchor, steps * 12 if unit == "year" else steps, month_end)


class Span(NamedTuple):
    """One period: from the day after ``start`` to ``due``; ``steps`` is its length in units as a fraction."""

    start: dt.date
    due: dt.date
    steps: tuple[int, int]


@dataclass(frozen=True, slots=True)
class DuePlan:
    """The periods of a loan; ``moved`` where a due date departs from the loan's rhythm.

    ``is_whole`` says that every period is one whole step of the rhythm.
    """

    spans: tuple[Span, ...]
    moved: bool
    is_whole: bool = False


def steps_between(start: dt.date, due: dt.date, every: int, unit: str, seed: dt.date) -> tuple[int, int]:
    """The length of a period in units, as a fraction.

    ``seed`` is the loan's anchor: a period that runs from one clipped month end to the next is whole.
    """
    if unit == "day":
        return (due - start).days, 1
    if unit == "week":
        return (due - start).days, 7
    if unit == "half_month":
        return every, 1
    unit_months = 12 if unit == "year" else 1
    apart = (due.year - seed.year) * 12 + due.month - seed.month
    if months_after(seed, apart) == due and months_after(due, -every * unit_months) == start:
        return every, 1
    months = (due.year - start.year) * 12 + due.month - start.month
    whole = months // unit_months
    if months_after(start, whole * unit_months) > due:
        whole -= 1
    reached = months_after(start, whole * unit_months)
    if reached == due:
        return whole, 1
    beyond = months_after(start, (whole + 1) * unit_months)
    length = (beyond - reached).days
    return whole * length + (due - reached).days, length


def due_plan(
    repayment: RepaymentTerms,
    starts_on: dt.date,
    moves: tuple[tuple[dt.date, dt.date], ...] = (),
) -> DuePlan:
    """All periods in order; ``moves`` are (old due date, new due date) in the order they were agreed."""
    if repayment.method == "bullet":
        return _single_period(repayment, starts_on, moves)
    every, unit, month_end = repayment.every, repayment.unit, repayment.month_end
    irregular = bool(moves)
    if repayment.due_dates:
        days = list(repayment.due_dates)
        irregular = irregular or days != computed_days(repayment, starts_on)
    else:
        days = computed_days(repayment, starts_on)
    for old, new in moves:
        days = _moved_days(days, old, new, repayment)
    if repayment.business_days is not None:
        days = working_due_dates(days, repayment.business_days, starts_on)
    is_plain = not irregular and repayment.first_due_on is None and repayment.fixed_length is None
    if is_plain and repayment.business_days is None and unit in ("month", "year"):
        whole_step = (every, 1)
        columns = zip([starts_on, *days], days, repeat(whole_step), strict=False)
        return DuePlan(tuple(map(tuple.__new__, repeat(Span), columns)), False, True)
    seed = repayment.first_due_on or starts_on
    regular_rhythm = not irregular and repayment.business_days is None and unit in ("month", "year")
    spans = []
    start = starts_on
    last = len(days) - 1
    for place, due in enumerate(days):
        whole = regular_rhythm
        if place == 0 and repayment.first_due_on is not None:
            whole = months_after(starts_on, every * (12 if unit == "year" else 1), month_end) == due
        elif place == last and repayment.fixed_length is not None:
            whole = False
        spans.append(Span(start, due, (every, 1) if whole else steps_between(start, due, every, unit, seed)))
        start = due
    moved = irregular and _mostly_whole(spans, every)
    return DuePlan(tuple(spans), moved)


def computed_days(repayment: RepaymentTerms, starts_on: dt.date) -> list[dt.date]:
    """The due dates that the rhythm gives, before any is moved."""
    anchor, offset = starts_on, 1
    if repayment.first_due_on is not None:
        anchor, offset = repayment.first_due_on, 0
    every, unit, month_end = repayment.every, repayment.unit, repayment.month_end
    count = repayment.installments
    if unit == "half_month":
        days = [half_months_after(anchor, (n + offset) * every, repayment.half_month_days) for n in range(count)]
        if offset == 0:
            days[0] = anchor
    elif unit == "month" and anchor.day <= 28 and month_end == "clip":
        day, months = anchor.day, anchor.year * 12 + anchor.month - 1
        ahead = range(months + offset * every, months + (count + offset) * every, every)
        days = [dt.date(month // 12, month % 12 + 1, day) for month in ahead]
    else:
        days = [step_after(anchor, (n + offset) * every, unit, month_end) for n in range(count)]
    if repayment.fixed_length is not None:
        length, length_unit = repayment.fixed_length
        end = step_after(starts_on, length, length_unit)
        days[-1] = end if len(days) == 1 or end > days[-2] else days[-1]
    return days


def working_due_dates(days: list[dt.date], rule: BusinessDayTerms, starts_on: dt.date) -> list[dt.date]:
    """The due dates with those on a day off moved by the rule, never before the start or one another."""
    overrides = {**dict.fromkeys(rule.holidays, False), **dict.fromkeys(rule.workdays, True)}
    base = china_calendar() if rule.calendar == "CN" else WEEKDAYS
    calendar = base.with_overrides(overrides)
    adjusted = []
    earliest = starts_on
    for day in days:
        try:
            earliest = max(earliest, adjust(day, rule.adjust, calendar))
        except NoWorkingDay as refused:
            message = f"a calendar with a working day near {day} is needed"
            raise InvalidTerms("repayment.business_days.holidays", message) from refused
        adjusted.append(earliest)
    return adjusted


def _single_period(
    repayment: RepaymentTerms, starts_on: dt.date, moves: tuple[tuple[dt.date, dt.date], ...]
) -> DuePlan:
    """A bullet loan is one period as long as all its installments together."""
    due = repayment.due_dates[-1] if repayment.due_dates else computed_days(repayment, starts_on)[-1]
    for old, new in moves:
        due = new if due >= old else due
    if repayment.business_days is not None:
        due = working_due_dates([due], repayment.business_days, starts_on)[0]
    steps = steps_between(starts_on, due, repayment.every * repayment.installments, repayment.unit, starts_on)
    return DuePlan((Span(starts_on, due, steps),), False)


def _moved_days(days: list[dt.date], old: dt.date, new: dt.date, repayment: RepaymentTerms) -> list[dt.date]:
    """Move the first due date on or after ``old`` to ``new`` and let the later ones follow it."""
    place = next((n for n, day in enumerate(days) if day >= old), None)
    if place is None or (place > 0 and new <= days[place - 1]):
        return days
    every, unit = repayment.every, repayment.unit
    after = range(len(days) - place)
    return days[:place] + [step_after(new, n * every, unit, repayment.month_end) if n else new for n in after]


def _mostly_whole(spans: list[Span], every: int) -> bool:
    """Is this a rhythm with dates moved, rather than dates without a rhythm?

    A list of due dates in which at least half of the periods are whole steps is a rhythm in which dates
    were moved: its level installment is that of the rhythm. One without is planned by its own lengths.
    """
    whole = sum(1 for span in spans if span.steps == (every, 1) or span.steps == (every * 7, 7))
    return 2 * whole >= len(spans)
