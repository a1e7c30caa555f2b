"""The processes of the demo lender: the simulated bank, carrier, bureau and signal sources, the worker with beat, the web server.

Each is a child with its log under the demo's folder. If one ends, all end, with the last lines of its log.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from lending.demo import sources

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Ports:
    web: int
    bank: int
    carrier: int
    bureau: int
    sources: int


def free_port(wanted: int) -> int:
    """The wanted port of this machine, or the next one that nobody listens on."""
    for port in range(wanted, wanted + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {wanted} and {wanted + 199}")


def choose_ports(web: int) -> Ports:
    chosen = free_port(web)
    bank = free_port(chosen + 1)
    carrier = free_port(bank + 1)
    bureau = free_port(carrier + 1)
    return Ports(chosen, bank, carrier, bureau, free_port(bureau + 1))


def surroundings(ports: Ports, host: str) -> dict[str, str]:
    """The variables that join the processes: the same ones a real lender sets to its real bank and carrier."""
    return {
        **os.environ,
        "PUBLIC_URL": f"http://{host}:{ports.web}",
        "PAYMENT_GATEWAY_URL": f"http://127.0.0.1:{ports.bank}",
        "SMS_GATEWAY_URL": f"http://127.0.0.1:{ports.carrier}",
        "BUREAU_URL": f"http://127.0.0.1:{ports.bureau}",
        **{f"{name.upper()}_SIGNALS_URL": f"http://127.0.0.1:{ports.sources}/{name}" for name in sources.NAMES},
        "DJANGO_SETTINGS_MODULE": "lending.settings",
        "PLAIN_ERRORS": "1",
        "ALLOWED_HOSTS": f"localhost,127.0.0.1,{host}",
    }


@dataclass
class Supervisor:
    ports: Ports
    folder: Path
    host: str = "127.0.0.1"
    children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self) -> None:
        """Start every process and wait until the first page answers. Raises RuntimeError with a log's tail."""
        callback = f"http://127.0.0.1:{self.ports.web}/api/v1/bank/callbacks"
        python = sys.executable
        for name, port, secret, more in (
            ("bank", self.ports.bank, settings.PAYMENT_GATEWAY_SECRET, ["--callback", callback]),
            ("carrier", self.ports.carrier, settings.SMS_GATEWAY_SECRET, []),
            ("bureau", self.ports.bureau, settings.BUREAU_SECRET, []),
            ("sources", self.ports.sources, sources.secrets(), []),
        ):
            self._spawn(name, [python, "-m", f"lending.demo.{name}", "--port", str(port), "--secret", secret, *more])
        gunicorn = [
            "--no-control-socket",
            "--bind",
            f"{self.host}:{self.ports.web}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--timeout",
            "60",
        ]
        self._spawn("web", [python, "-m", "gunicorn", "lending.wsgi:application", *gunicorn])
        beat = str(self.folder / "beat.pid")
        Path(beat).unlink(missing_ok=True)
        worker = ["worker", "--beat", "--pool", "solo", "--loglevel", "INFO", "--pidfile", beat]
        self._spawn("worker", [python, "-m", "celery", "-A", "lending.celery", *worker])
        self._wait_for_web()

    def _spawn(self, name: str, command: list[str]) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.children[name] = subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            env=surroundings(self.ports, self.host),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is for the supervisor, who ends its children in turn
        )

    def _wait_for_web(self) -> None:
        for _ in range(240):
            self.check()
            try:
                with urllib.request.urlopen(f"http://{self.host}:{self.ports.web}/", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.25)
        raise RuntimeError(f"the web server did not answer; see {self.folder / 'web.log'}")

    def check(self) -> None:
        """Raise RuntimeError if a child has ended."""
        for name, child in self.children.items():
            if child.poll() is not None:
                lines = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()[-12:]
                raise RuntimeError(f"the {name} process ended:\n" + "\n".join(lines))

    def wait(self) -> None:
        """Until the end of a child, which is a RuntimeError; whoever ends the demo interrupts it."""
        while True:
            self.check()
            time.sleep(1)

    def stop(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        for child in self.children.values():
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
