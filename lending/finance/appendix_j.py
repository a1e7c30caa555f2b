"""The annual percentage rate of United States Regulation Z (12 CFR 1026, Appendix J), actuarial method.

General equation, paragraph (b)(8): find the rate i of one unit-period so that

    sum of A_k / ((1 + e_k i)(1 + i)^q_k)  =  sum of P_j / ((1 + f_j i)(1 + i)^t_j)

A are advances and P payments; q and t count the full unit-periods from the start of the term, e and f the odd days as a
fraction of a unit-period. APR = i x unit-periods in a year: it is a nominal rate.

Unit-period, (b)(4): the interval of a year or less that occurs most often between advances and payments; of two equally
frequent ones the shorter; if none occurs twice, the average interval, rounded to the nearest standard interval (day,
week, half month, month, multiples of weeks and months); for one advance and one payment the term, a year at most.

Counting, (b)(5): full months are counted back from the later date; the days left over, counted forward from the earlier
date, are 30ths of a month. Half months and several months count as 15 and 30 days each; weeks and days as they are; a
year is made of whole months, or else of days over 365.

Worked example (c)(1)(ii): 6,000 on 1978-02-10, 36 payments of 200 from 1978-04-01. 1 March to 1 April is a unit-period,
10 February to 1 March 19 days: t = 1, f = 19/30. The APR is 11.82 %.
"""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from lending.finance.calendar_months import is_month_end, months_before, whole_months_between
from lending.finance.rate_solving import (
    AnnualRate,
    CashFlow,
    RateKind,
    RateUndefined,
    annual_rate,
    bracketed_root,
    check_flows,
)

DAYS_OF = {"semimonth": 15, "month": 30}


@dataclass(frozen=True, slots=True, order=True)
class UnitPeriod:
    """So many days, weeks, half months, months or years; how many make a year follows (b)(5)."""

    unit: Literal["day", "week", "semimonth", "month", "year"]
    count: int = 1

    @property
    def per_year(self) -> Fraction:
        units = {"day": 365, "week": 52, "semimonth": 24, "month": 12, "year": 1}[self.unit]
        return Fraction(units, self.count)

    @property
    def days(self) -> Fraction:
        """Average length, to compare unit-periods by."""
        months = {"semimonth": Fraction(1, 2), "month": Fraction(1), "year": Fraction(12)}
        if self.unit in months:
            return self.count * months[self.unit] * Fraction(365, 12)
        return Fraction(self.count * (7 if self.unit == "week" else 1))


def apr_appendix_j(
    flows: Sequence[CashFlow], *, unit_period: UnitPeriod | None = None, term_starts_on: date | None = None
) -> AnnualRate:
    """The APR of advances (positive) and payments (negative); raises `RateUndefined`.

    `unit_period` is found from the dates where it is not given. `term_starts_on` is the day finance charge begins to be
    earned, the first advance where left out.
    """
    moving = sorted((flow for flow in flows if flow.amount), key=lambda flow: flow.on)
    start = term_starts_on or (moving[0].on if moving else date.min)
    if moving and moving[0].on < start:
        raise RateUndefined("bad_period", "Money moves before the term starts.")
    check_flows([flow.amount for flow in moving], [float((flow.on - start).days) for flow in moving])
    unit = unit_period or find_unit_period(start, [flow.on for flow in moving])
    anchor = series_day(start, [flow.on for flow in moving])
    timed = []
    for flow in moving:
        full, odd = unit_periods_between(start, flow.on, unit, anchor_day=anchor)
        timed.append((full, float(odd), float(flow.amount)))
    rate = _unit_period_rate(timed)
    return annual_rate(RateKind.APR_US, rate * float(unit.per_year), _method(unit))


def _method(unit: UnitPeriod) -> str:
    return f"Regulation Z Appendix J, unit-period {unit.count} {unit.unit}, {float(unit.per_year):g} a year"


def _unit_period_rate(flows: Sequence[tuple[int, float, float]]) -> float:
    """The rate per unit-period that solves the general equation, searched from 0 upward and then below 0."""

    def value(rate: float) -> float:
        log_growth = math.log1p(rate)
        return math.fsum(amount * math.exp(-full * log_growth) / (1 + odd * rate) for full, odd, amount in flows)

    scale = max(abs(amount) for _, _, amount in flows)
    at_zero = value(0.0)
    if abs(at_zero) < 1e-13 * scale:
        return 0.0
    # Above zero the rate doubles; below zero the growth factor halves, as far as amounts stay finite.
    longest = max(full for full, _, _ in flows) + 1
    floor = -1 + math.exp(-600 / longest)
    upward = [0.0, *(0.01 * 2**k for k in range(60))]
    downward = [0.0, *(max(floor, -1 + 2.0**-k) for k in range(1, 40))]
    for steps in (upward, downward):
        for here, there in itertools.pairwise(steps):
            if here != there and (value(here) > 0) != (value(there) > 0):
                return bracketed_root(value, min(here, there), max(here, there))
    raise RateUndefined("no_root", "No rate makes these advances and payments worth the same.")


def series_day(start: date, dates: Sequence[date]) -> int:
    """The day of the month a series keeps to: a payment of 28 February belongs to the 31st if the others do.

    Where every date is the start's day, or the end of a month too short for it, that is the start's day.
    """
    later = [day for day in dates if day != start]
    if all(day.day == start.day or (day.day < start.day and is_month_end(day)) for day in later):
        return start.day
    return max(day.day for day in later)


def find_unit_period(start: date, dates: Sequence[date]) -> UnitPeriod:
    """The unit-period of (b)(4) for money moving on `dates` in a term that starts on `start`."""
    moments = sorted({start, *dates})
    anchor = series_day(start, dates)
    gaps = list(itertools.pairwise(moments))
    if len(gaps) == 1:
        return _single_payment_period(*gaps[0])
    if _twice_a_month(sorted({day for day in dates if day != start})):
        return UnitPeriod("semimonth")
    names = Counter(name for gap in gaps if (name := _standard_interval(*gap, anchor)))
    common = [(name, times) for name, times in names.items() if times > 1 and name.days <= 366]
    if common:
        most = max(times for _, times in common)
        return min((name for name, times in common if times == most), key=lambda name: name.days)
    return _nearest_standard((moments[-1] - moments[0]).days / len(gaps))


def _single_payment_period(start: date, end: date) -> UnitPeriod:
    months = whole_months_between(start, end, anchor_day=series_day(start, [end]))
    if months is not None and months <= 12:
        return UnitPeriod("year") if months == 12 else UnitPeriod("month", months)
    days = (end - start).days
    return UnitPeriod("day", days) if days < 365 else UnitPeriod("year")


def _standard_interval(start: date, end: date, anchor_day: int) -> UnitPeriod:
    """Whole months before whole weeks before days: February makes four weeks of a month, never the reverse."""
    months = whole_months_between(start, end, anchor_day=anchor_day)
    if months:
        return UnitPeriod("year") if months == 12 else UnitPeriod("month", months)
    days = (end - start).days
    return UnitPeriod("week", days // 7) if days % 7 == 0 else UnitPeriod("day", days)


def _twice_a_month(dates: Sequence[date]) -> bool:
    """Payments on the same two days of each month, such as the 1st and the 16th, or the 15th and the last."""
    if len(dates) < 4 or any(not 12 <= (b - a).days <= 18 for a, b in itertools.pairwise(dates)):
        return False
    days = {(31 if is_month_end(day) else day.day) for day in dates}
    return len(days) == 2


def _nearest_standard(days: float) -> UnitPeriod:
    weeks = [UnitPeriod("week", n) for n in range(1, 53)]
    months = [UnitPeriod("month", n) for n in range(1, 12)]
    standard = [UnitPeriod("day"), UnitPeriod("semimonth"), UnitPeriod("year"), *weeks, *months]
    return min(standard, key=lambda unit: (abs(float(unit.days) - days), unit.days))


def unit_periods_between(start: date, end: date, unit: UnitPeriod, *, anchor_day: int) -> tuple[int, Fraction]:
    """Full unit-periods and the odd rest as a fraction of one, from `start` to `end`, as (b)(5) counts them."""
    days = (end - start).days
    if unit.unit in ("day", "week"):
        length = unit.count * (7 if unit.unit == "week" else 1)
        return days // length, Fraction(days % length, length)
    months = _full_months(start, end, anchor_day)
    odd_days = (months_before(end, months, anchor_day=anchor_day) - start).days
    if unit.unit == "year":
        full, rest = divmod(months, 12)
        if odd_days == 0:
            return full, Fraction(rest, 12)
        left_over = (months_before(end, 12 * full, anchor_day=anchor_day) - start).days
        return full, Fraction(left_over, 365)
    if (unit.unit, unit.count) == ("month", 1):
        return months, Fraction(odd_days, 30)
    length = DAYS_OF[unit.unit] * unit.count
    counted = 30 * months + odd_days
    return counted // length, Fraction(counted % length, length)


def _full_months(start: date, end: date, anchor_day: int) -> int:
    """Full months that fit between the dates, counted back from the later one."""
    months = max((end.year - start.year) * 12 + end.month - start.month + 1, 0)
    while months > 0 and months_before(end, months, anchor_day=anchor_day) < start:
        months -= 1
    return months
