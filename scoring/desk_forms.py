"""The forms of the acts on scoring's pages."""

import json
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from scoring.certification import LONGEST_CERTIFICATE_DAYS, MOST_CHALLENGER_PERCENT
from scoring.models import IdentifierKind, ReviewTask
from scoring.strategy_rules import problems_in_rules


class NoteField(forms.CharField):
    """What a person writes about her act: some words at least, asked for by the field's name."""

    def __init__(self, label: Any, *, least: int, rows: int) -> None:
        told = format_lazy(
            _("“{field}”: write at least {least} characters, so that a colleague understands it later."),
            field=label,
            least=least,
        )
        super().__init__(
            label=label,
            min_length=least,
            widget=forms.Textarea(attrs={"rows": rows}),
            error_messages={"min_length": told, "required": told},
        )


class VerdictForm(forms.Form):
    passed = forms.TypedChoiceField(
        label=_("Verdict"),
        choices=((1, _("Fit for use")), (0, _("Not fit for use"))),
        coerce=lambda value: bool(int(value)),
        widget=forms.RadioSelect,
    )
    note = NoteField(_("What you checked and found"), least=10, rows=4)


class CertificateForm(forms.Form):
    certificate_expires_on = forms.DateField(
        label=_("The certificate ends on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=format_lazy(_("At most {days} days from today."), days=LONGEST_CERTIFICATE_DAYS),
    )


class PromotionForm(forms.Form):
    to = forms.ChoiceField(
        label=_("Use it as"),
        choices=(
            ("champion", _("champion (decides)")),
            ("challenger", _("challenger (decides its share)")),
            ("shadow", _("shadow (scores only)")),
        ),
    )
    challenger_percent = forms.IntegerField(
        label=_("Share of a challenger, percent"),
        min_value=0,
        max_value=MOST_CHALLENGER_PERCENT,
        required=False,
        help_text=format_lazy(
            _("Of the applications, from 1 to {most}; only for a challenger."), most=MOST_CHALLENGER_PERCENT
        ),
    )


class RetirementForm(forms.Form):
    fallback = forms.CharField(
        label=_("What decides instead"),
        max_length=200,
        help_text=_("In words, for the file: another model in use, or people. It switches nothing on."),
    )


class StrategyForm(forms.Form):
    rules = forms.CharField(label=_("Rules (JSON)"), widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false"}))
    note = forms.CharField(label=_("Why it changes"), widget=forms.Textarea(attrs={"rows": 2}))
    effective_from = forms.DateField(
        label=_("Effective from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_rules(self) -> Any:
        try:
            rules = json.loads(self.cleaned_data["rules"])
        except ValueError as problem:
            raise forms.ValidationError(_("This is not JSON: %(problem)s") % {"problem": problem}) from None
        problems = problems_in_rules(rules)
        if problems:
            raise forms.ValidationError(problems)
        return rules


class DispositionForm(forms.Form):
    disposition = forms.ChoiceField(
        label=_("Disposition"),
        choices=(("confirmed", _("fraud confirmed")), ("dismissed", _("dismissed"))),
        widget=forms.RadioSelect,
    )
    note = NoteField(_("What you found"), least=5, rows=3)


class BlacklistForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=IdentifierKind.choices)
    value = forms.CharField(label=_("Value"), max_length=200, help_text=_("Kept as a keyed hash only."))
    source = forms.CharField(label=_("Source"), max_length=200)
    reason = forms.CharField(label=_("Reason"), max_length=200)
    expires_on = forms.DateField(label=_("Expires on"), widget=forms.DateInput(attrs={"type": "date"}))


class CheckForm(forms.Form):
    agreed = forms.TypedChoiceField(
        label=_("Your answer"),
        choices=((1, _("I confirm it")), (0, _("I turn it down"))),
        coerce=lambda value: bool(int(value)),
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Why it is turned down"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class WithdrawalForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class TaskForm(forms.Form):
    disposition = forms.ChoiceField(
        label=_("What follows"), choices=ReviewTask.Disposition.choices, widget=forms.RadioSelect
    )
    note = NoteField(_("What you found and did"), least=5, rows=3)
