"""A member of the staff answers what a customer asked. An answer stands; a second thought is a new case."""

import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from customers.models import ServiceCase, User
from customers.refusals import Refusal


class AlreadyAnswered(Refusal):
    code = "already_answered"
    text = _("This case was answered on %(on)s. What was answered stands.")


class AnswerMissing(Refusal):
    code = "answer_missing"
    status = 400
    field = "answer"
    text = _("Write the answer that the customer will read.")


def answer(case: ServiceCase, *, answer: str, by: User, on: datetime.date) -> ServiceCase:
    """Close a case with its answer. The same answer twice changes nothing. Raises AnswerMissing, AlreadyAnswered."""
    text = answer.strip()
    if not text:
        raise AnswerMissing()
    with transaction.atomic():
        locked = ServiceCase.objects.select_for_update().get(pk=case.pk)
        if locked.status == ServiceCase.Status.ANSWERED:
            if locked.answer == text:
                return locked
            raise AlreadyAnswered(on=locked.answered_on)
        locked.status, locked.answer = ServiceCase.Status.ANSWERED, text
        locked.answered_by, locked.answered_on = by, on
        locked.save()
        return locked
