"""The blacklist by two people: one proposes an entry or its withdrawal, another confirms it or turns it down.

    proposed     whoever is found by it is referred to a person; nobody is declined for it
    confirmed    declines, until it ends or is withdrawn
    turned down  nothing, with the reason kept

A withdrawal that is only proposed changes nothing yet: the entry stays as it was.
"""

import datetime
from typing import Any

from django.db import transaction

from scoring import refusals
from scoring.fraud_links import hash_of
from scoring.history import sign
from scoring.models import BlacklistEntry

LONGEST_LISTING_DAYS = 5 * 366
LISTING, WITHDRAWAL = "listing", "withdrawal"
Status = BlacklistEntry.Status


@transaction.atomic
def enter(
    *, kind: str, value: str, source: str, reason: str, expires_on: datetime.date, by: Any, on: datetime.date
) -> BlacklistEntry:
    """Propose an identifier for the blacklist until a day. Raises ListingTooLong."""
    return propose(kind, hash_of(kind, value), source, reason, expires_on, by=by, on=on)


def propose(
    kind: str, value_hash: str, source: str, reason: str, expires_on: datetime.date, *, by: Any, on: datetime.date
) -> BlacklistEntry:
    """The same of what is known by its keyed hash alone."""
    if by is None:
        raise refusals.NotSomebody()
    if not on < expires_on <= on + datetime.timedelta(days=LONGEST_LISTING_DAYS):
        raise refusals.ListingTooLong(on=on, most=LONGEST_LISTING_DAYS)
    entry = BlacklistEntry(
        kind=kind, value_hash=value_hash, source=source, reason=reason, expires_on=expires_on, entered_by=by
    )
    sign(entry, by, f"proposed on {on}")
    entry.save()
    return entry


@transaction.atomic
def check(entry: BlacklistEntry, *, agreed: bool, note: str = "", by: Any, on: datetime.date) -> BlacklistEntry:
    """Another person's answer to what waits for one. Raises ProposerCannotConfirm, WhyIsNeeded and WrongStatus."""
    locked = BlacklistEntry.objects.select_for_update().get(pk=entry.pk)
    if by is None:
        raise refusals.NotSomebody()
    waits = waits_for(locked, on)
    if waits != waits_for(entry, on) or not waits:
        raise refusals.WrongStatus(what=locked, status=locked.get_status_display(), needed=str(Status.PROPOSED.label))
    if proposer_of(locked, waits) in (None, by.pk):
        raise refusals.ProposerCannotConfirm()
    if not agreed and not note.strip():
        raise refusals.WhyIsNeeded()
    _answer(locked, waits, agreed, note.strip(), by, on)
    sign(locked, by, f"{waits} {'confirmed' if agreed else 'turned down'} on {on}")
    locked.save()
    return locked


def _answer(entry: BlacklistEntry, waits: str, agreed: bool, note: str, by: Any, on: datetime.date) -> None:
    if waits == LISTING:
        entry.status = Status.CONFIRMED if agreed else Status.REFUSED
        entry.checked_by, entry.checked_on, entry.check_note = by, on, "" if agreed else note
    elif agreed:
        entry.withdrawn_by, entry.withdrawn_on = by, on
    else:
        entry.withdrawal_by, entry.withdrawal_note = None, note


@transaction.atomic
def propose_withdrawal(entry: BlacklistEntry, *, reason: str, by: Any, on: datetime.date) -> BlacklistEntry:
    """Propose that a confirmed entry ends before its day. Raises WrongStatus."""
    locked = BlacklistEntry.objects.select_for_update().get(pk=entry.pk)
    if by is None:
        raise refusals.NotSomebody()
    if locked.withdrawal_by_id == by.pk and locked.withdrawn_on is None:
        return locked
    if not may_be_withdrawn(locked, on):
        raise refusals.WrongStatus(what=locked, status=locked.get_status_display(), needed=str(Status.CONFIRMED.label))
    locked.withdrawal_by, locked.withdrawal_reason, locked.withdrawal_note = by, reason, ""
    sign(locked, by, f"withdrawal proposed on {on}")
    locked.save()
    return locked


def waits_for(entry: BlacklistEntry, on: datetime.date) -> str:
    """What a second person has to answer: the listing, its withdrawal, or nothing."""
    if entry.expires_on < on or entry.withdrawn_on is not None:
        return ""
    if entry.status == Status.PROPOSED:
        return LISTING
    return WITHDRAWAL if entry.withdrawal_by_id is not None else ""


def proposer_of(entry: BlacklistEntry, waits: str) -> Any:
    """The key of the person whose proposal waits."""
    return entry.entered_by_id if waits == LISTING else entry.withdrawal_by_id


def may_be_withdrawn(entry: BlacklistEntry, on: datetime.date) -> bool:
    """Whether it is confirmed, runs, and nobody has proposed to withdraw it."""
    return (
        entry.status == Status.CONFIRMED
        and entry.expires_on >= on
        and not waits_for(entry, on)
        and entry.withdrawn_on is None
    )
