"""The questions of an application, in four steps of a few answers each, named as in `lending.applications.answers`."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lending.applications.answers import IDENTIFYING, MOST_PURPOSE_TEXT, identifying
from lending.applications.models import Application
from lending.clock import business_date
from lending.finance.money import from_minor
from lending.portal.fields import DayField, MoneyField
from lending.products import purposes
from lending.products.models import ProductVersion

EMPLOYMENT = {
    "salaried": _("Employed by a business"),
    "public": _("Public service"),
    "self_employed": _("Self-employed"),
    "part_time": _("Part-time or casual work"),
    "retired": _("Retired"),
    "student": _("Student"),
    "none": _("Not working"),
    "other": _("Something else"),
}
HOUSING = {
    "owner": _("My own, paid off"),
    "mortgage": _("My own, with a mortgage"),
    "rent": _("Rented"),
    "parents": _("With parents or family"),
    "employer": _("From my employer"),
    "other": _("Something else"),
}
WITHOUT_A_JOB = frozenset({"retired", "student", "none"})


class StepForm(forms.Form):
    """One step for a product: `answers()` gives what `filling.answer` takes, `initial_of` reads it back."""

    #: Fields that are money: kept in major units as text, typed as people type.
    money: tuple[str, ...] = ()

    def __init__(self, *args: Any, version: ProductVersion, forbidden: Iterable[str] = (), **kwargs: Any) -> None:
        self.version = version
        super().__init__(*args, **kwargs)
        self.forbidden = frozenset(forbidden)
        self.ask()

    def ask(self) -> None:
        """Add the fields that depend on the product."""

    def answers(self) -> dict[str, Any]:
        """Money as exact amounts of major units; an answer that was taken back is empty."""
        return {
            name: from_minor(value, self.version.decimals) if name in self.money and value is not None else value
            for name, value in self.cleaned_data.items()
        }

    @classmethod
    def initial_of(cls, application: Application) -> dict[str, Any]:
        decimals = application.product_version.decimals
        known = {**application.answers, **identifying(application.answers)}
        if application.amount_minor is not None:
            known["amount"] = str(from_minor(application.amount_minor, decimals))
        known |= {"installments": application.installments, "purpose": application.purpose}
        return {
            name: int(Decimal(str(value)).scaleb(decimals)) if name in cls.money and value not in (None, "") else value
            for name, value in known.items()
        }

    def money_field(self, label: str | Promise, **kwargs: Any) -> MoneyField:
        return MoneyField(label=label, currency=self.version.currency, decimals=self.version.decimals, **kwargs)


class LoanForm(StepForm):
    money = ("amount",)

    def ask(self) -> None:
        version = self.version
        self.fields["amount"] = self.money_field(
            _("How much would you like to borrow?"),
            least_minor=version.min_amount_minor,
            most_minor=version.max_amount_minor,
        )
        self.fields["installments"] = forms.TypedChoiceField(
            label=_("In how many installments would you repay?"),
            coerce=int,
            choices=[(count, count) for count in sorted(version.installment_choices)],
            widget=forms.RadioSelect,
        )
        allowed = [code for code in version.purposes if code not in self.forbidden]
        self.fields["purpose"] = forms.ChoiceField(
            label=_("What is the loan for?"),
            choices=purposes.choices(allowed, get_language() or "zh-hans"),
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": _("Choose one of the purposes of this product.")},
        )
        self.fields["purpose_text"] = forms.CharField(
            label=_("Tell us more about what it is for"),
            required=False,
            max_length=MOST_PURPOSE_TEXT,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("In your own words. It helps the officer who reads it; leave out names and numbers."),
        )


class IncomeForm(StepForm):
    money = ("income_monthly", "expenses_monthly")

    def ask(self) -> None:
        self.fields["income_monthly"] = self.money_field(
            _("What comes in each month, after tax?"), help_text=_("Wages, pension, profit: what you can count on.")
        )
        self.fields["expenses_monthly"] = self.money_field(
            _("What do you spend each month?"),
            help_text=_("Rent, food, school, transport. Leave out repayments of loans: we ask for them later."),
        )
        self.fields["dependants"] = forms.IntegerField(
            label=_("How many people live on this income besides you?"),
            min_value=0,
            max_value=30,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        )


class LifeForm(StepForm):
    employment_type = forms.ChoiceField(
        label=_("What is your work?"), choices=list(EMPLOYMENT.items()), widget=forms.RadioSelect
    )
    employment_years = forms.DecimalField(
        label=_("For how many years in this work?"),
        required=False,
        min_value=0,
        max_value=80,
        max_digits=4,
        decimal_places=1,
        help_text=_("Half years count: 1.5"),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.5"}),
    )
    home_ownership = forms.ChoiceField(
        label=_("Where do you live?"), choices=list(HOUSING.items()), widget=forms.RadioSelect
    )
    residence_years = forms.DecimalField(
        label=_("For how many years at this address?"),
        min_value=0,
        max_value=120,
        max_digits=4,
        decimal_places=1,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.5"}),
    )

    home_address = forms.CharField(
        label=_("What is your address?"),
        required=False,
        max_length=IDENTIFYING["home_address"],
        help_text=_("Province, city, street, number and room. Kept encrypted, to prevent fraud in your name."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    id_card_expires_on = DayField(
        label=_("Until which day is your ID card valid?"),
        required=False,
        help_text=_("It stands on the back of the card. Leave it empty if the card is valid without end."),
    )
    employer = forms.CharField(
        label=_("Whom do you work for?"),
        required=False,
        max_length=IDENTIFYING["employer"],
        help_text=_("The name of the business; leave it empty if you do not work."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    employer_phone = forms.CharField(
        label=_("What is the phone number of your employer?"),
        required=False,
        max_length=IDENTIFYING["employer_phone"],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_id_card_expires_on(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["id_card_expires_on"]
        if day is not None and day < business_date():
            raise forms.ValidationError(
                _("This card has run out. Renew it at a police station, then enter the last day of the new one.")
            )
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        works = said.get("employment_type") and said["employment_type"] not in WITHOUT_A_JOB
        if works and said.get("employment_years") is None and "employment_years" not in self.errors:
            self.add_error("employment_years", _("Enter the number of years; 0 if you have just begun."))
        return said


class DebtsForm(StepForm):
    money = ("debts", "debt_service_monthly", "assets")

    def ask(self) -> None:
        self.fields["debts"] = self.money_field(
            _("How much do you owe on all loans and cards?"), help_text=_("0 if you owe nothing.")
        )
        self.fields["debt_service_monthly"] = self.money_field(
            _("What do you repay on them each month?"), help_text=_("0 if nothing.")
        )
        self.fields["assets"] = self.money_field(
            _("What are your savings and belongings worth?"),
            required=False,
            help_text=_("Savings, a car, a home; an estimate will do."),
        )
        self.fields["account"] = forms.CharField(
            label=_("On which bank account do you receive your income?"),
            required=False,
            max_length=IDENTIFYING["account"],
            help_text=_("Kept encrypted. Its movements are looked at only if you consented to that."),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )
        self.fields["account_holder"] = forms.CharField(
            label=_("In whose name is the account?"),
            required=False,
            max_length=IDENTIFYING["account_holder"],
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    title: str | Promise
    lead: str | Promise
    form: type[StepForm]


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("loan", _("The loan"), _("Change the amount and the term and see what it costs."), LoanForm),
        Step("income", _("Income and expenses"), _("So that we lend you only what you can carry."), IncomeForm),
        Step("life", _("Work and home"), _("How steady your situation is."), LifeForm),
        Step(
            "debts",
            _("Debts and belongings"),
            _("What you owe elsewhere. Your credit report tells us the rest, under the consent you gave."),
            DebtsForm,
        ),
    )
}
REVIEW = "review"
ORDER = [*STEPS, REVIEW]


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the review: the question, and the answer as it is shown. `minor` is set for money."""

    label: str
    shown: Any
    minor: int | None = None


def review(application: Application) -> Mapping[str, list[Answer]]:
    """Step name -> its questions with the answers given, in the reader's language."""
    return {name: list(_lines(step, application)) for name, step in STEPS.items()}


def _lines(step: Step, application: Application) -> Iterable[Answer]:
    initial = step.form.initial_of(application)
    form = step.form(version=application.product_version, initial=initial)
    for name, field in form.fields.items():
        value = initial.get(name)
        if value in (None, ""):
            yield Answer(str(field.label), None)
        elif isinstance(field, MoneyField):
            yield Answer(str(field.label), None, minor=int(value))
        elif isinstance(field, forms.ChoiceField):
            yield Answer(str(field.label), dict(field.choices).get(value, value))  # type: ignore[arg-type]
        else:
            yield Answer(str(field.label), value)


def unanswered(application: Application) -> list[str]:
    """Names of the steps with a required question that has no answer, in order."""
    lacking = []
    for name, step in STEPS.items():
        initial = step.form.initial_of(application)
        fields = step.form(version=application.product_version).fields
        if any(field.required and initial.get(key) in (None, "") for key, field in fields.items()):
            lacking.append(name)
    return lacking
