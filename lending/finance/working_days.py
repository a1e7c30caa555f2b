"""Moving a due date off a day on which banks are closed.

Conventions (ISDA 2006 Definitions, section 4.12, in our own words)

    unadjusted           the date stays
    following            the next working day
    modified_following   the next working day, unless that lies in the next month: then the one before
    preceding            the working day before

Worked table (a plain Saturday and Sunday week-end)

    date                   following    modified_following   preceding
    Sat 2026-01-31         2026-02-02   2026-01-30           2026-01-30
    Sun 2026-02-01         2026-02-02   2026-02-02           2026-01-30
    Wed 2026-02-04         2026-02-04   2026-02-04           2026-02-04

A calendar knows the holidays and the worked week-ends of certain years, plus a table of overrides for what was
announced since. For any other year the plain weekday rule answers, and the answer says that it is not certain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)
LONGEST_CLOSURE_DAYS = 366


class BusinessDayConvention(StrEnum):
    UNADJUSTED = "unadjusted"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


class NoWorkingDay(ValueError):
    """The calendar has no working day within a year of the date, or the date range of the computer ends."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked.

    `holidays` are weekdays off, `working_weekends` week-end days that are worked instead, both of the `known_years`;
    `overrides` (date: worked or not) win over everything and need no known year. `weekend` counts Monday as 0.
    """

    name: str = "weekdays"
    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()
    known_years: frozenset[int] = frozenset()
    overrides: Mapping[date, bool] = field(default_factory=dict)
    weekend: frozenset[int] = frozenset({5, 6})

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked; by the plain weekday rule where the year is not known."""
        override = self.overrides.get(day)
        if override is not None:
            return override
        if day in self.holidays:
            return False
        return day in self.working_weekends or day.weekday() not in self.weekend

    def is_certain(self, day: date) -> bool:
        """Whether the answer rests on a published calendar or an override, not on the weekday rule alone."""
        return day.year in self.known_years or day in self.overrides

    def with_overrides(self, overrides: Mapping[date, bool]) -> "WorkingCalendar":
        """The same calendar with further overrides, the newer ones winning."""
        merged = {**self.overrides, **overrides}
        return WorkingCalendar(self.name, self.holidays, self.working_weekends, self.known_years, merged, self.weekend)


@dataclass(frozen=True, slots=True)
class AdjustedDate:
    """The date after adjustment; `is_certain` is False where a day on the way was judged by weekday alone."""

    on: date
    unadjusted_on: date
    is_certain: bool


WEEKDAYS = WorkingCalendar()


def adjust(day: date, convention: BusinessDayConvention | str, calendar: WorkingCalendar = WEEKDAYS) -> date:
    """The working day that `convention` puts in place of `day`; ValueError for an unknown convention."""
    return adjust_with_warning(day, convention, calendar).on


def adjust_with_warning(
    day: date, convention: BusinessDayConvention | str, calendar: WorkingCalendar = WEEKDAYS
) -> AdjustedDate:
    """As `adjust`, and whether every day looked at is in the calendar's known years. Raises `NoWorkingDay`."""
    convention = BusinessDayConvention(convention)
    if convention is BusinessDayConvention.UNADJUSTED:
        return AdjustedDate(day, day, True)
    forward = convention is not BusinessDayConvention.PRECEDING
    found, certain = _walk(day, 1 if forward else -1, calendar)
    if convention is BusinessDayConvention.MODIFIED_FOLLOWING and found.month != day.month:
        found, also_certain = _walk(day, -1, calendar)
        certain = certain and also_certain
    return AdjustedDate(found, day, certain)


def _walk(day: date, step: int, calendar: WorkingCalendar) -> tuple[date, bool]:
    """The nearest working day from `day` on (itself included) in one direction, and whether that is certain."""
    certain = True
    for distance in range(LONGEST_CLOSURE_DAYS):
        try:
            candidate = day + ONE_DAY * (step * distance)
        except OverflowError:
            break
        certain = certain and calendar.is_certain(candidate)
        if calendar.is_working_day(candidate):
            return candidate, certain
    raise NoWorkingDay(f"The calendar {calendar.name} has no working day near {day}.")


def add_working_days(day: date, count: int, calendar: WorkingCalendar = WEEKDAYS) -> date:
    """The date `count` working days after `day` (before it where negative); `day` itself is not counted."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = _walk(day + ONE_DAY * step, step, calendar)[0]
    return day


def working_days_between(start: date, end: date, calendar: WorkingCalendar = WEEKDAYS) -> int:
    """How many working days lie after `start` up to and including `end`."""
    days = (start + ONE_DAY * k for k in range(1, (end - start).days + 1))
    return sum(1 for day in days if calendar.is_working_day(day))
