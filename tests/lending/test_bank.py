"""The simulated bank, run for real: over HTTP, with signatures, late and doubled callbacks, and outages."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from customers.signing import signed_right
from lending.demo.bank import Bank, sign
from lending.loans.gateway import BankAnswer, GatewayUnavailable, HttpGateway
from tests.lending.bank_helpers import SECRET, Door, start_bank


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.stop()


@pytest.fixture
def bank(door: Door) -> Iterator[Bank]:
    bank = start_bank(door)
    yield bank
    bank.stop()


@pytest.fixture
def gateway(bank: Bank) -> HttpGateway:
    return HttpGateway(bank.url, SECRET, timeout_seconds=5)


def call(bank: Bank, method: str, path: str, body: bytes = b"", signature: str = "") -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", bank.server_address[1], timeout=5)
    connection.request(method, path, body, {"X-Signature": signature})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


@pytest.mark.parametrize("kind", ["payout", "collection"])
def test_an_order_is_accepted_and_settled_by_a_signed_callback(door: Door, gateway: HttpGateway, kind: str) -> None:
    order = gateway.payout if kind == "payout" else gateway.collect
    accepted = order("k1", 12345, "CNY", "6222020000009999")
    assert accepted.status == "pending" and accepted.bank_reference.startswith("SIM")
    callback = door.next()
    message = json.loads(callback.body)
    assert signed_right(SECRET, callback.body, callback.signature)
    assert (message["kind"], message["key"], message["status"]) == (kind, "k1", "succeeded")
    assert message["bank_reference"] == accepted.bank_reference
    assert gateway.query("k1") == BankAnswer("succeeded", accepted.bank_reference)


def test_the_same_key_pays_once(door: Door, bank: Bank, gateway: HttpGateway) -> None:
    first = gateway.payout("k1", 100, "CNY", "6222020000009999")
    assert gateway.payout("k1", 100, "CNY", "6222020000009999").bank_reference == first.bank_reference
    assert len(bank.payments) == 1
    door.next()
    assert door.is_quiet()


def test_the_same_key_for_another_payment_is_not_taken_and_not_called_failed(gateway: HttpGateway) -> None:
    gateway.payout("k1", 100, "CNY", "6222020000009999")
    with pytest.raises(GatewayUnavailable, match="409"):
        gateway.payout("k1", 101, "CNY", "6222020000009999")


def test_an_account_ending_in_0001_is_refused(door: Door, gateway: HttpGateway) -> None:
    gateway.payout("k1", 100, "CNY", "6222020000000001")
    message = json.loads(door.next().body)
    assert (message["status"], message["reason"]) == ("failed", "account closed")


def test_an_account_ending_in_0002_is_answered_late(door: Door, gateway: HttpGateway) -> None:
    gateway.payout("k1", 100, "CNY", "6222020000000002")
    assert door.is_quiet(0.4)
    assert gateway.query("k1").status == "pending"
    assert json.loads(door.next().body)["status"] == "succeeded"


def test_an_account_ending_in_0003_is_told_twice_with_the_same_event(door: Door, gateway: HttpGateway) -> None:
    gateway.payout("k1", 100, "CNY", "6222020000000003")
    assert door.next() == door.next()


def test_an_account_ending_in_0004_finds_the_bank_out_of_order_twice(door: Door, gateway: HttpGateway) -> None:
    for _ in range(2):
        with pytest.raises(GatewayUnavailable, match="503"):
            gateway.payout("k1", 100, "CNY", "6222020000000004")
    assert gateway.payout("k1", 100, "CNY", "6222020000000004").status == "pending"


def test_an_account_ending_in_0005_is_preceded_by_a_forgery(door: Door, gateway: HttpGateway) -> None:
    gateway.payout("k1", 100, "CNY", "6222020000000005")
    forged, right = door.next(), door.next()
    assert not signed_right(SECRET, forged.body, forged.signature)
    assert signed_right(SECRET, right.body, right.signature)


def test_an_account_ending_in_0006_must_be_asked(door: Door, gateway: HttpGateway) -> None:
    gateway.payout("k1", 100, "CNY", "6222020000000006")
    assert door.is_quiet(0.4)
    assert gateway.query("k1").status == "succeeded"


def test_letters_in_the_account_never_misbehave(door: Door, gateway: HttpGateway) -> None:
    gateway.payout("k1", 100, "CNY", "custody-abc0001")
    assert json.loads(door.next().body)["status"] == "succeeded"


def test_a_callback_is_sent_again_until_it_is_answered_2xx(door: Door, bank: Bank, gateway: HttpGateway) -> None:
    door.refusals = 2
    gateway.payout("k1", 100, "CNY", "6222020000009999")
    assert door.next() == door.next() == door.next()
    assert door.is_quiet()
    assert [sent["answered"] for sent in bank.delivered] == [500, 500, 200]


def test_what_the_bank_never_heard_of_is_unknown(gateway: HttpGateway) -> None:
    assert gateway.query("never sent") == BankAnswer("unknown")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"key": "k", "currency": "CNY", "account": "1"}',
        b'{"key": "k", "currency": "CNY", "account": "1", "amount_minor": -1}',
        b'{"key": "k", "currency": "CNY", "account": "1", "amount_minor": 1.5}',
        b'{"key": "k", "currency": "CNY", "account": "1", "amount_minor": true}',
        b'{"key": "", "currency": "CNY", "account": "1", "amount_minor": 5}',
    ],
)
def test_an_order_that_cannot_be_right_is_refused(bank: Bank, body: bytes) -> None:
    assert call(bank, "POST", "/payouts", body, sign(SECRET, body))[0] == 400
    assert not bank.payments


def test_wrong_signatures_are_refused(bank: Bank) -> None:
    body = b'{"key": "k", "currency": "CNY", "account": "1", "amount_minor": 5}'
    assert call(bank, "POST", "/payouts", body, sign("another secret", body))[0] == 401
    assert call(bank, "POST", "/payouts", body)[0] == 401
    assert call(bank, "GET", "/payments/k")[0] == 401
    assert not bank.payments


def test_a_refused_order_is_a_failed_payment(gateway: HttpGateway) -> None:
    assert gateway.payout("k1", -5, "CNY", "6222020000009999").status == "failed"


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1", "http://127.0.0.1:18199"])
def test_a_bank_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(GatewayUnavailable):
        HttpGateway(url, SECRET, timeout_seconds=1).payout("k1", 100, "CNY", "6222020000009999")


def test_it_runs_as_a_program(door: Door) -> None:
    arguments = ["--port", "18190", "--callback", door.url, "--secret", SECRET, "--settles-after", "0.05"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lending.demo.bank", *arguments], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert process.stdout is not None
        assert "18190" in process.stdout.readline()
        began = time.monotonic()
        HttpGateway("http://127.0.0.1:18190", SECRET).payout("k1", 100, "CNY", "6222020000009999")
        assert json.loads(door.next().body)["key"] == "k1"
        assert time.monotonic() - began < 5
    finally:
        process.terminate()
        assert process.wait(10) == 0
