"""Pay a loan out: ordered, seen by a second officer if the amount asks for it, sent to the bank, settled by its word.

    requested --approve--> approved --submit--> submitted --settle--> succeeded | failed
        \\--reject--> rejected

An amount up to the product version's `second_officer_above_minor` is approved as it is requested. The same key goes to
the bank however often it is sent, so sending again can never pay twice. While the money is under way it stands in the
journal on the disbursement clearing account. On success the loan gets its `disburse` event on that business day, and
the fees of its offer after it.
"""

import datetime as dt
import re
import uuid
from functools import partial
from typing import Any

from django.db import transaction

from customers.models import Customer, User
from lending.finance.events import Event
from lending.finance.money import from_minor
from lending.ledger.chart import CUSTODY, DISBURSEMENT_CLEARING
from lending.ledger.posting import post
from lending.loans.gateway import FAILED, SUCCEEDED, UNKNOWN, BankAnswer, gateway
from lending.loans.models import Disbursement, Loan
from lending.loans.recording import record
from lending.loans.refusals import (
    ContradictoryBankMessage,
    DisbursementNotWaiting,
    InvalidAccount,
    LoanNotAwaitingDisbursement,
    MakerCannotCheck,
    NotAllowedToApprove,
    ReasonMissing,
    UnknownPayment,
)
from lending.loans.telling import tell
from lending.products import fees

Status = Disbursement.Status
UNDER_WAY = (Status.REQUESTED, Status.APPROVED, Status.SUBMITTED)


def request(loan: Loan, *, by: User | None, on: dt.date, account_number: str = "") -> Disbursement:
    """Order the payout of the approved amount. An order that is under way or was paid is returned as it is.

    `account_number` is the customer's bank account; left out, it is the one paid to last, or else her account with the
    custodian bank. The maker is the member of staff who asks, or the officer who decided the application. A payout
    that goes to another account than the loan's order before it needs a second officer whatever the amount.
    """
    with transaction.atomic():
        loan = Loan.objects.select_for_update().get(pk=loan.pk)
        existing = loan.disbursements.filter(status__in=[*UNDER_WAY, Status.SUCCEEDED]).first()
        if existing is not None:
            return existing
        if loan.status != Loan.Status.APPROVED:
            raise LoanNotAwaitingDisbursement(number=loan.number)
        account = _account_of(loan.customer, account_number)
        needs_checker = (
            _is_redirected(loan, account) or loan.approved_minor > loan.product_version.second_officer_above_minor
        )
        disbursement = Disbursement(
            loan=loan,
            customer=loan.customer,
            amount_minor=loan.approved_minor,
            currency=loan.currency,
            account=account,
            account_number=_short_mask(account),
            status=Status.REQUESTED if needs_checker else Status.APPROVED,
            maker=by if by is not None and by.is_staff else _deciding_officer(loan),
            needs_checker=needs_checker,
            requested_on=on,
        )
        _save(disbursement, by)
        if not needs_checker:
            _send_soon(disbursement)
        return disbursement


def approve(disbursement: Disbursement, *, by: User, on: dt.date) -> Disbursement:
    """The second officer's yes. Never the maker, the officer who decided, or the borrower."""
    with transaction.atomic():
        disbursement = _lock(disbursement.pk)
        _require_second_officer(disbursement, by)
        if disbursement.checker_id == by.pk and disbursement.status in (Status.APPROVED, *_SENT):
            return disbursement
        if disbursement.status != Status.REQUESTED:
            raise DisbursementNotWaiting()
        disbursement.status, disbursement.checker = Status.APPROVED, by
        _save(disbursement, by)
        _send_soon(disbursement)
        return disbursement


def reject(disbursement: Disbursement, *, reason: str, by: User, on: dt.date) -> Disbursement:
    """The second officer's no, with a reason. The loan stays unpaid; a new order may be requested."""
    if not reason.strip():
        raise ReasonMissing()
    with transaction.atomic():
        disbursement = _lock(disbursement.pk)
        _require_second_officer(disbursement, by)
        if disbursement.status == Status.REJECTED and disbursement.checker_id == by.pk:
            return disbursement
        if disbursement.status != Status.REQUESTED:
            raise DisbursementNotWaiting()
        disbursement.status, disbursement.checker = Status.REJECTED, by
        disbursement.reason, disbursement.settled_on = reason.strip()[:200], on
        _save(disbursement, by)
        return disbursement


def submit(disbursement: Disbursement, *, on: dt.date) -> Disbursement:
    """Send an approved order to the bank, or send it again. Call it outside a transaction: it talks to the bank.

    Raises GatewayUnavailable when the bank does not answer; the order then stays with its key and is sent again.
    """
    with transaction.atomic():
        disbursement = _lock(disbursement.pk)
        if disbursement.status not in (Status.APPROVED, Status.SUBMITTED):
            return disbursement
        if disbursement.status == Status.APPROVED:
            _post(disbursement, "payout_sent", on, [(DISBURSEMENT_CLEARING, 1), (CUSTODY, -1)])
        disbursement.status = Status.SUBMITTED
        disbursement.tries += 1
        _save(disbursement, None)
    order = (str(disbursement.key), disbursement.amount_minor, disbursement.currency, disbursement.account)
    return _heard(disbursement, gateway().payout(*order), on)


def ask(disbursement: Disbursement, *, on: dt.date) -> Disbursement:
    """Ask the bank what became of an order, and send it (again) where it never heard of it."""
    if disbursement.status == Status.APPROVED:
        return submit(disbursement, on=on)
    answer = gateway().query(str(disbursement.key))
    return submit(disbursement, on=on) if answer.status == UNKNOWN else _heard(disbursement, answer, on)


def settle(*, key: str, succeeded: bool, bank_reference: str, reason: str, on: dt.date) -> Disbursement:
    """The bank's word on the order with this key. The same word twice changes nothing, another word is refused."""
    with transaction.atomic():
        disbursement = _lock_by_key(key)
        word = Status.SUCCEEDED if succeeded else Status.FAILED
        if disbursement.status == word:
            return disbursement
        if disbursement.status not in (Status.APPROVED, Status.SUBMITTED):
            raise ContradictoryBankMessage()
        was_sent = disbursement.status == Status.SUBMITTED
        disbursement.status, disbursement.settled_on = word, on
        disbursement.bank_reference, disbursement.reason = bank_reference[:80], reason[:200]
        _save(disbursement, None)
        if was_sent:
            _post(disbursement, "payout_settled", on, [(CUSTODY, 1), (DISBURSEMENT_CLEARING, -1)])
        if succeeded:
            _pay_out(disbursement, on)
        _tell(disbursement, on)
        return disbursement


def _pay_out(disbursement: Disbursement, on: dt.date) -> None:
    """The loan's own events: the money, then the fees the customer agreed to."""
    loan = disbursement.loan
    amount = from_minor(disbursement.amount_minor, loan.decimals)
    record(loan, Event(on=on, type="disburse", amount=amount), key=f"disbursement:{disbursement.key}", by=None, on=on)
    offer = loan.application.offers.order_by("-pk").first()
    for number, event in enumerate(fees.events(offer.fees if offer else [], on=on, decimals=loan.decimals), start=1):
        record(loan, event, key=f"disbursement:{disbursement.key}:fee:{number}", by=None, on=on)


def _tell(disbursement: Disbursement, on: dt.date) -> None:
    loan = disbursement.loan
    facts: dict[str, Any] = {"amount_minor": disbursement.amount_minor}
    if disbursement.status == Status.SUCCEEDED:
        facts |= {"paid_on": on, "first_due_on": loan.oldest_due_on, "account": disbursement.account_number}
    else:
        facts |= {"reason": disbursement.reason}
    tell(loan, kind=f"disbursement_{disbursement.status}", key=f"disbursement:{disbursement.pk}", on=on, **facts)


_SENT = (Status.SUBMITTED, Status.SUCCEEDED, Status.FAILED)


def _lock(pk: int) -> Disbursement:
    """Lock the loan first and the order after it, in the order every act keeps, so that none waits for another."""
    loan_id = Disbursement.objects.values_list("loan_id", flat=True).get(pk=pk)
    Loan.objects.select_for_update().get(pk=loan_id)
    return Disbursement.objects.select_for_update(of=("self",)).select_related("loan", "customer").get(pk=pk)


def _lock_by_key(key: str) -> Disbursement:
    try:
        found = Disbursement.objects.filter(key=uuid.UUID(key)).values_list("pk", flat=True).first()
    except ValueError:
        found = None
    if found is None:
        raise UnknownPayment()
    return _lock(found)


def _heard(disbursement: Disbursement, answer: BankAnswer, on: dt.date) -> Disbursement:
    """What the bank answered at once; mostly "pending", and the callback follows."""
    if answer.status in (SUCCEEDED, FAILED):
        return settle(
            key=str(disbursement.key),
            succeeded=answer.status == SUCCEEDED,
            bank_reference=answer.bank_reference,
            reason=answer.reason,
            on=on,
        )
    with transaction.atomic():
        disbursement = _lock(disbursement.pk)
        if disbursement.status == Status.SUBMITTED and answer.bank_reference and not disbursement.bank_reference:
            disbursement.bank_reference = answer.bank_reference
            _save(disbursement, None)
        return disbursement


def _require_second_officer(disbursement: Disbursement, by: User) -> None:
    if not by.has_perm("loans.approve_disbursement"):
        raise NotAllowedToApprove()
    involved = {disbursement.maker_id, disbursement.customer.user_id}
    officer = _deciding_officer(disbursement.loan)
    if by.pk in involved or by == officer:
        raise MakerCannotCheck()


def _deciding_officer(loan: Loan) -> User | None:
    decision = loan.application.decisions.order_by("-pk").select_related("by").first()
    return decision.by if decision else None


def _is_redirected(loan: Loan, account: str) -> bool:
    before = loan.disbursements.order_by("-pk").first()
    return before is not None and before.account != account


def _account_of(customer: Customer, account_number: str) -> str:
    if account_number:
        digits = re.sub(r"[ -]", "", account_number)
        if not re.fullmatch(r"[0-9]{8,30}", digits):
            raise InvalidAccount()
        return digits
    last = Disbursement.objects.filter(customer=customer).exclude(account="").order_by("-pk").first()
    return last.account if last else f"{Disbursement.CUSTODY}{customer.public_id.hex}"


def _short_mask(account: str) -> str:
    """`•••• 9999`; nothing of an account that is known by the custodian's token alone."""
    return "" if account.startswith(Disbursement.CUSTODY) else f"•••• {account[-4:]}"


def _post(disbursement: Disbursement, kind: str, on: dt.date, sides: list[tuple[str, int]]) -> None:
    post(
        on=on,
        kind=kind,
        currency=disbursement.currency,
        source_type="disbursement",
        source_id=str(disbursement.pk),
        lines=[(code, sign * disbursement.amount_minor) for code, sign in sides],
        customer=disbursement.customer,
    )


def _send_soon(disbursement: Disbursement) -> None:
    from lending.loans.tasks import submit_disbursement

    # robust: should the queue be down, `retry_disbursements` finds the order
    transaction.on_commit(partial(submit_disbursement.delay, disbursement.pk), robust=True)


def _save(disbursement: Disbursement, by: User | None) -> None:
    disbursement._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    disbursement.save()
