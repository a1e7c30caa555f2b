"""Wrong terms and events are refused by field, with what would be right; nothing else is ever raised."""

import copy
import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending.finance.events import EVENT_TYPES, Event
from lending.finance.reading import FieldError, InvalidEvent, InvalidTerms
from lending.finance.replay import replay
from lending.finance.schedule import plan
from lending.finance.terms import Terms
from tests.finance.strategies import terms_json

VALID: dict[str, Any] = {
    "currency": "CNY",
    "decimals": 2,
    "principal": "1000.00",
    "starts_on": "2026-01-31",
    "rate": {"percent": "12", "per": "year"},
    "interest": {"method": "declining", "accrual": "daily", "day_count": "actual/365"},
    "repayment": {"method": "equal_installment", "installments": 3, "every": 1, "unit": "month"},
    "rounding": {"mode": "half_even", "smooth_last_installment": True},
    "allocation": {"direction": "horizontal", "in_advance": "next"},
}
MISSING = object()


def changed(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a dotted path set, or removed where it is ``MISSING``."""
    out = copy.deepcopy(data)
    place = out
    *parents, key = path.split(".")
    for parent in parents:
        place = place.setdefault(parent, {})
    if value is MISSING:
        del place[key]
    else:
        place[key] = value
    return out


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("currency", "cny", "currency"),
        ("currency", MISSING, "currency"),
        ("decimals", 9, "decimals"),
        ("decimals", True, "decimals"),
        ("principal", "0", "principal"),
        ("principal", "-5", "principal"),
        ("principal", "1.001", "principal"),
        ("principal", "NaN", "principal"),
        ("principal", "1e300", "principal"),
        ("principal", 10.5, "principal"),
        ("principal", "1" * 41, "principal"),
        ("starts_on", "2026-02-30", "starts_on"),
        ("starts_on", "20260201", "starts_on"),
        ("starts_on", None, "starts_on"),
        ("starts_on", "0001-01-01", "starts_on"),
        ("rate", MISSING, "rate"),
        ("rate.percent", "-1", "rate.percent"),
        ("rate.percent", "Infinity", "rate.percent"),
        ("rate.per", "decade", "rate.per"),
        ("rate.steps", [{"percent": "5"}], "rate.steps[0]"),
        ("rate.floating", {"spread": "1", "floor": "5", "cap": "4"}, "rate.floating.cap"),
        ("interest.method", "compound", "interest.method"),
        ("interest.day_count", "365", "interest.day_count"),
        ("interest.recalculates_on_payment", "yes", "interest.recalculates_on_payment"),
        ("interest.leap_rule", "never", "interest.leap_rule"),
        ("repayment", [], "repayment"),
        ("repayment.method", "annuity", "repayment.method"),
        ("repayment.installments", 0, "repayment.installments"),
        ("repayment.installments", 4001, "repayment.installments"),
        ("repayment.installments", "3", "repayment.installments"),
        ("repayment.installments", MISSING, "repayment.installments"),
        ("repayment.instalments", 3, "repayment.instalments"),
        ("repayment.unit", "fortnight", "repayment.unit"),
        ("repayment.every", 0, "repayment.every"),
        ("repayment.due_dates", ["2026-02-28"], "repayment.due_dates"),
        ("repayment.due_dates", ["2026-02-28", "2026-02-28", "2026-04-30"], "repayment.due_dates[1]"),
        ("repayment.due_dates", ["2026-01-31", "2026-02-28", "2026-04-30"], "repayment.due_dates[0]"),
        ("repayment.first_due_on", "2026-01-31", "repayment.first_due_on"),
        ("repayment.grace_installments", {"principal": 3}, "repayment.grace_installments.principal"),
        ("repayment.down_payment_percent", "100", "repayment.down_payment_percent"),
        ("repayment.balloon_percent", "101", "repayment.balloon_percent"),
        ("repayment.fixed_length", {"count": 0, "unit": "day"}, "repayment.fixed_length.count"),
        ("repayment.half_month_days", [15, 1], "repayment.half_month_days"),
        ("repayment.steps", [{"installments": 1}], "repayment.steps[0].amount"),
        ("repayment.business_days", {"adjust": "later"}, "repayment.business_days.adjust"),
        ("rounding.mode", "nearest", "rounding.mode"),
        ("rounding.installment_multiple", "0.001", "rounding.installment_multiple"),
        ("allocation.direction", "diagonal", "allocation.direction"),
        ("allocation.order", ["principal"], "allocation.order[0]"),
        ("allocation.order", ["due_fee", "due_fee"], "allocation.order"),
        ("allocation.strategy", "whatever", "allocation.strategy"),
        ("allocation.by_event", {"repay": {"in_advance": "first"}}, "allocation.by_event.repay.in_advance"),
        ("penalty", {}, "penalty.multiple"),
        ("penalty", {"multiple": "1.5", "percent": "1"}, "penalty.multiple"),
        ("prepayment", {"effect": "none"}, "prepayment.effect"),
        ("caps", {"total_cost_percent": "-1"}, "caps.total_cost_percent"),
    ],
)
def test_terms_are_refused_by_field(path: str, value: Any, field: str) -> None:
    with pytest.raises(InvalidTerms) as refused:
        Terms.from_json(changed(VALID, path, value))
    assert refused.value.field == field
    assert refused.value.message


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"type": "repay", "amount": "1"}, "on"),
        ({"on": "2026-02-01"}, "type"),
        ({"on": "2026-02-01", "type": "pay"}, "type"),
        ({"on": "2026-02-01", "type": "repay"}, "amount"),
        ({"on": "2026-02-01", "type": "repay", "amount": "-1"}, "amount"),
        ({"on": "2026-02-01", "type": "repay", "amuont": "1", "amount": "1"}, "amuont"),
        ({"on": "2026-02-01", "type": "charge", "amount": "1", "component": "tax"}, "component"),
        ({"on": "2026-02-01", "type": "installment_fee", "basis": "half", "value": "1"}, "basis"),
        ({"on": "2026-02-01", "type": "reschedule"}, "new_due_on"),
        ({"on": "2026-02-01", "type": "pause_interest", "from": "2026-02-05", "to": "2026-02-01"}, "to"),
        ({"on": "2026-02-01", "type": "reverse"}, "event"),
        ({"on": "2026-02-01", "type": "re_age", "installments": 3}, "starts_on"),
        ({"on": "2026-02-01", "type": "restructure", "starts_on": "2026-03-01", "capitalize": ["tax"]}, "capitalize"),
        ("repay", ""),
    ],
)
def test_events_are_refused_by_field(data: Any, field: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        Event.from_json(data)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"on": "2026-02-01", "type": "repay", "amount": "0.001"}, "events[1].amount"),
        ({"on": "2026-01-30", "type": "disburse", "amount": "1"}, "events[1].on"),
        ({"on": "2026-02-01", "type": "reverse", "event": 2}, "events[1].event"),
        ({"on": "2026-02-01", "type": "recovery", "amount": "1"}, "events[1].type"),
        ({"on": "2026-02-05", "type": "re_age", "starts_on": "2026-02-01"}, "events[1].starts_on"),
    ],
)
def test_what_cannot_have_happened_is_refused_with_its_place(data: dict[str, Any], field: str) -> None:
    history = [{"on": "2026-01-31", "type": "disburse", "amount": "1000.00"}, data]
    with pytest.raises(InvalidEvent) as refused:
        replay(Terms.from_json(VALID), [Event.from_json(item) for item in history], dt.date(2026, 3, 1))
    assert refused.value.field == field


ANY_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["0", "1e5", "-1", "99999999999999999999", "2026-02-29", "9999-12-31", "year", "steps"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(terms_json(most_installments=24), st.data())
def test_any_value_anywhere_in_the_terms_is_planned_or_refused(data: dict[str, Any], draw: st.DataObject) -> None:
    place: Any = data
    while True:
        key = draw.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or draw.draw(st.integers(0, 3)) == 0:
            break
        place = place[key]
    place[key] = draw.draw(ANY_JSON)
    try:
        plan(Terms.from_json(data))
    except InvalidTerms as refused:
        assert refused.message


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.sampled_from(EVENT_TYPES), st.dictionaries(st.sampled_from(
    ["amount", "from", "to", "percent", "per", "event", "new_due_on", "extra_installments", "starts_on",
     "installments", "every", "unit", "component", "due_on", "basis", "value", "effect", "capitalize", "entered_on"]
), ANY_JSON, max_size=5), st.integers(0, 200))  # fmt: skip
def test_any_event_is_replayed_or_refused(kind: str, fields: dict[str, Any], ahead: int) -> None:
    day = dt.date(2026, 1, 31) + dt.timedelta(ahead)
    try:
        event = Event.from_json({"on": str(day), "type": kind, **fields})
        out = Event.from_json({"on": "2026-01-31", "type": "disburse", "amount": "1000.00"})
        replay(Terms.from_json(VALID), [out, event], max(event.known_on, day))
    except FieldError as refused:
        assert refused.message
