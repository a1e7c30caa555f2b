"""Paying out: who may say yes, what the bank hears, and that nothing is ever paid twice."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import translation
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from customers.models import User
from customers.signing import sign
from lending.demo.bank import Bank
from lending.ledger import chart
from lending.ledger.models import Line
from lending.loans import disbursement as disbursing
from lending.loans import tasks
from lending.loans.callbacks import receive
from lending.loans.gateway import GatewayUnavailable
from lending.loans.models import BankCallback, Disbursement, Loan
from lending.loans.refusals import (
    ContradictoryBankMessage,
    DisbursementNotWaiting,
    InvalidAccount,
    InvalidMessage,
    InvalidSignature,
    LoanNotAwaitingDisbursement,
    MakerCannotCheck,
    NotAllowedToApprove,
    ReasonMissing,
    UnknownPayment,
)
from lending.repayments.bank_messages import handle
from tests.cast import TODAY
from tests.lending.bank_helpers import SECRET, Door, start_bank
from tests.lending.loan_builders import FEE, active_loan, customer, loan, user

pytestmark = pytest.mark.django_db
Status = Disbursement.Status
GOOD_ACCOUNT = "6222020200009999"


def senior(name: str = "sun") -> User:
    officer = user(name, is_staff=True)
    officer.user_permissions.add(Permission.objects.get(codename="approve_disbursement"))
    return officer


def large_loan(**values: object) -> Loan:
    return loan(second_officer_above_minor=1_000_000, **values)  # type: ignore[arg-type]


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.stop()


@pytest.fixture
def bank(door: Door, settings: Settings) -> Iterator[Bank]:
    bank = start_bank(door)
    settings.PAYMENT_GATEWAY_URL, settings.PAYMENT_GATEWAY_SECRET = bank.url, SECRET
    yield bank
    bank.stop()


class TestTheSecondOfficer:
    def test_a_small_amount_is_approved_as_it_is_requested(self) -> None:
        order = disbursing.request(loan(), by=None, on=TODAY)
        assert (order.status, order.needs_checker, order.amount_minor) == (Status.APPROVED, False, 1_200_000)

    def test_an_amount_at_the_limit_needs_nobody(self) -> None:
        assert (
            disbursing.request(loan(second_officer_above_minor=1_200_000), by=None, on=TODAY).status == Status.APPROVED
        )

    def test_an_amount_above_the_limit_waits(self) -> None:
        order = disbursing.request(loan(second_officer_above_minor=1_199_999), by=None, on=TODAY)
        assert order.status == Status.REQUESTED
        assert disbursing.submit(order, on=TODAY).status == Status.REQUESTED
        assert list(Disbursement.objects.awaiting_second_officer()) == [order]

    def test_a_senior_officer_approves_and_the_history_knows_her(self) -> None:
        sun = senior()
        order = disbursing.approve(disbursing.request(large_loan(), by=None, on=TODAY), by=sun, on=TODAY)
        assert (order.status, order.checker) == (Status.APPROVED, sun)
        assert order.history.first().history_user == sun
        assert disbursing.approve(order, by=sun, on=TODAY).pk == order.pk

    def test_the_maker_cannot_check(self) -> None:
        sun = senior()
        order = disbursing.request(large_loan(), by=sun, on=TODAY)
        assert order.maker == sun
        with pytest.raises(MakerCannotCheck):
            disbursing.approve(order, by=sun, on=TODAY)

    def test_the_officer_who_decided_cannot_check(self) -> None:
        sun = senior()
        order = disbursing.request(large_loan(decided_by=sun), by=None, on=TODAY)
        assert order.maker == sun
        with pytest.raises(MakerCannotCheck):
            disbursing.approve(order, by=sun, on=TODAY)

    def test_a_borrowing_officer_cannot_check_her_own_loan(self) -> None:
        ada = customer()
        assert ada.user is not None
        ada.user.user_permissions.add(Permission.objects.get(codename="approve_disbursement"))
        order = disbursing.request(large_loan(of=ada), by=None, on=TODAY)
        with pytest.raises(MakerCannotCheck):
            disbursing.approve(order, by=ada.user, on=TODAY)

    def test_mallory_may_not_approve_and_nothing_changes(self) -> None:
        order = disbursing.request(large_loan(), by=None, on=TODAY)
        with pytest.raises(NotAllowedToApprove):
            disbursing.approve(order, by=user("mallory", is_staff=True), on=TODAY)
        order.refresh_from_db()
        assert (order.status, order.checker) == (Status.REQUESTED, None)

    def test_the_database_itself_refuses_a_maker_who_checks(self) -> None:
        sun = senior()
        order = disbursing.request(large_loan(), by=sun, on=TODAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            Disbursement.objects.filter(pk=order.pk).update(checker=sun, status=Status.APPROVED)

    def test_the_database_itself_refuses_a_large_payout_without_a_checker(self) -> None:
        order = disbursing.request(large_loan(), by=None, on=TODAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            Disbursement.objects.filter(pk=order.pk).update(status=Status.SUBMITTED)

    def test_a_rejection_needs_a_reason_and_allows_a_new_order(self) -> None:
        sun, opened = senior(), large_loan()
        order = disbursing.request(opened, by=None, on=TODAY)
        with pytest.raises(ReasonMissing):
            disbursing.reject(order, reason="  ", by=sun, on=TODAY)
        rejected = disbursing.reject(order, reason="Account not verified", by=sun, on=TODAY)
        assert (rejected.status, rejected.reason, rejected.settled_on) == (
            Status.REJECTED,
            "Account not verified",
            TODAY,
        )
        with pytest.raises(DisbursementNotWaiting):
            disbursing.approve(order, by=senior("sun2"), on=TODAY)
        again = disbursing.request(opened, by=None, on=TODAY)
        assert again.pk != order.pk and again.key != order.key


class TestRequesting:
    def test_twice_is_one_order(self) -> None:
        opened = loan()
        assert disbursing.request(opened, by=None, on=TODAY) == disbursing.request(opened, by=None, on=TODAY)

    def test_a_loan_that_was_paid_out_is_refused(self) -> None:
        with pytest.raises(LoanNotAwaitingDisbursement):
            disbursing.request(active_loan(), by=None, on=TODAY)

    def test_the_account_is_encrypted_and_shown_masked(self) -> None:
        order = disbursing.request(loan(), by=None, on=TODAY, account_number="6222 0202 0000 9999")
        assert order.account_number == order.account_told == "•••• 9999"
        stored = (
            Disbursement.objects.filter(pk=order.pk).extra(select={"raw": "account"}).values_list("raw", flat=True)[0]
        )
        assert GOOD_ACCOUNT not in stored
        assert Disbursement.objects.get(pk=order.pk).account == GOOD_ACCOUNT

    def test_without_an_account_the_last_one_or_the_custody_account_is_paid(self) -> None:
        ada = customer()
        first = disbursing.request(loan(of=ada), by=None, on=TODAY)
        assert first.account == f"custody-{ada.public_id.hex}"
        disbursing.request(loan(of=ada), by=None, on=TODAY, account_number=GOOD_ACCOUNT)
        assert disbursing.request(loan(of=ada), by=None, on=TODAY).account == GOOD_ACCOUNT

    @pytest.mark.parametrize("number", ["1234567", "12345678x", "9" * 31, "６２２２０２０２００００９９９９"])
    def test_an_account_that_cannot_be_right_is_refused(self, number: str) -> None:
        with pytest.raises(InvalidAccount):
            disbursing.request(loan(), by=None, on=TODAY, account_number=number)
        assert not Disbursement.objects.exists()


class TestWithTheBank:
    def test_the_money_goes_out_and_the_loan_begins(self, bank: Bank, door: Door) -> None:
        opened = loan(fees=[FEE])
        order = disbursing.submit(disbursing.request(opened, by=None, on=TODAY), on=TODAY)
        assert (order.status, order.tries) == (Status.SUBMITTED, 1)
        assert Line.objects.all().balances() == {chart.DISBURSEMENT_CLEARING: 1_200_000, chart.CUSTODY: -1_200_000}
        callback = door.next()
        handle(callback.body, callback.signature, on=dt.date(2026, 9, 15))
        order.refresh_from_db()
        opened.refresh_from_db()
        assert (order.status, order.settled_on) == (Status.SUCCEEDED, dt.date(2026, 9, 15))
        assert order.bank_reference == bank.payments[str(order.key)].bank_reference
        assert (opened.status, opened.disbursed_on) == (Loan.Status.ACTIVE, dt.date(2026, 9, 15))
        assert list(opened.events.values_list("type", flat=True)) == ["approve", "disburse", "charge"]
        assert opened.outstanding_fees_minor == 12000
        balances = Line.objects.all().balances()
        assert balances == {
            chart.PRINCIPAL: 1_200_000,
            chart.CUSTODY: -1_200_000,
            chart.FEES_RECEIVABLE: 12000,
            chart.FEE_INCOME: -12000,
        }

    def test_a_callback_delivered_twice_acts_once(self, bank: Bank, door: Door) -> None:
        opened = loan()
        disbursing.submit(disbursing.request(opened, by=None, on=TODAY, account_number="6222020000000003"), on=TODAY)
        messages = [handle(sent.body, sent.signature, on=TODAY) for sent in (door.next(), door.next())]
        assert [message.is_new for message in messages] == [True, False]
        assert opened.events.filter(type="disburse").count() == 1
        assert BankCallback.objects.filter(accepted=True).count() == 1

    def test_a_forged_callback_is_kept_and_changes_nothing(self, bank: Bank, door: Door) -> None:
        order = disbursing.request(loan(), by=None, on=TODAY, account_number="6222020000000005")
        disbursing.submit(order, on=TODAY)
        forged, right = door.next(), door.next()
        with pytest.raises(InvalidSignature) as refused:
            handle(forged.body, forged.signature, on=TODAY)
        assert refused.value.status == 403
        order.refresh_from_db()
        assert order.status == Status.SUBMITTED
        assert BankCallback.objects.get().accepted is False
        handle(right.body, right.signature, on=TODAY)
        order.refresh_from_db()
        assert order.status == Status.SUCCEEDED

    def test_a_refusal_leaves_the_loan_unpaid_and_the_clearing_account_empty(self, bank: Bank, door: Door) -> None:
        opened = loan()
        order = disbursing.submit(
            disbursing.request(opened, by=None, on=TODAY, account_number="6222020000000001"), on=TODAY
        )
        callback = door.next()
        handle(callback.body, callback.signature, on=TODAY)
        order.refresh_from_db()
        opened.refresh_from_db()
        assert (order.status, order.reason, opened.status) == (Status.FAILED, "account closed", Loan.Status.APPROVED)
        assert Line.objects.all().balances() == {}
        again = disbursing.request(opened, by=None, on=TODAY, account_number=GOOD_ACCOUNT)
        assert again.key != order.key
        assert again.status == Status.REQUESTED, "another account than before is seen by a second officer"
        disbursing.reject(again, reason="not hers", by=senior(), on=TODAY)
        assert disbursing.request(opened, by=None, on=TODAY).status == Status.APPROVED

    def test_while_the_bank_is_out_of_order_the_same_key_is_sent_again(self, bank: Bank, door: Door) -> None:
        order = disbursing.request(loan(), by=None, on=TODAY, account_number="6222020000000004")
        for _ in range(2):
            with pytest.raises(GatewayUnavailable):
                disbursing.submit(order, on=TODAY)
        assert disbursing.submit(order, on=TODAY).tries == 3
        assert list(bank.payments) == [str(order.key)]
        assert Line.objects.all().balances() == {chart.DISBURSEMENT_CLEARING: 1_200_000, chart.CUSTODY: -1_200_000}

    def test_what_the_bank_never_told_is_asked(self, bank: Bank, door: Door) -> None:
        order = disbursing.submit(
            disbursing.request(loan(), by=None, on=TODAY, account_number="6222020000000006"), on=TODAY
        )
        assert door.is_quiet(0.4)
        assert tasks.retry_disbursements() == {"settled": 1, "waiting": 0, "unreachable": 0, "refused": 0}
        order.refresh_from_db()
        assert order.status == Status.SUCCEEDED

    def test_the_catch_up_sends_what_was_never_sent(self, bank: Bank, door: Door) -> None:
        order = disbursing.request(loan(), by=None, on=TODAY)
        assert tasks.retry_disbursements()["waiting"] == 1
        order.refresh_from_db()
        assert order.status == Status.SUBMITTED
        assert str(order.key) in bank.payments

    def test_the_catch_up_sends_again_what_the_bank_never_heard_of(self, bank: Bank, door: Door) -> None:
        order = disbursing.request(loan(), by=None, on=TODAY)
        Disbursement.objects.filter(pk=order.pk).update(status=Status.SUBMITTED)
        tasks.retry_disbursements()
        assert str(order.key) in bank.payments

    def test_the_catch_up_gives_up_on_a_bank_that_is_down(self, settings: Settings) -> None:
        settings.PAYMENT_GATEWAY_URL = "http://127.0.0.1:18198"
        for _ in range(5):
            disbursing.request(loan(), by=None, on=TODAY)
        assert tasks.retry_disbursements() == {"settled": 0, "waiting": 0, "unreachable": 3, "refused": 0}

    def test_the_request_queues_the_sending_on_commit(
        self, bank: Bank, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, settings: Settings
    ) -> None:
        from lending.celery import app

        app.conf.task_always_eager = True
        try:
            with django_capture_on_commit_callbacks(execute=True):
                order = disbursing.request(loan(), by=None, on=TODAY)
        finally:
            app.conf.task_always_eager = False
        order.refresh_from_db()
        assert order.status == Status.SUBMITTED

    def test_the_bank_saying_otherwise_later_is_refused(self) -> None:
        order = disbursing.request(loan(), by=None, on=TODAY)
        settle = {"key": str(order.key), "bank_reference": "B1", "on": TODAY}
        disbursing.settle(succeeded=True, reason="", **settle)
        with pytest.raises(ContradictoryBankMessage):
            disbursing.settle(succeeded=False, reason="changed our mind", **settle)

    @pytest.mark.parametrize("key", ["no key", "b31c3c00-26fd-4bce-933a-eff16a1202b5"])
    def test_a_payment_we_do_not_know_is_refused(self, key: str) -> None:
        with pytest.raises(UnknownPayment):
            disbursing.settle(key=key, succeeded=True, bank_reference="", reason="", on=TODAY)


class TestCallbacks:
    @pytest.mark.parametrize(
        ("body", "named"),
        [
            (b"", "JSON"),
            (b"[1]", "JSON"),
            (b'{"event_id": 5}', "event_id"),
            (b'{"event_id": "e", "kind": "gift", "key": "k", "status": "succeeded"}', "kind"),
            (b'{"event_id": "e", "kind": "payout", "key": "k", "status": "maybe"}', "status"),
            (b'{"event_id": "e", "kind": "payout", "status": "failed"}', "key"),
            (b"\xff\xfe", "JSON"),
        ],
    )
    def test_a_signed_message_that_cannot_be_read_is_refused_by_field(
        self, body: bytes, named: str, settings: Settings
    ) -> None:
        settings.PAYMENT_GATEWAY_SECRET = SECRET
        with pytest.raises(InvalidMessage) as refused:
            receive(body, sign(SECRET, body))
        assert named in str(refused.value) and refused.value.status == 400

    @pytest.mark.parametrize("signature", ["", "0" * 64, "é", "\ud800"])
    def test_an_unsigned_message_is_kept_short_as_evidence(self, signature: str) -> None:
        with pytest.raises(InvalidSignature):
            receive(b"\x00" + b"x" * 10_000, signature)
        kept = BankCallback.objects.get()
        assert not kept.accepted and len(kept.body) == 4000


def test_the_custodians_token_of_a_customer_is_told_as_what_it_is():
    order = disbursing.request(loan(), by=None, on=TODAY)
    assert order.account.startswith("custody-") and order.account_number == ""
    with translation.override("en"):
        assert order.account_told == "account with the custodian bank"
