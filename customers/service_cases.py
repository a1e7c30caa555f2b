"""Customers ask, and are answered within the time that the law or our word gives us.

Fifteen days for complaints (the 2019 measures on banking and insurance consumer complaints) and, by our own word, for
everything else; a right under PIPL art. 24, 44-50 is answered in the same time.
"""

import datetime
import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, ServiceCase, User
from customers.refusals import InvalidValue, Refusal

DAYS_TO_ANSWER = 15
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


class CaseAlreadyAnswered(Refusal):
    code = "case_already_answered"
    text = _("This case was answered already. Open a new one if there is more to say.")


def open_case(
    customer: Customer,
    *,
    kind: str,
    by: User | None,
    on: datetime.date,
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
    subject = {"kind": kind, "subject_type": subject_type, "subject_id": subject_id}
    try:
        with transaction.atomic():
            if key is not None and (known := ServiceCase.objects.filter(customer=customer, key=key).first()):
                return known
            return ServiceCase.objects.create(
                customer=customer,
                text=words,
                opened_on=on,
                due_on=on + datetime.timedelta(days=DAYS_TO_ANSWER),
                key=key or uuid.uuid4(),
                **subject,
            )
    except IntegrityError:
        same = ServiceCase.objects.filter(customer=customer, status=ServiceCase.Status.OPEN, **subject).first()
        if same is None:
            raise
        return same


def answer_case(case: ServiceCase, *, answer: str, by: User, on: datetime.date) -> ServiceCase:
    """Our answer, which closes the case. The same answer twice changes nothing; another one is refused."""
    words = answer.strip()
    if not words:
        raise WordsMissing(field="answer")
    with transaction.atomic():
        locked = ServiceCase.objects.select_for_update().get(pk=case.pk)
        if locked.status == ServiceCase.Status.ANSWERED:
            if locked.answer == words:
                return locked
            raise CaseAlreadyAnswered
        locked.status, locked.answer = ServiceCase.Status.ANSWERED, words
        locked.answered_by, locked.answered_on = by, on
        locked.save()
    return locked
