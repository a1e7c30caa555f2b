"""What an officer types to post or reverse a repayment. The key stays with the form: a second click adds nothing."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from lending.finance.money import to_minor
from lending.loans.models import Loan

CHANNELS = [("counter", _("Counter")), ("transfer", _("Bank transfer")), ("cheque", _("Cheque"))]


def new_key() -> str:
    return f"desk-{uuid.uuid4()}"


class RepaymentForm(forms.Form):
    amount = forms.DecimalField(label=_("Amount"))  # replaced by one with the loan's decimals
    received_on = forms.DateField(label=_("Received on"), widget=UnfoldAdminSingleDateWidget)
    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS, widget=UnfoldAdminSelectWidget)
    key = forms.CharField(max_length=100, widget=forms.HiddenInput, initial=new_key)

    def __init__(self, *args: Any, loan: Loan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loan = loan
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount"),
            max_digits=18,
            decimal_places=loan.decimals,
            widget=UnfoldAdminDecimalFieldWidget,
            help_text=loan.currency,
        )

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "amount_minor": to_minor(cleaned["amount"], self.loan.decimals),
            "currency": self.loan.currency,
            "received_on": cleaned["received_on"],
            "channel": cleaned["channel"],
            "key": cleaned["key"],
        }


class ReversalForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)
    key = forms.CharField(max_length=100, widget=forms.HiddenInput, initial=new_key)


class QuoteForm(forms.Form):
    on = forms.DateField(label=_("Pay off on"), widget=UnfoldAdminSingleDateWidget)


#: The act's word for an input -> the form's field that holds it.
FIELD_OF = {"amount_minor": "amount", "on": "received_on"}
