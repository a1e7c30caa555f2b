"""The annual percentage rate of charge of the European Union.

Basic equation (Directive 2008/48/EC Annex I; Directive 2014/17/EU Annex I; Directive (EU) 2023/2225 Annex III):

    sum of C_k (1 + X)^-t_k  =  sum of D_l (1 + X)^-s_l

C are drawdowns, D repayments and charges, t and s the intervals in years since the first drawdown. X is effective.

Intervals (remark c): a year has 12 equal months, 52 weeks, or 365 days (366 in leap years). An interval that is no
whole number of years, months or weeks is a whole number of one of them and days, every day counted, backwards to the
first drawdown; the days are divided by the days (365 or 366) of the year that ends on the last of them.

    from         to           counted in   interval in years
    2026-01-01   2026-04-01   months       3/12
    2026-01-12   2026-03-15   months       2/12 + 3/365      (back to 15 January, then 3 days)
    2024-02-27   2024-03-29   months       1/12 + 2/366      (back to 29 February, then 2 days)
    2026-01-01   2026-01-22   weeks        3/52
    1994-01-01   1995-07-01   days         546/365

Worked examples: Annex III of Directive 87/102/EEC as amended by Directive 98/7/EC (the same equation): 1,000 on
1994-01-01 against 1,200 on 1995-07-01 is 12.96 % by days and 12.92 % by months; with 50 withheld, 16.90 and 16.85.
"""

import math
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from lending.finance.appendix_j import series_day
from lending.finance.calendar_months import months_before, whole_months_between
from lending.finance.rate_solving import (
    AnnualRate,
    CashFlow,
    RateKind,
    TimedFlow,
    annual_rate,
    check_flows,
    force_of_interest,
)

CountedIn = Literal["month", "week", "day"]


def aprc_eu(flows: Iterable[CashFlow], *, counted_in: CountedIn | None = None) -> AnnualRate:
    """The APRC of drawdowns (positive) and repayments and charges (negative); raises `RateUndefined`.

    `counted_in` names the equal periods in which intervals are counted: where it is left out, weeks if everything falls
    on whole weeks but not on whole months, and months otherwise. A year is 12 equal months.
    """
    moving = sorted((flow for flow in flows if flow.amount), key=lambda flow: flow.on)
    first = moving[0].on if moving else date.min
    dates = [flow.on for flow in moving]
    later = [day for day in dates if day != first]
    anchor = series_day(first, dates) if later else first.day
    unit = counted_in or _natural_unit(first, later, anchor)
    times = [float(interval_years(first, day, unit, anchor_day=anchor)) for day in dates]
    check_flows([flow.amount for flow in moving], times)
    force = force_of_interest([TimedFlow(t, float(f.amount)) for t, f in zip(times, moving, strict=True)])
    rate = math.expm1(min(force, 700.0))
    return annual_rate(RateKind.APRC_EU, rate, f"Directive 2008/48/EC Annex I, intervals in {unit}s and days")


def interval_years(start: date, end: date, counted_in: CountedIn, *, anchor_day: int | None = None) -> Fraction:
    """The interval between two dates in years by remark (c), equal periods first and days after, counted backwards."""
    if counted_in == "day":
        return Fraction((end - start).days, _days_of_year_ending(end))
    if counted_in == "week":
        weeks, days = divmod((end - start).days, 7)
        last = end - timedelta(weeks=weeks)
        return Fraction(weeks, 52) + Fraction(days, _days_of_year_ending(last))
    months = max((end.year - start.year) * 12 + end.month - start.month + 1, 0)
    while months and months_before(end, months, anchor_day=anchor_day) < start:
        months -= 1
    last = months_before(end, months, anchor_day=anchor_day)
    return Fraction(months, 12) + Fraction((last - start).days, _days_of_year_ending(last))


def _natural_unit(first: date, later: list[date], anchor: int) -> CountedIn:
    in_weeks = all((day - first).days % 7 == 0 for day in later)
    in_months = all(whole_months_between(first, day, anchor_day=anchor) is not None for day in later)
    return "week" if in_weeks and not in_months else "month"


def _days_of_year_ending(last: date) -> int:
    return (last - months_before(last, 12)).days
