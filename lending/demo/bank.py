"""A simulated bank: a real HTTP server that pays out and collects, and tells later, by signed callbacks, how it went.

    python -m lending.demo.bank --port 18100 --callback http://127.0.0.1:8000/api/v1/bank/callbacks --secret S

It knows nothing of the lender's code. Bodies are JSON; X-Signature is the hex HMAC-SHA256 of the body under the shared
secret (of the path, for a GET).

    POST /payouts | /collections   {"key", "amount_minor", "currency", "account"}
        202 {"key", "status": "pending", "bank_reference", "reason": ""}     accepted; the same key again: its state now
        400 a body that cannot be right, 401 a wrong signature, 409 the key was used for another payment
    GET  /payments/<key>           200 the same object, status pending | succeeded | failed; 404 never heard of it
    GET  /health                   200 {"status": "ok", "payments": n}

The callback is {"event_id", "kind": "payout" | "collection", "key", "status", "bank_reference", "reason"}, sent again
with growing pauses until it is answered 2xx.

How it misbehaves is told by the last four digits of an account number (numbers that are not all digits never do):

    0001  refuses the payment: the callback says failed
    0002  answers late
    0003  delivers the callback twice
    0004  is out of order (503) at the first two requests of a payment
    0005  sends a forged callback (wrong signature) before the right one
    0006  never calls back: it must be asked
"""

import argparse
import hashlib
import hmac
import json
import queue
import signal
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

REFUSES, LATE, TWICE, OUT_OF_ORDER, FORGES, SILENT = "0001", "0002", "0003", "0004", "0005", "0006"
KINDS = {"/payouts": "payout", "/collections": "collection"}
MOST_BODY_BYTES = 64 * 1024


def sign(secret: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of a body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Payment:
    """One order as the bank keeps it, in memory."""

    key: str
    kind: str
    amount_minor: int
    currency: str
    account: str
    status: str = "pending"
    reason: str = ""
    bank_reference: str = field(default_factory=lambda: "SIM" + uuid.uuid4().hex[:12].upper())

    @property
    def quirk(self) -> str:
        return self.account[-4:] if self.account.isdigit() else ""

    def answer(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("key", "status", "bank_reference", "reason")}


@dataclass(order=True)
class Delivery:
    """A callback waiting for its time."""

    due_at: float
    number: int
    body: bytes = field(compare=False)
    signature: str = field(compare=False)
    tries: int = field(default=0, compare=False)
    gives_up_after: int = field(default=60, compare=False)


class Bank(ThreadingHTTPServer):
    """The server and its state. `settles_after` and `late_by` are seconds; `start` serves in the background."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        port: int,
        callback_url: str,
        secret: str,
        *,
        settles_after: float = 0.2,
        late_by: float = 3.0,
        retry_pause: float = 0.5,
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.callback_url, self.secret = callback_url, secret
        self.settles_after, self.late_by, self.retry_pause = settles_after, late_by, retry_pause
        self.lock = threading.Lock()
        self.payments: dict[str, Payment] = {}
        self.requests_of: dict[str, int] = {}
        self.outbox: queue.PriorityQueue[Delivery] = queue.PriorityQueue()
        self.delivered: list[dict[str, Any]] = []
        self.stopping = threading.Event()
        self._numbers = iter(range(10**12))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> "Bank":
        for target in (self.serve_forever, self.deliver_forever):
            threading.Thread(target=target, daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()

    # --- orders ---------------------------------------------------------------------------------------------------
    def take(self, kind: str, order: dict[str, Any]) -> tuple[HTTPStatus, dict[str, Any]]:
        """A payment order, already read and signed right."""
        key = order["key"]
        with self.lock:
            self.requests_of[key] = self.requests_of.get(key, 0) + 1
            payment = self.payments.get(key)
            if payment is not None:
                same = (payment.kind, payment.amount_minor, payment.currency, payment.account)
                if same != (kind, order["amount_minor"], order["currency"], order["account"]):
                    return HTTPStatus.CONFLICT, {"error": "this key was used for another payment"}
                return HTTPStatus.OK, payment.answer()
            payment = Payment(key, kind, order["amount_minor"], order["currency"], order["account"])
            if payment.quirk == OUT_OF_ORDER and self.requests_of[key] <= 2:
                return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "try again later"}
            self.payments[key] = payment
        threading.Timer(self.late_by if payment.quirk == LATE else self.settles_after, self.settle, [payment]).start()
        return HTTPStatus.ACCEPTED, payment.answer()

    def settle(self, payment: Payment) -> None:
        """The money moves (or not), and the callback goes out."""
        with self.lock:
            payment.status = "failed" if payment.quirk == REFUSES else "succeeded"
            payment.reason = "account closed" if payment.quirk == REFUSES else ""
        if payment.quirk == SILENT:
            return
        message = {"event_id": uuid.uuid4().hex, "kind": payment.kind, **payment.answer()}
        body = json.dumps(message).encode()
        if payment.quirk == FORGES:
            forged = json.dumps({**message, "status": "failed", "event_id": uuid.uuid4().hex}).encode()
            self.send_later(0, forged, sign("not the shared secret", forged), gives_up_after=1)
        for _ in range(2 if payment.quirk == TWICE else 1):
            self.send_later(0.05, body, sign(self.secret, body))

    # --- callbacks ------------------------------------------------------------------------------------------------
    def send_later(self, seconds: float, body: bytes, signature: str, *, gives_up_after: int = 60) -> None:
        self.outbox.put(
            Delivery(time.monotonic() + seconds, next(self._numbers), body, signature, gives_up_after=gives_up_after)
        )

    def deliver_forever(self) -> None:
        while not self.stopping.is_set():
            try:
                delivery = self.outbox.get(timeout=0.1)
            except queue.Empty:
                continue
            self.stopping.wait(max(0.0, min(delivery.due_at - time.monotonic(), 0.05)))
            if delivery.due_at > time.monotonic():
                self.outbox.put(delivery)
                continue
            status = self.deliver(delivery)
            self.delivered.append({**json.loads(delivery.body), "answered": status})
            if not 200 <= status < 300 and delivery.tries + 1 < delivery.gives_up_after:
                delivery.tries += 1
                delivery.due_at = time.monotonic() + min(self.retry_pause * 2**delivery.tries, 60)
                self.outbox.put(delivery)

    def deliver(self, delivery: Delivery) -> int:
        """POST one callback; the status, or 0 when nobody answered."""
        parts = urlsplit(self.callback_url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=10)
        try:
            headers = {"Content-Type": "application/json", "X-Signature": delivery.signature}
            connection.request("POST", parts.path or "/", delivery.body, headers)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()


class Handler(BaseHTTPRequestHandler):
    server: Bank
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BODY_BYTES:
            self.close_connection = True
            return self.reply(HTTPStatus.BAD_REQUEST, {"error": "a body of at most 64 KiB with its length is needed"})
        body = self.rfile.read(int(length))
        kind = KINDS.get(self.path)
        if kind is None:
            return self.reply(HTTPStatus.NOT_FOUND, {"error": "/payouts and /collections are known"})
        if not self.signed(body):
            return self.reply(HTTPStatus.UNAUTHORIZED, {"error": "wrong signature"})
        try:
            order = read_order(body)
        except ValueError as refused:
            return self.reply(HTTPStatus.BAD_REQUEST, {"error": str(refused)})
        self.reply(*self.server.take(kind, order))

    def do_GET(self) -> None:
        if self.path == "/health":
            return self.reply(HTTPStatus.OK, {"status": "ok", "payments": len(self.server.payments)})
        if not self.signed(self.path.encode()):
            return self.reply(HTTPStatus.UNAUTHORIZED, {"error": "wrong signature"})
        payment = self.server.payments.get(self.path.removeprefix("/payments/"))
        if payment is None:
            return self.reply(HTTPStatus.NOT_FOUND, {"error": "no payment of this key"})
        self.reply(HTTPStatus.OK, payment.answer())

    def signed(self, content: bytes) -> bool:
        given = self.headers.get("X-Signature", "").encode()
        return hmac.compare_digest(sign(self.server.secret, content).encode(), given)

    def reply(self, status: HTTPStatus, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: account numbers do not belong into logs."""


def read_order(body: bytes) -> dict[str, Any]:
    """The four fields of a payment order, or ValueError with what would be right."""
    try:
        order = json.loads(body)
    except ValueError:
        raise ValueError("a JSON object is needed") from None
    if not isinstance(order, dict):
        raise ValueError("a JSON object is needed")
    for name in ("key", "currency", "account"):
        if not isinstance(order.get(name), str) or not order[name]:
            raise ValueError(f"{name}: a text is needed")
    amount = order.get("amount_minor")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise ValueError("amount_minor: a whole number above zero is needed")
    return order


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m lending.demo.bank", description="A simulated bank.")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--callback", required=True, help="where the callbacks go")
    parser.add_argument("--secret", required=True, help="the secret shared with the lender")
    parser.add_argument("--settles-after", type=float, default=1.0, help="seconds from the order to the callback")
    parser.add_argument("--late-by", type=float, default=20.0, help="the same for accounts ending in 0002")
    options = parser.parse_args(arguments)
    bank = Bank(
        options.port, options.callback, options.secret, settles_after=options.settles_after, late_by=options.late_by
    ).start()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sys.stdout.write(f"The simulated bank listens on {bank.url}\n")
    sys.stdout.flush()
    stop.wait()
    bank.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
