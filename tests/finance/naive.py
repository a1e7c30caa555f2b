"""Loan arithmetic the slow way: exact fractions, one day or one period after the other, nothing shared with the engine.

Only what the tests need: declining balance, level installments, equal principal or interest only; 30-day months,
actual days, or a period's own fraction of the year; several disbursements, rates and pauses; smoothing.
"""

import calendar
import datetime as dt
import itertools
from fractions import Fraction

ONE_DAY = dt.timedelta(1)


def rounded(value: Fraction, mode: str) -> int:
    """To the nearest whole unit; ties to the even one or away from zero."""
    below, rest = divmod(value.numerator, value.denominator)
    if 2 * rest != value.denominator:
        return below + (2 * rest > value.denominator)
    return below + (below % 2 if mode == "half_even" else value >= 0)


def month_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def year_days(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def actual_actual(start: dt.date, end: dt.date) -> Fraction:
    """366 where the segment starts in a leap year; over a year end the days after 31 December count by their own."""
    if start.year == end.year:
        return Fraction((end - start).days, year_days(start.year))
    days = (start + dt.timedelta(n) for n in range(1, (end - start).days + 1))
    return sum((Fraction(1, year_days(day.year)) for day in days), Fraction(0))


class NaiveLoan:
    """A loan by month or week, planned anew with every disbursement and every new rate. Amounts in minor units."""

    def __init__(
        self,
        start: dt.date,
        installments: int,
        every: int,
        unit: str,
        percent: str,
        day_count: str,
        *,
        per_installment: bool = False,
        method: str = "equal_installment",
        mode: str = "half_even",
        smooth: bool = True,
        cents_per_major: int = 100,
    ) -> None:
        self.every, self.unit, self.day_count, self.per_installment = every, unit, day_count, per_installment
        self.method, self.mode, self.smooth, self.cents_per_major = method, mode, smooth, cents_per_major
        if unit == "month":
            self.dues = [month_later(start, every * n) for n in range(1, installments + 1)]
        else:
            self.dues = [start + dt.timedelta(7 * every * n) for n in range(1, installments + 1)]
        self.starts = [start, *self.dues[:-1]]
        self.rates = [(dt.date.min, Fraction(percent) / 100)]
        self.out: list[tuple[dt.date, int]] = []
        self.pauses: list[tuple[dt.date, dt.date]] = []
        self.levels = [0] * installments
        self.fixed: list[int | None] = [None] * installments

    # what happens

    def disburse(self, day: dt.date, amount: int) -> None:
        self.out.append((day, amount))
        self._plan(self._not_past(day))

    def change_rate(self, since: dt.date, percent: str) -> None:
        self.rates.append((since - ONE_DAY, Fraction(percent) / 100))
        self._plan(self._not_past(since - ONE_DAY))

    def pause(self, first: dt.date, last: dt.date) -> None:
        """No interest on these days; on the first day of a period one does accrue (the published convention)."""
        for start, due in zip(self.starts, self.dues, strict=True):
            begin = max(start, first if first == start + ONE_DAY else first - ONE_DAY)
            if begin < min(last, due):
                self.pauses.append((begin, min(last, due)))

    # what comes of it

    def rows(self) -> list[tuple[int, int]]:
        return self._walk(self.levels)

    def _not_past(self, day: dt.date) -> int:
        return next((n for n, due in enumerate(self.dues) if day < due), len(self.dues) - 1)

    def _rate(self, day: dt.date) -> Fraction:
        return max((pair for pair in self.rates if pair[0] <= day), key=lambda pair: pair[0])[1]

    def _share(self, place: int, start: dt.date, end: dt.date) -> Fraction:
        part = Fraction((end - start).days, (self.dues[place] - self.starts[place]).days)
        if self.per_installment:
            return Fraction(self.every, 12 if self.unit == "month" else 52) * part
        months, _, year = self.day_count.partition("/")
        if months == "30":
            return Fraction(self.every * (30 if self.unit == "month" else 7), int(year)) * part
        return actual_actual(start, end) if year == "actual" else Fraction((end - start).days, int(year))

    def _segments(self, place: int) -> list[tuple[dt.date, dt.date]]:
        start, due = self.starts[place], self.dues[place]
        cuts = (
            {day for day, _ in self.out} | {day for day, _ in self.rates} | {d for pause in self.pauses for d in pause}
        )
        ends = sorted({start, due} | {day for day in cuts if start < day < due})
        return list(itertools.pairwise(ends))

    def _walk(self, levels: list[int]) -> list[tuple[int, int]]:
        rows = []
        repaid = carried = 0
        for place, due in enumerate(self.dues):
            exact = Fraction(0)
            for start, end in self._segments(place):
                if any(first <= start and end <= last for first, last in self.pauses):
                    continue
                balance = sum(amount for day, amount in self.out if day <= start) - repaid
                exact += balance * self._rate(start) * self._share(place, start, end)
            accrued = rounded(exact, self.mode) + carried
            carried = 0
            if place == len(self.dues) - 1:
                principal, interest = sum(amount for _, amount in self.out) - repaid, accrued
            elif (own := self.fixed[place]) is not None:
                principal, interest = own, accrued
            else:
                interest = min(accrued, levels[place])
                carried = accrued - interest
                principal = min(levels[place] - interest, sum(amount for day, amount in self.out if day < due) - repaid)
            repaid += principal
            rows.append((principal, interest))
        return rows

    def _plan(self, first: int) -> None:
        count = len(self.dues) - first
        due = self.dues[first]
        balance = sum(amount for day, amount in self.out if day < due or first == len(self.dues) - 1)
        balance -= sum(principal for principal, _ in self._walk(self.levels)[:first])
        if self.method == "interest_only":
            self.fixed[first:] = [0] * count
        elif self.method == "equal_principal":
            self.fixed[first:] = [rounded(Fraction(balance, count), self.mode)] * count
        else:
            self.levels[first:] = [self._smoothed(first, balance, count)] * count

    def _smoothed(self, first: int, balance: int, count: int) -> int:
        discount, factor = Fraction(0), Fraction(1)
        for place in range(first, len(self.dues)):
            factor *= 1 + sum(
                self._rate(start) * self._share(place, start, end) for start, end in self._segments(place)
            )
            discount += 1 / factor
        level = rounded(balance / discount, self.mode)

        def last_less_level(tried: int) -> int:
            rows = self._walk(self.levels[:first] + [tried] * count)
            return sum(rows[-1]) - sum(rows[-2])

        half = count // 2
        for _ in range(3 if self.smooth and count > 1 else 0):
            difference = last_less_level(level)
            tried = level + rounded(Fraction(difference, count), self.mode)
            if not difference or abs(difference) * 100 <= half * self.cents_per_major or tried == level:
                break
            if abs(last_less_level(tried)) >= abs(difference):
                break
            level = tried
        return level
