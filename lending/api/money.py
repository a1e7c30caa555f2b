"""Money in JSON: {"amount": "1234.50", "currency": "CNY"}, decimal text in major units, never a JSON number."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from lending.finance.money import from_minor

_AMOUNT = re.compile(r"^\d{1,15}(\.\d{1,3})?$")


class AmountField(serializers.CharField):
    """A positive decimal as text, at most 15 digits before the point; its places are checked against the currency."""

    default_error_messages = {
        "amount": _("A positive amount as text is needed, such as “1200.00”, with at most 15 digits before the point.")
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not _AMOUNT.match(data) or not data.strip("0."):
            self.fail("amount")
        return data


def minor_of(amount: str, decimals: int, field: str = "amount") -> int:
    """Minor units of an amount that AmountField let pass. Raises a field error for too many decimal places."""
    whole, _point, fraction = amount.partition(".")
    if len(fraction.rstrip("0")) > decimals:
        raise serializers.ValidationError({field: [_("The currency has %(n)s decimal places.") % {"n": decimals}]})
    return int(whole) * 10**decimals + int(fraction[:decimals].ljust(decimals, "0") or 0)


def money(minor: int | None, currency: str, decimals: int) -> dict[str, str] | None:
    return None if minor is None else {"amount": str(from_minor(minor, decimals)), "currency": currency}
