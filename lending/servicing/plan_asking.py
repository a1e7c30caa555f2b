"""A customer says that she cannot pay as agreed, and asks for one of the ways that would help, or for a person's advice.

Her words become a case with a clock; what she can pay stands with the request, for the officer who looks at it.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from customers import service_cases
from customers.models import ServiceCase, User
from lending.applications.filling import refuse_strangers
from lending.loans.models import Loan
from lending.loans.refusals import LoanNotRunning
from lending.regulation.clocks import answer_due_on
from lending.servicing.models import PlanChange
from lending.servicing.refusals import PlanChangeUnderWay, UnknownReason, UnknownWay
from lending.servicing.suggestions import Suggestions, suggest


@dataclass(frozen=True, slots=True)
class Told:
    """What the customer says of herself, a month, in major units of the loan's currency."""

    income_monthly: Decimal
    expenses_monthly: Decimal
    can_pay_monthly: Decimal

    def as_json(self) -> dict[str, str]:
        return {name: str(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Told":
        return cls(*(Decimal(str(told[name])) for name in ("income_monthly", "expenses_monthly", "can_pay_monthly")))


def ways_for(loan: Loan, told: Told, *, on: dt.date) -> Suggestions:
    """The ways that would help, by what she tells now; debts elsewhere are those of her application."""
    snapshot = loan.application.snapshots.order_by("pk").last()
    known = dict(snapshot.facts) if snapshot else {}
    said = {"income_monthly": told.income_monthly, "expenses_monthly": told.expenses_monthly}
    return suggest(loan, on=on, facts={**known, **said}, can_pay=told.can_pay_monthly)


def ask(
    loan: Loan,
    *,
    reason: str,
    told: Told,
    wished: str,
    text: str,
    by: User | None,
    on: dt.date,
    key: uuid.UUID,
) -> PlanChange:
    """The customer's request. `wished` is a way, or empty for advice. The same key gives the first request.

    Raises NotYours, UnknownReason, UnknownWay, LoanNotRunning, PlanChangeUnderWay, and WordsMissing for too long a text.
    """
    refuse_strangers(loan.customer, by)
    if reason not in PlanChange.Reason.values:
        raise UnknownReason()
    if wished and wished not in PlanChange.Way.values:
        raise UnknownWay()
    with transaction.atomic():
        locked = Loan.objects.select_for_update(of=("self",)).select_related("customer").get(pk=loan.pk)
        known = PlanChange.objects.filter(customer=locked.customer, case__key=key).first()
        if known is not None:
            return known
        if locked.status != Loan.Status.ACTIVE:
            raise LoanNotRunning(number=locked.number)
        under_way = locked.plan_changes.filter(status__in=PlanChange.UNDER_WAY).first()
        if under_way is not None:
            raise PlanChangeUnderWay(number=str(under_way))
        case = service_cases.open_case(
            locked.customer,
            kind=ServiceCase.Kind.HARDSHIP,
            by=by,
            on=on,
            due_on=answer_due_on("hardship", on=on),
            text=text,
            subject_type="loan",
            subject_id=locked.number,
            key=key,
        )
        change = PlanChange(
            loan=locked,
            customer=locked.customer,
            case=case,
            reason=reason,
            told=told.as_json(),
            wished=wished,
            asked_on=on,
        )
        change._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
        try:
            with transaction.atomic():
                change.save()
        except IntegrityError:
            raise PlanChangeUnderWay(number=str(case)) from None
        return change
