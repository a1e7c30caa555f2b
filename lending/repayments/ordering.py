"""A payment ordered in the portal: created, sent to the bank, settled by the bank's word, posted to the loan."""

import datetime as dt
import uuid
from functools import partial

from django.db import IntegrityError, transaction

from customers.models import User
from lending.loans.gateway import FAILED, SUCCEEDED, UNKNOWN, BankAnswer, gateway
from lending.loans.models import Disbursement, Loan
from lending.loans.refusals import ContradictoryBankMessage, UnknownPayment
from lending.loans.telling import tell
from lending.repayments.models import PaymentOrder
from lending.repayments.posting import check_amount, check_payable, post_repayment
from lending.repayments.refusals import KeyReused, PaymentUnderWay

Status = PaymentOrder.Status
UNDER_WAY = (Status.CREATED, Status.SUBMITTED)


def order_payment(loan: Loan, *, amount_minor: int, key: uuid.UUID, by: User | None, on: dt.date) -> PaymentOrder:
    """Order one payment from the customer's account; the same key with the same loan and amount returns the first.

    Raises AmountRefused, NotYetDisbursed, LoanClosed, KeyReused, and PaymentUnderWay while another is with the bank.
    """
    check_amount(amount_minor)
    with transaction.atomic():
        loan = Loan.objects.select_for_update().get(pk=loan.pk)
        first = PaymentOrder.objects.filter(key=key).first()
        if first is not None:
            if (first.loan_id, first.amount_minor) != (loan.pk, amount_minor):
                raise KeyReused()
            return first
        check_payable(loan, loan.currency)
        if loan.payment_orders.filter(status__in=UNDER_WAY).exists():
            raise PaymentUnderWay()
        order = PaymentOrder(
            loan=loan,
            customer_id=loan.customer_id,
            amount_minor=amount_minor,
            currency=loan.currency,
            key=key,
            ordered_on=on,
        )
        try:
            with transaction.atomic():
                _save(order, by)
        except IntegrityError as error:  # the key was taken for another loan since we looked
            raise KeyReused() from error
        _send_soon(order)
        return order


def submit(order: PaymentOrder, *, on: dt.date) -> PaymentOrder:
    """Send the order to the bank, or send it again with its key. Call it outside a transaction.

    Raises GatewayUnavailable when the bank does not answer; the order is then sent again later.
    """
    with transaction.atomic():
        order = _lock(order.pk)
        if order.status not in UNDER_WAY:
            return order
        order.status = Status.SUBMITTED
        order.tries += 1
        _save(order, None)
    account = _account_of(order)
    return _heard(order, gateway().collect(str(order.key), order.amount_minor, order.currency, account), on)


def ask(order: PaymentOrder, *, on: dt.date) -> PaymentOrder:
    """Ask the bank what became of an order, and send it (again) where it never heard of it."""
    if order.status == Status.CREATED:
        return submit(order, on=on)
    answer = gateway().query(str(order.key))
    return submit(order, on=on) if answer.status == UNKNOWN else _heard(order, answer, on)


def settle(*, key: str, succeeded: bool, bank_reference: str, reason: str, on: dt.date) -> PaymentOrder:
    """The bank's word on the order with this key. Money it collected is posted, on whatever loan: it is never lost."""
    with transaction.atomic():
        order = _lock_by_key(key)
        word = Status.SUCCEEDED if succeeded else Status.FAILED
        if order.status == word:
            return order
        if order.status not in UNDER_WAY:
            raise ContradictoryBankMessage()
        order.status, order.bank_reference, order.reason = word, bank_reference[:80], reason[:200]
        if succeeded:
            order.repayment = post_repayment(
                order.loan,
                amount_minor=order.amount_minor,
                currency=order.currency,
                received_on=on,
                channel="portal",
                key=f"order:{order.key}",
                by=None,
                on=on,
                even_if_closed=True,
            )
        else:
            facts = {"amount_minor": order.amount_minor, "reason": order.reason}
            tell(order.loan, kind="payment_failed", key=f"order:{order.pk}", on=on, **facts)
        _save(order, None)
        return order


def _account_of(order: PaymentOrder) -> str:
    """The customer's account: where the loan was paid out to."""
    paid = Disbursement.objects.filter(loan=order.loan_id, status=Disbursement.Status.SUCCEEDED).order_by("-pk").first()
    return paid.account if paid and paid.account else f"custody-{order.customer.public_id.hex}"


def _lock(pk: int) -> PaymentOrder:
    """Lock the loan first and the order after it, in the order every act keeps."""
    loan_id = PaymentOrder.objects.values_list("loan_id", flat=True).get(pk=pk)
    Loan.objects.select_for_update().get(pk=loan_id)
    return PaymentOrder.objects.select_for_update(of=("self",)).select_related("loan", "customer").get(pk=pk)


def _lock_by_key(key: str) -> PaymentOrder:
    try:
        found = PaymentOrder.objects.filter(key=uuid.UUID(key)).values_list("pk", flat=True).first()
    except ValueError:
        found = None
    if found is None:
        raise UnknownPayment()
    return _lock(found)


def _heard(order: PaymentOrder, answer: BankAnswer, on: dt.date) -> PaymentOrder:
    if answer.status in (SUCCEEDED, FAILED):
        return settle(
            key=str(order.key),
            succeeded=answer.status == SUCCEEDED,
            bank_reference=answer.bank_reference,
            reason=answer.reason,
            on=on,
        )
    with transaction.atomic():
        order = _lock(order.pk)
        if order.status == Status.SUBMITTED and answer.bank_reference and not order.bank_reference:
            order.bank_reference = answer.bank_reference
            _save(order, None)
        return order


def _send_soon(order: PaymentOrder) -> None:
    from lending.repayments.tasks import submit_payment_order

    # robust: should the queue be down, `retry_payment_orders` finds the order
    transaction.on_commit(partial(submit_payment_order.delay, order.pk), robust=True)


def _save(order: PaymentOrder, by: User | None) -> None:
    order._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    order.save()
