"""Two at once: real transactions that wait for each other. SQLite has one writer at a time and nothing to show here."""

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from customers.signing import sign
from lending.loans import disbursement as disbursing
from lending.loans.models import BankCallback, Loan
from lending.loans.verification import verify
from lending.repayments import ordering
from lending.repayments.bank_messages import handle
from lending.repayments.models import Repayment
from lending.repayments.posting import post_repayment
from lending.repayments.refusals import KeyReused, PaymentUnderWay
from lending.repayments.reversal import reverse
from tests.cast import TODAY
from tests.lending.bank_helpers import SECRET
from tests.lending.loan_builders import active_loan, loan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
DUE = dt.date(2026, 10, 14)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; what each returned, or the exception it raised."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def pay(of: Loan, amount_minor: int, key: str) -> Repayment:
    return post_repayment(
        Loan.objects.get(pk=of.pk),
        amount_minor=amount_minor,
        currency="CNY",
        received_on=DUE,
        channel="api",
        key=key,
        by=None,
        on=DUE,
    )


@pytest.mark.parametrize("attempt", range(3))
def test_the_same_key_at_once_posts_once(attempt: int) -> None:
    opened = active_loan()
    results = at_once(*[lambda: pay(opened, 106619, "k")] * 4)
    assert len({repayment.pk for repayment in results}) == 1
    assert opened.events.filter(type="repay").count() == 1


def test_two_payments_at_once_are_both_posted_and_the_rows_agree() -> None:
    opened = active_loan()
    results = at_once(*[lambda key=key: pay(opened, 53000, key) for key in ("a", "b", "c")])
    assert {repayment.amount_minor for repayment in results} == {53000}
    opened.refresh_from_db()
    assert list(opened.events.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    assert sum(row.paid_minor for row in opened.installments.all()) == 159000
    assert list(verify(opened)) == []


def test_one_key_for_two_loans_at_once_is_posted_on_one_of_them() -> None:
    first, second = active_loan(), active_loan()
    results = at_once(lambda: pay(first, 100, "k"), lambda: pay(second, 100, "k"))
    assert sorted(type(result).__name__ for result in results) == ["KeyReused", "Repayment"]
    assert any(isinstance(result, KeyReused) for result in results)
    assert [list(verify(found)) for found in Loan.objects.all()] == [[], []]


def test_a_payment_and_its_reversal_and_another_payment_at_once() -> None:
    opened = active_loan()
    first = pay(opened, 106619, "first")
    at_once(lambda: reverse(first, reason="Bounced", key="r", by=None, on=DUE), lambda: pay(opened, 50000, "second"))
    opened.refresh_from_db()
    assert opened.events.count() == 5
    assert sum(row.paid_minor for row in opened.installments.all()) == 50000
    assert list(verify(opened)) == []


def test_one_callback_delivered_twice_at_once_pays_out_once(settings: Settings) -> None:
    settings.PAYMENT_GATEWAY_SECRET = SECRET
    opened = loan()
    order = disbursing.request(opened, by=None, on=TODAY)
    message = {"event_id": "e1", "kind": "payout", "key": str(order.key), "status": "succeeded", "bank_reference": "B"}
    body = json.dumps(message).encode()
    results = at_once(*[lambda: handle(body, sign(SECRET, body), on=TODAY)] * 3)
    assert sorted(result.is_new for result in results) == [False, False, True]
    assert opened.events.filter(type="disburse").count() == 1
    assert BankCallback.objects.count() == 1


def test_two_requests_at_once_are_one_disbursement() -> None:
    opened = loan()
    results = at_once(*[lambda: disbursing.request(opened, by=None, on=TODAY)] * 3)
    assert len({order.pk for order in results}) == 1


def test_two_clicks_at_once_are_one_payment_order_and_two_pages_are_not_two() -> None:
    opened, key = active_loan(), uuid.uuid4()
    same = at_once(*[lambda: ordering.order_payment(opened, amount_minor=100, key=key, by=None, on=DUE)] * 3)
    assert len({order.pk for order in same}) == 1
    another = at_once(lambda: ordering.order_payment(opened, amount_minor=100, key=uuid.uuid4(), by=None, on=DUE))
    assert isinstance(another[0], PaymentUnderWay)
