"""Money in: spread by the frozen order, never lost, never twice, and taken back by one more fact."""

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from customers.models import Notice
from lending.demo.bank import Bank
from lending.ledger import chart
from lending.ledger.models import Line
from lending.loans import disbursement as disbursing
from lending.loans.models import Loan
from lending.loans.refusals import ReasonMissing
from lending.loans.verification import verify
from lending.repayments import ordering, tasks
from lending.repayments.bank_messages import handle
from lending.repayments.models import PaymentOrder, Repayment
from lending.repayments.payoff import quote
from lending.repayments.posting import post_repayment
from lending.repayments.refusals import (
    AlreadyReversed,
    AmountRefused,
    BeforeDisbursement,
    KeyReused,
    LoanClosed,
    NotYetDisbursed,
    PaymentUnderWay,
    ReceivedInFuture,
    ReversalNotReversible,
    WrongCurrency,
)
from lending.repayments.reversal import reverse
from tests.cast import TODAY
from tests.lending.bank_helpers import SECRET, Door, start_bank
from tests.lending.loan_builders import active_loan, loan

pytestmark = pytest.mark.django_db
DUE = dt.date(2026, 10, 14)
RECALCULATING = {
    "interest": {"method": "declining", "accrual": "daily", "day_count": "actual/365", "recalculates_on_payment": True}
}


def pay(of: Loan, amount_minor: int, *, key: str = "k", received_on: dt.date = DUE, **changes: object) -> Repayment:
    values: dict[str, object] = {"currency": "CNY", "channel": "transfer", "by": None, "on": max(received_on, DUE)}
    return post_repayment(of, amount_minor=amount_minor, received_on=received_on, key=key, **{**values, **changes})  # type: ignore[arg-type]


def split_of(repayment: Repayment) -> dict[tuple[int | None, str], int]:
    rows = repayment.event.allocations.values_list("installment_number", "component", "amount_minor")
    return {(number, component): amount for number, component, amount in rows}


class TestPosting:
    def test_a_payment_is_spread_by_the_loans_order(self) -> None:
        opened = active_loan()
        paid = pay(opened, 106619)
        assert split_of(paid) == {(1, "interest"): 12000, (1, "principal"): 94619}
        assert opened.installments.get(number=1).settled_on == DUE
        assert (paid.customer, paid.event.type) == (opened.customer, "repay")

    def test_the_order_of_the_terms_decides(self) -> None:
        order = [
            f"{due}_{part}"
            for due in ("past_due", "due", "in_advance")
            for part in ("principal", "interest", "fee", "penalty")
        ]
        opened = active_loan(terms={"allocation": {"direction": "horizontal", "order": order}})
        assert split_of(pay(opened, 100000)) == {(1, "principal"): 94619, (1, "interest"): 5381}

    def test_a_partial_payment_leaves_the_installment_open(self) -> None:
        opened = active_loan()
        pay(opened, 50000)
        assert opened.installments.get(number=1).outstanding_minor == 56619
        assert opened.oldest_due_on == DUE

    def test_a_payment_larger_than_owed_is_kept_as_credit(self) -> None:
        opened = active_loan()
        owed = opened.outstanding_minor
        paid = pay(opened, owed + 12345)
        assert opened.status == Loan.Status.PAID_OFF and opened.closed_on == DUE
        assert opened.credit_balance_minor == 12345
        assert split_of(paid)[None, "credit"] == 12345
        assert sum(split_of(paid).values()) == owed + 12345
        assert Line.objects.of_loan(opened.number).balances()[chart.CREDIT_BALANCES] == -12345

    def test_money_of_the_bank_for_a_closed_loan_is_kept_as_credit(self) -> None:
        opened = active_loan()
        pay(opened, opened.outstanding_minor)
        pay(opened, 777, key="more", even_if_closed=True)
        assert (opened.status, opened.credit_balance_minor) == (Loan.Status.PAID_OFF, 777)

    def test_the_last_installment_closes_the_loan(self) -> None:
        opened = active_loan()
        for number, row in enumerate(opened.installments.all()):
            pay(opened, row.total_minor, key=f"p{number}", received_on=row.due_on)
        assert (opened.status, opened.closed_on) == (Loan.Status.PAID_OFF, dt.date(2027, 9, 14))
        assert (opened.oldest_due_on, opened.next_due_on, opened.outstanding_minor) == (None, None, 0)
        assert list(verify(opened)) == []

    def test_the_customer_is_told_of_each_payment_and_of_the_end(self) -> None:
        opened = active_loan()
        pay(opened, 100)
        pay(opened, 100)
        pay(opened, opened.outstanding_minor + 5, key="rest")
        told = list(Notice.objects.filter(subject_id=opened.number).order_by("pk").values_list("kind", flat=True))
        assert told == ["payment_received", "payment_received", "loan_paid_off"]

    def test_a_back_dated_payment_is_counted_on_its_day(self) -> None:
        opened = active_loan()
        pay(opened, 100, received_on=TODAY, on=DUE)
        assert opened.events.last().payload["entered_on"] == DUE.isoformat()
        assert list(verify(opened)) == []


class TestRefusals:
    @pytest.mark.parametrize("amount", [0, -1, 10**19, 10**15, 1.5, "100", True, None, Decimal(5)])
    def test_what_is_no_amount(self, amount: object) -> None:
        opened = active_loan()
        with pytest.raises(AmountRefused) as refused:
            pay(opened, amount)  # type: ignore[arg-type]
        assert (refused.value.about, refused.value.status) == ("amount_minor", 400)
        assert not Repayment.objects.exists() and opened.events.count() == 2

    def test_the_wrong_currency(self) -> None:
        with pytest.raises(WrongCurrency, match="CNY"):
            pay(active_loan(), 100, currency="USD")

    def test_the_future(self) -> None:
        with pytest.raises(ReceivedInFuture):
            pay(active_loan(), 100, received_on=DUE, on=TODAY)

    def test_a_day_before_the_disbursement(self) -> None:
        with pytest.raises(BeforeDisbursement, match="2026-09-14"):
            pay(active_loan(), 100, received_on=TODAY - dt.timedelta(days=1))

    def test_a_loan_that_is_not_paid_out(self) -> None:
        with pytest.raises(NotYetDisbursed):
            pay(loan(), 100)

    def test_a_closed_loan_and_what_to_do(self) -> None:
        opened = active_loan()
        pay(opened, opened.outstanding_minor)
        with pytest.raises(LoanClosed, match=opened.number):
            pay(opened, 100, key="another")


class TestTheSameKey:
    def test_posts_once(self) -> None:
        opened = active_loan()
        assert pay(opened, 100) == pay(opened, 100)
        assert opened.events.filter(type="repay").count() == 1

    def test_posts_once_even_when_the_first_closed_the_loan(self) -> None:
        opened = active_loan()
        amount = opened.outstanding_minor
        assert pay(opened, amount) == pay(opened, amount)

    def test_with_another_amount_or_loan_is_refused(self) -> None:
        opened = active_loan()
        pay(opened, 100)
        for other, amount in ((opened, 101), (active_loan(), 100)):
            with pytest.raises(KeyReused) as refused:
                pay(other, amount)
            assert refused.value.status == 409


class TestReversal:
    def test_a_reversal_restores_the_loan(self) -> None:
        opened = active_loan()
        before = list(opened.installments.values())
        paid = pay(opened, opened.outstanding_minor + 5)
        back = reverse(paid, reason="Bounced", key="r", by=None, on=DUE)
        opened.refresh_from_db()
        assert list(opened.installments.values()) == before
        assert (opened.status, opened.credit_balance_minor, opened.closed_on) == (Loan.Status.ACTIVE, 0, None)
        assert (back.reverses, back.amount_minor) == (paid, paid.amount_minor)
        assert list(verify(opened)) == []

    def test_twice_with_the_same_key_is_one_reversal(self) -> None:
        paid = pay(active_loan(), 100)
        assert reverse(paid, reason="x", key="r", by=None, on=DUE) == reverse(
            paid, reason="x", key="r", by=None, on=DUE
        )

    def test_refusals(self) -> None:
        opened = active_loan()
        paid, other = pay(opened, 100), pay(opened, 200, key="other")
        with pytest.raises(ReasonMissing):
            reverse(paid, reason=" ", key="r", by=None, on=DUE)
        with pytest.raises(KeyReused):
            reverse(paid, reason="x", key="other", by=None, on=DUE)
        back = reverse(paid, reason="x", key="r", by=None, on=DUE)
        with pytest.raises(AlreadyReversed):
            reverse(paid, reason="x", key="r2", by=None, on=DUE)
        with pytest.raises(ReversalNotReversible):
            reverse(back, reason="x", key="r3", by=None, on=DUE)
        with pytest.raises(KeyReused):
            pay(opened, 100, key="r")
        assert other.event.allocations.exists()

    def test_the_database_itself_refuses_to_edit_a_repayment(self) -> None:
        pay(active_loan(), 100)
        for statement in ("UPDATE repayments_repayment SET amount_minor = 1", "DELETE FROM repayments_repayment"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestPayoff:
    @pytest.mark.parametrize("terms", [{}, RECALCULATING])
    @pytest.mark.parametrize("day", [TODAY, dt.date(2026, 10, 1), DUE, dt.date(2026, 12, 31), dt.date(2028, 1, 1)])
    def test_paying_the_quote_closes_the_loan_to_the_cent(self, day: dt.date, terms: dict[str, object]) -> None:
        opened = active_loan(terms=terms)
        total = int(quote(opened, on=day).total * 100)
        pay(opened, total, received_on=day)
        assert (opened.status, opened.outstanding_minor, opened.credit_balance_minor) == (Loan.Status.PAID_OFF, 0, 0)
        assert opened.closed_on == day
        assert list(verify(opened)) == []

    def test_a_unit_less_leaves_a_unit_owed(self) -> None:
        opened = active_loan(terms=RECALCULATING)
        pay(opened, int(quote(opened, on=DUE).total * 100) - 1)
        assert opened.status == Loan.Status.ACTIVE and opened.outstanding_minor >= 1

    def test_the_quote_names_what_it_is_made_of(self) -> None:
        asked = quote(active_loan(terms=RECALCULATING), on=DUE)
        assert asked.principal == Decimal("12000.00")
        assert asked.total == asked.principal + asked.interest + asked.fees + asked.penalties + asked.prepayment_fee

    def test_no_quote_where_nothing_can_be_owed(self) -> None:
        with pytest.raises(NotYetDisbursed):
            quote(loan(), on=DUE)
        opened = active_loan()
        with pytest.raises(BeforeDisbursement):
            quote(opened, on=TODAY - dt.timedelta(days=1))
        pay(opened, opened.outstanding_minor)
        with pytest.raises(LoanClosed):
            quote(opened, on=DUE)


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


def loan_paid_out_to(account_number: str) -> Loan:
    opened = loan()
    order = disbursing.request(opened, by=None, on=TODAY, account_number=account_number)
    disbursing.settle(key=str(order.key), succeeded=True, bank_reference="B1", reason="", on=TODAY)
    opened.refresh_from_db()
    return opened


class TestPaymentOrders:
    def test_from_the_click_to_the_posted_repayment(self, bank: Bank, door: Door) -> None:
        opened = loan_paid_out_to("6222020000009999")
        order = ordering.order_payment(opened, amount_minor=106619, key=uuid.uuid4(), by=opened.customer.user, on=DUE)
        assert order.status == PaymentOrder.Status.CREATED
        assert order.history.first().history_user == opened.customer.user
        ordering.submit(order, on=DUE)
        callback = door.next()
        handle(callback.body, callback.signature, on=DUE)
        handle(callback.body, callback.signature, on=DUE)
        order.refresh_from_db()
        opened.refresh_from_db()
        assert order.status == PaymentOrder.Status.SUCCEEDED
        assert bank.payments[str(order.key)].account == "6222020000009999"
        assert order.repayment is not None
        assert (order.repayment.amount_minor, order.repayment.channel) == (106619, "portal")
        assert opened.repayments.count() == 1 and opened.installments.get(number=1).settled_on == DUE

    def test_a_refused_collection_changes_nothing(self, bank: Bank, door: Door) -> None:
        opened = loan_paid_out_to("6222020000000001")
        order = ordering.submit(
            ordering.order_payment(opened, amount_minor=100, key=uuid.uuid4(), by=None, on=DUE), on=DUE
        )
        callback = door.next()
        handle(callback.body, callback.signature, on=DUE)
        order.refresh_from_db()
        assert (order.status, order.reason, order.repayment) == (PaymentOrder.Status.FAILED, "account closed", None)
        assert not opened.repayments.exists()
        assert Notice.objects.get(subject_id=opened.number, kind="payment_failed").body
        ordering.order_payment(opened, amount_minor=100, key=uuid.uuid4(), by=None, on=DUE)

    def test_the_catch_up_asks_about_what_was_never_answered(self, bank: Bank, door: Door) -> None:
        opened = loan_paid_out_to("6222020000000006")
        ordering.order_payment(opened, amount_minor=100, key=uuid.uuid4(), by=None, on=DUE)
        assert tasks.retry_payment_orders()["waiting"] == 1
        assert door.is_quiet(0.4)
        assert tasks.retry_payment_orders()["settled"] == 1
        assert opened.repayments.get().amount_minor == 100

    def test_money_collected_for_a_loan_paid_off_meanwhile_is_kept(self) -> None:
        opened = active_loan()
        order = ordering.order_payment(opened, amount_minor=100, key=uuid.uuid4(), by=None, on=DUE)
        pay(opened, opened.outstanding_minor)
        ordering.settle(key=str(order.key), succeeded=True, bank_reference="B", reason="", on=DUE)
        opened.refresh_from_db()
        assert opened.credit_balance_minor == 100

    def test_one_order_at_a_time_and_the_same_key_is_the_same_order(self) -> None:
        opened, key = active_loan(), uuid.uuid4()
        first = ordering.order_payment(opened, amount_minor=100, key=key, by=None, on=DUE)
        assert ordering.order_payment(opened, amount_minor=100, key=key, by=None, on=DUE) == first
        with pytest.raises(KeyReused):
            ordering.order_payment(opened, amount_minor=101, key=key, by=None, on=DUE)
        with pytest.raises(PaymentUnderWay):
            ordering.order_payment(opened, amount_minor=100, key=uuid.uuid4(), by=None, on=DUE)

    def test_refusals(self) -> None:
        opened = active_loan()
        with pytest.raises(AmountRefused):
            ordering.order_payment(opened, amount_minor=-5, key=uuid.uuid4(), by=None, on=DUE)
        with pytest.raises(NotYetDisbursed):
            ordering.order_payment(loan(), amount_minor=5, key=uuid.uuid4(), by=None, on=DUE)
        pay(opened, opened.outstanding_minor)
        with pytest.raises(LoanClosed):
            ordering.order_payment(opened, amount_minor=5, key=uuid.uuid4(), by=None, on=DUE)
