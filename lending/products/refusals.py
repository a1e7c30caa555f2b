"""Refusals about products, and the shape of an answer that names several fields at once."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal

Message = Any
"""A sentence, translated now or when it is shown (a lazy string)."""


class WrongFields(Refusal):
    """Several values that cannot be right: `message_dict` says for each field why, and what would be right."""

    code = "invalid"
    status = 400

    def __init__(self, errors: Mapping[str, list[Message]]) -> None:
        self.about = next(iter(errors), None)
        self.details = {}
        nested = {name: [ValidationError(text, code=self.code) for text in texts] for name, texts in errors.items()}
        ValidationError.__init__(self, nested)


class PublisherIsProposer(Refusal):
    code = "publisher_is_proposer"
    field = "by"
    text = _("You proposed this version, so somebody else must publish it: ask a colleague.")


class NeedsAPerson(Refusal):
    code = "needs_a_person"
    field = "by"
    text = _("A product is proposed and published by people: sign in and do it yourself.")


class AlreadyPublished(Refusal):
    code = "already_published"
    text = _("%(version)s is published and never changes: propose a new version instead.")


class NotInForce(Refusal):
    code = "product_not_in_force"
    field = "product"
    status = 400
    text = _("The product “%(product)s” is not offered now. Choose one of: %(offered)s.")
