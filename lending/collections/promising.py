"""Write down what a debtor promised to pay, and by when."""

import datetime

from django.db import transaction

from customers.models import User
from lending.collections.models import Case, PromiseToPay
from lending.collections.refusals import CaseClosed, PromiseAmountWrong, PromiseTooLate


def promise(case: Case, *, amount_minor: int, pay_by: datetime.date, by: User, on: datetime.date) -> PromiseToPay:
    """Add a promise of `amount_minor` by `pay_by`. The same promise made twice on one day is one row.

    Raises CaseClosed, PromiseTooLate and PromiseAmountWrong.
    """
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).select_related("loan").get(pk=case.pk)
        if case.status != Case.Status.OPEN:
            raise CaseClosed()
        if pay_by < on:
            raise PromiseTooLate(pay_by=pay_by, on=on)
        if not 0 < amount_minor <= case.loan.outstanding_minor:
            raise PromiseAmountWrong(most=case.loan.outstanding_minor)
        made, _ = PromiseToPay.objects.get_or_create(
            case=case,
            customer_id=case.customer_id,
            amount_minor=amount_minor,
            promised_on=on,
            pay_by=pay_by,
            defaults={"by": by},
        )
        return made
