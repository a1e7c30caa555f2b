"""Replays of a loan with its payments: 36 events against a bare Decimal loop, and five years of monthly payments.

`bare_decimal_loop` plans the loan and takes each payment apart into interest and principal in `Decimal`, nothing else.
The goal: a replay of a five-year loan with monthly payments in under 3 ms.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lending.finance.events import Event
from lending.finance.replay import replay
from lending.finance.schedule import plan
from lending.finance.terms import Terms
from tests.benchmarks.measuring import median_seconds

CENT = Decimal("0.01")
YEARS_GOAL_MS = 3


def terms_of(installments: int, *, recalculates: bool) -> Terms:
    """100,000.00 at 10 %, monthly level installments by actual days."""
    return Terms.from_json(
        {
            "currency": "CNY",
            "decimals": 2,
            "principal": "100000.00",
            "starts_on": "2026-01-15",
            "rate": {"percent": "10", "per": "year"},
            "interest": {
                "method": "declining",
                "accrual": "daily",
                "day_count": "actual/365",
                "recalculates_on_payment": recalculates,
            },
            "repayment": {"method": "equal_installment", "installments": installments, "every": 1, "unit": "month"},
            "rounding": {"mode": "half_up"},
        }
    )


def paid_as_planned(terms: Terms, payments: int) -> list[Event]:
    """The disbursement, then each installment paid on its due date."""
    paid_out = Event.from_json({"on": terms.starts_on.isoformat(), "type": "disburse", "amount": str(terms.principal)})
    rows = plan(terms).installments[:payments]
    return [
        paid_out,
        *(Event.from_json({"on": row.due_on.isoformat(), "type": "repay", "amount": str(row.total)}) for row in rows),
    ]


def bare_decimal_loop(installments: int) -> Decimal:
    """Plan by P / sum of discount factors, then take each payment apart; what is left at the end."""
    balance, rate = Decimal("100000.00"), Decimal(10) / 1200
    worth, discount = Decimal(0), Decimal(1)
    for _ in range(installments):
        discount /= 1 + rate
        worth += discount
    level = (balance / worth).quantize(CENT, ROUND_HALF_UP)
    for _ in range(installments - 1):
        interest = (balance * rate).quantize(CENT, ROUND_HALF_UP)
        balance -= level - interest
    return balance


def run() -> dict[str, Any]:
    """Replays a second of 36 events, and milliseconds for five years, plain and with recalculated interest."""
    three_years = terms_of(36, recalculates=False)
    five_years, recalculated = terms_of(60, recalculates=False), terms_of(60, recalculates=True)
    events_36 = paid_as_planned(three_years, 35)
    events_61 = paid_as_planned(five_years, 60)
    last_36, last_61 = events_36[-1].on, events_61[-1].on
    taken = median_seconds(
        {
            "bare Decimal loop, 36": lambda: bare_decimal_loop(36),
            "replay, 36 events": lambda: replay(three_years, events_36, last_36),
            "replay, five years": lambda: replay(five_years, events_61, last_61),
            "replay, five years, recalculated": lambda: replay(recalculated, events_61, last_61),
        }
    )
    slowest = max(seconds for name, seconds in taken.items() if "five years" in name)
    closed = replay(five_years, events_61, last_61).summary
    return {
        "what": "replays of a loan paid as planned",
        "events": {"36 events": len(events_36), "five years": len(events_61)},
        "replays_per_second": {name: round(1 / seconds) for name, seconds in taken.items()},
        "replay_time_to_bare_decimal_loop": round(taken["replay, 36 events"] / taken["bare Decimal loop, 36"], 1),
        "five_years_ms": {name: round(1000 * taken[name], 2) for name in taken if "five years" in name},
        "five_years_goal": f"under {YEARS_GOAL_MS} ms",
        "five_years_reached": 1000 * slowest < YEARS_GOAL_MS,
        "ends_with_nothing_outstanding": closed.total_outstanding == 0,
    }
