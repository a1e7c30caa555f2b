"""What the simulated bureau and the simulated signal sources have in common: a server that answers signed questions.

POST with a JSON object and X-Signature (hex HMAC-SHA256 of the body) under the secret of that path. Answers are JSON:
404 for another path, 401 for a wrong signature, 400 for a question that makes no sense. It keeps and prints nothing, for
a question names a person.
"""

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from customers import signing

MOST_BYTES = 10_000
Answer = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class Neighbour(ThreadingHTTPServer):
    """Bound to the port (0: any free one), not yet running. `secret_of` the paths it knows; `answer(path, question)` may
    raise ValueError, KeyError or TypeError where the question makes no sense.
    """

    daemon_threads = True

    def __init__(self, port: int, secret_of: Mapping[str, str], answer: Answer) -> None:
        self.secret_of, self.answer = dict(secret_of), answer
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def answering(self) -> Iterator[str]:
        """In a thread of this process, for as long as it lasts; its address."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        try:
            yield self.address
        finally:
            self.shutdown()
            self.server_close()

    def run(self) -> None:
        """Until the process is told to end."""
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        with self.answering():
            stopped.wait()


class _Handler(BaseHTTPRequestHandler):
    server: Neighbour

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MOST_BYTES))
        secret = self.server.secret_of.get(self.path)
        if secret is None:
            return self._tell(404, {"error": "no such page"})
        if not signing.signed_right(secret, body, self.headers.get(signing.HEADER, "")):
            return self._tell(401, {"error": "the signature does not hold"})
        try:
            found = self.server.answer(self.path, json.loads(body))
        except (ValueError, KeyError, TypeError):
            return self._tell(400, {"error": "the question makes no sense"})
        return self._tell(200, found)

    def _tell(self, status: int, content: Mapping[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
