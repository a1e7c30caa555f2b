"""A customer asks for something, and the clock starts. `customers.answering` is the answer.

The day by which the answer is due is the caller's to say: it comes from the rules in force, which stand a floor above.
"""

import datetime
import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from customers import topics
from customers.models import Customer, ServiceCase, User
from customers.refusals import InvalidValue

LONGEST_TEXT = 2000
#: Kinds that mean nothing without words.
NEED_WORDS = frozenset({ServiceCase.Kind.COMPLAINT, ServiceCase.Kind.CORRECTION, ServiceCase.Kind.QUESTION})


class UnknownCaseKind(InvalidValue):
    code = "unknown_case_kind"
    field = "kind"
    text = _("Choose what you would like to ask for.")


class WordsMissing(InvalidValue):
    code = "words_missing"
    field = "text"
    text = _("Tell us in a few words what it is about, in at most 2000 characters.")


def open_case(
    customer: Customer,
    *,
    kind: str,
    by: User | None,
    on: datetime.date,
    due_on: datetime.date,
    text: str = "",
    subject_type: str = "",
    subject_id: str = "",
    key: uuid.UUID | None = None,
) -> ServiceCase:
    """A new case, or the one that this key or this open question already is. Raises UnknownCaseKind, WordsMissing."""
    if kind not in ServiceCase.Kind.values:
        raise UnknownCaseKind
    words = text.strip()
    if len(words) > LONGEST_TEXT or (kind in NEED_WORDS and not words):
        raise WordsMissing
    if key is not None and (known := ServiceCase.objects.filter(customer=customer, key=key).first()):
        return known
    subject = {"kind": kind, "subject_type": subject_type, "subject_id": subject_id}
    case = ServiceCase(customer=customer, text=words, opened_on=on, due_on=due_on, key=key or uuid.uuid4(), **subject)
    _sort(case, on)
    try:
        with transaction.atomic():
            case._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
            case.save()
            return case
    except IntegrityError:
        mine = ServiceCase.objects.filter(customer=customer)
        same = mine.filter(key=case.key).first() or mine.open().filter(**subject).first()
        if same is None:
            raise
        return same


def _sort(case: ServiceCase, on: datetime.date) -> None:
    """The suggested topic, where there is one, and whether the case is one to be looked at first."""
    found = topics.suggestion(case.text, on) if case.kind != ServiceCase.Kind.HARDSHIP else None
    if found is not None:
        case.suggested_topic, case.suggested_probability, case.suggested_by = found.topic, found.probability, found.by
    case.urgent = case.kind == ServiceCase.Kind.HARDSHIP or (found is not None and topics.TOPICS[found.topic].urgent)
