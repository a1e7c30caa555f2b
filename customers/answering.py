"""A customer is answered, by a member of the staff or by the machine, and told so. An answer stands; a second thought
is a new case.

Who answers in words says what the case was about: that topic is what a classifier of texts is later trained on.
"""

import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from customers import topics
from customers.case_subjects import subject_of
from customers.models import Customer, ServiceCase, User
from customers.notices import ALL_CHANNELS, INBOX, notify
from customers.refusals import Refusal
from customers.service_cases import NEED_WORDS
from customers.wording import in_both


class AlreadyAnswered(Refusal):
    code = "already_answered"
    text = _("This case was answered on %(on)s. What was answered stands.")


class AnswerMissing(Refusal):
    code = "answer_missing"
    status = 400
    field = "answer"
    text = _("Write the answer that the customer will read.")


class TopicMissing(Refusal):
    code = "topic_missing"
    status = 400
    field = "topic"
    text = _("Choose what the case is about: %(topics)s.")


class AnsweredByAct(Refusal):
    """The answer to this case is an act of another room, such as the decision that is asked for."""

    code = "answered_by_act"
    text = _("%(act)s This case is answered with it.")


class NotAnsweredYet(Refusal):
    code = "not_answered_yet"
    field = "topic"
    text = _("This case is not answered yet: its topic is chosen with the answer.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 400
    field = "reason"
    text = _("Write why the topic is changed, in at most %(most)s characters.")


#: As much as the history of a row keeps of a reason.
LONGEST_REASON = 100


def answer(
    case: ServiceCase, *, answer: str, by: User | None, on: datetime.date, topic: str = "", told: bool = False
) -> ServiceCase:
    """Close a case with its answer. The same answer twice changes nothing. `by` is None for the machine.

    `told` is for an act that tells the customer itself. Raises AnswerMissing, TopicMissing, AlreadyAnswered, AnsweredByAct.
    """
    words = answer.strip()
    if not words:
        raise AnswerMissing()
    with transaction.atomic():
        locked = ServiceCase.objects.select_for_update(of=("self",)).select_related("customer").get(pk=case.pk)
        if locked.status == ServiceCase.Status.ANSWERED:
            if locked.answer == words:
                return locked
            raise AlreadyAnswered(on=locked.answered_on)
        subject = subject_of(locked)
        if subject is not None and subject.answered_by:
            raise AnsweredByAct(act=subject.answered_by)
        _set_topic(locked, topic)
        locked.status, locked.answer = ServiceCase.Status.ANSWERED, words
        locked.answered_by, locked.answered_on = by, on
        locked._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
        locked.save()
        if not told:
            _tell(locked, on)
        return locked


def correct_topic(case: ServiceCase, *, topic: str, reason: str, by: User) -> ServiceCase:
    """Another topic for an answered case: the history keeps the old one, who changed it and why. The same: nothing.

    Raises NotAnsweredYet, TopicMissing, ReasonMissing.
    """
    words = reason.strip()
    with transaction.atomic():
        locked = ServiceCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if locked.status != ServiceCase.Status.ANSWERED:
            raise NotAnsweredYet()
        if topic not in topics.TOPICS:
            raise TopicMissing(topics=", ".join(name for _code, name in topics.choices()))
        if not words or len(words) > LONGEST_REASON:
            raise ReasonMissing(most=LONGEST_REASON)
        if locked.topic == topic:
            return locked
        locked.topic = topic
        locked._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
        locked._change_reason = words  # type: ignore[attr-defined]
        locked.save()
        return locked


def _set_topic(case: ServiceCase, topic: str) -> None:
    if topic not in topics.TOPICS and (topic or case.kind in NEED_WORDS):
        raise TopicMissing(topics=", ".join(name for _code, name in topics.choices()))
    if topic:
        case.topic, case.urgent = topic, topics.TOPICS[topic].urgent


def _tell(case: ServiceCase, on: datetime.date) -> None:
    """Where the answer stands. The answer itself is in the portal; who has no account there reads it in the message."""
    customer = case.customer
    known = customer.kind == Customer.Kind.ORGANISATION or hasattr(customer, "person")
    notify(
        customer,
        kind="case_answered",
        key=f"case:{case.pk}",
        context={
            "case": str(case),
            **in_both("kind", ServiceCase.Kind(case.kind).label),
            "opened_on": case.opened_on,
            **({} if customer.user_id else {"answer": case.answer}),
        },
        on=on,
        subject_type="case",
        subject_id=str(case.pk),
        channels=ALL_CHANNELS if known else (INBOX,),
    )
