"""The customer accepts the eased plan, or does not. Only her acceptance changes the loan.

What she accepts are supplementary terms with every new due date, as they come out on the day she reads them; the digest
of those words comes back with her yes, so that nothing is changed between reading and accepting. A payment in between,
or the next day, makes new words: she is shown them again.
"""

import datetime as dt
import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.db import transaction
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
from lending.servicing.plan_deciding import lock
from lending.servicing.refusals import PlanChangeMoved, PlanOfferLapsed, WayDoesNotFit
from lending.servicing.suggestions import Suggestion, way_of

Status = PlanChange.Status


def terms_text(change: PlanChange, *, on: dt.date) -> tuple[str, str]:
    """(text, its SHA-256) of the supplementary terms as they stand on a day. Raises WayDoesNotFit."""
    return _text(change, _planned(change, on), on)


def accept(change: PlanChange, *, sha256: str, by: User | None, on: dt.date) -> PlanChange:
    """Her acceptance of exactly these words: the plan is changed on this day. Accepting twice changes nothing.

    Raises NotYours, PlanChangeMoved, PlanOfferLapsed, DigestMismatch, WayDoesNotFit and what recording refuses.
    """
    _refuse_others(change, by)
    with transaction.atomic():
        locked = lock(change)
        if locked.status == Status.ACCEPTED:
            return locked
        if locked.status != Status.OFFERED:
            raise PlanChangeMoved(number=str(locked), status=locked.get_status_display())
        if locked.accept_by is not None and on > locked.accept_by:
            raise PlanOfferLapsed(day=locked.accept_by)
        found = _planned(locked, on)
        text, digest = _text(locked, found, on)
        if not hmac.compare_digest(digest.encode(), str(sha256).encode()):
            raise DigestMismatch()
        change_plan(locked.loan, found.events, key=f"plan-change:{locked.pk}", by=by, on=on)
        locked.text, locked.sha256 = text, digest
        locked.installments, locked.first_due_on, locked.last_due_on = (
            found.installments,
            found.first_due_on,
            found.last_due_on,
        )
        decimals = locked.loan.decimals
        locked.installment_minor = to_minor(found.installment, decimals)
        locked.highest_minor = to_minor(found.highest, decimals)
        locked.more_to_pay_minor = to_minor(found.more_to_pay, decimals)
        _settle(locked, Status.ACCEPTED, by, on)
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
        return _settle(locked, Status.DECLINED, by, on)


def lapse(on: dt.date) -> dict[str, int]:
    """Close the offers that were to be accepted before this day. A job of the business day."""
    count = 0
    with acting_as_system() as system:
        for change in PlanChange.objects.filter(status=Status.OFFERED, accept_by__lt=on).order_by("pk"):
            with transaction.atomic():
                locked = lock(change)
                if locked.status == Status.OFFERED:
                    _settle(locked, Status.LAPSED, system, on)
                    count += 1
    return {"lapsed": count}


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


def _settle(change: PlanChange, status: str, by: User | None, on: dt.date) -> PlanChange:
    change.status, change.settled_on = status, on
    change._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    change.save()
    return change


def _tell(change: PlanChange, on: dt.date) -> None:
    tell(
        change.loan,
        kind="plan_changed",
        key=f"plan-changed:{change.pk}",
        on=on,
        amount_minor=change.installment_minor,
        installments=change.installments,
        first_due_on=change.first_due_on,
        last_due_on=change.last_due_on,
    )


def _refuse_others(change: PlanChange, by: User | None) -> None:
    """Only the borrower herself agrees to other terms of her loan."""
    if by is None or change.customer.user_id != by.pk:
        raise NotYours()
