"""Applications in bulk, as a partner channel or a branch sends them: one row, one application, one decision.

The mapping is the TOML file of `scoring.mapping` (its table [facts]) with three more tables:

```toml
[channel]
name       = "partner:motor-shop"       # kept on every application
reference  = "OrderNo"                  # the channel's own number; left out: the digest of the row and its repetition
identity   = "Checked by the partner under the agreement of 2026-01-05"     # what the identification rests on
consents   = ["identity", "credit_report", "automated_decision"]            # collected by the channel, as it attests

[application]
amount       = { column = "Amount", times = "40" }     # major units of the product's currency
installments = "Time"
purpose      = { value = "consumption" }

[person]                                # optional: with it every row is identified like a customer of the portal
name = "Name"
id_number = "IdNumber"
phone = "Phone"
```

A row is decided in one transaction of its own; the bureau is asked before that begins. The same reference of the same
channel is never decided twice: the first decision is given again. What is wrong with a row is a refusal that names the
field; nothing of such a row is kept.
"""

import datetime
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers import introduction
from customers.introduction import Introduction
from customers.models import Purpose, User
from customers.refusals import InvalidValue, Refusal
from lending.applications import placing
from lending.applications.in_force import InForce, in_force
from lending.applications.models import Application, Decision
from lending.products.models import ProductVersion
from scoring.mapping import FactMapping, Source, read_mapping, read_source


@dataclass(frozen=True, slots=True)
class IntakeMapping:
    """How a stranger's row becomes an application."""

    channel: str
    attestation: str
    consents: tuple[str, ...]
    reference: str | None
    amount: Source
    installments: Source
    purpose: Source
    person: Mapping[str, Source]
    facts: FactMapping


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row. `repeated` says that it had been taken in before."""

    application: Application
    decision: Decision
    repeated: bool


def read_intake_mapping(content: bytes) -> IntakeMapping:
    """The mapping in a TOML file. Raises InvalidValue (field: the table and key) or scoring's refusal for [facts]."""
    facts = read_mapping(content)
    data = tomllib.loads(content.decode("utf-8"))
    channel = _table(data, "channel")
    application = _table(data, "application")
    for key in ("amount", "installments", "purpose"):
        if key not in application:
            raise InvalidValue(field=f"application.{key}", reason=_("The mapping does not say where it comes from."))
    name = channel.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 40:
        raise InvalidValue(field="channel.name", reason=_("A name of 1 to 40 characters is needed."))
    wanted = channel.get("consents", [])
    unknown = [purpose for purpose in wanted if purpose not in Purpose.values]
    if unknown:
        raise InvalidValue(
            field="channel.consents", reason=_("Unknown purpose; known are: ") + ", ".join(Purpose.values)
        )
    person = {key: read_source(key, entry) for key, entry in data.get("person", {}).items()}
    if person and not {"name", "id_number", "phone"} <= set(person):
        raise InvalidValue(field="person", reason=_("name, id_number and phone are needed together."))
    attestation = channel.get("identity", "")
    if not person and not attestation:
        raise InvalidValue(field="channel.identity", reason=_("Say what the identification rests on, or map [person]."))
    return IntakeMapping(
        channel=name,
        attestation=attestation,
        consents=tuple(wanted),
        reference=channel.get("reference"),
        amount=read_source("amount", application["amount"]),
        installments=read_source("installments", application["installments"]),
        purpose=read_source("purpose", application["purpose"]),
        person=person,
        facts=facts,
    )


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = data.get(name)
    if not isinstance(table, dict):
        raise InvalidValue(field=name, reason=_("The mapping has no such table."))
    return table


def reference_of(row: Mapping[str, str], mapping: IntakeMapping, *, repetition: int) -> str:
    """The channel's number of a row, or the digest of its content and how many equal rows came before it."""
    if mapping.reference:
        value = (row.get(mapping.reference) or "").strip()
        if not value or len(value) > 80:
            raise InvalidValue(field=mapping.reference, reason=_("A reference of 1 to 80 characters is needed."))
        return value
    content = json.dumps([sorted(row.items()), repetition], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def take_in(
    row: Mapping[str, str],
    *,
    mapping: IntakeMapping,
    product_version: ProductVersion,
    reference: str,
    by: User | None,
    on: datetime.date,
) -> Taken:
    """Make and decide the application of one row. Raises a Refusal naming the field; the row then left nothing behind."""
    if taken := _taken_before(mapping.channel, reference):
        return taken
    amount_minor = _amount_minor(mapping.amount, row, product_version)
    installments = _whole(mapping.installments, row, "installments")
    answers = {name: value for name, value in mapping.facts.facts_of(row).items() if value is not None}
    today = in_force(on)
    placement = placing.prepare(
        applicant=_introduced(row, mapping, reference, today, by=by),
        product_version=product_version,
        answers={
            **answers,
            "amount_minor": amount_minor,
            "installments": installments,
            "purpose": mapping.purpose.read(row),
        },
        channel=mapping.channel,
        reference=reference,
        by=by,
        on=on,
        book=today.rules(product_version),
    )
    try:
        with placing.placed_after_asking(placement, on=on) as asked, transaction.atomic():
            decision = placing.place(asked, by=by, on=on).decision
    except Refusal:
        # Somebody else took in the same reference meanwhile: theirs is the first decision.
        if taken := _taken_before(mapping.channel, reference):
            return taken
        raise
    return Taken(placement.application, decision, repeated=False)


def _taken_before(channel: str, reference: str) -> Taken | None:
    application = Application.objects.filter(channel=channel, external_reference=reference).first()
    decision = application.decisions.order_by("pk").first() if application else None
    return Taken(application, decision, repeated=True) if application and decision else None


def _introduced(
    row: Mapping[str, str], mapping: IntakeMapping, reference: str, today: InForce, *, by: User | None
) -> Introduction:
    """Somebody whom the channel identified; with [person], the person whom the number names."""
    common: dict[str, Any] = {
        "purposes": mapping.consents, "channel": mapping.channel[:20], "by": by, "on": today.on,
        "texts": today.consent_texts,
    }  # fmt: skip
    if not mapping.person:
        evidence = {"channel": mapping.channel, "reference": reference, "statement": mapping.attestation}
        return introduction.introduce_unnamed(evidence=evidence, **common)
    stated = {name: str(source.read(row) or "") for name, source in mapping.person.items()}
    return introduction.introduce(name=stated["name"], id_number=stated["id_number"], phone=stated["phone"], **common)


def _amount_minor(source: Source, row: Mapping[str, str], version: ProductVersion) -> int:
    value = source.read(row)
    try:
        amount = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0 or amount >= Decimal(10) ** 15:
        raise InvalidValue(
            field=source.column or "amount", reason=_("An amount above zero is needed, such as 12000.00.")
        )
    minor = amount.scaleb(version.decimals)
    if minor != minor.to_integral_value():
        raise InvalidValue(field=source.column or "amount", reason=_("The currency has no smaller unit than that."))
    return int(minor)


def _whole(source: Source, row: Mapping[str, str], name: str) -> int:
    value = str(source.read(row) or "").strip()
    if not value.isascii() or not value.isdigit() or len(value) > 4:
        raise InvalidValue(field=source.column or name, reason=_("A whole number is needed, such as 12."))
    return int(value)
