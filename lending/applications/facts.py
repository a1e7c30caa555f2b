"""Everything the decision may know about an application on a day: facts by name, and where each came from.

    source            facts
    request           requested_amount, installments, purpose
    applicant         what she stated herself (a channel's name instead where a channel passed it on)
    identity          age_years, from the date of birth of the checked ID: protected, for the law and fairness alone
    our book          prior_loans_with_us, prior_max_dpd_with_us, relationship_months
    bureau            what the credit bureau answered; it goes before what was stated
    signals           what the sources of `lending.applications.signals` answered, each named with its day
    papers            what does not agree with each other (`lending.applications.fraud_facts`): for the fraud rules

Money is in major units of the product's currency. `protected` facts are marked in the sources and never scored.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from customers.models import Customer, Purpose
from lending.applications import signals
from lending.applications.answers import APPLICANT_CHANNELS, IDENTIFYING, identifying
from lending.applications.fraud_facts import fraud_facts
from lending.applications.inquiry import Asked
from lending.applications.models import Application, BureauInquiry
from lending.applications.signals import Heard
from lending.finance.money import from_minor
from scoring.features import REGISTRY

PROTECTED = " (protected: never scored)"


def gather(
    application: Application,
    on: datetime.date,
    inquiry: Asked | BureauInquiry | None = None,
    *,
    consents: Mapping[str, bool] | None = None,
    heard: Sequence[Heard] = (),
    form_seconds: int | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """(facts, sources): plain JSON values by name, and for each fact where it came from.

    Device and transaction facts are left out, whoever states them, unless the `consents` to their purpose stand.
    """
    customer = application.customer
    stated_by = "applicant" if application.channel in APPLICANT_CHANNELS else application.channel
    stated = {name: value for name, value in application.answers.items() if name not in IDENTIFYING}
    layers: list[tuple[str, Mapping[str, Any]]] = [
        (stated_by, signals.consented(stated, consents or {})),
        ("request", _request(application)),
        ("identity", _identity(customer, on)),
        ("our book", _our_book(customer, on)),
        ("bureau", inquiry.facts if inquiry is not None and inquiry.answered else {}),
        *((f"{one.source} signals of {one.on}", one.facts) for one in heard),
    ]
    facts, sources = _merged(layers)
    papers = fraud_facts(application, facts, on=on, form_seconds=form_seconds)
    facts, sources = facts | papers, sources | dict.fromkeys(papers, "papers")
    failed = ["bureau"] if inquiry is not None and not inquiry.answered else []
    failed += [one.source for one in heard if one.failed]
    if failed:
        facts["failed_sources"], sources["failed_sources"] = failed, ", ".join(failed)
    return facts, sources


def _merged(layers: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Later layers go before earlier ones; what is empty is not known."""
    facts: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, values in layers:
        for name, value in values.items():
            if value is None or value == "":
                continue
            facts[name] = value
            sources[name] = source + (PROTECTED if name in REGISTRY and REGISTRY[name].protected else "")
    return facts, sources


def _request(application: Application) -> dict[str, Any]:
    amount = from_minor(application.amount_minor or 0, application.product_version.decimals)
    return {"requested_amount": str(amount), "installments": application.installments, "purpose": application.purpose}


def _identity(customer: Customer, on: datetime.date) -> dict[str, Any]:
    person = getattr(customer, "person", None)
    if person is None:
        return {}
    born = person.birth_date
    return {"age_years": on.year - born.year - ((on.month, on.day) < (born.month, born.day))}


def _our_book(customer: Customer, on: datetime.date) -> dict[str, Any]:
    """Our own history with the customer: loans repaid, the longest arrears ever, months since registration.

    Loans stand above applications, so they are read through the customer; one query, and none where she is new to us.
    """
    months = (on.year - customer.registered_on.year) * 12 + on.month - customer.registered_on.month
    found: dict[str, Any] = {"prior_loans_with_us": 0, "relationship_months": max(months, 0)}
    if customer.pk is None:
        return found
    rows = customer.loans.filter(disbursed_on__isnull=False).values_list(  # type: ignore[attr-defined]
        "pk", "status", "installments__due_on", "installments__settled_on"
    )
    repaid, worst, any_loan = set(), 0, False
    for loan, status, due_on, settled_on in rows:
        any_loan = True
        if status == "paid_off":
            repaid.add(loan)
        if due_on is not None and due_on < on:
            worst = max(worst, (min(settled_on or on, on) - due_on).days)
    if any_loan:
        found |= {"prior_loans_with_us": len(repaid), "prior_max_dpd_with_us": worst}
    return found


def identifiers(application: Application, consents: Mapping[str, bool]) -> dict[str, str]:
    """What strangers may turn out to share. Never kept with the facts: scoring hashes it."""
    customer, told = application.customer, identifying(application.answers)
    found = {
        "email": customer.email,
        "account": told.get("account", ""),
        "address": told.get("home_address", ""),
        "employer": told.get("employer", ""),
    }
    if (person := getattr(customer, "person", None)) is not None:
        found |= {"identity": person.id_number, "phone": person.phone, "person": f"{person.name}|{person.birth_date}"}
    elif (organisation := getattr(customer, "organisation", None)) is not None:
        found |= {"identity": organisation.credit_code, "phone": organisation.phone}
    if consents.get(Purpose.DEVICE_SIGNALS):
        found["device"] = told.get("device_id", "")
    return {kind: value for kind, value in found.items() if value}


def digest(facts: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    """SHA-256 of facts and sources as canonical JSON: sorted keys, no blanks, UTF-8."""
    content = {"facts": facts, "sources": sources}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
