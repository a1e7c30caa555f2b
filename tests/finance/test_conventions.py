"""The written conventions, each against arithmetic that shares nothing with the engine (``naive``), or worked by hand."""

import datetime as dt
import itertools
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.payoff import payoff_quote
from lending.finance.reading import InvalidEvent
from lending.finance.replay import replay
from lending.finance.schedule import plan
from lending.finance.terms import Terms
from tests.finance.naive import ONE_DAY, NaiveLoan, rounded

START = dt.date(2024, 1, 1)


def terms(**changes: Any) -> dict[str, Any]:
    """100.00 at 7 % in six months from 2024-01-01; ``interest``, ``repayment`` and the others are merged."""
    data: dict[str, Any] = {
        "currency": "CNY",
        "decimals": 2,
        "principal": "100.00",
        "starts_on": str(START),
        "rate": {"percent": "7", "per": "year"},
        "interest": {"method": "declining", "accrual": "daily", "day_count": "30/360"},
        "repayment": {"method": "equal_installment", "installments": 6, "every": 1, "unit": "month"},
        "rounding": {"mode": "half_even", "smooth_last_installment": True},
        "allocation": {"direction": "horizontal", "in_advance": "next"},
    }
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) and isinstance(data.get(key), dict) else value
    return data


RECALCULATED = {"recalculates_on_payment": True, "accrues_on_overdue_principal": True}


def state(data: dict[str, Any], *events: dict[str, Any], as_of: str | None = None) -> LoanState:
    """The loan, paid out in full on its start, after the events."""
    read = Terms.from_json(data)
    history = [Event(read.starts_on, "disburse", read.principal), *(Event.from_json(event) for event in events)]
    day = dt.date.fromisoformat(as_of) if as_of else max(event.known_on for event in history)
    return replay(read, history, day)


def repay(on: str, amount: str, **more: str) -> dict[str, Any]:
    return {"on": on, "type": "repay", "amount": amount, **more}


def column(found: LoanState, name: str) -> list[str]:
    return [str(getattr(row, name)) for row in found.installments]


# -- schedules without payments -------------------------------------------------------------------------

STARTS = (
    "2023-01-15",
    "2023-10-31",
    "2023-12-31",
    "2024-01-01",
    "2024-01-30",
    "2024-02-29",
    "2027-11-30",
    "2099-12-12",
)
DAY_COUNTS = ("30/360", "30/365", "actual/360", "actual/364", "actual/365", "actual/actual")
RHYTHMS = ((1, "month", 6), (1, "month", 25), (2, "month", 5), (3, "month", 4), (1, "week", 12), (2, "week", 6))


def agrees(loan: NaiveLoan, found: LoanState) -> None:
    rows = [(int(row.principal * 100), int(row.interest * 100)) for row in found.installments]
    assert [row.due_on for row in found.installments] == loan.dues
    assert rows == loan.rows()


@pytest.mark.parametrize("method", ["equal_installment", "equal_principal", "interest_only"])
@pytest.mark.parametrize("day_count", DAY_COUNTS)
def test_a_plan_is_what_exact_fractions_give(day_count: str, method: str) -> None:
    """Every rhythm and start; principal, rate, rounding, smoothing and per-installment accrual take turns."""
    percents, amounts = (
        itertools.cycle(("7", "9.4822", "15.678", "45", "0")),
        itertools.cycle((10_000, 245_000, 5_000_001)),
    )
    modes, flags = itertools.cycle(("half_even", "half_up")), itertools.cycle((True, True, False))
    for start, (every, unit, count) in itertools.product(STARTS, RHYTHMS):
        percent, amount, mode, smooth = next(percents), next(amounts), next(modes), next(flags)
        per_installment = next(flags) is False
        loan = NaiveLoan(
            dt.date.fromisoformat(start), count, every, unit, percent, day_count,
            per_installment=per_installment, method=method, mode=mode, smooth=smooth,
        )  # fmt: skip
        loan.disburse(loan.starts[0], amount)
        data = terms(
            principal=str(Decimal(amount) / 100),
            starts_on=start,
            rate={"percent": percent},
            interest={"day_count": day_count, "accrual": "per_installment" if per_installment else "daily"},
            repayment={"method": method, "installments": count, "every": every, "unit": unit},
            rounding={"mode": mode, "smooth_last_installment": smooth},
        )
        agrees(loan, state(data))
        assert [(row.principal, row.interest) for row in plan(Terms.from_json(data)).installments] == [
            (row.principal, row.interest) for row in state(data).installments
        ]


@pytest.mark.parametrize("seed", range(40))
def test_tranches_rates_and_pauses_are_what_exact_fractions_give(seed: int) -> None:
    """On due dates, a day around them and anywhere else; one after the other, each planning what is not yet past."""
    draw = random.Random(seed)
    start = dt.date(draw.choice((2023, 2024, 2027)), draw.randint(1, 12), draw.randint(1, 28))
    every, unit, count = draw.choice(RHYTHMS)
    percent, day_count = draw.choice(("7", "12", "26")), draw.choice(DAY_COUNTS[:-1])
    method = draw.choice(("equal_installment", "equal_installment", "equal_principal", "interest_only"))
    loan = NaiveLoan(start, count, every, unit, percent, day_count, method=method)
    data = terms(
        principal="1000.00",
        starts_on=str(start),
        rate={"percent": percent},
        interest={"day_count": day_count},
        repayment={"method": method, "installments": count, "every": every, "unit": unit},
    )
    loan.disburse(start, 50_000)
    events = [Event(start, "disburse", Decimal(500))]
    around = [due + dt.timedelta(n) for due in loan.dues[:-1] for n in (-1, 0, 1)]
    days = sorted(draw.sample(sorted({*around, start + dt.timedelta(9)}), 3))
    for day in days[:2]:
        if draw.random() < 0.5:
            loan.disburse(day, 20_000)
            events.append(Event(day, "disburse", Decimal(200)))
        else:
            new = draw.choice(("4", "0", "20.5"))
            loan.change_rate(day, new)
            events.append(Event(day, "change_rate", since=day, percent=Decimal(new), per="year"))
    last = days[2] + dt.timedelta(draw.choice((0, 3, 20)))
    if last < loan.dues[-1]:
        loan.pause(days[2], last)
        events.append(Event(days[2], "pause_interest", since=days[2], until=last))
    agrees(loan, replay(Terms.from_json(data), events, days[2]))


# -- interest that depends on when it is paid -------------------------------------------------------------


def interest_by_days(found: LoanState, data: dict[str, Any], as_of: dt.date) -> int:
    """Yearly rate x balance of each day, summed over a period and rounded once.

    The balance is what is out less the principal paid by the day. Principal unpaid on its due date bears interest
    to the business date where overdue principal does, and none after (it counts as paid) where it does not.
    """
    percent, overdue = Fraction(data["rate"]["percent"]), data["interest"]["accrues_on_overdue_principal"]
    rows = found.installments
    paid = [
        (entry.on, rows[number - 1].due_on, amount)
        for entry in found.transactions
        for number, component, amount in entry.allocations
        if component == "principal"
    ]
    whole = 0
    for row in rows:
        exact = Fraction(0)
        for n in range(row.days):
            day = row.starts_on + n * ONE_DAY
            balance = Decimal(data["principal"])
            if overdue and day < as_of:
                balance -= sum(amount for on, _, amount in paid if on <= day)
            else:
                balance -= sum(other.principal for other in rows if other.due_on <= day)
                balance -= sum(amount for on, due, amount in paid if on <= day < due)
            year_part = Fraction(1, 12 * row.days) if data["interest"]["day_count"] == "30/360" else Fraction(1, 365)
            exact += Fraction(balance) * percent * year_part
        whole += rounded(exact, "half_even")
    return whole


ADVANCES = ("next", "last", "next_then_last", "reamortize")


@pytest.mark.parametrize("seed", range(60))
def test_recalculated_interest_is_that_of_the_daily_balance(seed: int) -> None:
    """Paid early, late, in part and too much, in every order: no day's interest is lost or asked for twice."""
    draw = random.Random(seed)
    order = [
        f"{kind}_{component}"
        for kind in ("past_due", "due", "in_advance")
        for component in draw.choice((("fee", "interest", "principal"), ("penalty", "principal", "interest")))
    ]
    data = terms(
        principal=draw.choice(("100.00", "8000.00")),
        rate={"percent": draw.choice(("7", "26", "45"))},
        interest={
            "day_count": draw.choice(("30/360", "actual/365")),
            "recalculates_on_payment": True,
            "accrues_on_overdue_principal": draw.random() < 0.6,
        },
        repayment={
            "installments": draw.choice((3, 6, 12)),
            "method": draw.choice(("equal_installment", "equal_installment", "equal_principal", "interest_only")),
        },
        allocation={
            "direction": draw.choice(("horizontal", "vertical")), "order": order, "in_advance": ADVANCES[seed % 4],
        },
    )  # fmt: skip
    day, events = START, []
    for _ in range(draw.randint(1, 3)):
        day += dt.timedelta(draw.choice((0, 13, 14, 31, 40)))
        amount = Decimal(data["principal"]) / draw.choice((2, 3, 6, 12, 60))
        events.append(repay(str(day), f"{amount:.2f}"))
    as_of = day + dt.timedelta(draw.choice((0, 0, 12)))
    found = state(data, *events, as_of=str(as_of))
    assert sum(int(row.interest * 100) for row in found.installments) == interest_by_days(found, data, as_of)


def test_overdue_interest_is_asked_for_where_everything_to_come_is_paid() -> None:
    """66.67 paid to the last on 18 January; 33.33 stay overdue from 4 February, at 45 % on 30-day months.

    To 4 February 17 of 31 days on 33.33 and 14 on 100.00: 1.69 + 0.69 = 2.38. February on 33.33: 1.25.
    To 18 March 14 of 31 days on what 16.67 on 4 March (3.63 of it interest) leave of it, 20.29: 0.34.
    """
    data = terms(
        starts_on="2022-01-04",
        rate={"percent": "45"},
        interest=RECALCULATED,
        repayment={"installments": 3},
        allocation={"in_advance": "last", "order": [
            "past_due_interest", "past_due_principal", "due_interest", "due_principal",
            "in_advance_principal", "in_advance_interest",
        ]},
    )  # fmt: skip
    late = state(data, repay("2022-01-18", "66.67"), as_of="2022-03-04")
    assert column(late, "interest") == ["3.63", "0.00", "0.00"]
    later = state(data, repay("2022-01-18", "66.67"), repay("2022-03-04", "16.67"), as_of="2022-03-18")
    assert column(later, "interest") == ["3.97", "0.00", "0.00"]


def test_interest_paid_ahead_is_not_asked_for_again_after_a_charge_back() -> None:
    """1,000.00 at 26 %, 833.33 paid to the last on 26 January; overdue from 12 February; 20.00 back on 2 March.

    To 12 February 14 of 31 days on 1,000.00 and 17 on 166.67: 11.77. To 12 March 166.67 to 2 March, then on
    20.00 alone: 2.48. Asked for with the first installment until the second asks for something again.
    """
    data = terms(
        principal="1000.00",
        starts_on="2023-01-12",
        rate={"percent": "26"},
        interest={**RECALCULATED, "accrual": "per_installment", "partial_periods": True},
        allocation={"in_advance": "last", "order": [
            "past_due_interest", "past_due_principal", "due_interest", "due_principal",
            "in_advance_principal", "in_advance_interest",
        ]},
    )  # fmt: skip
    back = {"on": "2023-03-02", "type": "chargeback", "amount": "20.00"}
    found = state(data, repay("2023-01-26", "833.33"), back)
    assert column(found, "interest") == ["11.77", "2.48", "0.00", "0.00", "0.00", "0.00"]


# -- changes ---------------------------------------------------------------------------------------------


def test_further_installments_spread_what_is_not_yet_past() -> None:
    """1,200.00 without interest in 12; four past, 800.00 over eight and four more: 66.67, the last 66.63."""
    data = terms(principal="1200.00", rate={"percent": "0"}, repayment={"installments": 12})
    longer = {"on": "2024-05-02", "type": "reschedule", "from": "2024-05-02", "extra_installments": 4}
    found = state(data, longer)
    assert column(found, "principal") == ["100.00"] * 4 + ["66.67"] * 11 + ["66.63"]


@pytest.mark.parametrize("recalculated", [False, True])
def test_further_installments_never_ask_for_less_than_nothing(recalculated: bool) -> None:
    """What was paid ahead stays paid; the new installments ask for what is left, and nothing of a loan paid off."""
    data = terms(interest=RECALCULATED if recalculated else {}, principal="600.00")
    longer = {"on": "2024-02-05", "type": "reschedule", "from": "2024-02-05", "extra_installments": 2}
    for amount in ("150.00", "450.00", "590.00", "700.00"):
        found = state(data, repay("2024-02-03", amount), longer, as_of="2024-03-15")
        assert sum(row.principal for row in found.installments) == 600
        assert min(min(row.principal, row.balance, row.outstanding) for row in found.installments) >= 0
    assert len(found.installments) == 6


def test_further_installments_after_the_last_due_date_are_refused() -> None:
    longer = {"on": "2024-07-02", "type": "reschedule", "from": "2024-07-02", "extra_installments": 2}
    with pytest.raises(InvalidEvent, match="a day up to the last due date 2024-07-01"):
        state(terms(), longer)


def test_a_new_rate_reaches_installments_that_bore_none_before() -> None:
    """Interest only at 12 %, then at 0 % from the second month, then at 6 % from the fourth: 1.00, 0, 0, 0.50 …"""
    data = terms(rate={"percent": "12"}, repayment={"method": "interest_only"})
    rates = (("2024-02-02", "0"), ("2024-04-02", "6"))
    changes = [{"on": day, "type": "change_rate", "from": day, "percent": percent} for day, percent in rates]
    assert column(state(data, *changes), "interest") == ["1.00", "0.00", "0.00", "0.50", "0.50", "0.50"]


def test_settled_installments_keep_their_principal_when_the_rate_changes() -> None:
    """All but the last half of the last are paid ahead; with a lower rate the sum of principal is still what is out."""
    data = terms(rate={"percent": "36"})
    lower = {"on": "2024-03-10", "type": "change_rate", "from": "2024-03-10", "percent": "6"}
    found = state(data, repay("2024-03-08", "105.00"), lower)
    assert sum(row.principal for row in found.installments) == 100
    assert column(found, "settled_on")[:5] == ["2024-03-08"] * 5


@pytest.mark.parametrize("grace", [1, 2, 5])
def test_grace_on_interest_puts_it_off_without_compounding(grace: int) -> None:
    """The rows are those of the loan without grace, only the interest is asked for later, all at once."""
    plain = state(terms(rate={"percent": "45"}, rounding={"mode": "half_up"}))
    data = terms(
        rate={"percent": "45"}, rounding={"mode": "half_up"}, repayment={"grace_installments": {"interest": grace}}
    )
    found = state(data)
    assert column(found, "principal") == column(plain, "principal")
    interest = [row.interest for row in plain.installments]
    put_off = [Decimal(0)] * grace + [sum(interest[: grace + 1], Decimal(0)), *interest[grace + 1 :]]
    assert [row.interest for row in found.installments] == put_off
    assert [row.total for row in plan(Terms.from_json(data)).installments] == [row.total for row in found.installments]


def test_a_bullet_with_grace_on_interest_still_bears_it() -> None:
    data = terms(repayment={"method": "bullet", "grace_installments": {"interest": 6}})
    assert column(state(data), "interest") == ["3.50"]


def test_money_after_a_write_off_is_a_recovery() -> None:
    write_off = {"on": "2024-02-10", "type": "write_off"}
    found = state(terms(), write_off, repay("2024-02-11", "30.00"))
    last = found.transactions[-1]
    assert (last.type, last.principal + last.interest + last.overpayment) == ("recovery", 0)
    assert found.summary.recovered == 30
    assert found.summary.total_outstanding == 0


def test_a_charge_after_maturity_is_an_installment_of_its_own() -> None:
    """Charged 2024-08-10, paid with the credit of a back-dated payment; its reversal leaves the charge open."""
    charge = {"on": "2024-08-10", "type": "charge", "component": "fee", "amount": "5.00", "due_on": "2024-08-10"}
    early = repay("2024-01-10", "110.00", entered_on="2024-08-11")
    paid = state(terms(), charge, early)
    assert [str(row.due_on) for row in paid.installments][6:] == ["2024-08-10"]
    assert (paid.installments[6].fees, paid.installments[6].outstanding) == (5, 0)
    undone = state(terms(), charge, early, {"on": "2024-08-12", "type": "reverse", "event": 3})
    assert [row.paid for row in undone.installments] == [0] * 7
    assert undone.installments[6].outstanding == 5


def test_reversing_the_disbursement_leaves_the_plan_and_the_money_as_credit() -> None:
    found = state(terms(), repay("2024-02-01", "20.00"), {"on": "2024-02-02", "type": "reverse", "event": 1})
    assert (found.summary.disbursed, found.summary.total_outstanding, found.summary.overpayment) == (0, 0, 20)
    assert min(row.balance for row in found.installments) >= 0


# -- money that must not go astray -----------------------------------------------------------------------


def test_what_a_shorter_term_sets_free_pays_what_is_owed() -> None:
    """50.00 paid to the last installments; 30.00 prepaid cuts them off, and their money goes to those before."""
    data = terms(rate={"percent": "0"}, allocation={"by_event": {"goodwill_credit": {"in_advance": "last"}}})
    ahead = {"on": "2024-01-05", "type": "goodwill_credit", "amount": "50.00"}
    cut = {"on": "2024-01-10", "type": "prepay", "amount": "30.00", "effect": "shorter_term"}
    found = state(data, ahead, cut)
    assert (found.summary.overpayment, found.summary.outstanding_principal) == (0, 20)


def test_interest_put_off_never_swallows_the_principal() -> None:
    """3 yen at 0.695 % a day for four years: the interest of two years, 15, fits into no installment of 8."""
    data = terms(
        currency="JPY",
        decimals=0,
        principal="3",
        rate={"percent": "0.695", "per": "day"},
        repayment={"installments": 4, "unit": "year", "grace_installments": {"interest": 2}},
    )
    assert sum(row.principal for row in state(data).installments) == 3


def test_interest_paid_ahead_of_its_days_comes_back_when_the_loan_is_paid_off() -> None:
    """12,000 at 12 % a year, no recalculation, interest by days on prepayment (Civil Code 677): 30 days bear 120.

    | paid ahead on    | paid off on | in all    |
    |------------------|-------------|-----------|
    | 14 Sep: 500.00   | 14 Sep      | 12,000.00 |  no day, no interest
    | 20 Sep: 1,500.00 | 29 Sep      | 12,060.00 |  15 of 30 days
    """
    terms = Terms.from_json(
        {
            "currency": "CNY",
            "principal": "12000.00",
            "starts_on": "2026-09-14",
            "rate": {"percent": "12", "per": "year"},
            "interest": {"method": "declining", "accrual": "per_installment"},
            "repayment": {"method": "equal_installment", "installments": 12},
            "prepayment": {"interest": "to_payment_date"},
            "rounding": {"mode": "half_up"},
        }
    )
    for ahead_on, ahead, off_on, in_all in (
        ("2026-09-14", "500.00", "2026-09-14", "12000.00"),
        ("2026-09-20", "1500.00", "2026-09-29", "12060.00"),
    ):
        events = [
            Event.from_json({"on": "2026-09-14", "type": "disburse", "amount": "12000.00"}),
            Event.from_json({"on": ahead_on, "type": "repay", "amount": ahead}),
        ]
        off = dt.date.fromisoformat(off_on)
        quote = payoff_quote(terms, events, off)
        assert quote.total == Decimal(in_all) - Decimal(ahead)
        paid_off = replay(terms, [*events, Event(off, "pay_off")], off)
        assert paid_off.summary.closed and paid_off.summary.overpayment == 0
        assert sum(row.principal for row in paid_off.installments) == 12_000
