"""Conditions of a decision strategy: small expressions as data, with a third answer for what is not known.

    {"fact": "records", "op": "is", "value": true}
    {"feature": "debt_to_income", "op": "gt", "value": 20}
    {"all": [ … ]}   {"any": [ … ]}   {"not": … }

`holds` answers True, False, or None when a value it needs is missing: the caller turns an approval into a referral
then.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.features import REGISTRY, Kind, compute_one
from scoring.features.computing import fact_level, flag, number

OPERATORS = ("lt", "le", "gt", "ge", "eq", "ne", "in", "not_in", "is", "missing")


def holds(condition: Mapping[str, Any], facts: Mapping[str, Any]) -> bool | None:
    """Whether the condition holds for these facts; None if that cannot be known."""
    if "all" in condition:
        return _all([holds(part, facts) for part in condition["all"]])
    if "any" in condition:
        return _negate(_all([_negate(holds(part, facts)) for part in condition["any"]]))
    if "not" in condition:
        return _negate(holds(condition["not"], facts))
    return _compare(_value(condition, facts), condition["op"], condition.get("value"))


def is_unknown(value: Any) -> bool:
    """Whether a fact says nothing: none, blank, or one of the usual words for “not available”."""
    return fact_level(value) is None


def names_in(condition: Mapping[str, Any]) -> Iterator[str]:
    """Every fact or feature the condition reads."""
    for key in ("all", "any"):
        for part in condition.get(key, ()):
            yield from names_in(part)
    if "not" in condition:
        yield from names_in(condition["not"])
    for key in ("fact", "feature"):
        if key in condition:
            yield str(condition[key])


def problems_in(condition: Any) -> list[str]:
    """What is wrong with a condition, in words; empty when it can be used."""
    if not isinstance(condition, Mapping):
        return ["a condition is an object"]
    for key in ("all", "any"):
        if key in condition:
            if not isinstance(condition[key], list) or not condition[key]:
                return [f"“{key}” needs a list of conditions"]
            return [problem for part in condition[key] for problem in problems_in(part)]
    if "not" in condition:
        return problems_in(condition["not"])
    return _problems_in_comparison(condition)


def _problems_in_comparison(condition: Mapping[str, Any]) -> list[str]:
    found = []
    name = condition.get("fact") or condition.get("feature")
    if not isinstance(name, str):
        found.append("a condition names a fact or a feature")
    elif name in REGISTRY and REGISTRY[name].protected:
        found.append(f"“{name}” is a protected characteristic and decides nothing")
    elif "feature" in condition and name not in REGISTRY:
        found.append(f"“{name}” is not a declared feature")
    operator = condition.get("op")
    if operator not in OPERATORS:
        found.append(f"“{operator}” is not one of {', '.join(OPERATORS)}")
    elif operator in ("lt", "le", "gt", "ge") and number(condition.get("value")) is None:
        found.append(f"“{operator}” needs a number")
    elif operator in ("in", "not_in") and not isinstance(condition.get("value"), list):
        found.append(f"“{operator}” needs a list")
    return found


def _value(condition: Mapping[str, Any], facts: Mapping[str, Any]) -> Any:
    if "feature" in condition:
        return compute_one(REGISTRY[condition["feature"]], facts)
    name = condition["fact"]
    raw = facts.get(name)
    feature = REGISTRY.get(name)
    if feature is None:
        return raw
    if feature.kind is Kind.FLAG:
        return flag(raw)
    return fact_level(raw) if feature.kind is Kind.CATEGORY else number(raw)


def _compare(value: Any, operator: str, wanted: Any) -> bool | None:
    if operator == "missing":
        return is_unknown(value) == (wanted is not False)
    if is_unknown(value):
        return None
    if operator == "is":
        known = flag(value)
        return None if known is None else bool(known) == bool(wanted)
    if operator in ("in", "not_in"):
        return (fact_level(value) in {fact_level(item) for item in wanted}) == (operator == "in")
    if operator in ("eq", "ne"):
        return _same(value, wanted) == (operator == "eq")
    return _ordered(number(value), operator, number(wanted))


def _same(value: Any, wanted: Any) -> bool:
    left, right = number(value), number(wanted)
    return left == right if left is not None and right is not None else fact_level(value) == fact_level(wanted)


def _ordered(left: float | None, operator: str, right: float | None) -> bool | None:
    if left is None or right is None:
        return None
    return {"lt": left < right, "le": left <= right, "gt": left > right, "ge": left >= right}[operator]


def _all(answers: list[bool | None]) -> bool | None:
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def _negate(answer: bool | None) -> bool | None:
    return None if answer is None else not answer
