"""The worked tables of the textbook and of the docstrings."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from lending.finance.events import Event
from lending.finance.installments import Installment
from lending.finance.money import from_minor, split, to_minor
from lending.finance.payoff import payoff_quote
from lending.finance.replay import replay
from lending.finance.schedule import plan
from lending.finance.terms import Terms


def loan(**changes: Any) -> Terms:
    """12,000.00 at 12 % a year in 12 months from 2026-01-01, 30/360, half up; objects are merged."""
    data: dict[str, Any] = {
        "currency": "CNY",
        "principal": "12000.00",
        "starts_on": "2026-01-01",
        "rate": {"percent": "12", "per": "year"},
        "interest": {"accrual": "daily", "day_count": "30/360"},
        "repayment": {"installments": 12},
        "rounding": {"mode": "half_up"},
    }
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) and key in data else value
    return Terms.from_json(data)


def totals(terms: Terms) -> list[str]:
    return [str(row.total) for row in plan(terms).installments]


def events(*data: dict[str, Any]) -> list[Event]:
    return [Event.from_json(item) for item in data]


def test_equal_principal_by_the_day() -> None:
    terms = loan(
        principal="50000.00",
        starts_on="2026-02-01",
        rate={"percent": "0.05", "per": "day"},
        interest={"day_count": "actual/365"},
        repayment={"method": "equal_principal", "installments": 5},
    )
    rows = plan(terms).installments
    assert [str(row.interest) for row in rows] == ["700.00", "620.00", "450.00", "310.00", "150.00"]
    assert [row.days for row in rows] == [28, 31, 30, 31, 30]
    assert {str(row.principal) for row in rows} == {"10000.00"}


def test_equal_installments_by_the_period() -> None:
    terms = loan(principal="100000.00", rate={"percent": "4.2"}, interest={"accrual": "per_installment"})
    assert totals(terms) == ["8524.13"] * 11 + ["8524.14"]
    assert str(plan(terms).interest) == "2289.57"


@pytest.mark.parametrize(
    ("principal", "percent", "per", "installments", "installment"),
    [
        ("12000.00", "0.8", "month", 12, "1096.00"),
        ("1200.00", "2.5", "term", 3, "410.00"),
        ("1200.00", "8.3", "term", 12, "108.30"),
    ],
)
def test_flat(principal: str, percent: str, per: str, installments: int, installment: str) -> None:
    terms = loan(
        principal=principal,
        rate={"percent": percent, "per": per},
        interest={"method": "flat", "accrual": "per_installment"},
        repayment={"installments": installments},
    )
    assert totals(terms) == [installment] * installments


def test_thirty_six_months_at_ten_percent() -> None:
    terms = loan(principal="100000.00", rate={"percent": "10"}, repayment={"installments": 36})
    assert totals(terms)[0] == "3226.72"


def test_staged_interest_only_then_level() -> None:
    terms = loan(repayment={"method": "staged", "interest_only_installments": 6})
    assert totals(terms) == ["120.00"] * 6 + ["2070.58"] * 6


def test_balloon_leaves_half_to_the_last() -> None:
    assert totals(loan(repayment={"installments": 6, "balloon_percent": "50"})) == ["1095.29"] * 5 + ["7095.30"]


def test_fixed_share_of_principal_with_the_rest_last() -> None:
    terms = loan(repayment={"method": "equal_principal", "installments": 6, "principal_percent_per_installment": "10"})
    assert [str(row.principal) for row in plan(terms).installments] == ["1200.00"] * 5 + ["6000.00"]


def test_steps_of_amounts_then_level() -> None:
    steps = [{"installments": 2, "amount": "500.00"}, {"installments": 2, "amount": "1500.00"}]
    terms = loan(repayment={"method": "steps", "installments": 6, "steps": steps})
    assert totals(terms) == ["500.00", "500.00", "1500.00", "1500.00", "4286.98", "4286.99"]


def test_steps_of_shares() -> None:
    steps = [{"installments": 3, "share": "10"}, {"installments": 2, "share": "20"}]
    terms = loan(repayment={"method": "steps", "installments": 6, "steps": steps})
    shares = ["1200.00"] * 3 + ["2400.00"] * 2 + ["3600.00"]
    assert [str(row.principal) for row in plan(terms).installments] == shares


def test_bullet_with_interest_at_maturity() -> None:
    rows = plan(loan(repayment={"method": "bullet"})).installments
    assert [(str(row.due_on), str(row.interest), str(row.total)) for row in rows] == [
        ("2027-01-01", "1440.00", "13440.00")
    ]


def test_interest_in_grace_is_carried_not_compounded() -> None:
    rows = plan(loan(repayment={"installments": 6, "grace_installments": {"interest": 2}})).installments
    assert [str(row.interest) for row in rows] == ["0.00", "0.00", "301.28", "60.90", "40.80", "20.50"]


def test_interest_free_installments() -> None:
    rows = plan(loan(repayment={"installments": 6, "grace_installments": {"interest_free": 2}})).installments
    assert [str(row.interest) for row in rows] == ["0.00", "0.00", "79.34", "59.80", "40.06", "20.13"]
    assert str(rows[0].total) == "2033.22"


def test_introductory_rate() -> None:
    rate = {"percent": "6", "steps": [{"after_installments": 3, "percent": "12"}]}
    terms = loan(rate=rate, repayment={"installments": 6})
    assert totals(terms) == ["2035.15"] * 3 + ["2055.39"] * 3


def test_floating_rate_is_reset_with_a_cap() -> None:
    """Index 7 + 1 is above the cap of 7.5: from the period after the reset day the rate is 7.5 %."""
    floating = {"spread": "1", "reset_every": 3, "fixings": [{"on": "2026-03-20", "percent": "7"}], "cap": "7.5"}
    terms = loan(rate={"percent": "6", "floating": floating}, repayment={"installments": 6})
    assert totals(terms) == ["2035.15"] * 3 + ["2040.20", "2040.20", "2040.19"]


def test_a_fixing_published_later_counts_from_the_next_reset() -> None:
    terms = loan(rate={"percent": "6", "floating": {"spread": "0", "reset_every": 3}}, repayment={"installments": 6})
    history = events(
        {"on": "2026-01-01", "type": "disburse", "amount": "12000.00"},
        {"on": "2026-02-20", "type": "index_fixing", "percent": "12"},
    )
    before = replay(terms, history, dt.date(2026, 2, 1)).installments
    after = replay(terms, history, dt.date(2026, 3, 1)).installments
    assert [str(row.total) for row in before] == ["2035.15"] * 5 + ["2035.11"]
    assert [str(row.total) for row in after] == ["2035.15"] * 3 + ["2055.39"] * 3


def test_due_dates_off_working_days_move_with_their_days() -> None:
    terms = loan(
        interest={"day_count": "actual/365"},
        repayment={"installments": 3, "business_days": {"adjust": "following", "calendar": "CN"}},
    )
    assert [(str(row.due_on), row.days) for row in plan(terms).installments] == [
        ("2026-02-02", 32),
        ("2026-03-02", 28),
        ("2026-04-01", 30),
    ]


def paid_three_months() -> list[Event]:
    return events(
        {"on": "2026-01-01", "type": "disburse", "amount": "12000.00"},
        *({"on": f"2026-0{month}-01", "type": "repay", "amount": "1066.19"} for month in (2, 3, 4)),
    )


def unpaid(rows: tuple[Installment, ...]) -> list[str]:
    return [str(row.total) for row in rows if row.outstanding]


@pytest.mark.parametrize(
    ("effect", "left", "owed"),
    [
        ("smaller_installment", ["715.96"] * 8 + ["715.99"], "6443.67"),
        ("shorter_term", ["1066.19"] * 5 + ["1017.22"], "6348.17"),
    ],
)
def test_partial_prepayment(effect: str, left: list[str], owed: str) -> None:
    prepaid = events({"on": "2026-04-01", "type": "prepay", "amount": "3000.00", "effect": effect})
    state = replay(loan(), paid_three_months() + prepaid, dt.date(2026, 4, 1))
    assert unpaid(state.installments) == left
    assert str(state.summary.total_outstanding) == owed


def test_a_prepayment_fee_comes_out_of_the_money() -> None:
    """3,000.00 ten days into a period: 2,970.30 and one percent of it; the installments left are even."""
    terms = loan(prepayment={"fee_percent": "1", "effect": "smaller_installment"})
    prepaid = events({"on": "2026-04-11", "type": "prepay", "amount": "3000.00"})
    state = replay(terms, paid_three_months() + prepaid, dt.date(2026, 4, 11))
    booked = state.transactions[-1]
    assert (str(booked.principal), str(booked.fees), str(booked.overpayment)) == ("2970.30", "29.70", "0.00")
    assert unpaid(state.installments) == ["750.27"] + ["720.57"] * 7 + ["720.61"]


def test_payoff_by_actual_time_with_its_fee() -> None:
    terms = loan(prepayment={"fee_percent": "1", "interest": "to_payment_date"})
    quote = payoff_quote(terms, paid_three_months(), dt.date(2026, 4, 16))
    parts = (quote.principal, quote.interest, quote.prepayment_fee, quote.total)
    assert [str(part) for part in parts] == ["9132.95", "45.67", "91.33", "9269.95"]


def test_payoff_of_a_recalculating_loan_in_arrears() -> None:
    terms = loan(
        principal="100.00",
        starts_on="2024-01-01",
        rate={"percent": "7"},
        interest={"recalculates_on_payment": True, "accrues_on_overdue_principal": True},
        repayment={"installments": 6},
        rounding={"mode": "half_even", "smooth_last_installment": True},
    )
    out = events({"on": "2024-01-01", "type": "disburse", "amount": "100.00"})
    quote = payoff_quote(terms, out, dt.date(2024, 2, 15))
    assert (str(quote.principal), str(quote.interest), str(quote.total)) == ("100.00", "0.86", "100.86")


def test_penalty_interest_is_half_as_much_again() -> None:
    """10,000.00 ten days overdue at 0.05 % a day and 1.5 times: 75.00, booked at once or day by day."""
    terms = loan(
        principal="10000.00",
        rate={"percent": "0.05", "per": "day"},
        interest={"day_count": "actual/365"},
        repayment={"method": "bullet", "installments": 1},
        penalty={"multiple": "1.5"},
    )
    out = events({"on": "2026-01-01", "type": "disburse", "amount": "10000.00"})
    daily = events(
        *({"on": f"2026-02-{day:02}", "type": "repay", "amount": "0.00"} for day in range(2, 11)),
    )
    for history in (out, out + daily):
        assert str(replay(terms, history, dt.date(2026, 2, 11)).summary.outstanding_penalties) == "75.00"


def test_splitting_loses_no_unit() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert sum(split(10**13 + 7, [3, 7, 11, 0])) == 10**13 + 7
    assert to_minor(Decimal("10.005"), 3) == 10005
    assert from_minor(5, 2) == Decimal("0.05")
    with pytest.raises(ValueError, match="more than 2 decimals"):
        to_minor(Decimal("0.001"), 2)
