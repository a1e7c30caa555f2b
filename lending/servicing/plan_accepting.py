"""The customer accepts the eased plan, or does not. Only her acceptance changes the loan.

What she accepts are supplementary terms with every new due date, as they came out on the day they were offered. They stay
the same until the last day of the offer, whatever day she reads or accepts them on: the plan is changed as of the day
they were drawn up, so that what is signed is what was shown. Where something happened to the loan since, such as a
payment, the same plan is drawn up again as of that day, and she is shown the new terms; the digest of the words comes
back with her yes, so that nothing is changed between reading and accepting.
"""

import datetime as dt
import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.template import Context
from django.template.loader import get_template

from customers.models import User
from customers.system_user import acting_as_system
from customers.wording import date_text, money_text, wording
from lending.applications.refusals import DigestMismatch, NotYours
from lending.finance.money import to_minor
from lending.loans.replanning import change_plan
from lending.loans.telling import tell
from lending.servicing.models import PlanChange
from lending.servicing.plan_rows import lock, settle, write_figures
from lending.servicing.refusals import PlanChangeMoved, PlanOfferLapsed, WayDoesNotFit
from lending.servicing.suggestions import Suggestion, way_of

Status = PlanChange.Status


def terms(change: PlanChange) -> Suggestion:
    """The plan as it is offered, with its figures. Raises WayDoesNotFit where the loan has outgrown it."""
    return _planned(change, _drawn_up_on(change))


def terms_text(change: PlanChange, *, on: dt.date) -> tuple[str, str]:
    """(text, its SHA-256) of the supplementary terms, to be read on a day. Raises WayDoesNotFit, PlanOfferLapsed."""
    _refuse_late(change, on)
    drawn_up_on = _drawn_up_on(change)
    return _text(change, _planned(change, drawn_up_on), drawn_up_on)


def accept(change: PlanChange, *, sha256: str, by: User | None, on: dt.date) -> PlanChange:
    """Her acceptance of exactly these words: the plan is changed by them. Accepting twice changes nothing.

    Raises NotYours, PlanChangeMoved, PlanOfferLapsed, DigestMismatch, WayDoesNotFit and what recording refuses.
    """
    _refuse_others(change, by)
    with transaction.atomic():
        locked = lock(change)
        if locked.status == Status.ACCEPTED:
            return locked
        if locked.status != Status.OFFERED:
            raise PlanChangeMoved(number=str(locked), status=locked.get_status_display())
        _refuse_late(locked, on)
        drawn_up_on = _drawn_up_on(locked)
        found = _planned(locked, drawn_up_on)
        text, digest = _text(locked, found, drawn_up_on)
        if not hmac.compare_digest(digest.encode(), str(sha256).encode()):
            raise DigestMismatch()
        change_plan(locked.loan, found.events, key=f"plan-change:{locked.pk}", by=by, on=on)
        locked.text, locked.sha256 = text, digest
        write_figures(locked, found)
        settle(locked, Status.ACCEPTED, by=by, on=on)
        _tell(locked, on)
        return locked


def decline(change: PlanChange, *, by: User | None, on: dt.date) -> PlanChange:
    """She keeps her plan as it is. Again: nothing changes. Raises NotYours, PlanChangeMoved."""
    _refuse_others(change, by)
    with transaction.atomic():
        locked = lock(change)
        if locked.status == Status.DECLINED:
            return locked
        if locked.status != Status.OFFERED:
            raise PlanChangeMoved(number=str(locked), status=locked.get_status_display())
        return settle(locked, Status.DECLINED, by=by, on=on)


def lapse(on: dt.date) -> dict[str, int]:
    """Close the offers that were to be accepted before this day. A job of the business day."""
    count = 0
    with acting_as_system() as system:
        for change in PlanChange.objects.filter(status=Status.OFFERED, accept_by__lt=on).order_by("pk"):
            with transaction.atomic():
                locked = lock(change)
                if locked.status == Status.OFFERED:
                    settle(locked, Status.LAPSED, by=system, on=on)
                    count += 1
    return {"lapsed": count}


def _drawn_up_on(change: PlanChange) -> dt.date:
    """The day whose figures the offer has: the day it was offered, or the last day that changed the loan since."""
    latest: dt.date | None = change.loan.events.aggregate(latest=Max("entered_on"))["latest"]
    days = [day for day in (change.offered_on, latest) if day is not None]
    return max(days)


def _refuse_late(change: PlanChange, on: dt.date) -> None:
    if change.accept_by is not None and on > change.accept_by:
        raise PlanOfferLapsed(day=date_text(change.accept_by, change.customer.language))


def _planned(change: PlanChange, on: dt.date) -> Suggestion:
    found = way_of(change.loan, change.way, installments=change.installments or 1, on=on)
    if found is None:
        raise WayDoesNotFit()
    return found


def _text(change: PlanChange, found: Suggestion, on: dt.date) -> tuple[str, str]:
    language, loan = change.customer.language, change.loan

    def money(amount: Any) -> str:
        return money_text(to_minor(amount, loan.decimals), loan.currency, language, decimals=loan.decimals)

    context = {
        "number": str(change),
        "loan": loan.number,
        "lender": settings.LENDER_NAME,
        "on": on,
        "accept_by": change.accept_by,
        "way_zh": found.text_zh,
        "way_en": found.text_en,
        "installments": found.installments,
        "more": money(found.more_to_pay) if found.more_to_pay > 0 else "",
        "total": money(sum(amount for _day, amount in found.dues)),
        "rows": [f"{date_text(day, language)}   {money(amount)}" for day, amount in found.dues],
    }
    template: Any = get_template(f"contracts/supplement.{language}.txt")
    text = template.template.render(Context(wording(context, language), autoescape=False))
    lines = [line.rstrip() for line in str(text).replace("\r\n", "\n").strip().split("\n")]
    whole = "\n".join(lines) + "\n"
    return whole, hashlib.sha256(whole.encode()).hexdigest()


def _tell(change: PlanChange, on: dt.date) -> None:
    tell(
        change.loan,
        kind="plan_changed",
        key=notice_key(change),
        on=on,
        amount_minor=change.installment_minor,
        installments=change.installments,
        first_due_on=change.first_due_on,
        last_due_on=change.last_due_on,
    )


def notice_key(change: PlanChange) -> str:
    """The key of the notice that told her of the changed plan."""
    return f"plan-changed:{change.pk}"


def _refuse_others(change: PlanChange, by: User | None) -> None:
    """Only the borrower herself agrees to other terms of her loan."""
    if by is None or change.customer.user_id != by.pk:
        raise NotYours()
