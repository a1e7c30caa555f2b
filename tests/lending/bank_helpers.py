"""A real simulated bank on a free port, and a real door for its callbacks, that a test holds in its hand."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

from lending.demo.bank import Bank

Server = TypeVar("Server")
SECRET = "a-secret-of-this-test"
FIRST_PORT, LAST_PORT = 18100, 18199


@dataclass(frozen=True)
class Callback:
    body: bytes
    signature: str


@dataclass
class Door:
    """Takes callbacks and answers what it is told to: 200 for all but the first `refusals`."""

    refusals: int = 0
    arrived: "queue.Queue[Callback]" = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                door.arrived.put(Callback(body, self.headers["X-Signature"]))
                door.refusals -= 1
                self.send_response(500 if door.refusals >= 0 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = on_free_port(lambda port: ThreadingHTTPServer(("127.0.0.1", port), Handler))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/bank"

    def next(self, timeout: float = 5.0) -> Callback:
        return self.arrived.get(timeout=timeout)

    def is_quiet(self, seconds: float = 0.5) -> bool:
        try:
            self.arrived.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def on_free_port(make: Callable[[int], Server]) -> Server:
    for port in range(FIRST_PORT, LAST_PORT + 1):
        try:
            return make(port)
        except OSError:
            continue
    raise RuntimeError(f"no free port from {FIRST_PORT} to {LAST_PORT}")


def start_bank(door: Door, **options: float) -> Bank:
    settings = {"settles_after": 0.05, "late_by": 0.6, "retry_pause": 0.05, **options}
    bank = on_free_port(lambda port: Bank(port, door.url, SECRET, **settings))
    return bank.start()
