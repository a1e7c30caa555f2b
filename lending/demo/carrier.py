"""A simulated SMS carrier: a real HTTP server with the gateway's interface and an outbox that can be read.

  python -m lending.demo.carrier --port 8102 --secret S

  POST /messages              {"to", "text", "key", ...}, signed: see `customers.sms`. 202 {"reference"}; the same key
                              again answers the first reference and delivers nothing. 401 for a wrong signature, 422 for
                              a number that ends in 0000 (no such subscriber), 400 for a body that makes no sense.
  GET  /outbox?phone=N        200, the messages of that number, oldest first: [{"text", "at", "reference"}]. Without
                              `phone`: those of every number, each with its "to".

It listens on 127.0.0.1 alone, keeps everything in memory and prints nothing, for demo and tests only.
"""

import argparse
import datetime
import json
import threading
import urllib.parse
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from customers import signing

MOST_BYTES = 16 * 1024


@dataclass(frozen=True)
class Message:
    to: str
    text: str
    at: str
    reference: str


@dataclass
class Outbox:
    """What was delivered, by key. Safe for the server's threads."""

    messages: dict[str, Message] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, key: str, to: str, text: str) -> str:
        with self.lock:
            if key not in self.messages:
                now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
                self.messages[key] = Message(to, text, now, f"SMS{len(self.messages) + 1:08d}")
            return self.messages[key].reference

    def of(self, phone: str | None) -> list[dict[str, str]]:
        with self.lock:
            return [asdict(message) for message in self.messages.values() if phone in (None, message.to)]


class Carrier(ThreadingHTTPServer):
    """The server. `port` 0 takes a free one; `address` is its base URL; `close` ends it."""

    daemon_threads = True

    def __init__(self, port: int, secret: str) -> None:
        self.secret = secret
        self.outbox = Outbox()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> "Carrier":
        """Serve from a thread of this process."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Carrier
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BYTES))
        if self.path != "/messages":
            return self._answer(404, {"code": "not_found"})
        if not signing.signed_right(self.server.secret, body, self.headers.get(signing.HEADER, "")):
            return self._answer(401, {"code": "wrong_signature"})
        try:
            content = json.loads(body)
            to, text, key = (str(content[name]) for name in ("to", "text", "key"))
        except (ValueError, KeyError, TypeError):
            return self._answer(400, {"code": "not_a_message"})
        if to.endswith("0000"):
            return self._answer(422, {"code": "no_such_subscriber"})
        return self._answer(202, {"reference": self.server.outbox.deliver(key, to, text)})

    def do_GET(self) -> None:
        address = urllib.parse.urlsplit(self.path)
        if address.path != "/outbox":
            return self._answer(404, {"code": "not_found"})
        phone = urllib.parse.parse_qs(address.query).get("phone", [None])[0]
        return self._answer(200, self.server.outbox.of(phone))

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: request lines would carry phone numbers."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m lending.demo.carrier", description="A simulated SMS carrier.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret", required=True, help="the shared secret that messages are signed with")
    options = parser.parse_args(arguments)
    carrier = Carrier(options.port, options.secret)
    try:
        carrier.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        carrier.server_close()


if __name__ == "__main__":
    main()
