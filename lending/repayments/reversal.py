"""Take a repayment back: the money bounced or was posted to the wrong loan. One more event, one more replay."""

import datetime as dt

from django.db import transaction

from customers.models import User
from lending.finance.events import Event
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.loans.refusals import ReasonMissing
from lending.repayments.models import Repayment
from lending.repayments.refusals import AlreadyReversed, KeyReused, ReversalNotReversible


def reverse(repayment: Repayment, *, reason: str, key: str, by: User | None, on: dt.date) -> Repayment:
    """Reverse one repayment and return the reversal; the same key again returns the first.

    Everything after the repayment is replayed without it, and a loan it had paid off is open again. Raises
    ReasonMissing, ReversalNotReversible, AlreadyReversed, KeyReused.
    """
    if not reason.strip():
        raise ReasonMissing()
    with transaction.atomic():
        loan = Loan.objects.select_for_update().get(pk=repayment.loan_id)
        first = Repayment.objects.filter(key=key).first()
        if first is not None:
            if first.reverses_id != repayment.pk:
                raise KeyReused()
            return first
        if repayment.reverses_id is not None:
            raise ReversalNotReversible()
        if Repayment.objects.filter(reverses=repayment).exists():
            raise AlreadyReversed()
        event = record(
            loan, Event(on=on, type="reverse", event=repayment.event.sequence), key=f"reversal:{key}", by=by, on=on
        )
        return Repayment.objects.create(
            loan=loan,
            customer_id=loan.customer_id,
            event=event,
            amount_minor=repayment.amount_minor,
            currency=repayment.currency,
            received_on=on,
            channel=repayment.channel,
            key=key,
            reverses=repayment,
            reason=reason.strip()[:200],
            by=by,
        )
