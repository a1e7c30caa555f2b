"""A lender of the browser's own: the demo itself, built in a folder, started, and asked by its commands."""

import datetime
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lending.demo.people import ADA_PHONE, BAO_PHONE, PASSWORD

__all__ = ["ADA_PHONE", "BAO_PHONE", "PASSWORD", "Lender", "running_lender"]

ROOT = Path(__file__).resolve().parent.parent.parent
CUSTOMERS = "20"
STARTS_WITHIN_SECONDS = 900
KEYS = {
    "SECRET_KEY": "a-key-of-the-browser-journeys-alone-0123456789-abcdefghijklm",
    "FIELD_KEYS": "YnJvd3Nlci1qb3VybmV5cy1vbmx5LTAxMjM0NTY3ODk=",
    "INDEX_KEY": "an-index-key-of-the-browser-journeys",
    "PAYMENT_GATEWAY_SECRET": "a-secret-of-the-bank-and-the-lender",
    "SMS_GATEWAY_SECRET": "a-secret-of-the-carrier-and-the-lender",
    "BUREAU_SECRET": "a-secret-of-the-bureau-and-the-lender",
}


@dataclass(frozen=True)
class Lender:
    """Where the lender answers, and how to run a command of hers. `facts` is what `prepare.py` said it had made."""

    url: str
    outbox_url: str
    folder: Path
    environment: dict[str, str]
    facts: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a command and return what it prints; its failure is the test's."""
        return _manage(self.environment, *arguments)

    def messages(self, phone: str) -> list[str]:
        """The text messages the carrier has delivered to a phone, oldest first."""
        with urllib.request.urlopen(f"{self.outbox_url}?phone={phone}", timeout=30) as answer:
            return [message["text"] for message in json.load(answer)]

    def last_code(self, phone: str) -> str:
        """The six digits in the newest text message to a phone; the carrier takes a moment."""
        return self.wait_for_message(phone, r"\b[0-9]{6}\b")[0]

    def wait_for_message(self, phone: str, pattern: str, seconds: float = 60) -> list[str]:
        """What the pattern finds in the newest message that has it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for text in reversed(self.messages(phone)):
                if found := re.findall(pattern, text):
                    return found
            time.sleep(0.5)
        raise AssertionError(f"no message with {pattern} came: {len(self.messages(phone))} others did")


def _manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout[-1500:]}{done.stderr[-3000:]}"
    return done.stdout


def noon_zone() -> str:
    """A zone in which it is about noon: messages may be sent, and no journey runs over midnight."""
    ahead = 12 - datetime.datetime.now(datetime.UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@contextmanager
def running_lender(folder: Path) -> Iterator[Lender]:
    """Build the book in `folder` (once: a folder kept is gone on with), prepare the cast, and start every process."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "REDIS_URL"):
        environment.pop(name, None)
    environment |= {"DEBUG": "1", "VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **KEYS}
    environment |= {"TIME_ZONE": noon_zone()}
    _manage(environment, "demo", "--build-only", "--customers", CUSTOMERS)
    said = _manage(environment, "shell", "-c", "from tests.browser import prepare; prepare.run()")
    facts = json.loads(said[said.index("{") : said.rindex("}") + 1])
    log = folder / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", "18600"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        said = _wait_until_ready(process, log)
        url, outbox = re.search(r"Open (http://[^/ ]+)/", said), re.search(r"(http://\S+/outbox)", said)
        assert url and outbox, said
        yield Lender(url.group(1), outbox.group(1), folder, environment, facts)
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_ready(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        said = log.read_text(errors="replace")
        if "Ctrl-C stops" in said:
            return said
        assert process.poll() is None, said[-3000:]
        time.sleep(0.5)
    raise AssertionError(f"the demo was not ready in time: {log.read_text(errors='replace')[-3000:]}")
