"""The rules in force: for a jurisdiction, licence, product and day, out of the dated rows of `RuleParameter`.

Of the rows of one code whose first day has come, the most specific wins (a product's before a licence's before a
jurisdiction's before anybody's), and among equally specific ones the latest. Example, 2026-09-14, China:

    consumer_amount_max  *                 2020-07-12  200000
    consumer_amount_max  bank              2025-03-14  300000    <- a bank
    consumer_amount_max  consumer_finance  2024-04-18  200000    <- a consumer finance company
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal
from lending.regulation.checks import Rule, RuleBook
from lending.regulation.models import RuleParameter

ANY = "*"
CONTENT = ("code", "value", "unit", "citation")


class RuleUnknown(Refusal):
    code = "rule_unknown"
    text = _("No rule “%(rule)s” is in force for %(jurisdiction)s on %(on)s: enter it among the rule parameters.")


def in_force(*, jurisdiction: str, licence: str = ANY, product: str = ANY, on: date) -> RuleBook:
    """Every rule in force, by code; one query."""
    rows = RuleParameter.objects.filter(
        jurisdiction__in=(jurisdiction, ANY),
        licence__in=(licence, ANY),
        product__in=(product, ANY),
        effective_on__lte=on,
    )
    return strongest(rows.values_list("product", "licence", "jurisdiction", "effective_on", *CONTENT))


def parameter(code: str, *, jurisdiction: str, licence: str = ANY, product: str = ANY, on: date) -> Rule:
    """The one rule in force. Raises `RuleUnknown` when there is none."""
    rules = in_force(jurisdiction=jurisdiction, licence=licence, product=product, on=on)
    if code not in rules:
        raise RuleUnknown(rule=code, jurisdiction=jurisdiction, on=on.isoformat())
    return rules[code]


def strongest(rows: Iterable[tuple[Any, ...]]) -> RuleBook:
    """Of each code the most specific and then the latest row; rows as `in_force` reads them."""
    ordered = sorted(rows, key=lambda row: (row[0] != ANY, row[1] != ANY, row[2] != ANY, row[3]))
    return {
        code: Rule(code, value, unit, citation, effective_on)
        for _product, _licence, _jurisdiction, effective_on, code, value, unit, citation in ordered
    }
