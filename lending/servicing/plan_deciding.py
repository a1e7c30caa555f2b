"""Officers decide on a wish to have a plan eased: one proposes a way or refuses, another one approves or refuses.

    propose    an officer, with his reason: a way and its number of installments, tried out by the engine
    approve    a second officer, never the first: the customer gets the offer, and her case its answer
    refuse     before that, either of them, with the reason that the customer reads

Neither is the borrower herself. The figures of an offer are those of the day it is approved, and they stand until its
last day: see `lending.servicing.plan_accepting`.
"""

import datetime as dt

from django.db import transaction
from django.template import Context
from django.template.loader import get_template

from customers import answering
from customers.models import User
from customers.wording import wording
from lending.loans.telling import tell
from lending.regulation.rules import parameter
from lending.servicing.models import PlanChange
from lending.servicing.plan_rows import keep, lock, settle, write_figures
from lending.servicing.refusals import (
    InstallmentsRefused,
    NoteMissing,
    OwnPlanChange,
    PlanChangeMoved,
    ProposerCannotApprove,
    UnknownWay,
    WayDoesNotFit,
)
from lending.servicing.rules import JURISDICTION
from lending.servicing.suggestions import Suggestion, way_of

Status = PlanChange.Status
MOST_NOTE = 2000


def propose(change: PlanChange, *, way: str, installments: int | None, note: str, by: User, on: dt.date) -> PlanChange:
    """The first officer's proposal. Proposing the same again changes nothing.

    Raises OwnPlanChange, PlanChangeMoved, NoteMissing, UnknownWay, InstallmentsRefused, WayDoesNotFit.
    """
    with transaction.atomic():
        locked = lock(change)
        _refuse_borrower(locked, by)
        if (locked.status, locked.maker_id, locked.way) == (Status.PROPOSED, by.pk, way):
            return locked
        _in_status(locked, Status.ASKED)
        locked.note = _checked(note)
        if way not in PlanChange.Way.values:
            raise UnknownWay()
        found = _planned(locked, way, installments, on)
        write_figures(locked, found)
        locked.way, locked.status, locked.maker = way, Status.PROPOSED, by
        return keep(locked, by=by)


def approve(change: PlanChange, *, note: str, by: User, on: dt.date) -> PlanChange:
    """The second officer's yes: the customer is offered the plan, as it comes out on this day.

    Raises ProposerCannotApprove, OwnPlanChange, PlanChangeMoved, NoteMissing, WayDoesNotFit.
    """
    with transaction.atomic():
        locked = lock(change)
        _refuse_borrower(locked, by)
        if locked.status == Status.OFFERED and locked.checker_id == by.pk:
            return locked
        _in_status(locked, Status.PROPOSED)
        if locked.maker_id == by.pk:
            raise ProposerCannotApprove()
        locked.checkers_note = _checked(note)
        found = _planned(locked, locked.way, locked.installments, on)
        write_figures(locked, found)
        locked.status, locked.checker = Status.OFFERED, by
        locked.offered_on, locked.accept_by = on, _last_day(found, on)
        keep(locked, by=by)
        _offer(locked, found, by, on)
        return locked


def refuse(change: PlanChange, *, answer: str, by: User, on: dt.date) -> PlanChange:
    """An officer's no, before it is offered; `answer` is what the customer reads. Again: nothing changes.

    Raises OwnPlanChange, PlanChangeMoved, and AnswerMissing.
    """
    with transaction.atomic():
        locked = lock(change)
        _refuse_borrower(locked, by)
        if locked.status == Status.REFUSED:
            return locked
        _in_status(locked, Status.ASKED, Status.PROPOSED)
        settle(locked, Status.REFUSED, by=by, on=on)
        answering.answer(locked.case, answer=answer, by=by, on=on, topic="hardship")
        return locked


def _planned(change: PlanChange, way: str, installments: int | None, on: dt.date) -> Suggestion:
    if way != PlanChange.Way.INTEREST_ONLY and (installments is None or installments < 1):
        raise InstallmentsRefused()
    found = way_of(change.loan, way, installments=installments or 1, on=on)
    if found is None or (way != PlanChange.Way.INTEREST_ONLY and found.installments != installments):
        raise WayDoesNotFit()
    return found


def _last_day(found: Suggestion, on: dt.date) -> dt.date:
    """How long the offer stands: as the rules say, and never as long as until the first day that it moves."""
    days = int(parameter("plan_offer_days", jurisdiction=JURISDICTION, on=on).decimal)
    return min(on + dt.timedelta(days=days), found.changes_from - dt.timedelta(days=1))


def _offer(change: PlanChange, found: Suggestion, by: User, on: dt.date) -> None:
    """Answer her case by the offer, and tell her once, by the offer's own notice."""
    language = change.customer.language
    template = get_template(f"answers/plan_offer.{language}.txt")
    context = {"way_zh": found.text_zh, "way_en": found.text_en, "accept_by": change.accept_by}
    words = template.template.render(Context(wording(context, language), autoescape=False)).strip()  # type: ignore[attr-defined]
    answering.answer(change.case, answer=words, by=by, on=on, topic="hardship", told=True)
    tell(
        change.loan,
        kind="plan_offered",
        key=f"plan-offered:{change.pk}",
        on=on,
        amount_minor=change.installment_minor,
        installments=change.installments,
        first_due_on=change.first_due_on,
        accept_by=change.accept_by,
    )


def _checked(note: str) -> str:
    words = note.strip()
    if not words or len(words) > MOST_NOTE:
        raise NoteMissing(most=MOST_NOTE)
    return words


def _in_status(change: PlanChange, *wanted: str) -> None:
    if change.status not in wanted:
        raise PlanChangeMoved(number=str(change), status=change.get_status_display())


def _refuse_borrower(change: PlanChange, by: User) -> None:
    if change.customer.user_id == by.pk:
        raise OwnPlanChange()
