"""A person looks again at a decision, at the customer's wish (PIPL art. 24): a case with a clock, and the application
back with an officer who has not decided it.

    ask_for_review   the customer's request: the case, due by the rules in force, and the application reopened
    send_to_review   a declined application into the officers' queue, given to another officer
    answer_reviews   the officer's new decision is the answer; the customer is told

The declining decision stays as it was; the officer's new one is added after it, and counts as against the
recommendation when it approves. What was offered stays on offer while a person looks at it. One review of an
application: after it the customer may complain, or apply again.
"""

import datetime
import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from customers import answering
from customers.models import ServiceCase, ServiceCaseQuerySet, User
from customers.refusals import Refusal
from lending.applications.asking import SUBJECT, asked_before, case_about
from lending.applications.assignment import another_officer
from lending.applications.filling import refuse_strangers
from lending.applications.models import Application, Decision
from lending.applications.refusals import ApplicationAlreadyOpen, NotDeclined
from lending.applications.wording import outcome_of, words_of


class ReviewedAlready(Refusal):
    code = "reviewed_already"
    field = "kind"
    text = _("An officer has reviewed this decision. You may complain under “Your data and requests”, or apply again.")


def ask_for_review(
    decision: Decision, *, by: User | None, on: datetime.date, text: str = "", key: uuid.UUID | None = None
) -> ServiceCase:
    """The customer's request for a person. The same key, or a request that is still open, gives the first case.

    Raises NotYours, ReviewedAlready, and ApplicationAlreadyOpen where she has begun another application meanwhile.
    """
    application = decision.application
    with transaction.atomic():
        known = asked_before(decision, by=by, key=key)
        if known is not None:
            return known
        if is_reviewed(application):
            raise ReviewedAlready()
        case = case_about(decision, ServiceCase.Kind.REVIEW, by=by, on=on, text=text, key=key)
        if application.status == Application.Status.DECLINED:
            send_to_review(application, by=by, on=on)
        return case


def send_to_review(application: Application, *, by: User | None, on: datetime.date) -> Application:
    """Refer a declined application to an officer who has not decided it. Again: nothing changes.

    Raises NotYours, NotDeclined, and ApplicationAlreadyOpen where the customer has begun another one meanwhile.
    """
    try:
        with transaction.atomic():
            locked = (
                Application.objects.select_for_update(of=("self",)).select_related("customer").get(pk=application.pk)
            )
            refuse_strangers(locked.customer, by)
            if locked.status not in (Application.Status.DECLINED, Application.Status.REFERRED):
                raise NotDeclined(application=str(locked), status=locked.get_status_display())
            if locked.status == Application.Status.DECLINED:
                locked.status = Application.Status.REFERRED
                locked.assigned_to = another_officer(locked)
                locked.save()
    except IntegrityError:
        opened = application.customer.applications.filter(status__in=Application.OPEN).first()
        if opened is None:
            raise
        raise ApplicationAlreadyOpen(application=str(opened)) from None
    application.refresh_from_db()
    return application


def reviews_of(application: Application) -> ServiceCaseQuerySet:
    """The requests for a review of any decision of the application."""
    return cases_of(application).filter(kind=ServiceCase.Kind.REVIEW)


def is_reviewed(application: Application) -> bool:
    return reviews_of(application).filter(status=ServiceCase.Status.ANSWERED).exists()


def cases_of(application: Application) -> ServiceCaseQuerySet:
    """What the customer asked about any decision of the application, newest first."""
    decisions = application.decisions.values_list("pk", flat=True)
    cases = ServiceCase.objects.filter(customer=application.customer).about(SUBJECT, *decisions)
    return cases.select_related("answered_by").order_by("-pk")


def answer_reviews(decision: Decision, *, on: datetime.date) -> None:
    """Answer the open reviews of an application by the decision that an officer has just made. Nothing for a machine's."""
    if decision.by is None:
        return
    language = decision.application.customer.language
    context = {"outcome": outcome_of(decision, language), "reasons": decision.reasons, "on": decision.decided_on}
    for case in reviews_of(decision.application).open():
        words = words_of("review", {"application": str(decision.application), **context}, language)
        answering.answer(case, answer=words, by=decision.by, on=on, topic="decision", told=True)
