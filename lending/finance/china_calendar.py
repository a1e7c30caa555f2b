"""The working calendar of mainland China.

The State Council announces each year's public holidays, and the week-ends worked in exchange, in the autumn before. The
`chinesecalendar` package carries them for the years known at its release; later announcements go into a table of
overrides. Beyond both the calendar answers by the plain weekday rule and says that it is not certain.

    2026-02-14 (Saturday)   worked, in exchange for the Spring Festival
    2026-02-16 (Monday)     holiday
    2026-10-01 (Thursday)   National Day
"""

from collections.abc import Mapping
from datetime import date
from functools import cache

from lending.finance.working_days import WorkingCalendar


def china_calendar(overrides: Mapping[date, bool] | None = None) -> WorkingCalendar:
    """The calendar with the given overrides (date: worked or not), such as a holiday announced after the release."""
    published = _published()
    return published.with_overrides(overrides) if overrides else published


@cache
def _published() -> WorkingCalendar:
    from chinese_calendar import constants

    days = {*constants.holidays, *constants.workdays}
    return WorkingCalendar(
        name="China",
        holidays=frozenset(constants.holidays),
        working_weekends=frozenset(constants.workdays),
        known_years=frozenset(day.year for day in days),
    )
