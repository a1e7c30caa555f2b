"""Work on fraud: a signal is disposed of by a person, and what she decided feeds back.

confirmed    the case's identity number, device and account are proposed for the blacklist for two years, for a colleague
             to confirm (`scoring.blacklist`); everybody who shares a strong identifier with the customer gets a case
             NEAR_CONFIRMED_FRAUD now, not only when applying again
dismissed    the rule is silent about this pair of customers, or these facts, for 180 days (`scoring.fraud`)
"""

import datetime
from typing import Any

from django.db import transaction

from scoring import blacklist, refusals
from scoring.fraud_rules import NEAR_CONFIRMED, STRONG
from scoring.history import sign
from scoring.models import BlacklistEntry, FraudSignal, Link

CONFIRMED_LISTING_DAYS = 730
MOST_WARNED = 100


@transaction.atomic
def dispose(signal: FraudSignal, *, disposition: str, note: str, by: Any, on: datetime.date) -> FraudSignal:
    """Close a signal. Confirmed fraud proposes the case's strong identifiers for the blacklist for two years."""
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
        _warn_of_neighbours(locked, on)
    return locked


def _list_identifiers(signal: FraudSignal, by: Any, on: datetime.date) -> None:
    links = Link.objects.filter(subject_reference=signal.subject_reference)
    ends = on + datetime.timedelta(days=CONFIRMED_LISTING_DAYS)
    for link in links.filter(kind__in=("identity", "device", "account")):
        listed = BlacklistEntry.objects.in_force(on).filter(kind=link.kind, value_hash=link.value_hash)
        if not listed.filter(expires_on__gte=ends).exists():
            blacklist.propose(link.kind, link.value_hash, f"fraud case {signal.pk}", signal.rule, ends, by=by, on=on)


def _warn_of_neighbours(signal: FraudSignal, on: datetime.date) -> None:
    """A case for each customer one shared strong identifier away, about the last thing she was assessed for."""
    own = Link.objects.filter(customer_reference=signal.customer_reference, kind__in=STRONG)
    near = Link.objects.filter(kind__in=STRONG, value_hash__in=own.values("value_hash"))
    latest: dict[str, str] = {}
    for customer, subject in near.order_by("id").values_list("customer_reference", "subject_reference"):
        latest[customer] = subject
    latest.pop(signal.customer_reference, None)
    for customer, subject in sorted(latest.items())[:MOST_WARNED]:
        FraudSignal.objects.get_or_create(
            subject_reference=subject,
            rule=NEAR_CONFIRMED.code,
            defaults={
                "severity": NEAR_CONFIRMED.severity,
                "customer_reference": customer,
                "evidence": {"customers": [signal.customer_reference]},
                "component": signal.component,
                "raised_on": on,
            },
        )
