"""A product version in words and major units, for whoever must publish it. Reads only."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lending.money_display import money
from lending.products.models import ProductVersion
from lending.products.purposes import choices

METHODS: Mapping[str, Any] = {
    "equal_installment": _("equal installments"),
    "equal_principal": _("equal principal, falling installments"),
    "interest_only": _("interest each period, principal at the end"),
    "bullet": _("everything at the end"),
}
INTEREST: Mapping[str, Any] = {
    "declining": _("on the outstanding principal"),
    "flat": _("on the original principal (flat)"),
}
UNITS: Mapping[str, Any] = {"day": _("days"), "week": _("weeks"), "month": _("months"), "year": _("years")}
BASES: Mapping[str, Any] = {
    "percent_of_principal": _("%(value)s%% of the principal"),
    "flat": _("%(value)s each"),
}
CHARGED: Mapping[str, Any] = {
    "at_disbursement": _("at the disbursement"),
    "per_installment": _("with each installment"),
}


def rows_of(version: ProductVersion) -> list[tuple[Any, str]]:
    """(what, value) of everything the version says, in the order a banker asks."""
    terms = version.terms
    repayment, interest = terms.get("repayment", {}), terms.get("interest", {})
    language = get_language() or "en"
    return [
        (_("Amount"), f"{_money(version, version.min_amount_minor)} – {_money(version, version.max_amount_minor)}"),
        (_("Installments"), ", ".join(map(str, version.installment_choices))),
        (_("Purposes"), ", ".join(name for _code, name in choices(version.purposes, language))),
        (
            _("Nominal yearly rate"),
            f"{version.min_yearly_rate_percent.normalize():f}% – {version.max_yearly_rate_percent.normalize():f}%",
        ),
        (_("Repayment"), _told(METHODS, repayment.get("method"))),
        (_("Every"), f"{repayment.get('every', 1)} {_told(UNITS, repayment.get('unit', 'month'))}"),
        (_("Interest"), _told(INTEREST, interest.get("method"))),
        (_("Day count"), str(interest.get("day_count", "—"))),
        (_("Penalty rate, times the contract rate"), f"{version.penalty_multiple.normalize():f}"),
        (_("Fees"), "; ".join(_fee(version, fee) for fee in version.fees) or "—"),
        (_("A second officer pays out above"), _money(version, version.second_officer_above_minor)),
        (_("An offer stands, days"), str(version.offer_valid_days)),
        (_("Effective on"), version.effective_on.isoformat()),
        (_("Jurisdiction and licence"), f"{version.jurisdiction} · {version.licence}"),
        (_("Proposed by"), version.proposed_by.username),
        (_("Published by"), version.published_by.username if version.published_by else "—"),
    ]


def _money(version: ProductVersion, amount_minor: int) -> str:
    return money(amount_minor, version.currency, version.decimals)


def _told(words: Mapping[str, Any], code: Any) -> str:
    return str(words.get(str(code), code or "—"))


def _fee(version: ProductVersion, fee: Mapping[str, Any]) -> str:
    """One fee: its name, its size and when it is charged; a flat fee is in major units."""
    chinese = (get_language() or "").startswith("zh")
    name = fee.get("name_zh" if chinese else "name_en") or fee.get("code", "")
    flat = fee.get("basis") == "flat"
    value = f"{version.currency} {fee.get('value')}" if flat else fee.get("value")
    size = str(BASES[fee["basis"]]) % {"value": value} if fee.get("basis") in BASES else str(value)
    return f"{name}: {size}, {_told(CHARGED, fee.get('charged'))}"
