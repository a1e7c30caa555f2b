"""Send what is queued: e-mail and SMS, each at most once, inside its allowed hours, every try in the delivery log.

One round takes a few messages by putting them off for the length of a lease (in a transaction of its own, so that two
workers never take the same), tries each without holding a lock, and logs the outcome:

  sent        Delivery "sent" with the carrier's reference; done
  failed      Delivery "failed" with the reason; tried again after 1, 5, 15 and 60 minutes
  given up    Delivery "failed", after the fifth try or at once when trying again would not help; done

A worker killed between sending and logging leaves a try without an outcome. The SMS is then handed over again under
its key, which the carrier delivers once. Mail has no such key, so its outcome stays unknown and it is not sent again.
Logs and reasons name notices, never people, numbers or addresses.
"""

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers import sms
from customers.allowed_hours import AllowedHours
from customers.models import Customer, Delivery, OutgoingMessage

log = structlog.get_logger(__name__)

MOST_TRIES = 5
PAUSES_MINUTES = (1, 5, 15, 60)
BATCH = 20
#: Longer than a whole batch of time-outs, so that a living worker is never overtaken.
LEASE = datetime.timedelta(minutes=15)


@dataclass(frozen=True)
class Outcome:
    sent: bool
    reference: str = ""
    reason: str = ""
    final: bool = True


def send_due(now: datetime.datetime, *, most: int = 2000) -> dict[str, int]:
    """Send what is due at `now`, up to `most` messages. Returns how many were sent, failed and given_up."""
    counts: Counter[str] = Counter(sent=0, failed=0, given_up=0)
    while counts.total() < most and (taken := _take(now, min(BATCH, most - counts.total()))):
        for message in taken:
            counts[_log(message, _try(message), now)] += 1
    return dict(counts)


def _take(now: datetime.datetime, size: int) -> list[OutgoingMessage]:
    """Lease the next messages that may be sent at `now`."""
    with transaction.atomic():
        _put_off_until_allowed(now)
        due = OutgoingMessage.objects.filter(done=False, not_before__lte=now).order_by("not_before", "pk")
        whom = due.select_related(
            "notice__customer__person", "notice__customer__organisation", "notice__customer__user"
        )
        taken = list(whom.select_for_update(skip_locked=True, of=("self",))[:size])
        for message in taken:
            message.not_before = now + LEASE
            message.tries += 1
        OutgoingMessage.objects.bulk_update(taken, ["not_before", "tries"])
    return taken


def _put_off_until_allowed(now: datetime.datetime) -> None:
    """Move what is due outside its allowed hours to when they begin again."""
    clock = timezone.localtime(now).time()
    due = OutgoingMessage.objects.filter(done=False, not_before__lte=now, allowed_from__isnull=False)
    outside = due.filter(Q(allowed_from__gt=clock) | Q(allowed_until__lte=clock))
    pairs: list[tuple[Any, Any]] = list(outside.values_list("allowed_from", "allowed_until").distinct().order_by())
    for start, end in pairs:
        later = AllowedHours(start, end).next_moment(now)
        outside.filter(allowed_from=start, allowed_until=end).update(not_before=later)


def allowed_hours(message: OutgoingMessage) -> AllowedHours | None:
    if message.allowed_from is None or message.allowed_until is None:
        return None
    return AllowedHours(message.allowed_from, message.allowed_until)


def _try(message: OutgoingMessage) -> Outcome:
    return _send_mail(message) if message.channel == Delivery.Channel.EMAIL else _send_sms(message)


def _send_sms(message: OutgoingMessage) -> Outcome:
    notice = message.notice
    phone = phone_of(notice.customer)
    if not phone:
        return Outcome(sent=False, reason="the customer has no phone number on file")
    stop = "。" if notice.language == "zh-hans" else ". "
    text = f"【Loanbook】{notice.title}{stop}{notice.body}"
    try:
        return Outcome(sent=True, reference=sms.send(phone, text, key=f"notice-{notice.pk}"))
    except sms.SmsFailed as failure:
        return Outcome(sent=False, reason=str(failure), final=failure.final)


def _send_mail(message: OutgoingMessage) -> Outcome:
    notice = message.notice
    if not notice.customer.email:
        return Outcome(sent=False, reason="the customer has no e-mail address on file")
    tries_logged = notice.deliveries.filter(channel=message.channel, result=Delivery.Result.FAILED).count()
    if message.tries - 1 > tries_logged:
        return Outcome(sent=False, reason="a try was interrupted and may have been delivered: not sent again")
    reference = f"<notice-{notice.pk}@loanbook>"
    mail = EmailMessage(
        subject=notice.title, body=notice.body, to=[notice.customer.email], headers={"Message-ID": reference}
    )
    try:
        mail.send()
    except Exception as error:  # every back end raises its own; none may stop the others' messages
        return Outcome(sent=False, reason=f"the mail server did not take it: {type(error).__name__}", final=False)
    return Outcome(sent=True, reference=reference)


def _log(message: OutgoingMessage, outcome: Outcome, now: datetime.datetime) -> str:
    """Write the outcome of a try down. Returns its word in the counts."""
    gone = outcome.sent or outcome.final or message.tries >= MOST_TRIES
    with transaction.atomic():
        delivery = {"notice": message.notice, "channel": message.channel}
        if outcome.sent:
            known = Delivery.objects.filter(**delivery, result=Delivery.Result.SENT)
            if not known.exists():
                Delivery.objects.create(**delivery, result=Delivery.Result.SENT, reference=outcome.reference)
        else:
            Delivery.objects.create(**delivery, result=Delivery.Result.FAILED, reason=outcome.reason[:200])
        message.done = gone
        if not gone:
            pause = datetime.timedelta(minutes=PAUSES_MINUTES[message.tries - 1])
            message.not_before = _allowed_after(message, now + pause)
        message.save(update_fields=["done", "not_before"])
    word = "sent" if outcome.sent else "given_up" if gone else "failed"
    log.info("message_tried", notice=message.notice_id, channel=message.channel, outcome=word, tries=message.tries)
    return word


def _allowed_after(message: OutgoingMessage, moment: datetime.datetime) -> datetime.datetime:
    hours = allowed_hours(message)
    return hours.next_moment(moment) if hours else moment


def phone_of(customer: Customer) -> str:
    """The number the customer gave with her identity, else the one she signs in with, else nothing."""
    for holder in (getattr(customer, "person", None), getattr(customer, "organisation", None), customer.user):
        if holder is not None and holder.phone:
            return str(holder.phone)
    return ""
