"""Filters of the officers' desk: money, rates, and business data that carries both languages."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import get_language

from lending.clock import business_date
from lending.finance.money import to_minor
from lending.money_display import decimals_of
from lending.money_display import money as money_text
from scoring.models import FraudSignal
from scoring.telling import OUTCOMES, fraud_rule_told, percent_told, percentage_points_told

register = template.Library()


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """`{{ loan.disbursed_minor|money:loan.currency }}`"""
    return money_text(minor, currency)


@register.filter
def percent(rate: Decimal | str | None) -> str:
    """A rate in percent without trailing zeros: `7.2%`."""
    if rate is None or rate == "":
        return "—"
    text = f"{Decimal(str(rate)):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


@register.filter
def spoken(item: Mapping[str, Any] | Any, stem: str = "text") -> str:
    """The sentence of the reader's language of something that carries `<stem>_zh` and `<stem>_en`."""
    tongue = "zh" if (get_language() or "").startswith("zh") else "en"
    names = (f"{stem}_{tongue}", f"{stem}_en", f"{stem}_zh")
    for name in names:
        value = item.get(name) if isinstance(item, Mapping) else getattr(item, name, "")
        if value:
            return str(value)
    return str(item.get("code", "")) if isinstance(item, Mapping) else ""


@register.filter
def negated(minor: int) -> int:
    """The same amount with the other sign: credits are kept as negative lines and read as positive ones."""
    return -minor


@register.filter
def major(amount: Decimal | None, currency: str = "CNY") -> str:
    """An amount of the engine, a Decimal in major units."""
    if amount is None:
        return "—"
    decimals = decimals_of(currency)
    return money_text(to_minor(amount, decimals), currency, decimals)


@register.filter
def share(part: Any) -> str:
    """A share as a percentage: 0.137 is `13.7%`."""
    return "—" if part is None else percent_told(part)


@register.filter
def rule_told(signal: FraudSignal) -> str:
    """What a fraud rule found, in the reader's language."""
    return fraud_rule_told(signal.rule)


@register.inclusion_tag("admin/applications/application/cases.html", takes_context=True)
def customers_requests(context: dict[str, Any], application: Any) -> dict[str, Any]:
    """What the customer asked about the decisions of an application, with the clock of each."""
    from lending.applications.review import cases_of

    return {"cases": list(cases_of(application)), "today": business_date(), "perms": context.get("perms")}


@register.filter
def days_left(case: Any, on: date) -> int:
    return int(case.days_left(on))


@register.inclusion_tag("admin/applications/application/purpose_text.html")
def purpose_in_words(application: Any) -> dict[str, Any]:
    """What the customer wrote of the purpose, and what the classifier in use reads out of it."""
    from lending.applications.purpose_text import reading_of, text_of

    reading = reading_of(application, business_date())
    spoken = get_language() or "en"
    return {
        "text": text_of(application),
        "reading": reading,
        "name": reading.name(spoken) if reading else "",
        "percent": f"{reading.probability:.0%}" if reading else "",
    }


@register.filter
def outcome_told(code: str) -> str:
    """A recommendation in words: `approve` is “Approved”."""
    return str(OUTCOMES.get(code, code))


@register.filter
def points(part: Any) -> str:
    """A difference of shares in percentage points, with its sign: 0.0123 is `+1.2`."""
    return "—" if part is None else percentage_points_told(part)
