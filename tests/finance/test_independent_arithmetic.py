"""The engine against arithmetic that shares nothing with it: exact fractions, dates counted one by one."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending.finance.schedule import plan
from lending.finance.terms import Terms

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def half_up(exact: Fraction) -> int:
    return int((2 * exact + 1) // 2)


def half_even(exact: Fraction) -> int:
    return round(exact)  # Python's own rule for fractions


ROUNDINGS = {"half_up": half_up, "half_even": half_even}


def annuity_rows(principal: int, rates: list[Fraction], mode: str) -> list[tuple[int, int]]:
    """(principal, interest) of each installment: P / sum of exact discount factors, the last takes the rest."""
    rounded = ROUNDINGS[mode]
    discount, worth = Fraction(1), Fraction(0)
    for rate in rates:
        discount /= 1 + rate
        worth += discount
    level = rounded(Fraction(principal) / worth)
    rows = []
    balance = principal
    for rate in rates[:-1]:
        interest = rounded(balance * rate)
        rows.append((level - interest, interest))
        balance -= level - interest
    rows.append((balance, rounded(balance * rates[-1])))
    return rows


def terms(principal: int, percent: Decimal, installments: int, mode: str, **interest: str) -> Terms:
    return Terms.from_json(
        {
            "currency": "CNY",
            "principal": str(Decimal(principal).scaleb(-2)),
            "starts_on": "2023-11-30",
            "rate": {"percent": str(percent), "per": "year"},
            "interest": {"accrual": "daily", "day_count": "30/360", **interest},
            "repayment": {"installments": installments},
            "rounding": {"mode": mode},
        }
    )


def minor_rows(of: Terms) -> list[tuple[int, int]]:
    return [(int(row.principal.scaleb(2)), int(row.interest.scaleb(2))) for row in plan(of).installments]


@MANY
@given(
    st.integers(10**6, 10**13),
    st.decimals("0", "100", places=4),
    st.integers(1, 120),
    st.sampled_from(sorted(ROUNDINGS)),
)
def test_equal_periods_are_the_exact_annuity(principal: int, percent: Decimal, installments: int, mode: str) -> None:
    rate = Fraction(percent) / 1200
    assert minor_rows(terms(principal, percent, installments, mode)) == annuity_rows(
        principal, [rate] * installments, mode
    )


@MANY
@given(st.integers(10**6, 10**13), st.decimals("0", "60", places=3), st.integers(1, 60))
def test_actual_days_are_the_exact_annuity(principal: int, percent: Decimal, installments: int) -> None:
    of = terms(principal, percent, installments, "half_even", day_count="actual/365")
    rates = [Fraction(percent) * row.days / 36500 for row in plan(of).installments]
    assert minor_rows(of) == annuity_rows(principal, rates, "half_even")


@MANY
@given(st.integers(10**5, 10**12), st.decimals("0", "60", places=3))
def test_actual_actual_counts_each_day_by_its_year(principal: int, percent: Decimal) -> None:
    """Each day after 31 December belongs to the next year; one installment over a leap year's end."""
    of = terms(principal, percent, 6, "half_up", day_count="actual/actual")
    rates = []
    for row in plan(of).installments:
        share = Fraction(0)
        for n in range(row.days):
            day = row.starts_on + dt.timedelta(n + 1)  # the day that bears interest
            crosses = row.starts_on.year != row.due_on.year
            year = day.year if crosses else row.starts_on.year
            share += Fraction(1, 366 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 365)
        rates.append(Fraction(percent) / 100 * share)
    assert minor_rows(of) == annuity_rows(principal, rates, "half_up")


def test_a_tie_is_a_tie_although_its_factor_never_ends() -> None:
    """150.00 x 7 % / 12 is 0.875 exactly: half up 0.88, half down 0.87."""
    for mode, interest in (("half_up", "0.88"), ("half_even", "0.88"), ("half_down", "0.87"), ("down", "0.87")):
        of = Terms.from_json({**terms(15000, Decimal(7), 1, "half_up").to_json(), "rounding": {"mode": mode}})
        assert str(plan(of).interest) == interest, mode


@pytest.mark.parametrize("every", [1, 2, 3, 6, 12])
def test_month_ends_return_to_the_day_they_came_from(every: int) -> None:
    of = Terms.from_json(
        {
            "currency": "CNY",
            "principal": "1000.00",
            "starts_on": "2023-08-31",
            "rate": {"percent": "1"},
            "repayment": {"installments": 24, "every": every},
        }
    )
    for row in plan(of).installments:
        assert row.due_on.day == 31 or (row.due_on + dt.timedelta(1)).day == 1
