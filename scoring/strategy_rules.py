"""The rules of a decision strategy: their shape, what may be wrong with them, and the ones a new lender starts with.

```
must_have       facts without which nothing is approved
knock_outs      [{code, when, text_zh, text_en}]         holds -> decline
policy          [{code, when, text_zh, text_en}]         holds -> a person looks
cut_offs        {approve_to_pd, decline_from_pd}         between them lies the grey zone: a person decides
bands           {A..E: {rate_position, income_multiple, installments_at_most}}
affordability   {most_debt_to_income, least_residual, assumed_debt_service}
offers          {amount_step, least_share_of_request}
```
`rate_position` places the yearly rate between the product's lowest (0) and highest (1). `income_multiple` bounds the
amount by months of income. All figures are strings or numbers read as decimals.

What is not known never approves: a figure that affordability needs, or a fact that a rule reads, refers to an officer.
Two statements of a lender say otherwise, each with its maker and checker: a rule that holds only where a fact is known
(“not missing, and …”), and `assumed_debt_service` above zero. The starting rules assume nothing, and two of their rules
ask only where known: our own book has no arrears of who never borrowed from us, and a device is looked at only under a
consent that may be refused.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from scoring.conditions import problems_in
from scoring.points import BANDS

STARTING_RULES: Mapping[str, Any] = {
    "must_have": ["income_monthly", "expenses_monthly", "requested_amount", "installments"],
    "knock_outs": [
        {
            "code": "NO_INCOME",
            "when": {"fact": "income_monthly", "op": "le", "value": 0},
            "text_zh": "您没有申报收入，无法还款。",
            "text_en": "You declared no income from which the loan could be repaid.",
        },
        {
            "code": "SERIOUSLY_PAST_DUE",
            "when": {
                "any": [
                    {"fact": "bureau_max_dpd_24m", "op": "ge", "value": 90},
                    {
                        "all": [
                            {"not": {"fact": "prior_max_dpd_with_us", "op": "missing"}},
                            {"fact": "prior_max_dpd_with_us", "op": "ge", "value": 90},
                        ]
                    },
                ]
            },
            "text_zh": "近两年内有逾期90天以上的记录。",
            "text_en": "You were 90 days or more past due in the last two years.",
        },
    ],
    "policy": [
        {
            "code": "MANY_INQUIRIES",
            "when": {"fact": "bureau_inquiries_6m", "op": "ge", "value": 10},
            "text_zh": "近六个月征信查询次数过多，需人工核实。",
            "text_en": "Many lenders inquired about you in six months; a person will check this.",
        },
        {
            "code": "DEVICE_SHARED",
            "when": {
                "all": [
                    {"not": {"fact": "device_shared_customers", "op": "missing"}},
                    {"fact": "device_shared_customers", "op": "ge", "value": 3},
                ]
            },
            "text_zh": "申请设备与多位客户共用，需人工核实。",
            "text_en": "The device you used is shared with several customers; a person will check this.",
        },
    ],
    "cut_offs": {"approve_to_pd": "0.18", "decline_from_pd": "0.40"},
    "bands": {
        "A": {"rate_position": "0", "income_multiple": "24", "installments_at_most": 60},
        "B": {"rate_position": "0.25", "income_multiple": "18", "installments_at_most": 60},
        "C": {"rate_position": "0.5", "income_multiple": "14", "installments_at_most": 60},
        "D": {"rate_position": "0.75", "income_multiple": "10", "installments_at_most": 48},
        "E": {"rate_position": "1", "income_multiple": "6", "installments_at_most": 36},
    },
    "affordability": {"most_debt_to_income": "0.5", "least_residual": "0", "assumed_debt_service": None},
    "offers": {"amount_step": "100", "least_share_of_request": "0.5"},
}


def decimal(value: Any) -> Decimal | None:
    """A finite decimal, or None."""
    if value is None or isinstance(value, bool):
        return None
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def assumed_debt_service(rules: Mapping[str, Any]) -> Decimal | None:
    """What affordability rules assume where the debt service is not known. Older strategies say 0, which is nothing."""
    assumed = decimal(rules.get("assumed_debt_service"))
    return assumed if assumed is not None and assumed > 0 else None


def assumption_refused() -> str:
    """Why nothing owed may not be assumed."""
    return _(
        "To assume no debt service would approve because something is not known. Leave it empty (null), and an officer "
        "asks; or state an amount above 0."
    )


def problems_in_rules(rules: Any) -> list[str]:
    """Everything wrong with a strategy's rules, in words; empty when they can decide."""
    if not isinstance(rules, Mapping):
        return ["the rules are an object"]
    found = [f"“{key}” is missing" for key in STARTING_RULES if key not in rules]
    found += [f"“{key}” is not known" for key in rules if key not in STARTING_RULES]
    if found:
        return found
    for part in ("knock_outs", "policy"):
        found += _problems_in_rule_list(part, rules[part])
    found += _problems_in_cut_offs(rules["cut_offs"])
    found += _problems_in_bands(rules["bands"])
    found += _problems_in_numbers("affordability", rules["affordability"], ("most_debt_to_income", "least_residual"))
    found += _problems_in_assumption(rules["affordability"])
    found += _problems_in_numbers("offers", rules["offers"], STARTING_RULES["offers"])
    if not isinstance(rules["must_have"], list) or not all(isinstance(name, str) for name in rules["must_have"]):
        found.append("“must_have” is a list of fact names")
    return found


def _problems_in_rule_list(part: str, rules: Any) -> list[str]:
    if not isinstance(rules, list):
        return [f"“{part}” is a list"]
    found = []
    for place, rule in enumerate(rules, 1):
        if not isinstance(rule, Mapping) or not all(rule.get(key) for key in ("code", "when", "text_zh", "text_en")):
            found.append(f"{part} {place}: a rule has code, when, text_zh and text_en")
            continue
        found += [f"{part} {place}: {problem}" for problem in problems_in(rule["when"])]
    return found


def _problems_in_cut_offs(cut_offs: Any) -> list[str]:
    approve = decimal(cut_offs.get("approve_to_pd")) if isinstance(cut_offs, Mapping) else None
    decline = decimal(cut_offs.get("decline_from_pd")) if isinstance(cut_offs, Mapping) else None
    if approve is None or decline is None or not 0 <= approve < decline <= 1:
        return ["cut_offs: 0 ≤ approve_to_pd < decline_from_pd ≤ 1"]
    return []


def _problems_in_bands(bands: Any) -> list[str]:
    if not isinstance(bands, Mapping) or set(bands) != set(BANDS):
        return [f"bands: one entry for each of {', '.join(BANDS)}"]
    found = []
    for name, band in bands.items():
        position, multiple = decimal(band.get("rate_position")), decimal(band.get("income_multiple"))
        if position is None or not 0 <= position <= 1:
            found.append(f"band {name}: rate_position lies between 0 and 1")
        if multiple is None or multiple <= 0:
            found.append(f"band {name}: income_multiple is a positive number")
        if not isinstance(band.get("installments_at_most"), int) or band["installments_at_most"] < 1:
            found.append(f"band {name}: installments_at_most is a whole number from 1")
    return found


def _problems_in_assumption(given: Any) -> list[str]:
    if not isinstance(given, Mapping) or given.get("assumed_debt_service") is None or assumed_debt_service(given):
        return []
    return [f"affordability: assumed_debt_service: {assumption_refused()}"]


def _problems_in_numbers(part: str, given: Any, wanted: Iterable[str]) -> list[str]:
    if not isinstance(given, Mapping):
        return [f"“{part}” is an object"]
    return [f"{part}: {key} is a number" for key in wanted if decimal(given.get(key)) is None]
