"""Remind customers of an installment before, on and after its due date: each at most once, whatever is restarted.

The key of a reminder's notice is `reminder:<loan number>:<installment>:<kind>`, unique in the database. Kinds and their
days from the due date:

    before3  -3    before1  -1    on  0    after1  +1    after3  +3    after7  +7    after15  +15    after30  +30

Days that were missed are caught up, but nobody is told what is no longer true: a kind whose successor has come too by
the last day of the run is left out. Closed on Thursday for Monday to Thursday, an installment due on Tuesday gets
after1 (Wednesday), not before1 (Monday) and not on (Tuesday). A day closed as history, long after, tells the inbox
alone.

Work goes in chunks of a few hundred: notices, inbox deliveries and outgoing messages of a chunk are inserted together,
in one transaction, and what another worker inserted first is passed over.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from customers.allowed_hours import AllowedHours
from customers.models import Delivery, Notice, OutgoingMessage
from customers.notices import EMAIL, INBOX, SMS, channels_outside, outgoing, render
from lending.loans.models import Installment, Loan
from lending.servicing.jobs import Day
from lending.servicing.rules import rules_of
from lending.servicing.set_sql import moment, rows, table

CHUNK = 500


@dataclass(frozen=True)
class Kind:
    """`offset_days` from the due date; `notice` is the kind of notice, and so the words."""

    name: str
    notice: str
    offset_days: int


KINDS = (
    *(Kind(f"before{days}", "reminder_before", -days) for days in (3, 1)),
    Kind("on", "reminder_on", 0),
    *(Kind(f"after{days}", "reminder_after", days) for days in (1, 3, 7, 15, 30)),
)


def remind(day: Day) -> dict[str, int]:
    """Make the reminders of the day. Returns how many were made, by kind of notice."""
    hours = rules_of(day.on).contact_hours
    counts = {"reminder_before": 0, "reminder_on": 0, "reminder_after": 0}
    for kind in true_kinds(day.on, day.last):
        for chunk in _due(day.on - datetime.timedelta(days=kind.offset_days)):
            counts[kind.notice] += _tell(chunk, kind, day, hours)
    return counts


def true_kinds(on: datetime.date, last: datetime.date) -> list[Kind]:
    """The kinds of `on` that no later kind of the same installment overtakes by `last`."""
    waited = (last - on).days
    offsets = [kind.offset_days for kind in KINDS]
    return [kind for kind in KINDS if not any(kind.offset_days < o <= kind.offset_days + waited for o in offsets)]


def key_of(loan_number: str, installment: int, kind: Kind) -> str:
    return f"reminder:{loan_number}:{installment}:{kind.name}"


def _due(due_on: datetime.date) -> Iterator[list[dict[str, Any]]]:
    """What is to be paid on a day and is not, in chunks, by (loan, installment)."""
    unpaid = Installment.objects.unpaid().filter(due_on=due_on, loan__status=Loan.Status.ACTIVE)
    facts = unpaid.order_by("loan_id", "number").values(
        "loan_id", "number", "due_on", "customer_id",
        loan_number=F("loan__number"), currency=F("loan__currency"), decimals=F("loan__decimals"), left=F("owed_minor"),
        language=F("customer__language"), email=F("customer__email"),
    )  # fmt: skip
    last: tuple[int, int] = (0, 0)
    while chunk := list(_after(facts, last)[:CHUNK]):
        yield chunk
        last = (chunk[-1]["loan_id"], chunk[-1]["number"])


def _after(facts: Any, last: tuple[int, int]) -> Any:
    loan_id, number = last
    return facts.filter(Q(loan_id=loan_id, number__gt=number) | Q(loan_id__gt=loan_id))


def _tell(chunk: list[dict[str, Any]], kind: Kind, day: Day, hours: AllowedHours) -> int:
    """Insert the notices of a chunk that are not there yet, with their deliveries and outgoing messages."""
    facts = {key_of(row["loan_number"], row["number"], kind): row for row in chunk}
    with transaction.atomic():
        told = set(Notice.objects.filter(key__in=facts).values_list("key", flat=True))
        new = [_notice(key, row, kind, day) for key, row in facts.items() if key not in told]
        Notice.objects.bulk_create(new, ignore_conflicts=True)
        saved = Notice.objects.filter(key__in=[notice.key for notice in new])
        deliveries, messages = [], []
        for notice in saved:
            deliveries.append(Delivery(notice=notice, channel=INBOX, result=Delivery.Result.SENT))
            if day.last >= timezone.localdate(day.now):
                for channel in channels_outside((EMAIL, SMS), has_email=bool(facts[notice.key]["email"])):
                    messages.append(outgoing(notice, channel, day.now, hours))
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        OutgoingMessage.objects.bulk_create(messages, ignore_conflicts=True)
    return len(new)


def _notice(key: str, row: dict[str, Any], kind: Kind, day: Day) -> Notice:
    past_due = (day.last - row["due_on"]).days
    context = {
        "loan": row["loan_number"],
        "installment": row["number"],
        "amount_minor": row["left"],
        "currency": row["currency"],
        "decimals": row["decimals"],
        "due_on": row["due_on"],
        "days": -past_due,
        "days_past_due": past_due,
    }
    words = render(kind.notice, context, row["language"])
    return Notice(
        customer_id=row["customer_id"],
        key=key,
        kind=kind.notice,
        subject_type="loan",
        subject_id=row["loan_number"],
        language=row["language"],
        title=words.title,
        body=words.body,
        on=day.on,
    )


def withdraw_outdated(now: datetime.datetime) -> int:
    """Take back what waits to be sent and is no longer true: the installment was paid, or its due date has passed.

    Each message taken back stands in the delivery log with its reason. Returns how many.
    """
    lock = " FOR UPDATE OF o SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    outdated = f"""
        SELECT o.id, o.notice_id, o.channel FROM {table(OutgoingMessage)} o
        JOIN {table(Notice)} n ON n.id = o.notice_id
        JOIN {table(Loan)} l ON l.number = n.subject_id
        LEFT JOIN {table(Installment)} i ON i.loan_id = l.id
            AND n.key LIKE 'reminder:' || l.number || ':' || i.number || ':%%'
        WHERE NOT o.done AND o.not_before <= %(now)s AND n.subject_type = 'loan' AND n.kind LIKE 'reminder_%%'
          AND (i.id IS NULL OR i.settled_on IS NOT NULL OR l.status <> 'active'
               OR (n.kind <> 'reminder_after' AND i.due_on < %(today)s)){lock}
    """  # noqa: S608 - table names of ours; every value is a parameter
    reason = "no longer true when it could be sent: paid, or the due date has passed"
    with transaction.atomic():
        found = rows(outdated, {"now": moment(now), "today": timezone.localdate(now).isoformat()})
        failed = {"result": Delivery.Result.FAILED, "reason": reason}
        Delivery.objects.bulk_create(
            [Delivery(notice_id=notice, channel=channel, **failed) for _id, notice, channel in found], batch_size=CHUNK
        )
        for start in range(0, len(found), CHUNK):
            taken_back = [message for message, _notice_id, _channel in found[start : start + CHUNK]]
            OutgoingMessage.objects.filter(pk__in=taken_back).update(done=True)
    return len(found)
