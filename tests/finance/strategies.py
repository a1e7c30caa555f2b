"""Hypothesis strategies: terms and histories over the whole range the engine promises to work in."""

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lending.finance.events import Event
from lending.finance.repayment_terms import LONGEST_STEP
from lending.finance.terms import Terms

COMPONENTS = ("penalty", "fee", "interest", "principal")
CURRENCIES = (("JPY", 0), ("CNY", 2), ("EUR", 2), ("KWD", 3))
MOST_MINOR = 10**13
METHODS = ("equal_installment", "equal_installment", "equal_principal", "interest_only", "bullet")
DAY_COUNTS = (
    "30/360",
    "30/364",
    "30/365",
    "30e/360",
    "30u/360",
    "actual/360",
    "actual/364",
    "actual/365",
    "actual/actual",
    "actual/actual-isda",
    "actual/actual-period-start",
)


def days(first: str = "1970-01-01", last: str = "2199-12-31") -> st.SearchStrategy[dt.date]:
    return st.dates(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def major(minor: int, decimals: int) -> str:
    return str(Decimal(minor).scaleb(-decimals))


def rates() -> st.SearchStrategy[dict[str, str]]:
    """From nothing to 1,000 % a year, by year, month, day or term."""
    yearly = st.decimals("0", "1000", places=4).map(lambda p: {"percent": str(p), "per": "year"})
    monthly = st.decimals("0", "80", places=3).map(lambda p: {"percent": str(p), "per": "month"})
    daily = st.decimals("0", "2", places=3).map(lambda p: {"percent": str(p), "per": "day"})
    term = st.decimals("0", "100", places=2).map(lambda p: {"percent": str(p), "per": "term"})
    return st.one_of(yearly, yearly, monthly, daily, term)


@st.composite
def orders(draw: st.DrawFn) -> list[str]:
    """What is due before what is not (else paying as planned pays ahead); components in any order."""
    kinds = ("past_due", "due", "in_advance")
    return [f"{kind}_{component}" for kind in kinds for component in draw(st.permutations(COMPONENTS))]


@st.composite
def terms_json(
    draw: st.DrawFn,
    most_installments: int = 480,
    recalculates: bool | None = None,
    plain: bool = False,
) -> dict[str, Any]:
    """Valid terms. ``plain`` leaves out grace, balloons, down payments and clauses."""
    currency, decimals = draw(st.sampled_from(CURRENCIES))
    few = st.integers(1, min(12, most_installments))
    installments = draw(st.one_of(few, few, st.integers(1, most_installments)))
    unit = draw(st.sampled_from(("month", "month", "month", "week", "day", "half_month", "year")))
    every = draw(st.integers(1, 3 if unit in ("month", "year") else 30))
    installments = min(installments, 190 * 365 // (every * LONGEST_STEP[unit]))
    method = "declining" if recalculates else draw(st.sampled_from(("declining", "declining", "flat")))
    principal = draw(st.one_of(st.integers(1, 500), st.integers(1, 10**7), st.integers(1, MOST_MINOR)))
    data: dict[str, Any] = {
        "currency": currency,
        "decimals": decimals,
        "principal": major(principal, decimals),
        "starts_on": str(draw(days())),
        "rate": draw(rates()),
        "interest": {
            "method": method,
            "accrual": draw(st.sampled_from(("daily", "per_installment"))),
            "day_count": draw(st.sampled_from(DAY_COUNTS)),
            "partial_periods": draw(st.booleans()),
            "counts_disbursement_day": draw(st.booleans()),
        },
        "repayment": {
            "method": draw(st.sampled_from(METHODS)),
            "installments": installments,
            "every": every,
            "unit": unit,
            "month_end": draw(st.sampled_from(("clip", "last_day", "first_of_next_month"))),
        },
        "rounding": {
            "mode": draw(st.sampled_from(("half_even", "half_up", "half_down", "up", "down"))),
            "smooth_last_installment": draw(st.booleans()),
        },
        "allocation": {
            "direction": draw(st.sampled_from(("horizontal", "vertical"))),
            "order": draw(orders()),
            "in_advance": draw(st.sampled_from(("next", "last", "next_then_last", "reamortize"))),
        },
    }
    interest = data["interest"]
    interest["recalculates_on_payment"] = draw(st.booleans()) if recalculates is None else recalculates
    interest["accrues_on_overdue_principal"] = draw(st.booleans())
    if draw(st.booleans()):
        interest["leap_rule"] = "feb_29_period_only"
    if not plain:
        data["repayment"].update(draw(extras(installments)))
        data.update(draw(clauses()))
    return data


@st.composite
def extras(draw: st.DrawFn, installments: int) -> dict[str, Any]:
    """Grace, a down payment, a balloon: each now and then."""
    out: dict[str, Any] = {}
    chance = st.integers(0, 5)
    if draw(chance) == 0 and installments > 1:
        out["grace_installments"] = {
            "principal": draw(st.integers(0, installments - 1)),
            "interest": draw(st.integers(0, installments - 1)),
            "interest_free": draw(st.integers(0, installments)),
        }
    if draw(chance) == 0:
        out["down_payment_percent"] = str(draw(st.integers(1, 60)))
        out["down_payment_paid_automatically"] = draw(st.booleans())
    if draw(chance) == 0:
        out["principal_percent_per_installment"] = str(draw(st.integers(0, 100)))
    if draw(chance) == 0:
        out["balloon_percent"] = str(draw(st.integers(0, 90)))
    return out


@st.composite
def clauses(draw: st.DrawFn) -> dict[str, Any]:
    """Penalty interest, prepayment rules and a cap: each now and then."""
    out: dict[str, Any] = {}
    chance = st.integers(0, 4)
    if draw(chance) == 0:
        out["penalty"] = {"multiple": "1.5", "on_interest": draw(st.booleans()), "cap_percent": "50"}
    if draw(chance) == 0:
        effect = draw(st.sampled_from(("shorter_term", "smaller_installment")))
        out["prepayment"] = {"interest": "to_payment_date", "fee_percent": "1", "effect": effect}
    if draw(chance) == 0:
        out["caps"] = {"total_cost_percent": "36", "per": draw(st.sampled_from(("year", "term")))}
    return out


RECEIPTS = ("repay", "repay", "repay", "goodwill_credit", "merchant_issued_refund", "payout_refund")
CHANGES = ("change_rate", "pause_interest", "reschedule")


@st.composite
def histories(
    draw: st.DrawFn,
    most_events: int = 6,
    most_installments: int = 12,
    recalculates: bool | None = None,
    kinds: tuple[str, ...] = (*RECEIPTS, *CHANGES, "charge", "disburse", "chargeback", "reverse", "prepay"),
) -> tuple[Terms, list[Event]]:
    """A loan that is paid out in full and what then happens to it, day by day."""
    terms = Terms.from_json(draw(terms_json(most_installments, recalculates)))
    rows = terms.repayment
    step = {"day": 1, "week": 7, "half_month": 15, "month": 30, "year": 365}[rows.unit] * rows.every
    principal = terms.principal_minor
    day = terms.starts_on
    events = [Event(day, "disburse", terms.principal)]
    for _ in range(draw(st.integers(0, most_events))):
        day = day + dt.timedelta(draw(st.sampled_from((0, 1, step // 2, step, step, 2 * step))))
        kind = draw(st.sampled_from(kinds))
        part = draw(st.sampled_from((1, 2, 5, 12)))
        amount = draw(st.integers(1, max(1, principal // part)))
        events.append(Event.from_json(event_json(draw, kind, day, step, major(amount, terms.decimals), len(events))))
    return terms, events


def event_json(draw: st.DrawFn, kind: str, day: dt.date, step: int, amount: str, so_far: int) -> dict[str, Any]:
    data: dict[str, Any] = {"on": str(day), "type": kind}
    later = st.integers(0, 2 * step).map(lambda n: str(day + dt.timedelta(n)))
    if kind == "charge":
        data.update(amount=amount, component=draw(st.sampled_from(("fee", "penalty"))), due_on=draw(later))
    elif kind == "change_rate":
        data.update({"from": draw(later), "percent": str(draw(st.integers(0, 60)))})
    elif kind == "pause_interest":
        data.update({"from": str(day), "to": draw(later)})
    elif kind == "reschedule":
        data["from"] = str(day)
        what = draw(st.sampled_from(("move", "extend", "grace")))
        if what == "move":
            data["new_due_on"] = str(day + dt.timedelta(draw(st.integers(1, 2 * step))))
        elif what == "extend":
            data["extra_installments"] = draw(st.integers(1, 3))
        else:
            data["grace_installments"] = {"principal": draw(st.integers(0, 2)), "interest": draw(st.integers(0, 1))}
    elif kind == "reverse":
        data["event"] = draw(st.integers(1, so_far))
    elif kind in ("re_age", "restructure"):
        data.update(starts_on=str(day + dt.timedelta(draw(st.integers(1, 40)))), installments=draw(st.integers(1, 6)))
        if kind == "restructure":
            data["capitalize"] = draw(st.sampled_from(([], ["interest"], ["interest", "fees", "penalties"])))
    elif kind not in ("re_amortize", "write_off", "charge_off", "close_of_business", "waive_interest"):
        data["amount"] = amount
    return data
