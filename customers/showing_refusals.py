"""A refusal of an act, shown on the form: on its field where the form has one, above the form otherwise."""

from collections.abc import Mapping

from django import forms

from customers.refusals import Refusal


def show(refusal: Refusal, form: forms.BaseForm, fields: Mapping[str, str] | None = None) -> None:
    """Add the refusal's sentences to the form. `fields` maps the act's names of inputs to the form's."""
    several = hasattr(refusal, "error_dict")
    found = refusal.message_dict if several else {refusal.about or "": refusal.messages}
    for about, sentences in found.items():
        name = (fields or {}).get(about, about)
        form.add_error(name if name in form.fields else None, forms.ValidationError(sentences))
