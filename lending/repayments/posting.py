"""Post money that came in. The loan's frozen order spreads it; what is left over is kept as the customer's credit.

A payment may be back-dated to any day from the disbursement on: the loan is replayed and later splits change with it.
An amount of at least the payoff quote of its day pays the loan off by that quote; anything above it is credit.
"""

import datetime as dt

from django.db import transaction

from customers.models import User
from lending.finance.events import Event
from lending.finance.money import from_minor, to_minor
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.loans.telling import tell
from lending.repayments.models import Repayment
from lending.repayments.payoff import quote
from lending.repayments.refusals import (
    AmountRefused,
    BeforeDisbursement,
    KeyReused,
    LoanClosed,
    NotYetDisbursed,
    ReceivedInFuture,
    WrongCurrency,
)

MOST_MINOR = 10**15 - 1
MOST_KEY = 100


def post_repayment(
    loan: Loan,
    *,
    amount_minor: int,
    currency: str,
    received_on: dt.date,
    channel: str,
    key: str,
    by: User | None,
    on: dt.date,
    even_if_closed: bool = False,
) -> Repayment:
    """Post one receipt and return it; the same key with the same loan, amount and currency returns the first.

    `even_if_closed` is for money that the bank has moved already: it is never turned away, but kept as credit.
    Raises the refusals of this room by field: AmountRefused, WrongCurrency, ReceivedInFuture, BeforeDisbursement,
    NotYetDisbursed, LoanClosed, KeyReused.
    """
    check_amount(amount_minor)
    with transaction.atomic():
        loan_row = Loan.objects.select_for_update().get(pk=loan.pk)
        first = Repayment.objects.filter(key=key).first()
        if first is not None:
            if (first.loan_id, first.amount_minor, first.currency) != (
                loan.pk,
                amount_minor,
                currency,
            ) or first.reverses_id:
                raise KeyReused()
            return first
        check_payable(loan_row, currency, even_if_closed=even_if_closed)
        _check_day(loan_row, received_on, on)
        event = record(loan_row, _event(loan_row, amount_minor, received_on), key=f"repayment:{key}", by=by, on=on)
        repayment = Repayment.objects.create(
            loan=loan_row,
            customer_id=loan_row.customer_id,
            event=event,
            amount_minor=amount_minor,
            currency=currency,
            received_on=received_on,
            channel=channel,
            key=key,
            by=by,
        )
        _tell(loan_row, repayment, on)
    loan.refresh_from_db()
    return repayment


def _tell(loan: Loan, repayment: Repayment, on: dt.date) -> None:
    tell(
        loan,
        kind="payment_received",
        key=f"repayment:{repayment.pk}",
        on=on,
        amount_minor=repayment.amount_minor,
        received_on=repayment.received_on,
        outstanding_minor=loan.outstanding_minor,
        next_due_on=loan.next_due_on,
    )
    if loan.status == Loan.Status.PAID_OFF and loan.closed_on is not None:
        tell(
            loan,
            kind="loan_paid_off",
            key=f"paid-off:{repayment.pk}",
            on=on,
            closed_on=loan.closed_on,
            credit_minor=loan.credit_balance_minor,
        )


def check_amount(amount_minor: int) -> None:
    """Refuse what is no amount: zero, negative, more than 15 digits, or not a whole number."""
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int) or not 0 < amount_minor <= MOST_MINOR:
        raise AmountRefused()


def check_payable(loan: Loan, currency: str, *, even_if_closed: bool = False) -> None:
    """Refuse a wrong currency and a loan on which nothing can be paid."""
    if currency != loan.currency:
        raise WrongCurrency(currency=loan.currency)
    if loan.status == Loan.Status.APPROVED:
        raise NotYetDisbursed(number=loan.number)
    if loan.status in (Loan.Status.PAID_OFF, Loan.Status.CANCELLED) and not even_if_closed:
        raise LoanClosed(number=loan.number)


def _check_day(loan: Loan, received_on: dt.date, on: dt.date) -> None:
    if received_on > on:
        raise ReceivedInFuture(on=received_on, today=on)
    if loan.disbursed_on is not None and received_on < loan.disbursed_on:
        raise BeforeDisbursement(on=received_on, start=loan.disbursed_on)


def _event(loan: Loan, amount_minor: int, received_on: dt.date) -> Event:
    """A receipt in the engine's words: a recovery of what was written off, a payoff, or a repayment."""
    amount = from_minor(amount_minor, loan.decimals)
    if loan.status == Loan.Status.CHARGED_OFF and loan.closed_on is not None:
        return Event(on=received_on, type="recovery", amount=amount)
    if loan.status == Loan.Status.ACTIVE and _pays_off(loan, amount_minor, received_on):
        return Event(on=received_on, type="pay_off", amount=amount)
    return Event(on=received_on, type="repay", amount=amount)


def _pays_off(loan: Loan, amount_minor: int, received_on: dt.date) -> bool:
    """Is it at least the payoff quote of its day? Less than the principal never is, and needs no quote."""
    is_current = loan.replayed_on is not None and received_on >= loan.replayed_on
    if is_current and amount_minor < loan.outstanding_principal_minor - loan.credit_balance_minor:
        return False
    return amount_minor >= to_minor(quote(loan, on=received_on).total, loan.decimals)
