"""From days to a share of the yearly rate: the factor that a balance is multiplied with.

A factor is an integer, the interest on 1 with ``FRACTION`` (2**134, about 10**40) as one: interest =
balance x factor / FRACTION, rounded once where it is stored. Integers are faster than any decimal type, and
with 40 places nothing is lost on the way to the cent, not even a tie: 150.00 x 7 % x 30/360 is exactly 0.875,
although its factor 0.00583... never ends. ``in_minor`` first drops what cannot be exact (beyond 2**-67).

For a segment from ``start`` to ``end`` (the first day not counted, the last one counted) inside a period:

===========================  ==================================================================
convention                   share of the yearly rate
===========================  ==================================================================
actual/360, /364, /365       days / 360, 364 or 365
actual/actual                days / 366 where the segment starts in a leap year, else days / 365;
                             over a year end each year's days by its own length, split after
                             31 December (after 1 January with ``counts_disbursement_day``)
  feb_29_period_only         366 only for a period that holds 29 February
actual/actual-isda           each year's days by its own length, split at 1 January
actual/actual-period-start   the year of the segment's start decides, never split
30/360, 30/364, 30/365       a whole period of m months is 30 m, of w weeks 7 w, of d days d days;
                             a part of it is that times actual days / days of the period
30e/360, 30u/360             day numbers of the dates, European or US (NASD) month ends
per_installment              every period bears the same share: m / 12 months, w / 52 weeks
===========================  ==================================================================

Worked: 100,000 at 7 % from 2023-12-12 to 2024-01-12. actual/365: 31/365 -> 594.52; actual/360: 31/360 ->
602.78; 30/360: 30/360 -> 583.33; actual/actual: 19/365 + 12/366 -> 593.89.

A rate by the day is multiplied by days and has no year: 0.05 % a day on 50,000 for 28 days is 700.00. A rate
for the whole term is spread over its steps: 4 % for 4 months is 1 % a month, 12 % a year.

Sources: ISDA 2006 Definitions section 4.16; ICMA Rule 251; the published figures of an open-source
progressive loan engine for the split at 31 December and for parts of 30-day months.
"""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from lending.finance.due_dates import Span, is_leap
from lending.finance.money import EXACT, Rounder, round_half_even
from lending.finance.terms import InterestTerms, RepaymentTerms

FRACTION_BITS = 134
FRACTION = 1 << FRACTION_BITS
GRAIN_BITS = FRACTION_BITS // 2
GRAIN = 1 << GRAIN_BITS
HALF_GRAIN = GRAIN >> 1
PERIODS_PER_YEAR = {"month": 12, "week": 52, "day": 365, "half_month": 24, "year": 1}
NOMINAL_DAYS = {"month": 30, "week": 7, "day": 1, "half_month": 15, "year": 360}


def in_minor(interest: int, rounder: Rounder) -> int:
    """Interest in minor units from the sum of balance x factor."""
    return rounder((interest + HALF_GRAIN) >> GRAIN_BITS, GRAIN)


class Rate(NamedTuple):
    """A rate as an exact fraction, of a year or (``by_day``) of a day."""

    numerator: int
    denominator: int
    by_day: bool


def rate_of(percent: Decimal, per: str, repayment: RepaymentTerms) -> Rate:
    """The exact rate behind "so many percent per day, month, year or term"."""
    numerator, denominator = EXACT.divide(percent, 100).as_integer_ratio()
    if per == "day":
        return Rate(numerator, denominator, True)
    if per == "month":
        numerator *= 12
    elif per == "term":
        if repayment.unit == "day":
            return Rate(numerator, denominator * repayment.installments * repayment.every, True)
        numerator *= PERIODS_PER_YEAR[repayment.unit]
        denominator *= repayment.installments * repayment.every
    return Rate(numerator, denominator, False)


class DayCounter:
    """The conventions of one loan: turns a segment of a period into a factor."""

    __slots__ = (
        "accrual",
        "by_period",
        "day_count",
        "every",
        "leap_rule",
        "nominal_days",
        "split_after_first",
        "thirty",
        "unit",
        "year_days",
    )

    def __init__(self, interest: InterestTerms, repayment: RepaymentTerms) -> None:
        self.unit = repayment.unit
        self.every = repayment.every * (repayment.installments if repayment.method == "bullet" else 1)
        self.nominal_days = NOMINAL_DAYS[repayment.unit]
        self.day_count = interest.day_count
        self.leap_rule = interest.leap_rule
        self.split_after_first = interest.counts_disbursement_day
        month, _, year = interest.day_count.partition("/")
        self.thirty = month == "30"
        self.year_days = int(year) if year.isdigit() else 0
        self.by_period = interest.accrual == "per_installment" and self.unit in ("month", "week", "year", "half_month")

    def factor(self, rate: Rate, start: dt.date, end: dt.date, span: Span, nominal: bool = False) -> int:
        """The factor of a segment; ``nominal`` measures the period as one step of the loan's rhythm."""
        days = end.toordinal() - start.toordinal()
        period_days = span.due.toordinal() - span.start.toordinal()
        if days <= 0 or period_days <= 0 or not rate.numerator:
            return 0
        numerator, denominator = self._share(rate.by_day, start, end, days, span, nominal)
        if self.by_period or self.thirty:
            numerator *= days
            denominator *= period_days
        return round_half_even(rate.numerator * numerator * FRACTION, rate.denominator * denominator)

    def _share(
        self, by_day: bool, start: dt.date, end: dt.date, days: int, span: Span, nominal: bool
    ) -> tuple[int, int]:
        """The share of a year (of a day, for rates by the day); of the whole period where 30-day or by period."""
        if self.by_period:
            if by_day:
                return self.every * self.nominal_days, 1
            return self.every, PERIODS_PER_YEAR[self.unit]
        if self.thirty:
            steps, whole = (self.every, 1) if nominal else span.steps
            if by_day:
                return self.nominal_days * steps, whole
            return self.nominal_days * steps, whole * (self.year_days or year_length(start.year))
        if by_day:
            return days, 1
        if self.day_count in ("30e/360", "30u/360"):
            return days_of_360(start, end, european=self.day_count == "30e/360"), 360
        if self.year_days:
            return days, self.year_days
        return self._actual_share(start, end, days, span)

    def _actual_share(self, start: dt.date, end: dt.date, days: int, span: Span) -> tuple[int, int]:
        if self.day_count == "actual/actual-isda":
            return shares_of_years(start, end, after_first=True)
        if self.day_count == "actual/actual-period-start":
            return days, year_length(start.year)
        leap_only = self.leap_rule == "feb_29_period_only"
        has_leap_day = leap_only and holds_29_february(span.start, span.due)
        if end.year != start.year and (not leap_only or has_leap_day):
            return shares_of_years(start, end, after_first=self.split_after_first)
        if leap_only:
            return days, 366 if has_leap_day and is_leap(start.year) else 365
        return days, year_length(start.year)


def year_length(year: int) -> int:
    return 366 if is_leap(year) else 365


def shares_of_years(start: dt.date, end: dt.date, after_first: bool) -> tuple[int, int]:
    """Days by the length of each year they lie in, as one fraction; a year ends on its last day or the next."""
    by_length = {365: 0, 366: 0}
    reached = start
    for year in range(start.year, end.year + 1):
        close = dt.date(year + 1, 1, 1) if after_first else dt.date(year, 12, 31)
        close = end if year == end.year else close
        by_length[year_length(year)] += (close - reached).days
        reached = close
    return by_length[365] * 366 + by_length[366] * 365, 365 * 366


def holds_29_february(start: dt.date, due: dt.date) -> bool:
    """Does a leap day lie after ``start``, up to and with ``due``?"""
    return any(is_leap(year) and start < dt.date(year, 2, 29) <= due for year in range(start.year, due.year + 1))


def days_of_360(start: dt.date, end: dt.date, european: bool) -> int:
    """Days in a year of twelve 30-day months (30E/360: ISDA 4.16(g); 30U/360: the NASD rule)."""
    first, last = start.day, end.day
    if european:
        first, last = min(first, 30), min(last, 30)
    else:
        start_ends_february = start.month == 2 and (start + dt.timedelta(1)).month == 3
        end_ends_february = end.month == 2 and (end + dt.timedelta(1)).month == 3
        if start_ends_february and end_ends_february:
            last = 30
        if start_ends_february:
            first = 30
        if last == 31 and first >= 30:
            last = 30
        first = min(first, 30)
    return max(0, (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first)
