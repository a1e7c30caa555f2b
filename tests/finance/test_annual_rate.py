"""Yearly rates against published worked examples, pyxirr and the textbook table."""

import calendar
import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lending.finance.annual_rate import (
    CashFlow,
    Fee,
    RateKind,
    RateUndefined,
    UnitPeriod,
    apr_appendix_j,
    aprc_eu,
    disclosure,
    flat_rate,
    irr_effective,
    irr_nominal,
    simple_rate,
    xirr,
)
from lending.finance.appendix_j import find_unit_period, unit_periods_between
from lending.finance.aprc import interval_years
from lending.finance.disclosure import period_positions


def months_after(day: date, months: int) -> date:
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def monthly(first: date, count: int, amount: str, every: int = 1) -> list[CashFlow]:
    return [CashFlow(months_after(first, every * k), -Decimal(amount)) for k in range(count)]


def every_days(first: date, count: int, amount: str, days: int) -> list[CashFlow]:
    return [CashFlow(first + timedelta(days=days * k), -Decimal(amount)) for k in range(count)]


def advance(on: date, amount: str) -> list[CashFlow]:
    return [CashFlow(on, Decimal(amount))]


def semimonthly_1st_and_16th(first_month: date, months: int, amount: str) -> list[CashFlow]:
    days = [months_after(first_month, k).replace(day=d) for k in range(months) for d in (1, 16)]
    return [CashFlow(day, -Decimal(amount)) for day in days]


def skipping_every_second_payment_of_a_month() -> list[CashFlow]:
    """Example (c)(6)(i): 24 payments every four weeks, each delayed by two weeks where two would fall in a month."""
    flows, on = advance(date(1978, 1, 25), "2135"), date(1978, 2, 20)
    for count in (9, 6, 6, 3):
        series = every_days(on, count, "100", 28)
        flows += series
        on = series[-1].on + timedelta(days=42)
    return flows


# Regulation Z, 12 CFR 1026 Appendix J, paragraph (c), examples for the actuarial method.
APPENDIX_J = {
    "(c)(1)(i) monthly, regular first period": (
        [*advance(date(1978, 1, 10), "5000"), *monthly(date(1978, 2, 10), 24, "230")], "9.69"),
    "(c)(1)(ii) monthly, long first period": (
        [*advance(date(1978, 2, 10), "6000"), *monthly(date(1978, 4, 1), 36, "200")], "11.82"),
    "(c)(1)(iii) semimonthly, short first period": (
        [*advance(date(1978, 2, 23), "5000"), *semimonthly_1st_and_16th(date(1978, 3, 1), 12, "219.17")], "10.34"),
    "(c)(1)(iv) quarterly, long first period": (
        [*advance(date(1978, 5, 23), "10000"), *monthly(date(1978, 10, 1), 40, "385", every=3)], "8.97"),
    "(c)(1)(v) weekly, long first period": (
        [*advance(date(1978, 3, 20), "500"), *every_days(date(1978, 4, 21), 30, "17.60", 7)], "14.96"),
    "(c)(2)(i) monthly, irregular first payment": (
        [*advance(date(1978, 1, 10), "5000"), *monthly(date(1978, 2, 10), 1, "250"),
         *monthly(date(1978, 3, 10), 23, "230")], "10.08"),
    "(c)(2)(ii) every four weeks, irregular first payment": (
        [*advance(date(1978, 3, 18), "400"), *monthly(date(1978, 4, 20), 1, "39.50"),
         *every_days(date(1978, 5, 18), 11, "38.31", 28)], "28.50"),
    "(c)(3)(i) monthly, irregular final payment": (
        [*advance(date(1978, 1, 10), "5000"), *monthly(date(1978, 2, 10), 23, "230"),
         *monthly(date(1980, 1, 10), 1, "280")], "10.50"),
    "(c)(3)(ii) every two weeks, irregular final payment": (
        [*advance(date(1978, 4, 3), "200"), *every_days(date(1978, 4, 11), 19, "9.50", 14),
         *monthly(date(1978, 4, 11) + timedelta(days=14 * 19), 1, "30")], "12.22"),
    "(c)(4)(i) monthly, irregular first and final payment": (
        [*advance(date(1978, 1, 10), "5000"), *monthly(date(1978, 2, 10), 1, "250"),
         *monthly(date(1978, 3, 10), 22, "230"), *monthly(date(1980, 1, 10), 1, "280")], "10.90"),
    "(c)(4)(ii) every two months, short first period": (
        [*advance(date(1978, 1, 10), "8000"), *monthly(date(1978, 3, 1), 1, "449.36"),
         *monthly(date(1978, 5, 1), 18, "465", every=2), *monthly(date(1981, 5, 1), 1, "200")], "7.30"),
    "(c)(5)(i) one payment, less than a year in days": (
        [*advance(date(1978, 1, 3), "1000"), *monthly(date(1978, 9, 15), 1, "1080")], "11.45"),
    "(c)(5)(ii) one payment, two years": (
        [*advance(date(1978, 1, 3), "1000"), *monthly(date(1980, 1, 3), 1, "1240")], "11.36"),
    "(c)(6)(i) skipped payments, every four weeks": (skipping_every_second_payment_of_a_month(), "12.00"),
}  # fmt: skip


@pytest.mark.parametrize("example", APPENDIX_J)
def test_appendix_j_gives_its_published_examples(example: str) -> None:
    flows, percent = APPENDIX_J[example]
    rate = apr_appendix_j(flows)
    assert rate.kind is RateKind.APR_US
    assert rate.rounded() == Decimal(percent)


# Directive 87/102/EEC, Annex III, as amended by Directive 98/7/EC; the equation is that of 2008/48/EC, Annex I.
START = date(1994, 1, 1)
ANNEX_III = {
    "first: 1,000 against 1,200 after a year and a half": (
        [*advance(START, "1000"), *monthly(date(1995, 7, 1), 1, "1200")], "12.96", "12.92"),
    "second: 50 retained for administration": (
        [*advance(START, "950"), *monthly(date(1995, 7, 1), 1, "1200")], "16.90", "16.85"),
    "third: 600 after one and two years": (
        [*advance(START, "1000"), *monthly(date(1995, 1, 1), 2, "600", every=12)], "13.07", "13.07"),
    "fourth: 272, 272 and 544 after 3, 6 and 12 months": (
        [*advance(START, "1000"), *monthly(date(1994, 4, 1), 2, "272", every=3),
         *monthly(date(1995, 1, 1), 1, "544")], "13.23", "13.19"),
}  # fmt: skip


@pytest.mark.parametrize("example", ANNEX_III)
def test_aprc_gives_the_directives_published_examples(example: str) -> None:
    flows, by_days, by_months = ANNEX_III[example]
    assert aprc_eu(flows, counted_in="day").rounded() == Decimal(by_days)
    assert aprc_eu(flows, counted_in="month").rounded() == Decimal(by_months)
    assert aprc_eu(flows).rounded() == Decimal(by_months), "months are what these dates fall on"


def test_aprc_of_a_five_year_personal_loan_in_the_guidance_of_the_consumer_finance_association() -> None:
    flows = [*advance(START, "10000"), *monthly(date(1994, 2, 1), 60, "222.44")]
    assert aprc_eu(flows).rounded(1) == Decimal("12.7")


@pytest.mark.parametrize(
    ("start", "end", "counted_in", "years"),
    [
        (date(2026, 1, 1), date(2026, 4, 1), "month", Fraction(3, 12)),
        (date(2026, 1, 12), date(2026, 3, 15), "month", Fraction(2, 12) + Fraction(3, 365)),
        (date(2024, 2, 27), date(2024, 3, 29), "month", Fraction(1, 12) + Fraction(2, 366)),
        (date(2026, 1, 1), date(2026, 1, 22), "week", Fraction(3, 52)),
        (date(2026, 1, 1), date(2026, 1, 24), "week", Fraction(3, 52) + Fraction(2, 365)),
        (date(1994, 1, 1), date(1995, 7, 1), "day", Fraction(546, 365)),
        (date(2026, 1, 31), date(2026, 1, 31), "month", Fraction(0)),
    ],
)
def test_remark_c_counts_equal_periods_backwards_and_then_days(
    start: date, end: date, counted_in: str, years: Fraction
) -> None:
    assert interval_years(start, end, counted_in) == years  # type: ignore[arg-type]


def test_aprc_counts_weekly_loans_in_weeks() -> None:
    flows = [*advance(date(2026, 1, 1), "100"), *every_days(date(2026, 1, 8), 10, "11", 7)]
    assert "week" in aprc_eu(flows).method


def test_a_series_on_the_last_day_of_the_month_stays_monthly_through_february() -> None:
    dates = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert find_unit_period(date(2025, 12, 31), dates) == UnitPeriod("month")
    assert unit_periods_between(date(2025, 12, 31), date(2026, 2, 28), UnitPeriod("month"), anchor_day=31) == (2, 0)
    loan = [*advance(date(2025, 12, 31), "1000"), *(CashFlow(day, Decimal(-260)) for day in dates)]
    as_if = [*advance(date(2025, 12, 15), "1000"), *monthly(date(2026, 1, 15), 4, "260")]
    assert apr_appendix_j(loan).percent == apr_appendix_j(as_if).percent


@pytest.mark.parametrize("start", [date(2026, 1, 31), date(2026, 1, 30), date(2024, 2, 29), date(2025, 8, 31)])
def test_a_month_from_a_31st_is_a_whole_month(start: date) -> None:
    flows = [*advance(start, "1000"), CashFlow(months_after(start, 1), Decimal(-1010))]
    assert apr_appendix_j(flows).rounded() == Decimal("12.00")
    assert aprc_eu(flows, counted_in="month").rounded() == Decimal("12.68")


def test_the_shorter_of_two_equally_frequent_periods_is_the_unit_period() -> None:
    start = date(2026, 1, 1)
    dates = [date(2026, 2, 1), date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)]
    assert find_unit_period(start, dates) == UnitPeriod("month")


def test_without_a_common_period_the_average_decides() -> None:
    assert find_unit_period(date(2026, 1, 1), [date(2026, 1, 11), date(2026, 3, 4)]) == UnitPeriod("month")


TEXTBOOK = [
    # flows by period, IRR x 12, effective by compounding
    ([Decimal(12000), *[Decimal("-1096")] * 12], "17.27", "18.71"),
    ([Decimal(90000), *[Decimal("-3226.72")] * 36], "17.40", "18.86"),
    ([Decimal(1200), *[Decimal("-410")] * 3], "14.94", None),
    ([Decimal(1200), *[Decimal("-108.30")] * 12], "14.98", None),
    ([Decimal(50000), *(Decimal(-10000) - i for i in (700, 620, 450, 310, 150))], "17.83", None),
]


@pytest.mark.parametrize(("flows", "nominal", "effective"), TEXTBOOK)
def test_textbook_table(flows: list[Decimal], nominal: str, effective: str | None) -> None:
    assert irr_nominal(flows, 12).rounded() == Decimal(nominal)
    if effective:
        assert irr_effective(flows, 12).rounded() == Decimal(effective)


def test_textbook_xirr_of_the_daily_loan() -> None:
    paid = [(date(2026, 3 + k, 1), Decimal(10000) + i) for k, i in enumerate((700, 620, 450, 310, 150))]
    flows = [*advance(date(2026, 2, 1), "50000"), *(CashFlow(on, -amount) for on, amount in paid)]
    rate = xirr(flows)
    assert (rate.kind, rate.rounded()) == (RateKind.XIRR, Decimal("19.86"))


amounts = st.integers(1, 10**13).map(lambda minor: Decimal(minor) / 100)
days = st.dates(date(1970, 1, 1), date(2190, 1, 1))


@settings(max_examples=300, deadline=None)
@given(days, amounts, st.lists(st.tuples(st.integers(1, 3650), st.integers(1, 300)), min_size=1, max_size=60))
def test_xirr_agrees_with_pyxirr_and_makes_the_flows_worth_nothing(
    start: date, lent: Decimal, shares: list[tuple[int, int]]
) -> None:
    """300 random loans; each repayment is a share of the loan, from far too little to three times the loan."""
    flows = [CashFlow(start, lent), *(CashFlow(start + timedelta(d), -lent * s / 100) for d, s in shares)]
    try:
        rate = xirr(flows)
    except RateUndefined as refusal:
        assert refusal.reason in {"too_high", "too_low"}
        return
    growth = 1 + float(rate.percent) / 100
    assume(growth > 1e-6)
    worth = math.fsum(float(f.amount) * growth ** (-(f.on - start).days / 365) for f in flows)
    size = math.fsum(abs(float(f.amount)) * growth ** (-(f.on - start).days / 365) for f in flows)
    assert abs(worth) <= 1e-5 * size
    if -0.5 < growth - 1 < 10:
        other = pyxirr.xirr([f.on for f in flows], [float(f.amount) for f in flows])
        assert other is not None and math.isclose(other * 100, float(rate.percent), rel_tol=1e-6, abs_tol=1e-5)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 480), st.decimals("0", "80", places=3), amounts)
def test_irr_finds_the_rate_an_annuity_was_computed_with(count: int, percent_a_month: Decimal, lent: Decimal) -> None:
    """The installment comes from the annuity formula in high precision, not from this package."""
    i = percent_a_month / 100
    installment = lent / count if i == 0 else lent * i / (1 - (1 + i) ** -count)
    assert abs(irr_nominal([lent, *[-installment] * count], 12).percent - percent_a_month * 12) < Decimal("0.00001")


@settings(max_examples=200, deadline=None)
@given(days, st.integers(1, 120), st.integers(10, 3000), st.sampled_from([1, 2, 3, 6, 12]))
def test_on_whole_months_the_laws_agree_with_the_internal_rate(
    start: date, count: int, cost_per_mille: int, every: int
) -> None:
    """200 regular loans, those of a 31st too: Appendix J is IRR x 12 and the APRC the effective rate."""
    assume(start.year + count * every / 12 < 2200)
    lent = Decimal(100000)
    share = (lent + lent * cost_per_mille / 1000) / count
    due = [months_after(start, every * k) for k in range(1, count + 1)]
    flows = [*advance(start, "100000"), *(CashFlow(day, -share) for day in due)]
    periods, amounts_ = Decimal(12) / every, [lent, *[-share] * count]
    if count > 1 or every == 12:
        nominal = irr_nominal(amounts_, periods).percent
        assert math.isclose(apr_appendix_j(flows).percent, nominal, rel_tol=1e-7, abs_tol=1e-6)
    effective = irr_effective(amounts_, periods).percent
    assert math.isclose(aprc_eu(flows, counted_in="month").percent, effective, rel_tol=1e-7, abs_tol=1e-6)


@settings(max_examples=300, deadline=None)
@given(days, st.lists(st.tuples(st.integers(0, 4000), st.integers(-200, 200)), min_size=1, max_size=40))
def test_every_rate_answers_or_refuses_by_reason(start: date, moves: list[tuple[int, int]]) -> None:
    """300 heaps of money moving both ways on any days: a rate or a `RateUndefined`, never another error."""
    flows = [CashFlow(start + timedelta(days=d), Decimal(a)) for d, a in moves]
    for rate in (xirr, aprc_eu, apr_appendix_j):
        try:
            assert rate(flows).percent.is_finite()
        except RateUndefined as refused:
            assert refused.reason and str(refused)


def test_a_loan_without_cost_has_a_rate_of_exactly_zero() -> None:
    flows = [*advance(START, "1200"), *monthly(date(1994, 2, 1), 12, "100")]
    rates = [irr_nominal([f.amount for f in flows], 12), xirr(flows), aprc_eu(flows), apr_appendix_j(flows)]
    assert {rate.percent for rate in rates} == {Decimal(0)}


def test_a_loan_that_returns_less_than_was_lent_has_a_negative_rate() -> None:
    flows = [*advance(START, "1000"), *monthly(date(1995, 1, 1), 1, "900")]
    assert [rate.rounded() for rate in (xirr(flows), aprc_eu(flows), apr_appendix_j(flows))] == [Decimal("-10.00")] * 3


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([], "no_flows"),
        ([CashFlow(START, Decimal(0))], "no_flows"),
        ([CashFlow(START, Decimal(5)), CashFlow(date(1995, 1, 1), Decimal(5))], "one_direction"),
        ([CashFlow(START, Decimal(5)), CashFlow(START, Decimal(-6))], "no_time"),
        ([CashFlow(START, Decimal(1)), CashFlow(date(1994, 1, 2), Decimal(-900))], "too_high"),
    ],
)
def test_flows_without_a_rate_are_refused_by_reason(flows: list[CashFlow], reason: str) -> None:
    for rate in (aprc_eu, xirr):
        with pytest.raises(RateUndefined) as refused:
            rate(flows)
        # The XIRR nets what moves on one day first, so nothing may be left of two directions.
        assert refused.value.reason in {reason, "one_direction" if reason == "no_time" else reason}


def test_flows_with_several_rates_are_refused() -> None:
    """-100 + 230 / (1+i) - 132 / (1+i)^2 is zero at 10 % and at 20 %."""
    with pytest.raises(RateUndefined) as refused:
        irr_nominal([Decimal(-100), Decimal(230), Decimal(-132)], 1)
    assert refused.value.reason == "several_roots"


def test_flows_with_no_rate_are_refused() -> None:
    with pytest.raises(RateUndefined) as refused:
        irr_nominal([Decimal(100), Decimal(-100), Decimal(100)], 1)
    assert refused.value.reason == "no_root"


def test_simple_and_flat_rates_say_what_they_are() -> None:
    simple = simple_rate(Decimal(30), Decimal(1200), Decimal("0.25"))
    flat = flat_rate(Decimal(1152), Decimal(12000), Decimal(1))
    assert (simple.kind, simple.rounded()) == (RateKind.SIMPLE, Decimal("10.00"))
    assert (flat.kind, flat.rounded()) == (RateKind.FLAT, Decimal("9.60"))
    assert str(flat) == "9.60 % (flat)"
    with pytest.raises(RateUndefined):
        simple_rate(Decimal(1), Decimal(0), Decimal(1))


def test_disclosure_names_every_fee_and_takes_rates_over_all_of_it() -> None:
    start = date(2026, 1, 1)
    due = [months_after(date(2026, 2, 1), k) for k in range(36)]
    shown = disclosure(
        paid_out=[CashFlow(start, Decimal(100000))],
        repayments=[CashFlow(day, Decimal("3226.72")) for day in due],
        fees=[
            Fee("origination", "lender", Decimal(6000), start),
            Fee("guarantee", "guarantor", Decimal(3000), start),
            Fee("guarantee top-up", "guarantor", Decimal(1000), start),
        ],
        also=[RateKind.XIRR, RateKind.APR_US, RateKind.APRC_EU],
    )
    assert shown.net_amount_received == Decimal(90000)
    assert shown.total_interest == Decimal("16161.92")
    assert shown.total_repayable == Decimal("126161.92")
    assert shown.total_cost == shown.total_interest + shown.total_fees
    assert shown.fees_by_recipient == {"lender": Decimal(6000), "guarantor": Decimal(4000)}
    assert (shown.irr_nominal.rounded(), shown.irr_effective.rounded()) == (Decimal("17.40"), Decimal("18.86"))
    assert shown.others[RateKind.APR_US].rounded() == Decimal("17.40")
    assert shown.others[RateKind.APRC_EU].rounded() == Decimal("18.86")
    assert shown.flat_rate is None


def test_a_flat_plan_shows_the_irr_beside_the_flat_rate() -> None:
    due = [months_after(date(2026, 2, 1), k) for k in range(12)]
    shown = disclosure(
        paid_out=[CashFlow(date(2026, 1, 1), Decimal(12000))],
        repayments=[CashFlow(day, Decimal(1096)) for day in due],
        is_flat=True,
    )
    assert shown.flat_rate is not None and shown.flat_rate.rounded() == Decimal("9.60")
    assert shown.irr_nominal.rounded() == Decimal("17.27")


@pytest.mark.parametrize(
    ("per_year", "day", "position"),
    [
        (12, date(2026, 4, 1), 2.0),
        (12, date(2026, 3, 16), 1.5),
        (12, date(2026, 1, 1), 0.0),
        (4, date(2026, 8, 1), 2.0),
        (52, date(2026, 2, 15), 2.0),
        (26, date(2026, 2, 15), 1.0),
        (365, date(2026, 2, 15), 14.0),
        (1, date(2028, 2, 1), 2.0),
        (Decimal("1.5"), date(2026, 10, 1), 1.0),
    ],
)
def test_positions_are_counted_in_periods(per_year: Decimal | int, day: date, position: float) -> None:
    assert period_positions(date(2026, 2, 1), [day], per_year) == [position]


def test_a_long_first_period_does_not_raise_the_rate() -> None:
    """1,000 at 1 % a month simple for two months first, then monthly: about 12 %, not the 20 % of three equal steps."""
    due = [date(2026, 3, 1), date(2026, 4, 1)]
    shown = disclosure(
        paid_out=[CashFlow(date(2026, 1, 1), Decimal(1000))],
        repayments=[CashFlow(due[0], Decimal("520.10")), CashFlow(due[1], Decimal("505"))],
    )
    assert shown.irr_nominal.rounded() == Decimal("12.00")
