"""Refusals are named facts: what was refused, which field it is about, and what to do next, in the user's language.

`Refusal` is a `ValidationError`, so forms, the admin and REST show it without a word of translation in the views.
An act raises a subclass; whoever called it shows `messages` and loses nothing, for nothing was written.
"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise


class Refusal(ValidationError):
    """Base of every refusal.

    Subclasses set `code` (a stable machine word), `text` (a lazy sentence that may hold %(name)s placeholders and says
    what to do next) and `field` (the input it is about, or None for the act as a whole).
    """

    code: str = "refused"
    text: ClassVar[str | Promise] = ""
    field: ClassVar[str | None] = None
    status: ClassVar[int] = 409

    def __init__(self, **params: Any) -> None:
        self.about = params.pop("field", None) or type(self).field
        self.details = params
        super().__init__(type(self).text, code=type(self).code, params=params)  # type: ignore[arg-type]  # lazy text


class InvalidValue(Refusal):
    """A value that cannot be right by itself: the field and what would be right."""

    code = "invalid"
    status = 400
    text: ClassVar[str | Promise] = "%(reason)s"
