"""What a customer types about herself or her business.

The rules stand in `customers.identity`, and the act applies them again; the forms apply them field by field, so that
all problems are told at once. `on` is the business date.
"""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import identity

_TEXT = {"autocomplete": "off", "spellcheck": "false"}


class _DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def _day(label: Any, help_text: Any = "", required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        widget=_DayInput(),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Enter a date that exists, such as 1990-04-21.")},
    )


class _Facts(forms.Form):
    def __init__(self, *args: Any, on: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_phone(self) -> str:
        return identity.read_phone(self.cleaned_data["phone"])


class IdentityForm(_Facts):
    """A person. `birth_date` is asked for only to catch a mistyped number."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("As it stands on your resident ID card."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    id_number = forms.CharField(
        label=_("Resident ID number"),
        max_length=30,
        help_text=_("18 characters. Kept encrypted; the desk sees its last digits only."),
        widget=forms.TextInput(attrs=_TEXT | {"autocapitalize": "characters"}),
    )
    birth_date = _day(_("Date of birth"), _("It must agree with the number."))
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def clean_name(self) -> str:
        return identity.read_name(self.cleaned_data["name"])

    def clean_id_number(self) -> str:
        return identity.read_resident_id(self.cleaned_data["id_number"], on=self.on).number


class OrganisationForm(_Facts):
    """A business and the person who represents it."""

    name = forms.CharField(
        label=_("Name of the business"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=30,
        help_text=_("18 characters, on the business licence."),
        widget=forms.TextInput(attrs=_TEXT | {"autocapitalize": "characters"}),
    )
    established_on = _day(_("Founded on"), required=False)
    representative_name = forms.CharField(label=_("Legal representative"), max_length=60)
    representative_id_number = forms.CharField(
        label=_("Representative's resident ID number"), max_length=30, widget=forms.TextInput(attrs=_TEXT)
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def clean_credit_code(self) -> str:
        return identity.read_credit_code(self.cleaned_data["credit_code"])

    def clean_representative_name(self) -> str:
        return identity.read_name(self.cleaned_data["representative_name"])

    def clean_representative_id_number(self) -> str:
        return identity.read_resident_id(self.cleaned_data["representative_id_number"], on=self.on).number


class ReachForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("For notices. Leave it empty to get none by e-mail."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def facts_of(form: forms.Form) -> dict[str, Any]:
    """The cleaned values, for the act of the same field names."""
    return dict(form.cleaned_data)
