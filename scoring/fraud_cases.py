"""Work on fraud: a signal is disposed of by a person, and what was confirmed feeds the blacklist and later signals."""

import datetime
from typing import Any

from django.db import transaction

from scoring import refusals
from scoring.fraud import hash_of
from scoring.history import sign
from scoring.models import BlacklistEntry, FraudSignal, Link

LONGEST_LISTING_DAYS = 5 * 366
CONFIRMED_LISTING_DAYS = 730


@transaction.atomic
def dispose(signal: FraudSignal, *, disposition: str, note: str, by: Any, on: datetime.date) -> FraudSignal:
    """Close a signal. Confirmed fraud puts the case's strong identifiers on the blacklist for two years."""
    if by is None:
        raise refusals.NotSomebody()
    locked = FraudSignal.objects.select_for_update().get(pk=signal.pk)
    if locked.disposition == disposition and locked.disposed_by_id == by.pk:
        return locked
    if locked.disposition != FraudSignal.Disposition.OPEN:
        raise refusals.WrongStatus(
            what=locked, status=locked.get_disposition_display(), needed=str(FraudSignal.Disposition.OPEN.label)
        )
    locked.disposition, locked.note = disposition, note
    locked.disposed_by, locked.disposed_on = by, on
    sign(locked, by)
    locked.save()
    if disposition == FraudSignal.Disposition.CONFIRMED:
        _list_identifiers(locked, by, on)
    return locked


@transaction.atomic
def enter(
    *, kind: str, value: str, source: str, reason: str, expires_on: datetime.date, by: Any, on: datetime.date
) -> BlacklistEntry:
    """Put an identifier on the blacklist until a day. Raises ListingTooLong."""
    return _enter(kind, hash_of(kind, value), source, reason, expires_on, by, on)


@transaction.atomic
def withdraw(entry: BlacklistEntry, *, by: Any, on: datetime.date) -> BlacklistEntry:
    """End a listing today."""
    locked = BlacklistEntry.objects.select_for_update().get(pk=entry.pk)
    if locked.withdrawn_on is None:
        locked.withdrawn_on = on
        sign(locked, by)
        locked.save()
    return locked


def _list_identifiers(signal: FraudSignal, by: Any, on: datetime.date) -> None:
    links = Link.objects.filter(subject_reference=signal.subject_reference)
    ends = on + datetime.timedelta(days=CONFIRMED_LISTING_DAYS)
    for link in links.filter(kind__in=("identity", "device", "account")):
        if not BlacklistEntry.objects.filter(kind=link.kind, value_hash=link.value_hash, expires_on__gte=ends).exists():
            _enter(link.kind, link.value_hash, f"fraud case {signal.pk}", signal.rule, ends, by, on)


def _enter(
    kind: str, value_hash: str, source: str, reason: str, expires_on: datetime.date, by: Any, on: datetime.date
) -> BlacklistEntry:
    if not on < expires_on <= on + datetime.timedelta(days=LONGEST_LISTING_DAYS):
        raise refusals.ListingTooLong(on=on, most=LONGEST_LISTING_DAYS)
    entry = BlacklistEntry(
        kind=kind, value_hash=value_hash, source=source, reason=reason, expires_on=expires_on, entered_by=by
    )
    sign(entry, by)
    entry.save()
    return entry
