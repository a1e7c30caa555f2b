"""What was seen with the identifiers of one application: one statement, and the counts that rules are made of."""

import datetime
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db.models import Case, IntegerField, Q, Value, When

from scoring.fraud_rules import COUNTED, CUSTOMER_VELOCITY, DAYS_BY_KIND, STRONG
from scoring.identifier_forms import normal
from scoring.models import IdentifierKind, Link

MOST_ROWS = 5000
"""Newest first, strong kinds before others: an identifier of more rows is a factory's or a hall's, and counts as many."""


class Row(NamedTuple):
    kind: str
    customer: str
    subject: str
    seen_on: datetime.date


@dataclass(frozen=True)
class Seen:
    """The links of others, and of the customer herself, that touch this application's identifiers by its day."""

    customer: str
    on: datetime.date
    rows: tuple[Row, ...]
    assessments: int
    """Applications of the customer herself within the days of VELOCITY, this one among them."""

    def of(self, kind: str, days: int) -> list[Row]:
        since = self.on - datetime.timedelta(days=days)
        return [row for row in self.rows if row.kind == kind and row.seen_on > since]

    def others(self, kind: str, days: int) -> set[str]:
        """The other customers seen with the identifier of this kind."""
        return {row.customer for row in self.of(kind, days)} - {self.customer}

    def first_seen_on(self, kind: str) -> datetime.date | None:
        """None where there are more rows than were read: it is not new."""
        days = [row.seen_on for row in self.rows if row.kind == kind]
        return min(days) if days and len(self.rows) < MOST_ROWS else None

    def strongly_linked(self) -> set[str]:
        return {row.customer for row in self.rows if row.kind in STRONG} - {self.customer}

    def everybody(self) -> set[str]:
        return {row.customer for row in self.rows} - {self.customer}

    def counts(self) -> dict[str, int]:
        """What an anomaly score may use: other customers by identifier, and the customer's own applications."""
        found = {f"others_on_{kind}": len(self.others(kind, days)) for kind, days in COUNTED.items()}
        return {**found, "applications_7d": self.assessments}

    def without(self, customers: Mapping[str, Iterable[str]]) -> "Seen":
        """The same without the rows of customers that were cleared, by kind."""
        hidden = {(kind, who) for kind, cleared in customers.items() for who in cleared}
        kept = tuple(row for row in self.rows if (row.kind, row.customer) not in hidden)
        return Seen(self.customer, self.on, kept, self.assessments)


def hash_of(kind: str, value: str) -> str:
    """The keyed hash of an identifier: equal for the same thing however it is written, useless without the key."""
    content = f"scoring.link:{kind}:{normal(kind, value)}".encode()
    return hmac.new(settings.INDEX_KEY.encode(), content, hashlib.sha256).hexdigest()


def hashes_of(identifiers: Mapping[str, str]) -> dict[str, str]:
    """Hashes by kind of the identifiers that are known; what is empty in its normal form is not."""
    return {
        kind: hash_of(kind, value)
        for kind, value in identifiers.items()
        if kind in IdentifierKind.values and value and normal(kind, value)
    }


def record(hashes: Mapping[str, str], *, subject: str, customer: str, on: datetime.date) -> None:
    """Leave a link for each identifier; the same subject twice leaves nothing new."""
    links = [
        Link(kind=kind, value_hash=digest, customer_reference=customer, subject_reference=subject, seen_on=on)
        for kind, digest in hashes.items()
    ]
    Link.objects.bulk_create(links, ignore_conflicts=True)


def look(hashes: Mapping[str, str], *, customer: str, on: datetime.date) -> Seen:
    """Every link with these identifiers within the days that a rule looks back, and the customer's own lately."""
    lately = on - datetime.timedelta(days=CUSTOMER_VELOCITY.days)
    condition = Q(customer_reference=customer, seen_on__gt=lately)
    for days, digests in _by_days(hashes).items():
        condition |= Q(value_hash__in=digests, seen_on__gt=on - datetime.timedelta(days=days))
    weak = Case(When(kind__in=STRONG, then=Value(0)), default=Value(1), output_field=IntegerField())
    links = Link.objects.filter(condition, seen_on__lte=on).order_by(weak, "-seen_on", "-id")
    found = links.values_list("kind", "value_hash", "customer_reference", "subject_reference", "seen_on")[:MOST_ROWS]
    rows: list[Row] = []
    own: set[str] = set()
    for kind, digest, who, subject, seen_on in found:
        if who == customer and seen_on > lately:
            own.add(subject)
        if hashes.get(kind) == digest:
            rows.append(Row(kind, who, subject, seen_on))
    return Seen(customer, on, tuple(rows), len(own))


def _by_days(hashes: Mapping[str, str]) -> dict[int, list[str]]:
    """The hashes by how far back their kind is read; the kind is in the hash."""
    found: dict[int, list[str]] = {}
    for kind, digest in hashes.items():
        found.setdefault(DAYS_BY_KIND[kind], []).append(digest)
    return found
