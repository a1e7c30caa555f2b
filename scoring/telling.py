"""How the desk tells what scoring speaks of: factors, their values with units, sources, measures, warnings.

Names of factors come from their declaration (`scoring.features.registry`), in the reader's language; everything else is
translated like any sentence of the desk. Money is in major units and named with its currency.

    told("income_monthly", "12000", "CNY")     "¥12,000.00"
    told("bureau_utilisation", 0.45)           "45%"
    told("employment_years", 3)                "3 years"
    told("records", True)                      "Yes"
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from scoring.affordability import exponent_of
from scoring.features import REGISTRY, Kind
from scoring.fraud_words import FACT_LABELS, LABELS
from scoring.strategy_rules import decimal

NOTHING = "—"
_SIGNS = {"CNY": "¥", "EUR": "€", "GBP": "£", "USD": "US$"}

FACTS: Mapping[str, tuple[Any, str]] = {
    "debt_service_monthly": (_("Paid each month on debts elsewhere"), "money"),
    "purpose_text": (_("Purpose in the customer's words"), "text"),
}
"""Facts that are no features, so not declared: their names and units."""

LEVELS: Mapping[str, Mapping[str, Any]] = {
    "employment_type": {
        "salaried": _("Employed by a business"),
        "public": _("Public service"),
        "self_employed": _("Self-employed"),
        "part_time": _("Part-time or casual work"),
        "student": _("Student"),
        "retired": _("Retired"),
        "none": _("Not working"),
        "other": _("Something else"),
    },
    "home_ownership": {
        "owner": _("Home of their own, paid off"),
        "mortgage": _("Home of their own, with a mortgage"),
        "parents": _("With parents or family"),
        "rent": _("Rented"),
        "employer": _("Provided by the employer"),
        "private_lease": _("Private lease"),
        "other": _("Something else"),
    },
    "sex": {"female": _("Female"), "male": _("Male")},
    "marital_status": {
        "single": _("Single"),
        "married": _("Married"),
        "divorced": _("Divorced"),
        "separated": _("Separated"),
        "widow": _("Widowed"),
        "widowed": _("Widowed"),
    },
}
"""The levels of categories in words; a level that is not here is shown as it came."""

MEASURES: Mapping[str, Any] = {
    "auc": "AUC",
    "gini": _("Gini coefficient"),
    "ks": _("KS statistic"),
    "h_measure": _("H-measure"),
    "brier": _("Brier score"),
    "log_loss": _("Log loss"),
    "calibration_error": _("Calibration error"),
    "bad_rate": _("Bad rate"),
}

PURPOSES: Mapping[str, Any] = {
    "probability that a loan goes bad, for the decision on an application": _(
        "probability that a loan goes bad, for the decision on an application"
    ),
    "topic of a text, to route a case; a person can always change it": _(
        "topic of a text, to route a case; a person can always change it"
    ),
    "notice applicants whose facts are unusual, so that a person looks; never a refusal": _(
        "notice applicants whose facts are unusual, so that a person looks; never a refusal"
    ),
}
"""Purposes written by the commands themselves; what a person wrote is shown as she wrote it."""

LIMITS: Mapping[str, Any] = {
    "Unusual is not dishonest. Facts that depend on each other count each for itself.": _(
        "Unusual is not dishonest. Facts that depend on each other count each for itself."
    ),
}
"""The same for limits."""

WARNINGS: Mapping[str, Any] = {
    "leak": _("“%(column)s” alone nearly tells the outcome (AUC %(auc)s): it may be known only after the decision."),
    "identifier": _("“%(column)s” has a different value in almost every row: it names cases instead of telling them."),
    "duplicates": _("%(rows)s rows repeat the features of an earlier row (%(percent)s%%): they flatter the measures."),
    "sentinel": _("Codes in “%(column)s” are read as missing: %(codes)s."),
    "inferred": _(
        "%(rows)s declined applicants have outcomes that were guessed: every figure is of accepted ones alone."
    ),
    "declined_unseen": _("%(rows)s declined applicants have no outcome: the model has never seen people like them."),
    "few_bad": _("Only %(rows)s bad loans: the figures are uncertain, and so is the model."),
    "no_out_of_time": _("There were too few outcomes to hold a later period against an earlier one."),
}


OUTCOMES: Mapping[str, Any] = {
    "approve": _("Approved"),
    "refer": _("Referred to an officer"),
    "decline": _("Declined"),
}


def chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "").startswith("zh")


def label_of(name: str) -> str:
    """What a fact or feature is called in the reader's language; a name nobody declared is shown as it is."""
    if name in FACTS:
        return str(FACTS[name][0])
    feature = REGISTRY.get(name)
    if name in FACT_LABELS:
        return FACT_LABELS[name].zh if chinese() else FACT_LABELS[name].en
    if feature is None:
        return name.replace("_", " ")
    return feature.label.zh if chinese() else feature.label.en


def told(name: str, value: Any, currency: str = "") -> str:
    """The value of a fact or feature with its unit, in the reader's language."""
    if value is None or value == "":
        return NOTHING
    feature = REGISTRY.get(name)
    if isinstance(value, bool) or (feature is not None and feature.kind is Kind.FLAG):
        return str(_("Yes") if value not in (False, 0, 0.0, "false", "no", "否") else _("No"))
    number = decimal(value)
    if number is None or (feature is not None and feature.kind is Kind.CATEGORY):
        return level_told(name, value)
    return with_unit(FACTS[name][1] if name in FACTS else feature.unit if feature else "", number, currency)


def level_told(name: str, level: Any) -> str:
    """A category's level in words."""
    return str(LEVELS.get(name, {}).get(str(level).strip().lower(), level))


def with_unit(unit: str, number: Decimal, currency: str = "") -> str:
    """A number with the unit of its declaration."""
    if unit == "money":
        return money_told(number, currency)
    if unit == "ratio":
        return percent_told(number)
    if unit == "times":
        return str(_("%(number)s times") % {"number": plain(number)})
    forms = _counted(unit, int(number) if number == number.to_integral_value() else 2)
    return forms % {"n": plain(number)} if forms else plain(number)


def _counted(unit: str, n: int) -> str:
    """The sentence of a counted unit, with a place for the number."""
    return {
        "years": ngettext("%(n)s year", "%(n)s years", n),
        "months": ngettext("%(n)s month", "%(n)s months", n),
        "days": ngettext("%(n)s day", "%(n)s days", n),
        "people": ngettext("%(n)s person", "%(n)s people", n),
        "loans": ngettext("%(n)s loan", "%(n)s loans", n),
        "inquiries": ngettext("%(n)s inquiry", "%(n)s inquiries", n),
        "customers": ngettext("%(n)s customer", "%(n)s customers", n),
        "installments": ngettext("%(n)s installment", "%(n)s installments", n),
    }.get(unit, "")


def money_told(amount: Decimal, currency: str = "") -> str:
    """An amount in major units; without a currency (a rule of every currency) the figure alone."""
    if not currency:
        return plain(amount)
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if amount < 0 else ''}{sign}{abs(amount):,.{exponent_of(currency)}f}"


def percent_told(share: Decimal | float, places: int = 1) -> str:
    """A share as a percentage: 0.45 is “45%”."""
    return f"{plain(round(Decimal(str(share)) * 100, places))}%"


def percentage_points_told(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign: 0.0123 is “+1.2”."""
    return "0.0" if abs(difference) < 0.0005 else f"{difference * 100:+.1f}".replace("-", "−")


def plain(number: Decimal) -> str:
    """A number with thousands separated and without trailing zeros, at most two decimals."""
    text = f"{number:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def measure_told(name: str) -> str:
    """A measure's name in words."""
    return str(MEASURES.get(name, name.replace("_", " ")))


def fraud_rule_told(code: str) -> str:
    """What a fraud rule found, in words."""
    label = LABELS.get(code)
    return code if label is None else label.zh if chinese() else label.en


def purpose_told(purpose: str) -> str:
    """What a model is for."""
    return str(PURPOSES.get(purpose, purpose))


def limits_told(limits: str) -> str:
    """What a model is not for."""
    return str(LIMITS.get(limits, limits))


def warning_told(warning: Mapping[str, Any]) -> str:
    """A warning of training in a sentence."""
    sentence = WARNINGS.get(str(warning.get("kind")))
    if sentence is None:
        return str(warning.get("kind", ""))
    return str(
        sentence
        % {
            "column": label_of(str(warning.get("column", ""))),
            "auc": warning.get("auc", NOTHING),
            "rows": warning.get("rows", NOTHING),
            "percent": plain(Decimal(str(warning.get("share", 0))) * 100),
            "codes": ", ".join(f"{value:g}" for value in warning.get("values", ())),
        }
    )
