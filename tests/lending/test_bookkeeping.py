"""Whatever happens to a loan, its journal balances and says what its state says."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.replay import replay
from lending.finance.terms import Terms
from lending.ledger import chart
from lending.loans.bookkeeping import BooksDoNotBalance, balances_of
from tests.lending.loan_builders import TERMS

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden"
DISBURSE = {"on": "2026-09-14", "type": "disburse", "amount": "12000.00"}


def books(events: list[dict[str, Any]], *, as_of: str = "2027-12-31", **terms: Any) -> tuple[dict[str, int], LoanState]:
    facts = [Event.from_json(event) for event in [DISBURSE, *events]]
    state = replay(Terms.from_json({**TERMS, **terms}), facts, dt.date.fromisoformat(as_of))
    return balances_of(state, facts, 2), state


def test_the_example_of_the_docstring() -> None:
    order = [
        f"{due}_{part}"
        for due in ("past_due", "due", "in_advance")
        for part in ("fee", "interest", "principal", "penalty")
    ]
    terms = {
        "principal": "1000.00",
        "repayment": {"method": "equal_principal", "installments": 10, "every": 1, "unit": "month"},
        "allocation": {"direction": "horizontal", "order": order},
    }
    facts = [
        Event.from_json({**DISBURSE, "amount": "1000.00"}),
        Event.from_json(
            {"on": "2026-09-14", "type": "charge", "component": "fee", "amount": "20.00", "due_on": "2026-09-14"}
        ),
        Event.from_json({"on": "2026-10-14", "type": "repay", "amount": "130.00"}),
    ]
    state = replay(Terms.from_json({**TERMS, **terms}), facts, dt.date(2026, 10, 14))
    assert balances_of(state, facts, 2) == {
        chart.CUSTODY: -87000,
        chart.PRINCIPAL: 90000,
        chart.INTEREST_RECEIVABLE: -1000,
        chart.FEE_INCOME: -2000,
    }


def test_before_the_disbursement_there_is_nothing_in_the_books() -> None:
    state = replay(Terms.from_json(TERMS), [], dt.date(2026, 9, 14))
    assert balances_of(state, [], 2) == {}


@pytest.mark.parametrize(
    ("event", "account", "balance"),
    [
        ({"type": "goodwill_credit", "amount": "50.00"}, chart.WAIVERS, 5000),
        ({"type": "merchant_issued_refund", "amount": "50.00"}, chart.CUSTODY, -1_200_000 + 5000),
        ({"type": "capitalized_income", "amount": "30.00"}, chart.FEE_INCOME, -3000),
        ({"type": "chargeback", "amount": "40.00"}, chart.CUSTODY, -1_200_000 - 4000),
        ({"type": "charge", "component": "penalty", "amount": "5.00"}, chart.PENALTY_INCOME, -500),
        ({"type": "installment_fee", "basis": "flat", "value": "10"}, chart.FEE_INCOME, -12000),
        ({"type": "write_off"}, chart.CHARGE_OFF_EXPENSE, 1_200_000),
        ({"type": "charge_off"}, chart.CHARGE_OFF_EXPENSE, 1_200_000),
    ],
)
def test_each_kind_of_event_moves_its_account(event: dict[str, Any], account: str, balance: int) -> None:
    found, _state = books([{"on": "2026-10-20", **event}])
    assert found[account] == balance
    assert sum(found.values()) == 0


def test_a_waived_fee_is_an_expense_and_no_longer_owed() -> None:
    charge = {"on": "2026-10-01", "type": "charge", "component": "fee", "amount": "20.00"}
    found, state = books([charge, {"on": "2026-10-20", "type": "waive_fee"}])
    assert (found[chart.WAIVERS], found[chart.FEE_INCOME], state.summary.outstanding_fees) == (2000, -2000, 0)
    assert chart.FEES_RECEIVABLE not in found


def test_waived_interest_was_never_posted_so_nothing_is_taken_back() -> None:
    found, _state = books([{"on": "2026-10-20", "type": "waive_interest"}])
    assert found == {chart.CUSTODY: -1_200_000, chart.PRINCIPAL: 1_200_000}


def test_capitalised_interest_and_fees_become_principal_and_stay_income() -> None:
    charge = {"on": "2026-10-01", "type": "charge", "component": "fee", "amount": "20.00"}
    anew = {
        "on": "2026-11-20",
        "type": "restructure",
        "starts_on": "2026-12-20",
        "installments": 6,
        "capitalize": ["interest", "fees"],
    }
    found, state = books([charge, anew], as_of="2026-11-20")
    interest = next(t.interest for t in state.transactions if t.type == "restructure")
    assert interest > 0
    assert found[chart.PRINCIPAL] == 1_200_000 + 2000 + int(interest * 100)
    assert (found[chart.FEE_INCOME], found[chart.INTEREST_RECEIVABLE]) == (-2000, -int(interest * 100))


@pytest.mark.parametrize("kind", ["re_age", "re_amortize", "reschedule", "change_rate", "pause_interest"])
def test_an_agreement_moves_no_money(kind: str) -> None:
    details = {
        "re_age": {"starts_on": "2026-12-14", "installments": 6},
        "reschedule": {"from": "2026-12-14", "new_due_on": "2026-12-20"},
        "change_rate": {"from": "2026-12-14", "percent": "6"},
        "pause_interest": {"from": "2026-12-14", "to": "2027-01-14"},
    }
    found, _state = books([{"on": "2026-11-20", "type": kind, **details.get(kind, {})}])
    assert found == {chart.CUSTODY: -1_200_000, chart.PRINCIPAL: 1_200_000}


def test_money_after_a_charge_off_is_a_recovery() -> None:
    paid = {"on": "2027-02-01", "type": "repay", "amount": "500.00"}
    found, state = books([{"on": "2027-01-20", "type": "charge_off"}, paid])
    received = state.transactions[-1]
    assert found[chart.RECOVERIES] == -int((received.principal + received.fees + received.penalties) * 100)
    assert found[chart.CHARGE_OFF_EXPENSE] == 1_200_000


def test_a_refund_of_credit_empties_it() -> None:
    paid = {"on": "2026-09-20", "type": "repay", "amount": "20000.00"}
    _found, before = books([paid])
    refund = {"on": "2026-09-21", "type": "credit_balance_refund", "amount": str(before.summary.overpayment)}
    found, _state = books([paid, refund])
    assert chart.CREDIT_BALANCES not in found and sum(found.values()) == 0


def test_figures_that_contradict_each_other_are_a_fault_not_an_expense() -> None:
    facts = [Event.from_json(DISBURSE)]
    state = replay(Terms.from_json(TERMS), facts, dt.date(2026, 9, 14))
    wrong = state._replace(summary=state.summary._replace(outstanding_principal=Decimal("11999.99")))
    with pytest.raises(BooksDoNotBalance, match=r"-0\.01"):
        balances_of(wrong, facts, 2)


@pytest.mark.skipif(not GOLDEN.exists(), reason="the golden figures are not here")
def test_every_golden_loan_balances() -> None:
    checked = 0
    for case in json.loads((GOLDEN / "payments.json").read_text()):
        scenario = case["scenario"]
        facts = [Event.from_json(event) for event in scenario["events"]]
        as_of = dt.date.fromisoformat(scenario.get("as_of") or max(event["on"] for event in scenario["events"]))
        terms = Terms.from_json(scenario["terms"])
        found = balances_of(replay(terms, facts, as_of), facts, terms.decimals)
        assert sum(found.values()) == 0, scenario["id"]
        checked += 1
    assert checked > 40
