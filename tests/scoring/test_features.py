"""Features: pure functions of facts, missing when unknown, within their range, never a protected characteristic."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.affordability import Affordability, affordability, annuity_factor, to_major, to_minor
from scoring.conditions import holds
from scoring.features import REGISTRY, Kind, compute, protected, usable
from scoring.features.computing import flag, number
from scoring.strategy_rules import STARTING_RULES, decimal, problems_in_rules


def test_every_feature_declares_itself_in_both_languages() -> None:
    assert len({feature.family for feature in usable()}) == 4
    for feature in REGISTRY.values():
        for text in (feature.label, feature.against, feature.in_favour):
            assert text.zh and text.en and any("\u4e00" <= sign <= "\u9fff" for sign in text.zh)
        assert feature.protected or "score" not in feature.against.en.lower()


def test_protected_characteristics_are_declared_and_never_computed_for_a_model() -> None:
    names = {feature.name for feature in protected()}
    assert {"age_years", "sex", "marital_status", "ethnicity", "religion"} <= names
    assert not names & set(compute(dict.fromkeys(names, "1")))


def test_the_worked_example() -> None:
    features = compute(
        {
            "income_monthly": "12000",
            "expenses_monthly": 4000,
            "requested_amount": 24000,
            "installments": 12,
            "price": 30000,
        }
    )
    assert features["residual_income"] == 8000
    assert features["installment_share"] == pytest.approx(1 / 6)
    assert features["residual_after_installment"] == 6000
    assert features["amount_to_price"] == 0.8
    assert features["assets"] is None


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("1,200", 1200.0),
        ("¥1200", 1200.0),
        ("12.5%", 12.5),
        ("", None),
        ("NA", None),
        ("inf", None),
        (None, None),
        (True, 1.0),
    ],
)
def test_numbers_are_read_as_people_write_them(raw: Any, read: float | None) -> None:
    assert number(raw) == read


@pytest.mark.parametrize(("raw", "read"), [("yes", 1.0), ("否", 0.0), (True, 1.0), (0, 0.0), ("?", None), (3, 1.0)])
def test_flags_are_read_in_both_languages(raw: Any, read: float | None) -> None:
    assert flag(raw) == read


@given(
    st.dictionaries(
        st.sampled_from(sorted(REGISTRY)), st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.booleans())
    )
)
def test_whatever_the_facts_are_features_are_finite_or_missing(facts: dict[str, Any]) -> None:
    for name, value in compute(facts).items():
        assert value is None or isinstance(value, str) or math.isfinite(value)
        if REGISTRY[name].kind is not Kind.CATEGORY and value is not None:
            least, most = REGISTRY[name].least, REGISTRY[name].most
            assert (least is None or value >= least) and (most is None or value <= most)


def test_the_worked_affordability() -> None:
    figures = {"income_monthly": 10000, "expenses_monthly": 4000, "debt_service_monthly": 0}
    room = affordability(figures, STARTING_RULES["affordability"])
    assert room == Affordability(decimal(5000))
    assert room.carries(12, decimal(12)).quantize(decimal("0.01")) == decimal("56275.39")
    assert annuity_factor(12, decimal(0)) == 12
    unknown = affordability({"income_monthly": 10000, "expenses_monthly": -1}, STARTING_RULES["affordability"])
    assert unknown == Affordability(None, ("expenses_monthly", "debt_service_monthly"))


@given(st.integers(0, 10**15), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_minor_units_come_back(amount: int, currency: str) -> None:
    assert to_minor(to_major(amount, currency), currency) == amount


@pytest.mark.parametrize(
    ("condition", "facts", "answer"),
    [
        ({"fact": "records", "op": "is", "value": True}, {"records": "yes"}, True),
        ({"fact": "records", "op": "is", "value": True}, {}, None),
        ({"fact": "bureau_open_loans", "op": "ge", "value": 3}, {"bureau_open_loans": "3"}, True),
        ({"feature": "debt_to_income", "op": "gt", "value": 2}, {"debts": 30, "income_monthly": 10}, True),
        ({"any": [{"fact": "a", "op": "eq", "value": 1}, {"fact": "b", "op": "eq", "value": 1}]}, {"b": 1}, True),
        ({"any": [{"fact": "a", "op": "eq", "value": 1}, {"fact": "b", "op": "eq", "value": 1}]}, {"b": 2}, None),
        ({"all": [{"fact": "a", "op": "eq", "value": 1}, {"fact": "b", "op": "eq", "value": 1}]}, {"b": 2}, False),
        ({"not": {"fact": "a", "op": "missing"}}, {}, False),
        ({"fact": "employment_type", "op": "in", "value": ["none", "part_time"]}, {"employment_type": "NONE"}, True),
    ],
)
def test_conditions_know_a_third_answer(condition: dict[str, Any], facts: dict[str, Any], answer: bool | None) -> None:
    assert holds(condition, facts) is answer


def test_the_starting_rules_can_decide() -> None:
    assert problems_in_rules(STARTING_RULES) == []
