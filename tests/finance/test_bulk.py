"""The bulk path gives the very cents of `plan`, for every shape it knows and for those it hands over."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.finance import bulk_walk
from lending.finance.bulk import MICROS_PER_PERCENT, plan_many
from lending.finance.money import from_minor, to_minor
from lending.finance.schedule import plan
from lending.finance.terms import Terms


def terms_of(**changes: Any) -> Terms:
    """100,000.00 at 10 % over 36 months, with whole objects of the scenario format replaced."""
    base: dict[str, Any] = {
        "currency": "CNY",
        "decimals": 2,
        "principal": "100000.00",
        "starts_on": "2026-01-15",
        "rate": {"percent": "10", "per": "year"},
        "interest": {"method": "declining", "accrual": "per_installment"},
        "repayment": {"method": "equal_installment", "installments": 36, "every": 1, "unit": "month"},
        "rounding": {"mode": "half_even"},
    }
    return Terms.from_json({**base, **changes})


def planned(terms: Terms, principal: int, micros: int) -> tuple[int, list[int], list[int]]:
    """Down payment, principals and interests of one loan by `plan`, in minor units."""
    percent = Decimal(micros) / MICROS_PER_PERCENT
    one = replace(terms, principal=from_minor(principal, terms.decimals), rate=replace(terms.rate, percent=percent))
    rows = plan(one).installments
    regular = [row for row in rows if row.kind != "down_payment"]
    down = sum(to_minor(row.principal, terms.decimals) for row in rows if row.kind == "down_payment")
    return (
        down,
        [to_minor(row.principal, terms.decimals) for row in regular],
        [to_minor(row.interest, terms.decimals) for row in regular],
    )


def assert_same_cents(terms: Terms, principals: list[int], micros: list[int]) -> None:
    many = plan_many(terms, principals, micros)
    for place, (principal, rate) in enumerate(zip(principals, micros, strict=True)):
        expected = planned(terms, principal, rate)
        found = (
            int(many.down_payments[place]),
            many.principals[:, place].tolist(),
            many.interests[:, place].tolist(),
        )
        assert found == expected, (principal, rate)


DAY_COUNTS = ["30/360", "30/365", "actual/360", "actual/364", "actual/365", "actual/actual", "30e/360"]
interests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["declining", "declining", "flat"]),
        "accrual": st.sampled_from(["per_installment", "daily"]),
        "day_count": st.sampled_from(DAY_COUNTS),
    },
    optional={"leap_rule": st.just("feb_29_period_only"), "counts_disbursement_day": st.booleans()},
)


@st.composite
def rhythms(draw: st.DrawFn) -> dict[str, Any]:
    """A start, and methods and due dates of every kind after it."""
    count = draw(st.integers(1, 60) | st.integers(1, 480))
    method = draw(st.sampled_from(["equal_installment"] * 3 + ["equal_principal", "interest_only", "bullet"]))
    told: dict[str, Any] = {
        "method": method,
        "installments": count,
        "every": draw(st.sampled_from([1, 1, 2, 3])),
        "unit": draw(st.sampled_from(["month", "month", "week", "day", "half_month", "year"])),
        "month_end": draw(st.sampled_from(["clip", "last_day", "first_of_next_month"])),
    }
    # The product runs from a day of its own, so that first due dates and lists of dates can be drawn with it.
    start = draw(st.dates(date(1970, 1, 1), date(2100, 12, 31)))
    if told["unit"] == "year":
        told["installments"] = min(count, 90)
    dated = draw(st.integers(0, 5))
    if dated == 0:
        told["first_due_on"] = (start + timedelta(days=draw(st.integers(1, 70)))).isoformat()
    elif dated == 1:
        gaps = draw(st.lists(st.integers(1, 62), min_size=min(count, 40), max_size=min(count, 40)))
        told["due_dates"] = [(start + timedelta(days=sum(gaps[: k + 1]))).isoformat() for k in range(len(gaps))]
        told["installments"] = len(gaps)
    elif dated == 2:
        told["business_days"] = {"adjust": "modified_following", "calendar": "CN"}
    elif dated == 3:
        told["fixed_length"] = {"count": draw(st.integers(1, 4000)), "unit": "day"}
    count = told["installments"]
    if count > 1 and draw(st.booleans()):
        grace = st.integers(0, min(count - 1, 5))
        told["grace_installments"] = {"principal": draw(grace), "interest": draw(grace), "interest_free": draw(grace)}
    if draw(st.integers(0, 9)) == 0:
        told["down_payment_percent"] = draw(st.sampled_from(["10", "25", "33.33"]))
    return {"starts_on": start.isoformat(), "repayment": told}


roundings = st.fixed_dictionaries(
    {"mode": st.sampled_from(["half_even", "half_up"]), "smooth_last_installment": st.booleans()},
    optional={"installment_multiple": st.sampled_from(["1", "0.05", "10"])},
)
rates = st.one_of(
    st.integers(0, 36).map(lambda percent: percent * MICROS_PER_PERCENT),
    st.integers(0, 10_000).map(lambda basis_points: basis_points * 10_000),
    st.integers(0, 1000 * MICROS_PER_PERCENT),
)
principals = st.one_of(
    st.integers(1, 300), st.integers(1, 10**6).map(lambda hundreds: hundreds * 100), st.integers(1, 10**13)
)


@settings(max_examples=400, deadline=None)
@given(
    interests,
    rhythms(),
    roundings,
    st.sampled_from([("year", 1), ("month", 12), ("day", 365)]),
    st.lists(st.tuples(principals, rates), min_size=1, max_size=6),
)
def test_the_bulk_path_agrees_with_plan_to_the_cent(
    interest: dict[str, Any],
    rhythm: dict[str, Any],
    rounding: dict[str, Any],
    per: tuple[str, int],
    loans: list[tuple[int, int]],
) -> None:
    """400 products of up to six loans: methods, due dates, rates by day, month, year, day counts, grace, rounding."""
    terms = terms_of(
        **rhythm,
        rate={"percent": "10", "per": per[0]},
        interest=interest,
        rounding=rounding,
    )
    assert_same_cents(terms, [loan[0] for loan in loans], [loan[1] // per[1] for loan in loans])


def test_halves_are_broken_as_plan_breaks_them() -> None:
    """At 7 % by the month every 600th cent meets a half by a factor that never ends; at 6 % by one that does."""
    for mode in ("half_even", "half_up"):
        for percent in (6, 7, 12):
            terms = terms_of(rounding={"mode": mode})
            loans = [100 * k for k in range(1, 400)]
            assert_same_cents(terms, loans, [percent * MICROS_PER_PERCENT] * len(loans))


def test_blocks_join_without_a_seam() -> None:
    size = bulk_walk.BLOCK_LOANS + 3
    terms = terms_of(repayment={"method": "equal_installment", "installments": 3})
    amounts = np.arange(1, size + 1, dtype=np.int64) * 977
    many = plan_many(terms, amounts)
    assert (many.principals.sum(axis=0) == amounts).all()
    for place in (0, bulk_walk.BLOCK_LOANS - 1, bulk_walk.BLOCK_LOANS, size - 1):
        expected = planned(terms, int(amounts[place]), 10 * MICROS_PER_PERCENT)
        assert many.principals[:, place].tolist() == expected[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"rounding": {"mode": "half_down"}},
        {"rounding": {"mode": "half_even", "amount_multiple": "1"}},
        {"repayment": {"method": "equal_installment", "installments": 12, "principal_percent_per_installment": "5"}},
        {"repayment": {"method": "steps", "installments": 6, "steps": [{"installments": 2, "amount": "500.00"}]}},
        {"repayment": {"method": "equal_installment", "installments": 12, "balloon_percent": "20"}},
    ],
)
def test_terms_the_arrays_do_not_know_are_planned_alone(changes: dict[str, Any]) -> None:
    assert_same_cents(terms_of(**changes), [10_000_00, 123_456_78], [10 * MICROS_PER_PERCENT, 12_500_000])


def test_products_beyond_63_bits_are_planned_alone() -> None:
    assert_same_cents(terms_of(interest={"day_count": "actual/365"}), [10**13, 5], [999_999_999, 123_456_789])


def test_totals_balances_and_dates() -> None:
    terms = terms_of(rate={"percent": "4.2", "per": "year"}, repayment={"installments": 12},
                     rounding={"mode": "half_up"})  # fmt: skip
    many = plan_many(terms, [100_000_00])
    assert many.totals()[:, 0].tolist() == [8_524_13] * 11 + [8_524_14]
    assert many.total_interest().tolist() == [2_289_57]
    assert many.balances()[-1].tolist() == [0]
    assert (many.due_on[0], many.due_on[-1]) == (date(2026, 2, 15), date(2027, 1, 15))


def test_nothing_in_is_nothing_out_and_nonsense_is_refused() -> None:
    assert plan_many(terms_of(), []).principals.shape == (36, 0)
    for loans, percents in (([0], None), ([100], [-1]), ([100, 200], [1])):
        with pytest.raises(ValueError):
            plan_many(terms_of(), loans, percents)


def test_smoothing_goes_on_for_as_many_rounds_as_in_plan() -> None:
    """Long loans at high rates, which a rounded installment repays early: one to three rounds, judged by their end."""
    rounding = {"mode": "half_even", "smooth_last_installment": True}
    for count, principal, micros in (
        (70, 34_640_780_113, 80 * MICROS_PER_PERCENT),
        (281, 60_138_334_389, 480 * MICROS_PER_PERCENT),
        (433, 92_294_281_052, 220 * MICROS_PER_PERCENT),
    ):
        terms = terms_of(repayment={"method": "equal_installment", "installments": count}, rounding=rounding)
        assert_same_cents(terms, [principal + k for k in range(40)], [micros] * 40)
