"""What happens to a loan: money in and back, charges, changes, the end of it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from lending.finance.arrears import bucket_of, days_past_due, oldest_due_on
from lending.finance.day_count import FRACTION, DayCounter, rate_of
from lending.finance.due_dates import Span, months_after, steps_between
from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.preview import preview
from lending.finance.replay import replay
from lending.finance.terms import InterestTerms, RepaymentTerms, Terms


def loan(**changes: Any) -> Terms:
    """120.00 without interest in two months from 2026-01-01, 60.00 of principal each; objects are merged."""
    data: dict[str, Any] = {
        "currency": "CNY",
        "principal": "120.00",
        "starts_on": "2026-01-01",
        "rate": {"percent": "0"},
        "interest": {"accrual": "daily", "day_count": "30/360"},
        "repayment": {"method": "equal_principal", "installments": 2},
        "rounding": {"mode": "half_up"},
    }
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) and key in data else value
    return Terms.from_json(data)


def after(terms: Terms, as_of: str, *data: dict[str, Any]) -> LoanState:
    out = {"on": str(terms.starts_on), "type": "disburse", "amount": str(terms.principal)}
    return replay(terms, [Event.from_json(item) for item in (out, *data)], dt.date.fromisoformat(as_of))


def by_component(state: LoanState) -> list[tuple[str, ...]]:
    return [(str(row.paid_interest), str(row.paid_principal)) for row in state.installments]


@pytest.mark.parametrize(
    ("direction", "paid"),
    [
        ("horizontal", [("20.00", "30.00"), ("0.00", "0.00")]),
        ("vertical", [("20.00", "10.00"), ("20.00", "0.00")]),
    ],
)
def test_money_goes_through_installments_or_components(direction: str, paid: list[tuple[str, str]]) -> None:
    terms = loan(
        rate={"percent": "200"},
        interest={"method": "flat", "accrual": "per_installment"},
        allocation={"direction": direction},
    )
    payment = {"on": "2026-03-05", "type": "repay", "amount": "50.00"}
    assert by_component(after(terms, "2026-03-05", payment)) == paid


@pytest.mark.parametrize(
    ("rule", "paid"),
    [
        ("next", ["40.00", "10.00", "0.00"]),
        ("last", ["0.00", "10.00", "40.00"]),
        ("next_then_last", ["40.00", "0.00", "10.00"]),
        ("reamortize", ["16.67", "16.67", "16.66"]),
    ],
)
def test_money_in_advance_goes_where_the_rule_says(rule: str, paid: list[str]) -> None:
    terms = loan(repayment={"method": "equal_principal", "installments": 3}, allocation={"in_advance": rule})
    state = after(terms, "2026-01-10", {"on": "2026-01-10", "type": "repay", "amount": "50.00"})
    assert [str(row.paid) for row in state.installments] == paid


def test_a_kind_of_payment_may_have_its_own_rule() -> None:
    rules = {"by_event": {"goodwill_credit": {"in_advance": "last"}}}
    credit = {"on": "2026-01-10", "type": "goodwill_credit", "amount": "5.00"}
    state = after(loan(allocation=rules), "2026-01-10", credit)
    assert [str(row.paid) for row in state.installments] == ["0.00", "5.00"]


def test_days_past_due_count_from_the_oldest_unpaid_due_date() -> None:
    state = after(loan(), "2026-03-11", {"on": "2026-02-01", "type": "repay", "amount": "59.99"})
    assert state.summary.days_past_due == 38
    assert oldest_due_on(state.installments, state.as_of) == dt.date(2026, 2, 1)
    paid = after(loan(), "2026-03-11", {"on": "2026-02-01", "type": "repay", "amount": "60.00"})
    assert paid.summary.days_past_due == 10
    assert days_past_due(None, state.as_of) == 0
    assert [bucket_of(days, (1, 31, 61, 91)) for days in (0, 1, 30, 31, 200)] == [0, 1, 1, 2, 4]


def test_a_back_dated_payment_counts_from_its_own_day_once_it_is_known() -> None:
    late = {"on": "2026-02-01", "entered_on": "2026-02-20", "type": "repay", "amount": "60.00"}
    assert after(loan(), "2026-02-10", late).summary.days_past_due == 9
    known = after(loan(), "2026-02-20", late)
    assert known.summary.days_past_due == 0
    assert known.installments[0].settled_on == dt.date(2026, 2, 1)


def test_the_reversal_of_a_reversal_restores_the_payment() -> None:
    state = after(
        loan(),
        "2026-02-03",
        {"on": "2026-02-01", "type": "repay", "amount": "60.00"},
        {"on": "2026-02-02", "type": "reverse", "event": 2},
        {"on": "2026-02-03", "type": "reverse", "event": 3},
    )
    assert state.installments[0].settled_on == dt.date(2026, 2, 1)


def test_credit_pays_a_later_charge_and_may_be_refunded() -> None:
    state = after(
        loan(),
        "2026-03-02",
        {"on": "2026-02-01", "type": "repay", "amount": "150.00"},
        {"on": "2026-03-01", "type": "charge", "amount": "10.00", "component": "fee", "due_on": "2026-03-01"},
        {"on": "2026-03-02", "type": "credit_balance_refund", "amount": "15.00"},
    )
    assert str(state.summary.overpayment) == "5.00"
    assert str(state.installments[1].paid_fees) == "10.00"
    assert state.summary.closed


def test_a_charge_after_maturity_makes_one_more_installment() -> None:
    fee = {"on": "2026-03-15", "type": "charge", "amount": "7.00", "component": "penalty", "due_on": "2026-03-20"}
    last = after(loan(), "2026-03-15", fee).installments[-1]
    assert (last.number, str(last.due_on), str(last.penalties), last.kind) == (3, "2026-03-20", "7.00", "additional")


def test_a_charge_back_is_due_with_the_installment_running() -> None:
    state = after(
        loan(),
        "2026-02-10",
        {"on": "2026-02-01", "type": "repay", "amount": "60.00"},
        {"on": "2026-02-10", "type": "chargeback", "amount": "25.00"},
    )
    assert [str(row.outstanding) for row in state.installments] == ["0.00", "85.00"]


def test_waivers_forgive_the_oldest_first_and_say_so() -> None:
    terms = loan(rate={"percent": "200"}, interest={"method": "flat", "accrual": "per_installment"})
    state = after(terms, "2026-03-05", {"on": "2026-03-05", "type": "waive_interest", "amount": "25.00"})
    assert [str(row.waived) for row in state.installments] == ["20.00", "5.00"]
    assert str(state.summary.waived) == "25.00"
    assert str(state.transactions[-1].interest) == "25.00"


def test_a_write_off_ends_the_loan_and_later_money_is_recovery() -> None:
    state = after(
        loan(),
        "2026-07-01",
        {"on": "2026-06-01", "type": "write_off"},
        {"on": "2026-07-01", "type": "recovery", "amount": "30.00"},
        {"on": "2026-07-01", "type": "repay", "amount": "5.00"},
    )
    summary = state.summary
    amounts = (summary.written_off, summary.recovered, summary.total_outstanding)
    assert [str(amount) for amount in amounts] == ["120.00", "35.00", "0.00"]
    assert summary.is_written_off


def test_a_charge_off_is_collected_on() -> None:
    state = after(
        loan(),
        "2026-07-01",
        {"on": "2026-06-01", "type": "charge_off"},
        {"on": "2026-07-01", "type": "repay", "amount": "20.00"},
    )
    assert state.summary.is_charged_off
    assert str(state.summary.total_outstanding) == "100.00"


def test_re_ageing_moves_what_is_outstanding_and_leaves_fees_where_they_were() -> None:
    fee = {"on": "2026-02-10", "type": "charge", "amount": "3.00", "component": "fee", "due_on": "2026-02-20"}
    aged = {"on": "2026-03-10", "type": "re_age", "starts_on": "2026-04-01", "installments": 3}
    state = after(loan(), "2026-03-10", fee, aged)
    assert [(str(row.due_on), str(row.total)) for row in state.installments] == [
        ("2026-02-01", "0.00"),
        ("2026-03-01", "3.00"),
        ("2026-04-01", "40.00"),
        ("2026-05-01", "40.00"),
        ("2026-06-01", "40.00"),
    ]


def test_restructuring_capitalizes_what_is_named() -> None:
    terms = loan(rate={"percent": "12"}, repayment={"method": "equal_installment", "installments": 12})
    change = {"on": "2026-04-15", "type": "restructure", "starts_on": "2026-05-15", "installments": 3}
    plain = after(terms, "2026-04-15", change)
    capital = after(terms, "2026-04-15", {**change, "capitalize": ["interest"]})
    owed = plain.transactions[-1].interest
    assert owed > 0
    assert sum(row.principal for row in plain.installments) == Decimal("120.00")
    assert sum(row.principal for row in capital.installments) == Decimal("120.00") + owed


def test_a_moved_due_date_takes_the_later_ones_along() -> None:
    terms = loan(repayment={"method": "equal_installment", "installments": 4})
    moved = {"on": "2026-02-10", "type": "reschedule", "from": "2026-03-01", "new_due_on": "2026-03-15"}
    paid = {"on": "2026-02-01", "type": "repay", "amount": "30.00"}
    state = after(terms, "2026-02-10", paid, moved)
    assert [str(row.due_on) for row in state.installments] == ["2026-02-01", "2026-03-15", "2026-04-15", "2026-05-15"]


def test_a_cap_on_the_total_cost_cuts_penalties() -> None:
    terms = loan(
        rate={"percent": "12"},
        penalty={"percent": "1", "per": "day"},
        caps={"total_cost_percent": "10", "per": "term"},
    )
    summary = after(terms, "2027-01-01").summary
    assert summary.charged_interest + summary.charged_penalties == Decimal("12.00")


def test_a_preview_shows_both_sides_and_the_difference() -> None:
    terms = loan(rate={"percent": "12"}, repayment={"method": "equal_installment", "installments": 6})
    history = [Event(terms.starts_on, "disburse", terms.principal)]
    change = Event.from_json({"on": "2026-01-10", "type": "change_rate", "from": "2026-02-02", "percent": "24"})
    seen = preview(terms, history, change)
    assert seen.after == replay(terms, [*history, change], dt.date(2026, 1, 10))
    assert seen.more_interest == seen.after.summary.charged_interest - seen.before.summary.charged_interest > 0


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [("actual/365", "594.52"), ("actual/360", "602.78"), ("30/360", "583.33"), ("actual/actual", "593.89")],
)
def test_day_counts_of_the_docstring(day_count: str, interest: str) -> None:
    repayment = RepaymentTerms("equal_installment", 1)
    counter = DayCounter(InterestTerms(day_count=day_count), repayment)
    span = Span(dt.date(2023, 12, 12), dt.date(2024, 1, 12), (1, 1))
    factor = counter.factor(rate_of(Decimal(7), "year", repayment), span.start, span.due, span)
    assert f"{Decimal(100_000) * factor / FRACTION:.2f}" == interest


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("clip", ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]),
        ("last_day", ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]),
        ("first_of_next_month", ["2024-03-01", "2024-03-31", "2024-05-01", "2024-05-31"]),
    ],
)
def test_month_ends_of_the_docstring(rule: str, days: list[str]) -> None:
    anchor = dt.date(2024, 1, 31)
    assert [str(months_after(anchor, months, rule)) for months in range(1, 5)] == days
    first = dt.date(2024, 1, 1)
    assert steps_between(first, dt.date(2024, 2, 15), 1, "month", first) == (1 * 29 + 14, 29)
