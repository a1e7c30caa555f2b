"""Longer answers to a customer, from `templates/answers/<name>.<language>.txt`, worded as her notices are."""

from collections.abc import Mapping
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from customers.wording import wording
from lending.applications.models import Decision


def words_of(name: str, context: Mapping[str, Any], language: str) -> str:
    """The text of an answer in a language; see `customers.wording` for how the context is read."""
    template: Any = get_template(f"answers/{name}.{language}.txt")
    text = template.template.render(Context(wording(context, language), autoescape=False))
    return "\n".join(line.rstrip() for line in str(text).strip().split("\n"))


def outcome_of(decision: Decision, language: str) -> str:
    with translation.override(language):
        return str(Decision.Outcome(decision.outcome).label)
