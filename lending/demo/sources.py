"""Simulated signal sources: one real HTTP server for a device risk service, a phone operator and an account aggregator.

POST /<source>/signals with the JSON of `lending.applications.signals` and X-Signature under the source's own secret. The
answer is {"facts": {…}}, drawn from what was asked alone, so that the same person always has the same signals: incomes as
in `scoring.demo_process`, one device in fifty an emulator, one phone in forty under another name. Devices whose identifier
begins with "farm-" are what a fraud ring uses.

    python -m lending.demo.sources --port 8804 --secret DEVICE,PHONE,TRANSACTIONS
"""

import argparse
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from lending.demo.bureau import person_of
from lending.demo.neighbour import Neighbour

NAMES = ("device", "phone", "transactions")
DEVELOPING_SECRET = "a-shared-secret-of-the-simulated-sources"  # noqa: S105 - the one settings have under DEBUG


def signals_of(source: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """What a source says; always the same of the same question."""
    return {"device": _device, "phone": _phone, "transactions": _transactions}[source](question)


def _device(question: Mapping[str, Any]) -> dict[str, Any]:
    device = str(question["device_id"])
    draw = random.Random(f"loanbook-demo-device:{device}")
    farm = device.startswith("farm-")
    return {
        "device_emulator": draw.random() < (0.5 if farm else 0.02),
        "device_rooted": draw.random() < (0.6 if farm else 0.05),
        "device_proxy": draw.random() < (0.7 if farm else 0.08),
        "device_age_days": round(draw.expovariate(1 / (20 if farm else 400))),
        "device_shared_customers": draw.randint(3, 9) if farm else draw.choices((0, 1, 2), (90, 8, 2))[0],
    }


def _phone(question: Mapping[str, Any]) -> dict[str, Any]:
    draw = random.Random(f"loanbook-demo-phone:{question['phone']}")
    return {
        "phone_owner_matches": draw.random() >= 0.025,
        "phone_months_in_use": round(draw.expovariate(1 / 50)),
    }


def _transactions(question: Mapping[str, Any]) -> dict[str, Any]:
    person = person_of(str(question["id_number"]))
    draw = random.Random(f"loanbook-demo-account:{question['id_number']}")
    inflow = round(person.facts["income_monthly"] * draw.uniform(0.85, 1.15), 2)
    steady = person.facts["employment_type"] in ("salaried", "public")
    return {
        "account_inflow_monthly": inflow,
        "account_outflow_monthly": round(inflow * draw.uniform(0.7, 1.05), 2),
        "account_salary_regularity": round(draw.uniform(0.8, 1.0) if steady else draw.uniform(0.1, 0.7), 2),
        "account_overdrawn_days_90d": draw.randrange(5, 40) if person.defaulted and draw.random() < 0.5 else 0,
        "account_gambling_share": round(draw.uniform(0.05, 0.4), 2) if draw.random() < 0.03 else 0.0,
    }


def serve(port: int, secret_of: Mapping[str, str]) -> Neighbour:
    """A server bound to the port (0: any free one), not yet running; `secret_of` each source."""
    paths = {f"/{source}/signals": secret for source, secret in secret_of.items()}
    return Neighbour(port, paths, lambda path, question: {"facts": signals_of(path.split("/")[1], question)})


def secrets() -> str:
    """The secrets under which the lender will ask, in the order of NAMES, joined by commas."""
    return ",".join(os.environ.get(f"{name.upper()}_SIGNALS_SECRET") or DEVELOPING_SECRET for name in NAMES)


@contextmanager
def answering() -> Iterator[None]:
    """The sources in this process, connected for as long as it lasts: what the book's years are built with."""
    before = settings.SIGNAL_SOURCES
    with serve(0, dict.fromkeys(NAMES, DEVELOPING_SECRET)).answering() as address:
        settings.SIGNAL_SOURCES = {
            name: {"url": f"{address}/{name}", "secret": DEVELOPING_SECRET} for name in NAMES
        }  # fmt: skip
        try:
            yield
        finally:
            settings.SIGNAL_SOURCES = before


def main() -> None:
    parser = argparse.ArgumentParser(description="Simulated signal sources.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret", required=True, help="the secrets of device, phone and transactions, by commas")
    options = parser.parse_args()
    serve(options.port, dict(zip(NAMES, options.secret.split(","), strict=True))).run()


if __name__ == "__main__":
    main()
