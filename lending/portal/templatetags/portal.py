"""How the portal writes money, rates, words of two languages, and icons."""

import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from customers.encryption import mask
from customers.models import Customer, Delivery, Language, Notice, ServiceCase
from customers.wording import date_text
from lending.servicing.models import PlanChange

register = template.Library()

SPACE = "\u00a0"  # keeps a code and its figure on one line
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "KES": f"KSh{SPACE}"}


def _language() -> Language:
    return Language.CHINESE if (get_language() or Language.CHINESE).startswith("zh") else Language.ENGLISH


def money_text(minor: int, currency: str = "CNY", decimals: int = 2) -> str:
    """Minor units as people read them: 1234567 fen is ¥12,345.67. Computed in Decimal, never in floats."""
    amount = Decimal(minor).scaleb(-decimals)
    sign = "−" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency + SPACE)}{abs(amount):,.{decimals}f}"


@register.simple_tag
def money(minor: int | None, currency: str = "CNY", decimals: int = 2) -> SafeString | str:
    """An amount of minor units in its currency, never broken over two lines; a dash when there is none."""
    if minor is None or minor == "":
        return "–"
    return format_html('<span class="amount">{}</span>', money_text(int(minor), currency, decimals))


@register.simple_tag
def whole_money(minor: int | None, currency: str = "CNY", decimals: int = 2) -> SafeString | str:
    """The same without its minor units when they are zero, for limits and round figures."""
    if minor is None or minor == "":
        return "–"
    text = money_text(int(minor), currency, decimals)
    tail = "." + "0" * decimals
    return format_html(
        '<span class="amount">{}</span>', text[: -len(tail)] if decimals and text.endswith(tail) else text
    )


@register.filter
def percent(value: Any, places: int = 2) -> str:
    """A yearly rate in percent: at least two decimals, none that only pad beyond them."""
    if value in (None, ""):
        return "–"
    rate = Decimal(str(value)).quantize(Decimal(1).scaleb(-places))
    return f"{rate}%"


@register.filter
def spoken(thing: Any, name: str = "name") -> str:
    """The value of `<name>_zh` or `<name>_en`, of a model or a dictionary, in the reader's language."""
    suffix = "zh" if _language() == Language.CHINESE else "en"
    read = thing.get if isinstance(thing, dict) else lambda key, default="": getattr(thing, key, default)
    return str(read(f"{name}_{suffix}", "") or read(f"{name}_en", "") or read(f"{name}_zh", ""))


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the vendored sprite, silent to screen readers: the words beside it say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/bootstrap-icons/icons.svg"),
        name,
    )


@register.filter
def day(value: Any) -> str:
    """A date as our letters and contracts write it; a date in ISO form (as the engine writes it) is read first."""
    if isinstance(value, str) and value:
        value = datetime.date.fromisoformat(value[:10])
    return date_text(value, _language()) if value else "–"


@register.simple_tag(takes_context=True)
def visitor(context: dict[str, Any]) -> dict[str, Any]:
    """Whom the page greets: the customer of the signed-in user (or None), and how many notices she has not read."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    customer: Customer | None = getattr(user, "customer", None) if user and user.is_authenticated else None
    if customer is None:
        return {"customer": None, "unread": 0}
    unread = (
        Notice.objects.filter(customer=customer)
        .exclude(deliveries__channel=Delivery.Channel.INBOX, deliveries__result=Delivery.Result.READ)
        .count()
    )
    return {"customer": customer, "unread": unread}


@register.inclusion_tag("portal/parts/field.html")
def field(bound: Any, **extra: Any) -> dict[str, Any]:
    """One field with its label, help and problem, tied together for screen readers.

    `prefix` and `unit` stand inside the input; `choices="wide"` lays radio buttons out as broad cards.
    """
    widget = type(bound.field.widget).__name__
    kind = {"RadioSelect": "choices", "CheckboxInput": "check", "Select": "select"}.get(widget, "input")
    described = [f"{bound.auto_id}-help"] if bound.help_text else []
    described += [f"{bound.auto_id}-problem"] if bound.errors else []
    attributes = {"class": {"select": "form-select", "check": "form-check-input"}.get(kind, "form-control")}
    if "placeholder" in bound.field.widget.attrs:
        attributes["placeholder"] = ""  # the label says it already
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    drawn = bound.as_widget(attrs=attributes) if kind != "choices" else ""
    return {"field": bound, "kind": kind, "drawn": drawn, "described": " ".join(described), **extra}


@register.simple_tag
def major(amount: Any, currency: str = "CNY") -> SafeString | str:
    """An amount in major units as the engine writes it ("1234.50"), in its currency."""
    if amount in (None, ""):
        return "–"
    value = Decimal(str(amount))
    decimals = max(0, -int(value.as_tuple().exponent))
    return format_html('<span class="amount">{}</span>', money_text(int(value.scaleb(decimals)), currency, decimals))


@register.simple_tag
def sms_missing() -> bool:
    """Whether no SMS can arrive because this installation has no carrier; told on developers' machines alone."""
    return settings.DEVELOPING and not settings.SMS_GATEWAY_URL


@register.filter
def hidden_but_ends(value: str) -> str:
    """An identifier with its middle hidden."""
    return mask(value)


@register.simple_tag
def symbol(currency: str) -> str:
    """The sign written before amounts of a currency."""
    return SYMBOLS.get(currency, currency).strip()


@register.simple_tag
def plain_amount(minor: int, decimals: int = 2) -> str:
    """Minor units as a bare number for an input: 1200000 fen is 12000, 1250 fen is 12.50."""
    text = f"{Decimal(minor).scaleb(-decimals):f}"
    return text[: -decimals - 1] if decimals and text.endswith("." + "0" * decimals) else text


@register.simple_tag
def fees_and_penalties(installment: Any) -> int:
    """What an installment costs beside principal and interest, in minor units."""
    return int(installment.fees_minor + installment.penalties_minor)


@register.filter
def days_left(case: ServiceCase, on: datetime.date) -> int:
    """Days until the answer to a request is due; below zero it is overdue."""
    return case.days_left(on)


@register.filter
def absolute(number: int) -> int:
    return abs(number)


@register.filter
def way_name(way: Any) -> str:
    """What a suggested way of repaying is called."""
    return str(PlanChange.Way(way.code).label)
