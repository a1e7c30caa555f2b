"""How amounts, dates and bilingual values read in a message, in the customer's language.

`wording(context, language)` turns the plain facts an act has at hand into what a template prints:

  amount_minor=123456, currency="CNY"          amount = "¥1,234.56" (zh-hans: "1,234.56元"), or "USD 1,234.56"
  due_on=date(2026, 9, 14)                     due_on = "14 September 2026" (zh-hans: "2026年9月14日")
  product_zh=..., product_en=...               product = the one of the language
  reasons=[{"text_zh": ..., "text_en": ...}]   each item worded in the same way: reason.text

Money is integers of the minor unit; `decimals` is 2 where left out. Runs of 15 to 19 digits (resident ID numbers, bank
accounts) are masked whatever value they came in: a message leaves the house and is read by others.
"""

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from customers.encryption import mask

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{15,18}[0-9Xx]?(?![0-9A-Za-z])")


def money_text(amount_minor: int, currency: str, language: str, *, decimals: int = 2) -> str:
    """An amount in minor units as people of the language write it."""
    figure = f"{Decimal(amount_minor).scaleb(-decimals):,.{decimals}f}"
    if currency == "CNY":
        return f"{figure}元" if language == "zh-hans" else f"¥{figure}"
    return f"{currency} {figure}"


def date_text(day: datetime.date, language: str) -> str:
    if language == "zh-hans":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def mask_numbers(text: str) -> str:
    """Hide all but the last four digits of anything as long as an ID or account number."""
    return LONG_NUMBER.sub(lambda found: mask(found.group(), head=0, tail=4), text)


def wording(context: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The context in words (see above). Keys that need no wording pass as they are."""
    own, other = ("_zh", "_en") if language == "zh-hans" else ("_en", "_zh")
    currency, decimals = str(context.get("currency", "CNY")), int(context.get("decimals", 2))
    worded: dict[str, Any] = {}
    for name, value in context.items():
        if name.endswith(other):
            continue
        if name.endswith(own):
            worded[name[:-3]] = _plain(value)
        elif name.endswith("_minor"):
            worded[name.removesuffix("_minor")] = money_text(value, currency, language, decimals=decimals)
        elif isinstance(value, datetime.datetime):
            worded[name] = f"{date_text(value.date(), language)} {value:%H:%M}"
        elif isinstance(value, datetime.date):
            worded[name] = date_text(value, language)
        elif isinstance(value, list | tuple):
            worded[name] = [wording(item, language) if isinstance(item, Mapping) else _plain(item) for item in value]
        else:
            worded[name] = _plain(value)
    return worded


def _plain(value: Any) -> Any:
    return mask_numbers(value) if isinstance(value, str) else value


def in_both(name: str, label: str | Promise) -> dict[str, str]:
    """A label of ours in both languages, as `<name>_zh` and `<name>_en`."""
    with translation.override("zh-hans"):
        chinese = str(label)
    with translation.override("en"):
        return {f"{name}_zh": chinese, f"{name}_en": str(label)}
