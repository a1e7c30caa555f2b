"""What it takes to be done with a loan on a day, and what makes it up. Reads; writes nothing."""

import datetime as dt

from lending.finance.payoff import PayoffQuote, payoff_quote
from lending.finance.reading import FieldError
from lending.loans.models import Loan
from lending.loans.refusals import EventRefused
from lending.loans.replaying import events_of, terms_of
from lending.repayments.refusals import BeforeDisbursement, LoanClosed, NotYetDisbursed


def quote(loan: Loan, *, on: dt.date) -> PayoffQuote:
    """The payoff quote for any day from the disbursement on, past or future, by the engine.

    Raises NotYetDisbursed, LoanClosed, BeforeDisbursement.
    """
    if loan.status == Loan.Status.APPROVED or loan.disbursed_on is None:
        raise NotYetDisbursed(number=loan.number)
    if loan.status in (Loan.Status.PAID_OFF, Loan.Status.CANCELLED):
        raise LoanClosed(number=loan.number)
    if on < loan.disbursed_on:
        raise BeforeDisbursement(field="on", on=on, start=loan.disbursed_on)
    events = events_of(loan)
    try:
        return payoff_quote(terms_of(loan, events), events, on)
    except FieldError as refused:
        raise EventRefused(field=refused.field, reason=refused.message) from refused
