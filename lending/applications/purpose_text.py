"""What a loan is for in the applicant's own words, held against what she chose from the list.

Words for forbidden uses refer the application (`regulation.checks.check_purpose_text`), and so does a classifier in use
that reads a forbidden purpose out of the text. That it reads another allowed purpose than the one chosen is shown to the
officer and decides nothing. Without a classifier, or should it fail, the words alone are looked for.
"""

import datetime
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from lending.applications.models import Application
from lending.products.purposes import PURPOSES
from lending.regulation.checks import Finding, RuleBook, check_purpose_text, purpose_text_forbidden
from scoring.text import plain
from scoring.text_training import LOAN_PURPOSE, text_champion

_log = logging.getLogger(__name__)
#: Below this the classifier is not sure enough to be heard.
LEAST_PROBABILITY = Decimal("0.6")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the classifier reads: `purpose` is a code, `differs` whether it is not the one chosen."""

    text: str
    purpose: str
    probability: Decimal
    by: str
    differs: bool

    def name(self, language: str) -> str:
        known = PURPOSES.get(self.purpose)
        return known.name(language) if known else self.purpose


def text_of(application: Application) -> str:
    return str(application.answers.get("purpose_text") or "")


def reading_of(application: Application, on: datetime.date) -> Reading | None:
    """What the classifier in use reads out of the text; None without a text, a classifier, or anything it knows."""
    text = text_of(application)
    if not text:
        return None
    try:
        with transaction.atomic():  # a failure of the database here must not break the decision
            champion = text_champion(LOAN_PURPOSE, on)
            found = champion.classify(text) if champion else None
    except Exception:
        _log.exception("the purpose of %s could not be read", application)
        return None
    if champion is None or found is None or found.label is None:
        return None
    probability = Decimal(str(found.probability)).quantize(Decimal("0.001"))
    differs = probability >= LEAST_PROBABILITY and found.label != application.purpose
    return Reading(text, found.label, probability, champion.version, differs)


def findings(application: Application, book: RuleBook, on: datetime.date) -> list[Finding]:
    """The referral of a text that names a forbidden use, by its words or by the classifier; one at most."""
    found = check_purpose_text(text_of(application), book)
    rule = book.get("purposes_forbidden")
    read = reading_of(application, on) if rule is not None and not found else None
    if rule is not None and read is not None and read.differs and read.purpose in rule.value:
        params = {"purpose": read.purpose, "by": read.by, "probability": str(read.probability)}
        return [purpose_text_forbidden(rule.citation, params)]
    return found


def labelled() -> Iterator[tuple[str, str]]:
    """(text, purpose chosen) of loans that were signed: officer and borrower left the purpose as it was."""
    newest: dict[str, tuple[str, str]] = {}
    signed = Application.objects.filter(status=Application.Status.SIGNED, answers__has_key="purpose_text")
    for text, purpose in signed.order_by("pk").values_list("answers__purpose_text", "purpose").iterator():
        newest[plain(text)] = (text, purpose)
    yield from newest.values()
