"""Device and transaction signals from pluggable sources: off until the lender connects one and the customer consents.

    source         what it is asked with              consent                facts
    device         the device's identifier            device_signals         device_* of the registry
    phone          name, ID number, phone             identity               phone_owner_matches, phone_months_in_use
    transactions   name, ID number, account           transaction_signals    account_* of the registry

A source is connected by two variables, such as DEVICE_SIGNALS_URL and DEVICE_SIGNALS_SECRET. It is asked before anything
is locked, all sources at once, with one signed POST to <URL>/signals and the JSON above; it answers {"facts": {…}}.
Without the consent, or what the question needs, nothing is asked and the facts are absent. Facts that the source did not
declare, or out of the range that the registry allows, are dropped; so are such facts from anybody else without the
consent. A source that fails is a failed source, and then nothing is approved by a machine. Every question is kept.

Another source is one more entry of SOURCES, its facts declared in `scoring.features`.
"""

import datetime
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from customers import signing
from customers.models import Person, Purpose
from lending.applications.answers import identifying
from lending.applications.models import Application, SignalInquiry
from scoring.features import REGISTRY, Kind, compute_one

TIMEOUT_SECONDS = 2.0
MOST_BYTES = 100_000
Question = Callable[[Person, Mapping[str, str]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Source:
    """`question` makes what is asked of the person and the identifying answers; an empty value means: do not ask."""

    name: str
    purpose: Purpose
    facts: tuple[str, ...]
    question: Question

    @property
    def connection(self) -> Mapping[str, str] | None:
        """Address and secret, or None where the lender has not connected it."""
        found: Mapping[str, str] | None = settings.SIGNAL_SOURCES.get(self.name)
        return found


def _about_person(person: Person) -> dict[str, str]:
    return {"name": person.name, "id_number": person.id_number}


SOURCES = (
    Source(
        "device",
        Purpose.DEVICE_SIGNALS,
        ("device_emulator", "device_rooted", "device_proxy", "device_age_days", "device_shared_customers"),
        lambda person, told: {"device_id": told.get("device_id", "")},
    ),
    Source(
        "phone",
        Purpose.IDENTITY,
        ("phone_owner_matches", "phone_months_in_use"),
        lambda person, told: {**_about_person(person), "phone": person.phone},
    ),
    Source(
        "transactions",
        Purpose.TRANSACTION_SIGNALS,
        (
            "account_inflow_monthly",
            "account_outflow_monthly",
            "account_salary_regularity",
            "account_overdrawn_days_90d",
            "account_gambling_share",
        ),
        lambda person, told: {**_about_person(person), "account": told.get("account", "")},
    ),
)
_PURPOSE_OF: Mapping[str, Purpose] = {name: source.purpose for source in SOURCES for name in source.facts}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a source answered on a day, or why it did not."""

    source: str
    purpose: str
    on: datetime.date
    person_index: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    failure: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.failure)


def configured() -> bool:
    """Whether any source is connected."""
    return bool(settings.SIGNAL_SOURCES)


def consented(facts: Mapping[str, Any], consents: Mapping[str, bool]) -> dict[str, Any]:
    """These facts without those of a source whose purpose nobody consented to."""
    return {name: value for name, value in facts.items() if name not in _PURPOSE_OF or consents.get(_PURPOSE_OF[name])}


def ask(application: Application, *, consents: Mapping[str, bool], on: datetime.date) -> tuple[Heard, ...]:
    """The answers of every connected source that may be asked about this applicant. Writes nothing, locks nothing."""
    person = getattr(application.customer, "person", None)
    if person is None:
        return ()
    told = identifying(application.answers)
    questions = [
        (source, source.connection, question)
        for source in SOURCES
        if source.connection
        and consents.get(source.purpose)
        and all((question := source.question(person, told)).values())
    ]
    if not questions:
        return ()
    with ThreadPoolExecutor(max_workers=len(questions)) as pool:
        return tuple(pool.map(lambda one: _ask_one(one[0], one[1], one[2], person.id_number_index, on), questions))


def keep(heard: tuple[Heard, ...], *, application: Application | None) -> None:
    """Write the questions down. Without an application: it was asked, and the application was then refused."""
    SignalInquiry.objects.bulk_create(
        SignalInquiry(
            customer=application.customer if application else None,
            application=application,
            person_index=one.person_index,
            source=one.source,
            purpose=one.purpose,
            answered=not one.failed,
            facts=dict(one.facts),
            sha256=one.sha256,
            reason=one.failure,
            asked_on=one.on,
        )
        for one in heard
    )


def _ask_one(
    source: Source, connection: Mapping[str, str], question: Mapping[str, str], person_index: str, on: datetime.date
) -> Heard:
    """One signed question. Never logs who was asked about."""
    body = json.dumps(question, ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's
        connection["url"].rstrip("/") + "/signals",
        data=body,
        headers={"Content-Type": "application/json", signing.HEADER: signing.sign(connection["secret"], body)},
    )
    about = (source.name, str(source.purpose), on, person_index)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            content = answer.read(MOST_BYTES)
        facts = read_facts(source, dict(json.loads(content)["facts"]))
    except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError) as error:
        return Heard(*about, failure=type(error).__name__)
    return Heard(*about, facts=facts, sha256=hashlib.sha256(content).hexdigest())


def read_facts(source: Source, told: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that the source declares, each in the range that the registry allows."""
    found: dict[str, Any] = {}
    for name in source.facts:
        value = compute_one(REGISTRY[name], told)
        if value is not None:
            found[name] = bool(value) if REGISTRY[name].kind is Kind.FLAG else value
    return found
