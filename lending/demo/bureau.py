"""A simulated credit bureau: a real HTTP server that answers signed queries about invented people.

POST /reports with JSON {"name", "id_number"} and the header X-Signature (hex HMAC-SHA256 of the body). The answer is
{"found": true, "facts": {…}}; the facts are drawn from the process of `scoring.demo_process`, by the ID number alone, so
that the same person always has the same past. Numbers whose serial is 999 are unknown; a wrong signature is 401.

    python -m lending.demo.bureau --port 8803
"""

import argparse
import json
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings

from customers import signing
from scoring import demo_process

FACTS = ("records", "bureau_inquiries_6m", "bureau_open_loans", "bureau_max_dpd_24m", "bureau_history_months")


def person_of(id_number: str) -> demo_process.Person:
    """The invented person behind a resident ID number, new to us: facts, and the outcome that will come of them."""
    return demo_process.person(random.Random(f"loanbook-demo-person:{id_number}"), newcomer=True)


class Handler(BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 10_000))
        if self.path != "/reports":
            return self._answer(404, {"error": "no such page"})
        if not signing.signed_right(self.secret, body, self.headers.get(signing.HEADER, "")):
            return self._answer(401, {"error": "the signature does not hold"})
        try:
            id_number = json.loads(body)["id_number"]
        except (ValueError, KeyError, TypeError):
            return self._answer(400, {"error": "id_number is missing"})
        if not isinstance(id_number, str) or id_number[14:17] == "999":
            return self._answer(200, {"found": False, "facts": {}})
        facts = person_of(id_number).facts
        return self._answer(200, {"found": True, "facts": {name: facts[name] for name in FACTS}})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a query names a person."""


def serve(port: int, secret: str) -> ThreadingHTTPServer:
    """A server bound to the port (0: any free one), not yet running."""
    handler = type("SecretHandler", (Handler,), {"secret": secret})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


@contextmanager
def answering() -> Iterator[None]:
    """A bureau of this process, for as long as it lasts: what the book's years are built with."""
    server = serve(0, settings.BUREAU_SECRET)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before, settings.BUREAU_URL = settings.BUREAU_URL, f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        settings.BUREAU_URL = before
        server.shutdown()
        server.server_close()


def main() -> None:
    parser = argparse.ArgumentParser(description="A simulated credit bureau.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret", default=os.environ.get("BUREAU_SECRET", ""))
    options = parser.parse_args()
    if not options.secret:
        parser.error("--secret or BUREAU_SECRET is needed")
    serve(options.port, options.secret).serve_forever()


if __name__ == "__main__":
    main()
