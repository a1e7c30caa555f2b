"""A scenario in, an answer out: what `manage.py simulate` and the checks read and write.

A scenario is one JSON object, `{"id", "terms", "events", "as_of"}`; its answer is

    {"id", "installments": [...], "transactions": [...], "summary": {...},
     "annual_rate": {"irr_nominal": "17.83", "irr_effective": "19.86"}}

or `{"id", "error": {"field", "message"}}` where it cannot be computed. Amounts are text in currency units with exactly
the currency's decimals, rates are percent with two decimals, days are ISO dates. `field` is the path inside the
scenario: `terms.repayment.installments`, `events[2].amount`.

The yearly rates are those of the plan as it stands: money out on its days, fees due on the first of them withheld
there, each installment less its penalties on its due date (what a default costs is no price of the credit).
`irr_nominal` is the IRR per period times the periods of a year. `irr_effective` compounds it, except where interest is
counted in actual days: there it is the XIRR, because the periods do not bear equal interest. A plan without a rate
answers null and says why.
"""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from lending.finance.appendix_j import find_unit_period
from lending.finance.disclosure import period_positions
from lending.finance.events import Event
from lending.finance.installments import Installment, LoanState, Transaction
from lending.finance.internal_rate import irr_effective, irr_nominal, xirr
from lending.finance.rate_solving import CashFlow, RateUndefined
from lending.finance.reading import FieldError
from lending.finance.replay import replay
from lending.finance.terms import Terms

PERIODS_PER_YEAR = {"day": 365, "week": 52, "half_month": 24, "month": 12, "year": 1}
INSTALLMENT_KEYS = (
    "number", "due_on", "days", "principal", "interest", "fees", "penalties", "total", "balance", "paid",
    "outstanding", "settled_on",
)  # fmt: skip
TRANSACTION_KEYS = ("on", "type", "amount", "principal", "interest", "fees", "penalties", "overpayment")


def read_scenarios(text: str) -> Iterator[Any]:
    """The scenarios of a text: one object, a list of them, or one a line; a line that is no JSON is a `FieldError`.

    An object that wraps a scenario with what is said about it (`{"about", "scenario", "expected"}`) gives the scenario.
    """
    try:
        whole = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as broken:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            yield FieldError("", f"is no JSON: {broken}")
            return
        yield from (_read_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())
        return
    yield from (_unwrapped(item) for item in (whole if isinstance(whole, list) else [whole]))


def _read_line(number: int, line: str) -> Any:
    try:
        return _unwrapped(json.loads(line, parse_float=Decimal))
    except json.JSONDecodeError as broken:
        return FieldError(f"line {number}", f"is no JSON: {broken}")


def _unwrapped(item: Any) -> Any:
    if isinstance(item, dict) and "terms" not in item and isinstance(item.get("scenario"), dict):
        return item["scenario"]
    return item


def answer(scenario: Any) -> dict[str, Any]:
    """The answer to one scenario; never raises for what a scenario says."""
    name = scenario.get("id") if isinstance(scenario, dict) else None
    try:
        if isinstance(scenario, FieldError):
            raise scenario
        terms, events, as_of = parse(scenario)
        state = replay(terms, events, as_of)
        return {"id": name, **describe(terms, events, state)}
    except FieldError as refused:
        return {"id": name, "error": {"field": refused.field, "message": refused.message}}
    except (ArithmeticError, ValueError, LookupError, TypeError, AssertionError) as failed:
        return {"id": name, "error": {"field": "", "message": f"cannot be computed: {type(failed).__name__}: {failed}"}}


def parse(scenario: Any) -> tuple[Terms, list[Event], date]:
    """Terms, events and business date of a scenario; raises `FieldError` with the path inside the scenario."""
    if not isinstance(scenario, dict):
        raise FieldError("", "an object with terms and events is needed")
    if "terms" not in scenario:
        raise FieldError("terms", "is missing")
    listed = scenario.get("events")
    if listed is None:
        listed = []
    if not isinstance(listed, list):
        raise FieldError("events", "a list is needed")
    try:
        terms = Terms.from_json(scenario["terms"])
    except FieldError as refused:
        raise FieldError(_joined("terms", refused.field), refused.message) from refused
    events = []
    for place, item in enumerate(listed):
        try:
            events.append(Event.from_json(item))
        except FieldError as refused:
            raise FieldError(_joined(f"events[{place}]", refused.field), refused.message) from refused
    return terms, events, _business_date(scenario.get("as_of"), terms, events)


def _joined(path: str, field: str) -> str:
    return f"{path}.{field}" if field else path


def _business_date(given: Any, terms: Terms, events: list[Event]) -> date:
    """The day given, else the last day on which anything was entered, else the start."""
    if given is None:
        return max((event.known_on for event in events), default=terms.starts_on)
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError) as wrong:
        raise FieldError("as_of", "a day such as 2026-05-15 is needed") from wrong


def describe(terms: Terms, events: list[Event], state: LoanState) -> dict[str, Any]:
    """The state as the answer writes it."""
    places = terms.decimals
    return {
        "installments": [_installment(row, places) for row in state.installments],
        "transactions": [_transaction(row, places) for row in state.transactions],
        "summary": {key: _text(value, places) for key, value in state.summary._asdict().items()},
        "annual_rate": yearly_rates(terms, events, state),
    }


def _installment(row: Installment, places: int) -> dict[str, Any]:
    return {key: _text(getattr(row, key), places) for key in INSTALLMENT_KEYS}


def _transaction(row: Transaction, places: int) -> dict[str, Any]:
    told = {key: _text(getattr(row, key), places) for key in TRANSACTION_KEYS}
    return {"event": row.event_index, **told, **({"reversed": True} if row.reversed else {})}


def _text(value: Any, places: int) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.{places}f}"
    return value.isoformat() if isinstance(value, date) else value


def yearly_rates(terms: Terms, events: list[Event], state: LoanState) -> dict[str, str | None]:
    """IRR nominal and effective of the plan as it stands, in percent, or null and `undefined` with the reason."""
    flows = plan_flows(terms, events, state)
    due = [row.due_on for row in state.installments]
    amounts = [flow.amount for flow in flows]
    try:
        periods = periods_per_year(terms, due)
        times = period_positions(flows[0].on, [flow.on for flow in flows], periods)
        nominal = irr_nominal(amounts, periods, times)
        effective = xirr(flows) if bears_interest_by_days(terms) else irr_effective(amounts, periods, times)
    except RateUndefined as undefined:
        return {"irr_nominal": None, "irr_effective": None, "undefined": undefined.reason}
    return {"irr_nominal": str(nominal.rounded()), "irr_effective": str(effective.rounded())}


def plan_flows(terms: Terms, events: list[Event], state: LoanState) -> list[CashFlow]:
    """Money out (the approved principal where nothing was paid out yet), fees of that day, and the installments."""
    out = [CashFlow(row.on, row.amount) for row in state.transactions if row.type == "disburse" and not row.reversed]
    paid_out = out or [CashFlow(terms.starts_on, terms.principal)]
    first = paid_out[0].on
    left = withheld = fees_due_by(first, events, state)
    dues = []
    for row in state.installments:
        at_once = min(left, row.fees)
        left -= at_once
        dues.append(CashFlow(row.due_on, -(row.total - row.penalties - at_once)))
    return sorted([*paid_out, CashFlow(first, left - withheld), *dues], key=lambda flow: flow.on)


def fees_due_by(day: date, events: list[Event], state: LoanState) -> Decimal:
    """Fees for the day of the first disbursement: the first installment lists them, they are felt at once."""
    charged = [row for row in state.transactions if row.type == "charge" and not row.reversed]
    due = [(row, events[row.event_index - 1].due_on) for row in charged]
    return sum((row.fees for row, due_on in due if due_on is not None and due_on <= day), Decimal(0))


def bears_interest_by_days(terms: Terms) -> bool:
    """Whether equal periods bear unequal interest, so that the effective rate is the XIRR."""
    interest = terms.interest
    counts_days = interest.day_count.startswith("actual") or terms.rate.per == "day"
    return interest.method == "declining" and interest.accrual == "daily" and counts_days


def periods_per_year(terms: Terms, due: list[date]) -> Decimal:
    """How many of the loan's periods make a year; found from the dates where they are listed one by one."""
    repayment = terms.repayment
    if repayment.due_dates and due:
        per_year = find_unit_period(terms.starts_on, due).per_year
        return Decimal(per_year.numerator) / Decimal(per_year.denominator)
    every = repayment.every * (repayment.installments if repayment.method == "bullet" else 1)
    return Decimal(PERIODS_PER_YEAR[repayment.unit]) / Decimal(every)
