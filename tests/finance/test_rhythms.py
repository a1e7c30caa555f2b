"""Due dates in every rhythm, and what a period that is no whole step costs."""

import datetime as dt
from typing import Any

import pytest

from lending.finance.reading import InvalidTerms
from lending.finance.schedule import plan
from lending.finance.terms import Terms


def planned(starts_on: str, interest: dict[str, Any] | None = None, **repayment: Any) -> list[tuple[str, int, str]]:
    """(due date, days, interest) of 12,000.00 at 12 %."""
    terms = Terms.from_json(
        {
            "currency": "CNY",
            "principal": "12000.00",
            "starts_on": starts_on,
            "rate": {"percent": "12"},
            "interest": {"day_count": "30/360", **(interest or {})},
            "repayment": {"method": "interest_only", "installments": 3, **repayment},
        }
    )
    return [(str(row.due_on), row.days, str(row.interest)) for row in plan(terms).installments]


@pytest.mark.parametrize(
    ("every", "unit", "dates", "interest"),
    [
        (10, "day", ["2026-02-10", "2026-02-20", "2026-03-02"], "40.00"),
        (1, "week", ["2026-02-07", "2026-02-14", "2026-02-21"], "28.00"),
        (2, "week", ["2026-02-14", "2026-02-28", "2026-03-14"], "56.00"),
        (1, "half_month", ["2026-02-01", "2026-02-15", "2026-03-01"], "60.00"),
        (1, "month", ["2026-02-28", "2026-03-31", "2026-04-30"], "120.00"),
        (3, "month", ["2026-04-30", "2026-07-31", "2026-10-31"], "360.00"),
        (1, "year", ["2027-01-31", "2028-01-31", "2029-01-31"], "1440.00"),
    ],
)
def test_rhythms(every: int, unit: str, dates: list[str], interest: str) -> None:
    rows = planned("2026-01-31", every=every, unit=unit)
    assert [row[0] for row in rows] == dates
    assert {row[2] for row in rows} == {interest}


def test_a_chosen_first_due_date_makes_a_long_first_period() -> None:
    """1 + 14/28 months of 30 days: 180.00; the others follow it."""
    assert planned("2026-01-01", first_due_on="2026-02-15") == [
        ("2026-02-15", 45, "180.00"),
        ("2026-03-15", 28, "120.00"),
        ("2026-04-15", 31, "120.00"),
    ]


def test_semi_monthly_days_may_be_chosen() -> None:
    rows = planned("2026-01-20", unit="half_month", half_month_days=[10, 25])
    assert [row[0] for row in rows] == ["2026-01-25", "2026-02-10", "2026-02-25"]


def test_dates_without_a_rhythm_bear_interest_by_their_own_length() -> None:
    dates = ["2026-01-21", "2026-03-05", "2026-06-30"]
    rows = planned("2026-01-01", {"day_count": "actual/360"}, due_dates=dates)
    assert rows == [("2026-01-21", 20, "80.00"), ("2026-03-05", 43, "172.00"), ("2026-06-30", 117, "468.00")]


def test_a_level_plan_over_irregular_dates_is_level() -> None:
    terms = Terms.from_json(
        {
            "currency": "CNY",
            "principal": "12000.00",
            "starts_on": "2026-01-01",
            "rate": {"percent": "12"},
            "interest": {"day_count": "actual/365"},
            "repayment": {"due_dates": ["2026-01-21", "2026-03-05", "2026-06-30", "2026-07-03"]},
        }
    )
    totals = [row.total for row in plan(terms).installments]
    assert max(totals) - min(totals) < 1


def test_the_last_installment_may_fall_due_after_a_fixed_length() -> None:
    rows = planned("2026-02-01", every=15, unit="day", fixed_length={"count": 40, "unit": "day"})
    assert [(row[0], row[1]) for row in rows] == [("2026-02-16", 15), ("2026-03-03", 15), ("2026-03-13", 10)]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("unadjusted", ["2026-01-31", "2026-02-28"]),
        ("following", ["2026-02-02", "2026-03-02"]),
        ("modified_following", ["2026-01-30", "2026-02-27"]),
        ("preceding", ["2026-01-30", "2026-02-27"]),
    ],
)
def test_due_dates_on_days_off(rule: str, due: list[str]) -> None:
    rows = planned("2025-12-31", {"day_count": "actual/365"}, installments=2, business_days={"adjust": rule})
    assert [row[0] for row in rows] == due


def test_a_day_off_or_worked_may_be_announced_by_hand() -> None:
    days = {"adjust": "following", "holidays": ["2026-02-02"], "workdays": ["2026-02-28"]}
    rows = planned("2025-12-31", {"day_count": "actual/365"}, installments=2, business_days=days)
    assert [row[0] for row in rows] == ["2026-02-03", "2026-02-28"]


def test_a_calendar_without_a_working_day_is_refused() -> None:
    first = dt.date(2026, 1, 1)
    holidays = [str(first + dt.timedelta(n)) for n in range(800)]
    with pytest.raises(InvalidTerms) as refused:
        planned("2025-12-31", business_days={"adjust": "following", "holidays": holidays})
    assert refused.value.field == "repayment.business_days.holidays"
