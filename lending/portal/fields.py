"""Form fields of the portal: money as people type it, and dates of a phone's own picker."""

import datetime
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lending.portal.templatetags.portal import day, money_text

#: No amount of a person's life is larger; longer numbers are typing mistakes.
LARGEST = Decimal("999999999.99")


class MoneyField(forms.Field):
    """An amount in major units, typed with or without separators and sign; cleaned to an integer of minor units."""

    widget = forms.TextInput

    def __init__(
        self,
        *,
        least_minor: int = 0,
        most_minor: int | None = None,
        currency: str = "CNY",
        decimals: int = 2,
        **kwargs: Any,
    ) -> None:
        self.least_minor, self.most_minor, self.currency, self.decimals = least_minor, most_minor, currency, decimals
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        text = unicodedata.normalize("NFKC", str(value or "")).strip().lstrip("¥$€£").replace(",", "").replace(" ", "")
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValidationError(
                _("Enter an amount in figures, such as 12000 or 12000.50."), code="not_money"
            ) from None
        if not amount.is_finite() or abs(amount) > LARGEST:
            raise ValidationError(_("This amount is too large. Enter it in yuan, such as 12000."), code="too_large")
        minor = amount.scaleb(self.decimals)
        if minor != minor.to_integral_value():
            raise ValidationError(
                _("Enter no more than %(places)s decimals."), code="too_fine", params={"places": self.decimals}
            )
        return int(minor)

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.least_minor:
            raise ValidationError(
                _("Enter %(least)s or more."), code="too_small", params={"least": self._text(self.least_minor)}
            )
        if self.most_minor is not None and value > self.most_minor:
            raise ValidationError(
                _("Enter %(most)s or less."), code="too_large", params={"most": self._text(self.most_minor)}
            )

    def prepare_value(self, value: Any) -> Any:
        """Integers are minor units of our own; anything else is what was typed and is shown again as it was."""
        if isinstance(value, int) and not isinstance(value, bool):
            text = f"{Decimal(value).scaleb(-self.decimals):f}"
            return text[: -self.decimals - 1] if text.endswith("." + "0" * self.decimals) else text
        return value

    def _text(self, minor: int) -> str:
        return money_text(minor, self.currency, self.decimals)


class DayField(forms.DateField):
    """A date, by the browser's own picker (which sends ISO whatever the language)."""

    def __init__(self, *, least: datetime.date | None = None, most: datetime.date | None = None, **kwargs: Any) -> None:
        self.least, self.most = least, most
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        attributes = {"type": "date"}
        attributes |= {"min": least.isoformat()} if least else {}
        attributes |= {"max": most.isoformat()} if most else {}
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs=attributes))
        kwargs.setdefault("error_messages", {"invalid": _("Enter a date that exists, such as 2026-09-14.")})
        super().__init__(**kwargs)

    def validate(self, value: datetime.date | None) -> None:
        super().validate(value)
        if value and self.least and value < self.least:
            raise ValidationError(_("Choose %(day)s or later."), params={"day": day(self.least)})
        if value and self.most and value > self.most:
            raise ValidationError(_("Choose %(day)s or earlier."), params={"day": day(self.most)})
