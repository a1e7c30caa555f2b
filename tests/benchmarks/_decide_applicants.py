"""Invented applicants as a channel sends them: each a person of her own, her facts drawn by the demo's process."""

import datetime
import random
from collections.abc import Iterator
from typing import Any

from lending.demo.people import GIVEN, SURNAMES, WEIGHTS
from scoring import demo_process

_NOT_STATED = {
    "requested_amount", "installments", "purpose", "sex", "marital_status", "age_years", "prior_loans_with_us",
    "prior_max_dpd_with_us", "relationship_months",
}  # fmt: skip
_INSTALLMENTS = (6, 12, 24)


def applications(seed: int) -> Iterator[dict[str, Any]]:
    """Bodies of POST /api/v1/applications without end; no two of a seed (below 90) are of the same person,
    and few are born on the same day and have the same name."""
    draw = random.Random(seed)
    for number, person in enumerate(demo_process.people(1_000_000, seed=seed)):
        facts = {name: _plain(value) for name, value in person.facts.items() if name not in _NOT_STATED}
        amount = min(max(int(float(person.facts["requested_amount"])) // 100 * 100, 1000), 100_000)
        yield {
            "product": "consumer-installment",
            "amount": f"{amount}.00",
            "currency": "CNY",
            "installments": draw.choice(_INSTALLMENTS),
            "purpose": "consumption",
            "facts": facts,
            "person": _identity(seed, number),
            "reference": f"ORDER-{seed}-{number}",
        }


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, float) else value


def _identity(seed: int, number: int) -> dict[str, Any]:
    born = datetime.date(1975, 1, 1) + datetime.timedelta(days=number % 9000)
    body = f"110105{born:%Y%m%d}{10 * seed + number // 9000:03d}"
    rest = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    return {
        "name": SURNAMES[number % len(SURNAMES)] + GIVEN[number % len(GIVEN)],
        "id_number": body + "10X98765432"[rest],
        "phone": f"13{seed:02d}{number:07d}",
        "consents": ["identity", "credit_report", "automated_decision"],
    }
