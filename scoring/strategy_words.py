"""A strategy's rules in words, and what one version changes against another, for people who do not read JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.features import REGISTRY, Kind
from scoring.features.computing import is_derived
from scoring.points import BANDS
from scoring.strategy_rules import decimal
from scoring.telling import chinese, label_of, money_told, percent_told, plain, told

OPERATORS: Mapping[str, Any] = {
    "ge": gettext_lazy("is at least"),
    "gt": gettext_lazy("is more than"),
    "le": gettext_lazy("is at most"),
    "lt": gettext_lazy("is less than"),
    "eq": gettext_lazy("is exactly"),
    "ne": gettext_lazy("is not"),
    "is": gettext_lazy("is (yes or no)"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "missing": gettext_lazy("is not known"),
}
PARTS: Mapping[str, Any] = {
    "knock_outs": gettext_lazy("Knock-out rule"),
    "policy": gettext_lazy("Policy rule"),
}
FIGURES: Mapping[tuple[str, str], Any] = {
    ("cut_offs", "approve_to_pd"): gettext_lazy("Approved up to a probability of default of"),
    ("cut_offs", "decline_from_pd"): gettext_lazy("Declined from a probability of default of"),
    ("affordability", "most_debt_to_income"): gettext_lazy("Debt service to income, at most"),
    ("affordability", "least_residual"): gettext_lazy("Income left after expenses and debts, at least"),
    ("affordability", "assumed_debt_service"): gettext_lazy("Debt service assumed where it is not known"),
    ("offers", "amount_step"): gettext_lazy("Amounts are rounded down to steps of"),
    ("offers", "least_share_of_request"): gettext_lazy("Approved only if at least this share of the request is lent"),
}
BAND_FIGURES: Mapping[str, Any] = {
    "rate_position": gettext_lazy("Rate within the product's range"),
    "income_multiple": gettext_lazy("Limit in months of income"),
    "installments_at_most": gettext_lazy("Installments at most"),
}
SHARES = frozenset(
    {"approve_to_pd", "decline_from_pd", "most_debt_to_income", "least_share_of_request", "rate_position"}
)
"""Figures kept as shares and told in percent."""
_MONEY = frozenset({"least_residual", "assumed_debt_service", "amount_step"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions. `before` is empty where something is new, `after` where it is gone."""

    what: str
    before: str
    after: str


def condition_told(condition: Mapping[str, Any]) -> str:
    """A condition in words: “Credit inquiries in six months is at least 10 inquiries (where known)”."""
    if "all" in condition:
        known = where_known(condition)
        if known is not None:
            return _("%(condition)s (where known)") % {"condition": condition_told(known)}
        return _(" and ").join(_inside(part) for part in condition["all"])
    if "any" in condition:
        return _(" or ").join(_inside(part) for part in condition["any"])
    if "not" in condition:
        return _("not: %(condition)s") % {"condition": _inside(condition["not"])}
    name = str(condition.get("fact") or condition.get("feature"))
    operator = str(condition.get("op"))
    words = f"{label_of(name)} {OPERATORS.get(operator, operator)}"
    return words if operator == "missing" else f"{words} {value_told(name, operator, condition.get('value'))}"


def _inside(condition: Mapping[str, Any]) -> str:
    text = condition_told(condition)
    return f"({text})" if {"all", "any"} & set(condition) and where_known(condition) is None else text


def where_known(condition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The comparison inside “not missing and …” of one and the same fact, or None for any other condition."""
    parts = condition.get("all")
    if not isinstance(parts, list) or len(parts) != 2:
        return None
    guard, compared = parts[0].get("not", {}), parts[1]
    keys = [key for key in ("fact", "feature") if key in compared and guard.get(key) == compared[key]]
    return compared if keys and guard.get("op") == "missing" else None


def value_told(name: str, operator: str, value: Any) -> str:
    """The value a fact is compared with, with its unit."""
    if operator == "is":
        return _("Yes") if value else _("No")
    values = value if isinstance(value, list) else [value]
    return _(", ").join(told(name, one) for one in values)


def figure_told(name: str, value: Any) -> str:
    """A figure of the strategy with its unit."""
    if name == "assumed_debt_service" and not decimal(value):
        return _("nothing: an officer asks")
    number = decimal(value)
    if number is None:
        return str(value)
    if name in SHARES:
        return percent_told(number, 2)
    return money_told(number) if name in _MONEY else plain(number)


def rule_text(rule: Mapping[str, Any]) -> str:
    """What the applicant is told when the rule holds."""
    return str(rule["text_zh"] if chinese() else rule["text_en"])


def rules_told(rules: Mapping[str, Any]) -> dict[str, Any]:
    """A whole strategy as rows of words: rules, cut-offs, bands, affordability, required facts."""
    return {
        "rules": [
            (str(PARTS[part]), part, condition_told(rule["when"]), rule_text(rule), rule["code"])
            for part in PARTS
            for rule in rules[part]
        ],
        "figures": [(str(label), figure_told(key, rules[part].get(key))) for (part, key), label in FIGURES.items()],
        "bands": [
            (name, most, *(figure_told(key, rules["bands"][name][key]) for key in BAND_FIGURES))
            for name, most in BANDS.items()
        ],
        "must_have": [label_of(name) for name in rules["must_have"]],
        "grey": [percent_told(Decimal(str(rules["cut_offs"][key])), 2) for key in ("approve_to_pd", "decline_from_pd")],
    }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What `after` changes: every difference once, in the order of the form."""
    return [
        *_changed_rules(before, after),
        *_changed_figures(before, after),
        *_changed_bands(before["bands"], after["bands"]),
        *_changed_facts(before["must_have"], after["must_have"]),
    ]


def _changed_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for part, label in PARTS.items():
        old = {rule["code"]: rule for rule in before[part]}
        new = {rule["code"]: rule for rule in after[part]}
        for code in dict.fromkeys((*old, *new)):
            told_before = _rule_told(old[code]) if code in old else ""
            told_after = _rule_told(new[code]) if code in new else ""
            if old.get(code) != new.get(code):
                yield Change(f"{label} {code}", told_before, told_after)


def _rule_told(rule: Mapping[str, Any]) -> str:
    return f"{condition_told(rule['when'])} — {rule['text_zh']} / {rule['text_en']}"


def _changed_figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for (part, key), label in FIGURES.items():
        old, new = before[part].get(key), after[part].get(key)
        if (decimal(old) or 0) != (decimal(new) or 0):
            yield Change(str(label), figure_told(key, old), figure_told(key, new))


def _changed_bands(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in BANDS:
        for key, label in BAND_FIGURES.items():
            if decimal(before[name][key]) != decimal(after[name][key]):
                what = _("Band %(band)s: %(figure)s") % {"band": name, "figure": label}
                yield Change(what, figure_told(key, before[name][key]), figure_told(key, after[name][key]))


def _changed_facts(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    for name in before:
        if name not in after:
            yield Change(_("Required fact"), label_of(name), "")
    for name in after:
        if name not in before:
            yield Change(_("Required fact"), "", label_of(name))


def facts_to_choose(also: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(“fact:name” or “feature:name”, label) of everything a rule may read, protected characteristics left out.

    A feature made of several facts is read as a feature; everything else as the fact that was stated. `also` are
    choices of older rules that would be lost otherwise.
    """
    found = {
        f"{'feature' if is_derived(name) else 'fact'}:{name}": label_of(name)
        for name, feature in REGISTRY.items()
        if not feature.protected
    }
    found["fact:debt_service_monthly"] = label_of("debt_service_monthly")
    for choice in also:
        found.setdefault(choice, label_of(choice.partition(":")[2]))
    return sorted(found.items(), key=lambda pair: pair[1])


def kind_of(name: str) -> Kind:
    """How a fact is compared; a fact nobody declared is a number."""
    return REGISTRY[name].kind if name in REGISTRY else Kind.NUMBER
