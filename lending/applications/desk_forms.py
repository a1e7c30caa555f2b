"""The decision form of the officers' desk. It reads what was typed; the act decides whether it may be."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from lending.applications.models import Application, Decision
from lending.applications.officer_reasons import OFFICER_REASONS
from lending.finance.money import from_minor, to_minor
from lending.money_display import money
from lending.templatetags.desk import spoken


class DecisionForm(forms.Form):
    """Approve with amount, term and rate, or decline; always with a reason and a note for the file."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[(Decision.Outcome.APPROVE.value, _("Approve")), (Decision.Outcome.DECLINE.value, _("Decline"))],
        widget=UnfoldAdminRadioSelectWidget,
    )
    amount = forms.DecimalField(label=_("Amount"))  # replaced by one with the currency's decimals
    installments = forms.TypedChoiceField(
        label=_("Installments"), required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget
    )
    yearly_rate_percent = forms.DecimalField(
        label=_("Yearly rate (nominal, %)"),
        required=False,
        max_digits=9,
        decimal_places=4,
        min_value=Decimal(0),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reason_code = forms.ChoiceField(label=_("Reason"), widget=UnfoldAdminSelectWidget)
    note = forms.CharField(
        label=_("Note for the file"), max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )

    def __init__(
        self, *args: Any, application: Application, recommended: Decision | None = None, **kwargs: Any
    ) -> None:
        self.version = application.product_version
        kwargs.setdefault("initial", self._starting_values(application, recommended))
        super().__init__(*args, **kwargs)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount"),
            required=False,
            max_digits=18,
            decimal_places=self.version.decimals,
            min_value=Decimal(0),
            widget=UnfoldAdminDecimalFieldWidget,
            help_text=_("%(least)s to %(most)s")
            % {
                "least": money(self.version.min_amount_minor, self.version.currency, self.version.decimals),
                "most": money(
                    min(self.version.max_amount_minor, application.amount_minor or self.version.max_amount_minor),
                    self.version.currency,
                    self.version.decimals,
                ),
            },
        )
        self.fields["installments"].choices = [("", "—"), *((n, n) for n in self.version.installment_choices)]  # type: ignore[attr-defined]
        self.fields["yearly_rate_percent"].help_text = _("%(least)s to %(most)s") % {
            "least": self.version.min_yearly_rate_percent.normalize(),
            "most": self.version.max_yearly_rate_percent.normalize(),
        }
        self.fields["reason_code"].choices = [("", "—"), *_reasons()]  # type: ignore[attr-defined]

    def _starting_values(self, application: Application, recommended: Decision | None) -> dict[str, Any]:
        """What the rules would offer, or else what was asked for. No decision is chosen for the officer."""
        amount = application.amount_minor
        if recommended is not None and recommended.limit_minor:
            amount = min(recommended.limit_minor, amount or recommended.limit_minor)
        rate = recommended.yearly_rate_percent if recommended else None
        return {
            "amount": from_minor(amount, self.version.decimals) if amount else None,
            "installments": (recommended and recommended.installments) or application.installments,
            "yearly_rate_percent": f"{rate.normalize():f}" if rate is not None else None,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == Decision.Outcome.APPROVE:
            for name in ("amount", "installments", "yearly_rate_percent"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("An approval names the amount, the number of installments and the rate."))
        reason = OFFICER_REASONS.get(cleaned.get("reason_code", ""))
        if reason and "outcome" in cleaned and reason["outcome"] != cleaned["outcome"]:
            chosen = Decision.Outcome(cleaned["outcome"]).label
            self.add_error("reason_code", _("Choose one of the reasons under “%(outcome)s”.") % {"outcome": chosen})
        return cleaned

    def arguments(self) -> dict[str, Any]:
        """What the act is given."""
        cleaned = self.cleaned_data
        approve = cleaned["outcome"] == Decision.Outcome.APPROVE
        return {
            "outcome": cleaned["outcome"],
            "amount_minor": to_minor(cleaned["amount"], self.version.decimals) if approve else None,
            "installments": cleaned["installments"] if approve else None,
            "yearly_rate_percent": cleaned["yearly_rate_percent"] if approve else None,
            "reason_code": cleaned["reason_code"],
            "note": cleaned["note"],
        }


def _reasons() -> list[tuple[Any, list[tuple[str, str]]]]:
    """The reasons an officer may give, grouped by the decision they go with."""
    return [
        (
            outcome.label,
            [(code, spoken(reason)) for code, reason in OFFICER_REASONS.items() if reason["outcome"] == outcome],
        )
        for outcome in (Decision.Outcome.APPROVE, Decision.Outcome.DECLINE)
    ]


#: The act's word for an input -> the form's field that holds it.
FIELD_OF = {"amount_minor": "amount", "limit_minor": "amount"}
