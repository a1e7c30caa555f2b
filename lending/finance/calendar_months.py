"""Months counted back from a date, as laws on yearly rates count them.

A month before the 15th is the 15th; a month before the 31st is the last day of a shorter month. A series kept on the
last, 30th or 29th day passes through a short month without changing its day: with `anchor_day` 31, a month before
28 February is 31 January, and a month before 30 April is 31 March.

    day          months   anchor day   gives
    2026-03-31   1        31           2026-02-28
    2026-02-28   1        31           2026-01-31
    2026-02-28   1        28           2026-01-28
"""

from calendar import monthrange
from datetime import date


def is_month_end(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def months_before(day: date, months: int, *, anchor_day: int | None = None) -> date:
    """The date so many whole months before `day`; `anchor_day` is the series' day of the month, `day`'s where None."""
    wanted = day.day
    if anchor_day is not None and anchor_day > wanted and is_month_end(day):
        wanted = anchor_day
    year, month0 = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month0 + 1, min(wanted, monthrange(year, month0 + 1)[1]))


def whole_months_between(start: date, end: date, *, anchor_day: int | None = None) -> int | None:
    """How many whole months lie between the dates, or None where days are left over."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if months >= 0 and months_before(end, months, anchor_day=anchor_day) == start else None
