"""36-installment plans: one by one against a bare Decimal loop, in bulk against a bare NumPy loop.

(a) `bare_decimal_loop` does the arithmetic of a level plan in `Decimal` and nothing else: no dates, no rows, no checks.
(b) `bare_numpy_loop` does it in int64 over 100,000 loans of different principals: one fraction for all, halves upward,
    no level installment to settle at halves, no carry, no smoothing.

The goals: `plan` within 3 times (a), `plan_many` at a third of the rate of (b) or better. `plan_many` is measured on
the same loans, once with equal periods and once with actual days over 365.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lending.finance.bulk import plan_many
from lending.finance.schedule import plan
from lending.finance.terms import Terms
from tests.benchmarks.measuring import median_seconds

INSTALLMENTS = 36
LOANS = 100_000
CENT = Decimal("0.01")
Ints = NDArray[np.int64]


def terms_of(accrual: str, day_count: str = "30/360") -> Terms:
    """100,000.00 at 10 % in 36 monthly level installments."""
    return Terms.from_json(
        {
            "currency": "CNY",
            "decimals": 2,
            "principal": "100000.00",
            "starts_on": "2026-01-15",
            "rate": {"percent": "10", "per": "year"},
            "interest": {"method": "declining", "accrual": accrual, "day_count": day_count},
            "repayment": {"method": "equal_installment", "installments": INSTALLMENTS, "every": 1, "unit": "month"},
            "rounding": {"mode": "half_up"},
        }
    )


def bare_decimal_loop(factors: list[Decimal]) -> list[tuple[Decimal, Decimal]]:
    """Interest and principal of each installment of the same loan, in plain Decimal: P / sum of discount factors."""
    balance = Decimal("100000.00")
    worth, discount = Decimal(0), Decimal(1)
    for factor in factors:
        discount /= 1 + factor
        worth += discount
    level = (balance / worth).quantize(CENT, ROUND_HALF_UP)
    rows = []
    for factor in factors[:-1]:
        interest = (balance * factor).quantize(CENT, ROUND_HALF_UP)
        principal = level - interest
        rows.append((interest, principal))
        balance -= principal
    rows.append(((balance * factors[-1]).quantize(CENT, ROUND_HALF_UP), balance))
    return rows


def bare_numpy_loop(principals: Ints) -> tuple[Ints, Ints]:
    """Interest and principal, one row an installment, one column a loan, in plain int64."""
    rate = 10 / 1200
    level = np.floor(principals * (rate / (1 - (1 + rate) ** -INSTALLMENTS)) + 0.5).astype(np.int64)
    interests = np.empty((INSTALLMENTS, principals.size), np.int64)
    repaid = np.empty_like(interests)
    balance = principals.copy()
    for k in range(INSTALLMENTS):
        interests[k] = (balance * 2 + 120) // 240
        repaid[k] = balance if k == INSTALLMENTS - 1 else level - interests[k]
        balance -= repaid[k]
    return interests, repaid


def loans() -> Ints:
    """Principals of 100,000 loans from 1,000.00 to 1,000,000.00, the same in every run."""
    return np.random.default_rng(7).integers(100_000, 100_000_000, LOANS)


def run() -> dict[str, Any]:
    """Plans a second of each way, and the two ratios that have a goal."""
    by_period, by_days = terms_of("per_installment"), terms_of("daily", "actual/365")
    equal = [Decimal(10) / 1200] * INSTALLMENTS
    lengths = [row.days for row in plan(by_days).installments]
    principals = loans()
    single = median_seconds(
        {
            "bare Decimal loop, equal periods": lambda: bare_decimal_loop(equal),
            "bare Decimal loop, actual/365": lambda: bare_decimal_loop(
                [Decimal(10 * days) / 36500 for days in lengths]
            ),
            "plan, equal periods": lambda: plan(by_period),
            "plan, actual/365": lambda: plan(by_days),
        },
        repetitions=15,
    )
    bulk = median_seconds(
        {
            "bare NumPy loop": lambda: bare_numpy_loop(principals),
            "plan_many, equal periods": lambda: plan_many(by_period, principals),
            "plan_many, actual/365": lambda: plan_many(by_days, principals),
        },
        repetitions=9,
    )
    kinds = ("equal periods", "actual/365")
    slowest_many = max(seconds for name, seconds in bulk.items() if name.startswith("plan_many"))
    return {
        "what": f"{INSTALLMENTS}-installment plans",
        "plans_per_second": {name: round(1 / seconds) for name, seconds in single.items()},
        "bulk_loans": LOANS,
        "bulk_plans_per_second": {name: round(LOANS / seconds) for name, seconds in bulk.items()},
        "agrees": agrees(by_period, principals, equal),
        "plan_time_to_bare_decimal_loop": {
            kind: round(single[f"plan, {kind}"] / single[f"bare Decimal loop, {kind}"], 2) for kind in kinds
        },
        "plan_time_goal": "at most 3",
        "plan_many_rate_to_bare_numpy_loop": round(bulk["bare NumPy loop"] / slowest_many, 2),
        "plan_many_rate_goal": "at least 0.33",
    }


def agrees(terms: Terms, principals: Ints, factors: list[Decimal]) -> bool:
    """Whether rivals compute the same: the Decimal loop and `plan` to the cent, the two bulk loops to a unit."""
    rows = [(row.interest, row.principal) for row in plan(terms).installments]
    many = plan_many(terms, principals)
    interests, _ = bare_numpy_loop(principals)
    close = bool((np.abs(interests - many.interests) <= 1).all())
    return rows == bare_decimal_loop(factors) and close
