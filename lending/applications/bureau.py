"""The credit bureau: asked only under a standing consent, once a day and person, and every question is kept.

A report is plain facts by name (`bureau_inquiries_6m`, `bureau_max_dpd_24m`, ...). No bureau configured means no such
facts, and the strategy then treats them as missing; a bureau that does not answer in time is a failed source, and a failed
source never approves. Source: Regulation on the administration of the credit reporting industry, art. 18 (written consent,
stated purpose) and art. 21 to 25 (records of inquiries).
"""

import hashlib
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from customers import signing

TIMEOUT_SECONDS = 2.0
MOST_BYTES = 100_000


class BureauUnavailable(Exception):
    """The bureau did not answer, or not in a way that can be used."""


@dataclass(frozen=True)
class Report:
    """What the bureau said: `found` is False for a person it does not know."""

    found: bool
    facts: dict[str, Any]
    sha256: str


def configured() -> bool:
    return bool(settings.BUREAU_URL)


def ask(*, name: str, id_number: str) -> Report:
    """One signed question. Raises BureauUnavailable; never logs who was asked about."""
    body = json.dumps({"name": name, "id_number": id_number}).encode()
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's
        settings.BUREAU_URL.rstrip("/") + "/reports",
        data=body,
        headers={"Content-Type": "application/json", signing.HEADER: signing.sign(settings.BUREAU_SECRET, body)},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            content = answer.read(MOST_BYTES)
        report = json.loads(content)
        return Report(bool(report["found"]), dict(report["facts"]), hashlib.sha256(content).hexdigest())
    except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError) as error:
        raise BureauUnavailable(type(error).__name__) from error
