"""Call off a signed loan before any money went out: the customer changed her mind, or no bank takes the payout.

A loan that was paid out is never called off: it is paid off, or its payout refunded. While an order is with a second
officer or the bank nothing is called off either, for the money may be on its way.
"""

import datetime as dt

from django.db import transaction

from customers.models import User
from lending.loans.disbursement import UNDER_WAY
from lending.loans.models import Cancellation, Loan
from lending.loans.recording import reproject
from lending.loans.refusals import LoanNotAwaitingDisbursement, NotAllowedToCancel, PayoutUnderWay, ReasonMissing
from lending.loans.telling import tell


def cancel(loan: Loan, *, reason: str, by: User, on: dt.date) -> Cancellation:
    """End a loan that awaits its disbursement. Again: the first cancellation is returned and nothing changes.

    `by` is the borrower herself or staff with the permission `loans.cancel_loan`. Raises NotAllowedToCancel,
    ReasonMissing, LoanNotAwaitingDisbursement and PayoutUnderWay.
    """
    if by.pk != loan.customer.user_id and not by.has_perm("loans.cancel_loan"):
        raise NotAllowedToCancel()
    if not reason.strip():
        raise ReasonMissing()
    with transaction.atomic():
        locked = Loan.objects.select_for_update().get(pk=loan.pk)
        found = Cancellation.objects.filter(loan=locked).first()
        if found is None:
            if locked.status != Loan.Status.APPROVED:
                raise LoanNotAwaitingDisbursement(number=locked.number)
            if locked.disbursements.filter(status__in=UNDER_WAY).exists():
                raise PayoutUnderWay(number=locked.number)
            found = Cancellation.objects.create(
                loan=locked, customer_id=locked.customer_id, reason=reason.strip()[:200], by=by, on=on
            )
            reproject(locked, on=on)
            tell(locked, kind="loan_cancelled", key=f"cancellation:{found.pk}", on=on, cancelled_on=on)
    loan.refresh_from_db()
    return found
