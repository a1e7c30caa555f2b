"""A strategy as a form: rules as rows, figures as figures; and the way from a strategy's rules to the form and back.

    form = StrategyRulesForm(request.POST or None, rules=draft.rules)
    form.is_valid() and form.rules()

A rule is up to three conditions joined by “and” or “or”; what is written by experts beyond that (see
`scoring.conditions`) is shown in words and kept as it is. Shares are typed as percentages. The form needs no script:
“Add a row” sends it back with one more empty row and saves nothing.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.features import REGISTRY, Kind
from scoring.features.computing import fact_level, flag
from scoring.points import BANDS
from scoring.strategy_rules import assumption_refused, decimal, problems_in_rules
from scoring.strategy_words import (
    BAND_FIGURES,
    FIGURES,
    OPERATORS,
    PARTS,
    SHARES,
    condition_told,
    facts_to_choose,
    kind_of,
    where_known,
)
from scoring.telling import label_of

CONDITIONS = 3
MOST_RULES = 40
_ORDERED = ("lt", "le", "gt", "ge")
_MOST_PERCENT = {"most_debt_to_income": 1000}
"""Debts may take more than the whole income where collateral stands behind them; a probability ends at 100."""
_CONDITION = ("fact", "op", "value", "unknown")


class RuleForm(forms.Form):
    """One knock-out or policy rule. Numbered fields hold the conditions; `kept` is a condition only experts write."""

    part = forms.ChoiceField(
        label=_("If it holds"), choices=(("knock_outs", _("decline")), ("policy", _("refer to an officer")))
    )
    join = forms.ChoiceField(
        label=_("Of its conditions"), choices=(("all", _("all must hold")), ("any", _("one is enough")))
    )
    text_zh = forms.CharField(label=_("Reason in Chinese"), max_length=200, required=False)
    text_en = forms.CharField(label=_("Reason in English"), max_length=200, required=False)
    code = forms.RegexField(
        label=_("Code"),
        regex=r"^[A-Z][A-Z0-9_]*$",
        max_length=60,
        required=False,
        help_text=_("Left empty, it is made from the fact."),
        error_messages={"invalid": _("Capital letters, digits and underscores, such as MANY_INQUIRIES.")},
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    remove = forms.BooleanField(label=_("Remove this rule"), required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = [("", "—"), *(choices or facts_to_choose())]
        for place in range(CONDITIONS):
            self.fields[f"fact{place}"] = forms.ChoiceField(label=_("Fact"), choices=facts, required=False)
            self.fields[f"op{place}"] = forms.ChoiceField(
                label=_("Comparison"), choices=[("", "—"), *OPERATORS.items()], required=False
            )
            self.fields[f"value{place}"] = forms.CharField(label=_("Value"), max_length=200, required=False)
            self.fields[f"unknown{place}"] = forms.ChoiceField(
                label=_("If it is not known"),
                choices=(("refer", _("an officer decides")), ("skip", _("it does not hold"))),
                required=False,
            )

    @property
    def lines(self) -> list[tuple[Any, ...]]:
        """The conditions' fields, line by line; of the empty lines only the first."""
        found = [tuple(self[f"{name}{place}"] for name in _CONDITION) for place in range(CONDITIONS)]
        used = sum(any(field.value() for field in line[:3]) for line in found)
        return [] if self["kept"].value() else found[: used + 1]

    @property
    def kept_words(self) -> str:
        """An expert's condition in words."""
        kept = self["kept"].value()
        return condition_told(json.loads(kept)) if kept else ""

    @property
    def is_blank(self) -> bool:
        words = ("text_zh", "text_en", "code", "kept", *(f"fact{place}" for place in range(CONDITIONS)))
        return not any(self.cleaned_data.get(name) for name in words)

    def clean_kept(self) -> str:
        kept: str = self.cleaned_data["kept"]
        try:
            return json.dumps(json.loads(kept)) if kept else ""
        except ValueError:
            raise forms.ValidationError(_("This condition can no longer be read: write it again.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("remove"):
            self.errors.clear()
        if cleaned.get("remove") or self.errors or self.is_blank:
            return cleaned
        for name in ("text_zh", "text_en"):
            if not cleaned.get(name):
                self.add_error(name, _("Say why, in words the customer may read."))
        parts = [part for place in range(CONDITIONS) if (part := self._condition(place)) is not None]
        if cleaned.get("kept"):
            parts = [json.loads(cleaned["kept"])]
        if not parts and not self.errors:
            self.add_error("fact0", _("A rule needs a condition: choose a fact, a comparison and a value."))
        cleaned["when"] = parts[0] if len(parts) == 1 else {cleaned.get("join", "all"): parts}
        return cleaned

    def _condition(self, place: int) -> dict[str, Any] | None:
        """One line as a condition, None for an empty one. What is missing is named at its field."""
        key, operator, typed, unknown = (self.cleaned_data.get(f"{name}{place}") or "" for name in _CONDITION)
        if not (key or operator or typed):
            return None
        if not key or not operator:
            field, told = ("op", _("Choose how it is compared.")) if key else ("fact", _("Choose what is compared."))
            self.add_error(f"{field}{place}", told)
            return None
        kind, _sign, name = key.partition(":")
        if operator == "missing":
            return {kind: name, "op": "missing"}
        try:
            compared = {kind: name, "op": operator, "value": read_value(name, operator, typed)}
        except forms.ValidationError as problem:
            self.add_error(f"value{place}", problem)
            return None
        return {"all": [{"not": {kind: name, "op": "missing"}}, compared]} if unknown == "skip" else compared

    def as_rule(self) -> dict[str, Any]:
        """The rule as data; a code is made from the first fact where none was given."""
        cleaned = self.cleaned_data
        made = "_".join((cleaned["fact0"].partition(":")[2] or "RULE", cleaned["op0"] or "HOLDS")).upper()
        words = {name: cleaned[name].strip() for name in ("text_zh", "text_en")}
        return {"code": cleaned["code"] or made, "when": cleaned["when"], **words}


class FiguresForm(forms.Form):
    """Cut-offs, affordability, steps, required facts, and why and from when. Shares are typed as percentages."""

    note = forms.CharField(label=_("Why it changes"), widget=forms.Textarea(attrs={"rows": 2}))
    effective_from = forms.DateField(
        label=_("Effective from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    must_have = forms.MultipleChoiceField(
        label=_("Nothing is approved without"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, also: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [choice.partition(":")[2] for choice, _label in facts_to_choose() if choice.startswith("fact:")]
        known = dict.fromkeys((*names, *also))
        self.fields["must_have"].choices = [(name, label_of(name)) for name in known]  # type: ignore[attr-defined]
        for (part, key), label in FIGURES.items():
            share = key in SHARES
            self.fields[f"{part}-{key}"] = forms.DecimalField(
                label=label,
                min_value=0,
                max_value=_MOST_PERCENT.get(key, 100) if share else None,
                help_text="%" if share else _("in the product's currency"),
            )
        assumed = self.fields["affordability-assumed_debt_service"]
        assumed.required = False
        assumed.help_text = _("in the product's currency; left empty, an officer asks who did not say")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("affordability-assumed_debt_service") == 0:
            self.add_error("affordability-assumed_debt_service", assumption_refused())
        approve, decline = cleaned.get("cut_offs-approve_to_pd"), cleaned.get("cut_offs-decline_from_pd")
        if approve is not None and decline is not None and approve >= decline:
            self.add_error(
                "cut_offs-decline_from_pd",
                _("It must lie above the probability up to which is approved (%(approve)s%%).")
                % {"approve": f"{approve.normalize():f}"},
            )
        return cleaned


class BandForm(forms.Form):
    """One risk band: its rate, limit and longest term."""

    rate_position = forms.DecimalField(label=BAND_FIGURES["rate_position"], min_value=0, max_value=100)
    income_multiple = forms.DecimalField(label=BAND_FIGURES["income_multiple"], min_value=Decimal("0.01"))
    installments_at_most = forms.IntegerField(label=BAND_FIGURES["installments_at_most"], min_value=1, max_value=1200)


_Rules = forms.formset_factory(RuleForm, extra=0, max_num=MOST_RULES, absolute_max=MOST_RULES + 1, validate_max=True)


class StrategyRulesForm:
    """The whole strategy: the rows of rules, the bands, the figures. `start` fills it where nothing was sent."""

    def __init__(self, data: Any, *, start: Mapping[str, Any], note: str = "", effective_from: Any = None) -> None:
        self.data, self.start = data, start
        written = [_row_of(part, rule) for part in PARTS for rule in start[part]]
        also = sorted(
            {row[f"fact{place}"] for row in written for place in range(CONDITIONS) if row.get(f"fact{place}")}
        )
        self.formset = _Rules(
            _one_more(data) if data is not None and "add" in data else data,
            initial=[*written, {}] if data is None else None,
            prefix="rules",
            form_kwargs={"choices": facts_to_choose(also)},
        )
        self.figures = FiguresForm(
            data, also=list(start["must_have"]), initial=_figures_of(start, note, effective_from)
        )
        self.bands = {
            name: BandForm(data, prefix=f"band-{name}", initial=_band_of(start["bands"][name])) for name in BANDS
        }

    @property
    def adding(self) -> bool:
        """Whether it was sent for one more row only."""
        return self.data is not None and "add" in self.data

    def is_valid(self) -> bool:
        found = [self.formset.is_valid(), self.figures.is_valid(), *(band.is_valid() for band in self.bands.values())]
        return all(found) and not self.problems()

    def rules(self) -> dict[str, Any]:
        """The rules as data, in the shape of `strategy_rules`."""
        cleaned = self.figures.cleaned_data
        rules: dict[str, Any] = {"must_have": cleaned["must_have"], **{part: [] for part in PARTS}}
        for form in self.formset:
            if not form.cleaned_data.get("remove") and form.cleaned_data and not form.is_blank:
                rules[form.cleaned_data["part"]].append(form.as_rule())
        for part, key in FIGURES:
            rules.setdefault(part, {})[key] = _kept_figure(key, cleaned[f"{part}-{key}"])
        rules["bands"] = {
            name: {key: _kept_figure(key, value) for key, value in band.cleaned_data.items()}
            for name, band in self.bands.items()
        }
        return rules

    def problems(self) -> list[str]:
        """What is wrong with the rules as a whole, beyond what a single field can know."""
        if any(form.errors for form in (*self.formset, self.figures, *self.bands.values())):
            return []
        rules = self.rules()
        codes = [rule["code"] for part in PARTS for rule in rules[part]]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        told = [
            str(_("Two rules have the code %(code)s: give one of them another.") % {"code": code}) for code in twice
        ]
        return told + problems_in_rules(rules)

    def told_errors(self) -> list[str]:
        """Every error with its row and field, for the top of the page."""
        return list(self._errors())

    def _errors(self) -> Iterator[str]:
        for number, form in enumerate(self.formset, 1):
            for name, errors in form.errors.items():
                label = form.fields[name].label if name in form.fields else ""
                yield from (
                    str(_("Rule %(number)s, %(field)s: %(error)s") % {"number": number, "field": label, "error": error})
                    for error in errors
                )
        for name, band in self.bands.items():
            for field, errors in band.errors.items():
                label = band.fields[field].label
                yield from (
                    str(_("Band %(band)s, %(field)s: %(error)s") % {"band": name, "field": label, "error": error})
                    for error in errors
                )
        for field, errors in self.figures.errors.items():
            yield from (f"{self.figures.fields[field].label}: {error}" for error in errors)
        yield from (str(error) for error in self.formset.non_form_errors())
        yield from self.problems()


def _one_more(data: Any) -> Any:
    """What was sent, with one more empty row of rules."""
    longer = data.copy()
    try:
        longer["rules-TOTAL_FORMS"] = str(min(int(longer["rules-TOTAL_FORMS"]) + 1, MOST_RULES))
    except (KeyError, ValueError):
        longer["rules-TOTAL_FORMS"] = "1"
    return longer


def _row_of(part: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the values of its row; conditions that do not fit into lines are kept as they are."""
    row = {"part": part, "code": rule["code"], "text_zh": rule["text_zh"], "text_en": rule["text_en"], "join": "all"}
    when = rule["when"]
    join = next((key for key in ("any", "all") if key in when and where_known(when) is None), "")
    lines = list(when[join]) if join else [when]
    read = [_line_of(line) for line in lines]
    if len(lines) > CONDITIONS or any(line is None for line in read):
        return {**row, "kept": json.dumps(when)}
    for place, line in enumerate(read):
        assert line is not None  # noqa: S101 - seen to above
        row |= {f"{name}{place}": value for name, value in zip(_CONDITION, line, strict=True)}
    return row | ({"join": join} if join else {})


def _line_of(condition: Mapping[str, Any]) -> tuple[str, str, str, str] | None:
    """(fact, comparison, value, if unknown) of one comparison; None for anything else."""
    compared = where_known(condition) or condition
    kind = next((key for key in ("fact", "feature") if key in compared), None)
    if kind is None or (compared["op"] == "missing" and compared.get("value") is False):
        return None
    name = compared[kind]
    unknown = "refer" if compared is condition else "skip"
    return f"{kind}:{name}", compared["op"], typed_value(name, compared["op"], compared.get("value")), unknown


def typed_value(name: str, operator: str, value: Any) -> str:
    """A rule's value as a person types it."""
    if operator == "missing":
        return ""
    if operator == "is":
        return str(_("yes")) if value else str(_("no"))
    values = value if isinstance(value, list) else [value]
    share = name in REGISTRY and REGISTRY[name].unit == "ratio"
    return ", ".join(_percent(one) if share and decimal(one) is not None else str(one) for one in values)


def _percent(share: Any) -> str:
    return f"{(Decimal(str(share)) * 100).normalize():f}%"


def read_value(name: str, operator: str, typed: str) -> Any:
    """What was typed as the value of a comparison: a number, yes or no, one level or several. Raises ValidationError."""
    typed = typed.strip()
    if operator == "is":
        known = flag(typed)
        if known is None:
            raise forms.ValidationError(_("Write yes or no."))
        return bool(known)
    if operator in ("in", "not_in"):
        values = [part.strip() for part in typed.replace("，", ",").split(",") if part.strip()]
        if not values:
            raise forms.ValidationError(_("Write the values, separated by commas."))
        return [_one_value(name, value, number=kind_of(name) is not Kind.CATEGORY) for value in values]
    return _one_value(name, typed, number=operator in _ORDERED or kind_of(name) is Kind.NUMBER)


def _one_value(name: str, typed: str, *, number: bool) -> Any:
    if not number:
        level = fact_level(typed)
        if level is None:
            raise forms.ValidationError(_("Write a value."))
        return level
    plain = typed.replace(",", "").removesuffix("%")
    read = decimal(plain)
    if read is None:
        raise forms.ValidationError(_("Write a number, such as 10 or 0.5."))
    read = read / 100 if typed.endswith("%") else read
    return int(read) if read == read.to_integral_value() else f"{read.normalize():f}"


def _figures_of(rules: Mapping[str, Any], note: str, effective_from: Any) -> dict[str, Any]:
    found = {f"{part}-{key}": _typed_figure(key, rules[part].get(key)) for part, key in FIGURES}
    return {**found, "must_have": rules["must_have"], "note": note, "effective_from": effective_from}


def _band_of(band: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _typed_figure(key, value) for key, value in band.items()}


def _typed_figure(name: str, value: Any) -> str:
    if name == "assumed_debt_service" and not decimal(value):
        return ""
    number = Decimal(str(value)) * (100 if name in SHARES else 1)
    return f"{number.normalize():f}"


def _kept_figure(name: str, number: Decimal | int | None) -> str | int | None:
    """A figure as it is kept: text that loses no digit; installments are counted; what is left empty is nothing."""
    if number is None or isinstance(number, int):
        return number
    return f"{(number / 100 if name in SHARES else number).normalize():f}"
