"""A simulated credit bureau: a real HTTP server that answers signed queries about invented people.

POST /reports with JSON {"name", "id_number"}, signed (`lending.demo.neighbour`). The answer is {"found": true,
"facts": {…}}; the facts are drawn from the process of `scoring.demo_process`, by the ID number alone, so that the same
person always has the same past. Numbers whose serial is 999 are unknown.

    python -m lending.demo.bureau --port 8803
"""

import argparse
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from lending.demo.neighbour import Neighbour
from scoring import demo_process

FACTS = ("records", "bureau_inquiries_6m", "bureau_open_loans", "bureau_max_dpd_24m", "bureau_history_months")


def person_of(id_number: str) -> demo_process.Person:
    """The invented person behind a resident ID number, new to us: facts, and the outcome that will come of them."""
    return demo_process.person(random.Random(f"loanbook-demo-person:{id_number}"), newcomer=True)


def report_of(path: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """What the bureau answers to a question about one number."""
    id_number = question["id_number"]
    if not isinstance(id_number, str) or id_number[14:17] == "999":
        return {"found": False, "facts": {}}
    facts = person_of(id_number).facts
    return {"found": True, "facts": {name: facts[name] for name in FACTS}}


def serve(port: int, secret: str) -> Neighbour:
    """A bureau bound to the port (0: any free one), not yet running."""
    return Neighbour(port, {"/reports": secret}, report_of)


@contextmanager
def answering() -> Iterator[None]:
    """A bureau of this process, for as long as it lasts: what the book's years are built with."""
    before = settings.BUREAU_URL
    with serve(0, settings.BUREAU_SECRET).answering() as settings.BUREAU_URL:
        try:
            yield
        finally:
            settings.BUREAU_URL = before


def main() -> None:
    parser = argparse.ArgumentParser(description="A simulated credit bureau.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret", default=os.environ.get("BUREAU_SECRET", ""))
    options = parser.parse_args()
    if not options.secret:
        parser.error("--secret or BUREAU_SECRET is needed")
    serve(options.port, options.secret).run()


if __name__ == "__main__":
    main()
