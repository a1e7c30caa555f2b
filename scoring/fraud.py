"""Fraud rules: what was shared, how often, and with whom, before anything is scored.

Identifiers (identity number, phone, device, account, address, employer, e-mail) arrive raw and are kept as keyed hashes
only. Each assessment leaves a link (customer, identifier, day); the rules count links and look into our own blacklist:

    rule                 fires when                                                         severity
    BLACKLISTED          an identifier stands on the blacklist and the entry has not ended   decline
    IDENTITY_SHARED      the identity number was used by another customer                    decline
    PHONE_SHARED         the phone was used by another customer within 180 days              refer
    ACCOUNT_SHARED       the bank account was used by another customer within 365 days       refer
    DEVICE_SHARED        the device was used by 2 other customers within 90 days             refer
    ADDRESS_SHARED       the address was used by 5 other customers within 90 days            refer
    VELOCITY             the customer was assessed 4 times within 7 days                     refer
    NEAR_CONFIRMED       an identifier was used by somebody whose fraud was confirmed        refer

Employers are shared by honest people: they are linked for investigation and never an alarm.
"""

import datetime
import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from scoring.models import BlacklistEntry, FraudSignal, IdentifierKind, Link
from scoring.recommendation import Alarm


@dataclass(frozen=True, slots=True)
class SharedRule:
    """An identifier shared with at least `others` other customers within `days` days."""

    code: str
    kind: str
    others: int
    days: int
    severity: str


SHARED_RULES = (
    SharedRule("IDENTITY_SHARED", "identity", 1, 36500, "decline"),
    SharedRule("PHONE_SHARED", "phone", 1, 180, "refer"),
    SharedRule("ACCOUNT_SHARED", "account", 1, 365, "refer"),
    SharedRule("EMAIL_SHARED", "email", 1, 365, "refer"),
    SharedRule("DEVICE_SHARED_RECENTLY", "device", 2, 90, "refer"),
    SharedRule("ADDRESS_SHARED", "address", 5, 90, "refer"),
)
VELOCITY_DAYS = 7
VELOCITY_ASSESSMENTS = 4
_STRONG = frozenset({"identity", "phone", "account", "device", "email"})

_VERIFY = ("部分身份信息需要人工核实。", "Some of your details need to be verified by a person.")
_REFUSE = ("您提供的身份信息无法通过核验。", "The identity details you gave could not be verified.")
_FREQUENT = (
    "短期内申请次数过多，需人工核实。",
    "You applied several times within a few days; a person will check this.",
)


def hash_of(kind: str, value: str) -> str:
    """The keyed hash of an identifier: equal for the same value however it is spaced or cased, useless without the
    key.
    """
    plain = "".join(unicodedata.normalize("NFKC", str(value)).split()).casefold()
    return hmac.new(settings.SECRET_KEY.encode(), f"scoring.link:{kind}:{plain}".encode(), hashlib.sha256).hexdigest()


def examine(
    *, identifiers: Mapping[str, Any], facts: Mapping[str, Any], subject: str, customer: str, on: datetime.date
) -> tuple[Alarm, ...]:
    """The alarms of one assessment; records its links and signals. The same subject twice records nothing new."""
    hashes = {
        kind: hash_of(kind, value) for kind, value in identifiers.items() if value and kind in IdentifierKind.values
    }
    _record_links(hashes, subject, customer, on)
    alarms = [
        *_blacklisted(hashes, on),
        *_shared(hashes, customer, on),
        *_velocity(customer, on),
        *_near_confirmed(hashes, customer),
    ]
    _record_signals(alarms, subject, customer, on)
    return tuple(alarms)


def _record_links(hashes: Mapping[str, str], subject: str, customer: str, on: datetime.date) -> None:
    links = [
        Link(kind=kind, value_hash=digest, customer_reference=customer, subject_reference=subject, seen_on=on)
        for kind, digest in hashes.items()
    ]
    Link.objects.bulk_create(links, ignore_conflicts=True)


def _blacklisted(hashes: Mapping[str, str], on: datetime.date) -> Iterable[Alarm]:
    if not hashes:
        return
    entries = BlacklistEntry.objects.filter(_any_of(hashes), expires_on__gte=on).filter(
        Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on)
    )
    found = list(entries.values_list("kind", "source", "pk"))
    if found:
        evidence = {"entries": [{"kind": kind, "source": source, "entry": pk} for kind, source, pk in found]}
        yield Alarm("BLACKLISTED", "decline", *_REFUSE, evidence)


def _shared(hashes: Mapping[str, str], customer: str, on: datetime.date) -> Iterable[Alarm]:
    rules = [rule for rule in SHARED_RULES if rule.kind in hashes]
    if not rules:
        return
    condition = Q()
    for rule in rules:
        since = on - datetime.timedelta(days=rule.days)
        condition |= Q(kind=rule.kind, value_hash=hashes[rule.kind], seen_on__gte=since, seen_on__lte=on)
    others: dict[str, set[str]] = {}
    found = Link.objects.filter(condition).exclude(customer_reference=customer)
    for kind, other in found.values_list("kind", "customer_reference").distinct()[:500]:
        others.setdefault(kind, set()).add(other)
    for rule in rules:
        sharing = others.get(rule.kind, set())
        if len(sharing) >= rule.others:
            words = _REFUSE if rule.severity == "decline" else _VERIFY
            evidence = {"kind": rule.kind, "customers": sorted(sharing)[:20], "count": len(sharing), "days": rule.days}
            yield Alarm(rule.code, rule.severity, *words, evidence)


def _velocity(customer: str, on: datetime.date) -> Iterable[Alarm]:
    since = on - datetime.timedelta(days=VELOCITY_DAYS)
    recent = Link.objects.filter(customer_reference=customer, seen_on__gt=since, seen_on__lte=on)
    count = recent.values("subject_reference").distinct().count()
    if count >= VELOCITY_ASSESSMENTS:
        yield Alarm("VELOCITY", "refer", *_FREQUENT, {"assessments": count, "days": VELOCITY_DAYS})


def _near_confirmed(hashes: Mapping[str, str], customer: str) -> Iterable[Alarm]:
    strong = {kind: digest for kind, digest in hashes.items() if kind in _STRONG}
    if not strong:
        return
    confirmed = FraudSignal.objects.filter(disposition=FraudSignal.Disposition.CONFIRMED).values("customer_reference")
    near = Link.objects.filter(_any_of(strong), customer_reference__in=confirmed).exclude(customer_reference=customer)
    others = sorted(set(near.values_list("customer_reference", flat=True)[:20]))
    if others:
        yield Alarm("NEAR_CONFIRMED_FRAUD", "refer", *_VERIFY, {"customers": others})


def _any_of(hashes: Mapping[str, str]) -> Q:
    condition = Q()
    for kind, digest in hashes.items():
        condition |= Q(kind=kind, value_hash=digest)
    return condition


def _record_signals(alarms: Iterable[Alarm], subject: str, customer: str, on: datetime.date) -> None:
    for alarm in alarms:
        FraudSignal.objects.get_or_create(
            subject_reference=subject,
            rule=alarm.code,
            defaults={
                "severity": alarm.severity,
                "customer_reference": customer,
                "evidence": dict(alarm.evidence),
                "raised_on": on,
            },
        )
