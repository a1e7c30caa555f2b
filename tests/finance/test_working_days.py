"""Business-day adjustment: the table of the module, the Chinese calendar, and laws that hold for any date."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.finance.china_calendar import china_calendar
from lending.finance.working_days import (
    WEEKDAYS,
    BusinessDayConvention,
    NoWorkingDay,
    WorkingCalendar,
    add_working_days,
    adjust,
    adjust_with_warning,
    working_days_between,
)

FOLLOWING, MODIFIED = BusinessDayConvention.FOLLOWING, BusinessDayConvention.MODIFIED_FOLLOWING
PRECEDING, UNADJUSTED = BusinessDayConvention.PRECEDING, BusinessDayConvention.UNADJUSTED


@pytest.mark.parametrize(
    ("day", "following", "modified", "preceding"),
    [
        (date(2026, 1, 31), date(2026, 2, 2), date(2026, 1, 30), date(2026, 1, 30)),
        (date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 2), date(2026, 1, 30)),
        (date(2026, 2, 4), date(2026, 2, 4), date(2026, 2, 4), date(2026, 2, 4)),
    ],
)
def test_the_table_of_the_module(day: date, following: date, modified: date, preceding: date) -> None:
    assert adjust(day, UNADJUSTED) == day
    assert adjust(day, "following") == following
    assert adjust(day, MODIFIED) == modified
    assert adjust(day, PRECEDING) == preceding


def test_spring_festival_and_the_weekend_worked_in_exchange() -> None:
    china = china_calendar()
    assert china.is_working_day(date(2026, 2, 14)), "a Saturday worked in exchange for the festival"
    assert not china.is_working_day(date(2026, 2, 16)), "a Monday of the festival"
    assert adjust(date(2026, 2, 16), FOLLOWING, china) == date(2026, 2, 24)
    assert adjust(date(2026, 2, 16), PRECEDING, china) == date(2026, 2, 14)


def test_national_day_under_modified_following_stays_in_its_month() -> None:
    china = china_calendar()
    assert adjust(date(2025, 10, 1), MODIFIED, china) == date(2025, 10, 9)
    assert adjust(date(2026, 1, 31), MODIFIED, china) == date(2026, 1, 30)


def test_the_chinese_calendar_agrees_with_its_source_on_every_day_it_knows() -> None:
    import chinese_calendar

    china = china_calendar()
    first, last = date(min(china.known_years), 1, 1), date(max(china.known_years), 12, 31)
    every_day = (first + timedelta(days=k) for k in range((last - first).days + 1))
    assert all(china.is_working_day(day) == chinese_calendar.is_workday(day) for day in every_day)


def test_an_unknown_year_answers_by_weekday_and_says_so() -> None:
    china = china_calendar()
    unknown = date(max(china.known_years) + 5, 10, 1)
    answer = adjust_with_warning(unknown, FOLLOWING, china)
    assert not answer.is_certain
    assert answer.on == adjust(unknown, FOLLOWING, WEEKDAYS)
    assert adjust_with_warning(date(2026, 2, 16), FOLLOWING, china).is_certain
    assert adjust_with_warning(unknown, UNADJUSTED, china).is_certain, "nothing was asked of the calendar"


def test_an_override_wins_over_the_calendar_and_is_certain() -> None:
    later = date(max(china_calendar().known_years) + 1, 3, 15)
    while later.weekday() != 0:
        later += timedelta(days=1)
    china = china_calendar({later: False, later + timedelta(days=1): True, date(2026, 2, 16): True})
    answer = adjust_with_warning(later, FOLLOWING, china)
    assert (answer.on, answer.is_certain) == (later + timedelta(days=1), True)
    assert adjust(date(2026, 2, 16), FOLLOWING, china) == date(2026, 2, 16)
    assert adjust(date(2026, 2, 16), FOLLOWING, china_calendar()) == date(2026, 2, 24), "the published one is unchanged"


def test_unknown_conventions_and_endless_closures_are_refused() -> None:
    with pytest.raises(ValueError, match="sideways"):
        adjust(date(2026, 1, 1), "sideways")
    with pytest.raises(NoWorkingDay):
        adjust(date(2026, 1, 1), FOLLOWING, WorkingCalendar(weekend=frozenset(range(7))))
    with pytest.raises(NoWorkingDay):
        adjust(date.max, FOLLOWING, WorkingCalendar(overrides={date.max: False}))


def test_counting_working_days() -> None:
    assert add_working_days(date(2026, 1, 30), 1) == date(2026, 2, 2)
    assert add_working_days(date(2026, 2, 2), -1) == date(2026, 1, 30)
    assert add_working_days(date(2026, 2, 1), 0) == date(2026, 2, 1)
    assert working_days_between(date(2026, 1, 30), date(2026, 2, 6)) == 5


dates = st.dates(date(1970, 1, 1), date(2200, 12, 31))
calendars = st.builds(
    lambda off, on: WorkingCalendar(holidays=frozenset(off), working_weekends=frozenset(on)),
    st.sets(dates, max_size=20),
    st.sets(dates, max_size=20),
)


@settings(max_examples=500, deadline=None)
@given(dates, st.sampled_from(BusinessDayConvention), calendars)
def test_adjusted_dates_are_worked_near_and_stable(
    day: date, convention: BusinessDayConvention, calendar: WorkingCalendar
) -> None:
    """500 dates and calendars: the result is worked, nothing worked lies between, adjusting twice changes nothing."""
    on = adjust(day, convention, calendar)
    if convention is UNADJUSTED:
        assert on == day
        return
    assert calendar.is_working_day(on)
    assert adjust(on, convention, calendar) == on
    between = range(1, abs((on - day).days))
    step = timedelta(days=1 if on > day else -1)
    assert not any(calendar.is_working_day(day + step * k) for k in between)
    if convention is MODIFIED:
        assert on.month == day.month or adjust(day, PRECEDING, calendar).month != day.month
