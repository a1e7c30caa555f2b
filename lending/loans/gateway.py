"""The payment gateway: how money leaves the house and how it is fetched, whichever bank stands behind it.

`PaymentGateway` is the interface; `HttpGateway` speaks JSON over HTTP. Every order carries our own key, so that sending
it again can never pay twice; every body is signed with HMAC-SHA256 under a secret shared with the bank (X-Signature);
the bank's word comes later, by a signed callback (`lending.loans.callbacks`) or when it is asked (`query`).
"""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from django.conf import settings

from customers import signing

PENDING, SUCCEEDED, FAILED, UNKNOWN = "pending", "succeeded", "failed", "unknown"
STATUSES = (PENDING, SUCCEEDED, FAILED)
MOST_ANSWER_BYTES = 64 * 1024


class GatewayUnavailable(Exception):
    """The bank could not be reached or did not give a usable answer. Try again later with the same key."""


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """What the bank says of one key: pending, succeeded, failed, or unknown when it never heard of it."""

    status: str
    bank_reference: str = ""
    reason: str = ""


class PaymentGateway(Protocol):
    """Amounts are in minor units. All three raise GatewayUnavailable and are safe to call again with the same key."""

    def payout(self, key: str, amount_minor: int, currency: str, account: str) -> BankAnswer:
        """Pay out to the account."""
        ...

    def collect(self, key: str, amount_minor: int, currency: str, account: str) -> BankAnswer:
        """Collect from the account."""
        ...

    def query(self, key: str) -> BankAnswer:
        """What became of an order."""
        ...


@dataclass(frozen=True, slots=True)
class HttpGateway:
    url: str
    secret: str
    timeout_seconds: float = 10.0

    def payout(self, key: str, amount_minor: int, currency: str, account: str) -> BankAnswer:
        return self._order("/payouts", key, amount_minor, currency, account)

    def collect(self, key: str, amount_minor: int, currency: str, account: str) -> BankAnswer:
        return self._order("/collections", key, amount_minor, currency, account)

    def query(self, key: str) -> BankAnswer:
        status, answer = self._call("GET", f"/payments/{quote(key, safe='')}", b"", key)
        return BankAnswer(UNKNOWN) if status == 404 else _read(status, answer)

    def _order(self, path: str, key: str, amount_minor: int, currency: str, account: str) -> BankAnswer:
        order = {"key": key, "amount_minor": amount_minor, "currency": currency, "account": account}
        status, answer = self._call("POST", path, json.dumps(order).encode(), key)
        if status in (
            400,
            422,
        ):  # it cannot be right, now or later; 409 is not here: the first order may have been paid
            return BankAnswer(FAILED, reason=str(answer.get("error", status))[:200])
        return _read(status, answer)

    def _call(self, method: str, path: str, body: bytes, key: str) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise GatewayUnavailable("PAYMENT_GATEWAY_URL is not set to the address of a payment gateway")
        path = parts.path.rstrip("/") + path
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=self.timeout_seconds)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            signing.HEADER: signing.sign(self.secret, body or path.encode()),
        }
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            answer = json.loads(response.read(MOST_ANSWER_BYTES) or b"{}")
        except (OSError, HTTPException, ValueError) as error:
            raise GatewayUnavailable(f"{type(error).__name__} at the payment gateway") from error
        finally:
            connection.close()
        if not isinstance(answer, dict):
            raise GatewayUnavailable("the payment gateway did not answer with an object")
        return response.status, answer


def _read(status: int, answer: dict[str, Any]) -> BankAnswer:
    """A 2xx answer with a status that we know; anything else means: ask again."""
    if not 200 <= status < 300 or answer.get("status") not in STATUSES:
        raise GatewayUnavailable(f"the payment gateway answered {status}")
    return BankAnswer(
        answer["status"], str(answer.get("bank_reference") or "")[:80], str(answer.get("reason") or "")[:200]
    )


def gateway() -> PaymentGateway:
    """The gateway of this installation, by settings.PAYMENT_GATEWAY_URL and PAYMENT_GATEWAY_SECRET."""
    return HttpGateway(settings.PAYMENT_GATEWAY_URL, settings.PAYMENT_GATEWAY_SECRET)
