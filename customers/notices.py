"""Tell a customer something, once: the words in her language, her inbox at once, e-mail and SMS as soon as allowed.

`notify` renders `templates/notices/<kind>.<language>.txt` (a title line, a blank line, the body), keeps the words as a
`Notice`, logs the inbox delivery and queues the other channels; `customers.sending.send_due` sends them. The `key`
names the fact told, such as `decision:4711`: the same key gives back the first notice and tells nothing twice.

Kinds, with the context each needs. Amounts are integers of the minor unit under `<name>_minor` with `currency` (and
`decimals`, 2 if left out), days are dates, bilingual values come as `<name>_zh` and `<name>_en`; `customers.wording`
says how they are written. A name in brackets may be left out.

  application_received     application, product_zh, product_en, amount_minor, currency, installments
  application_approved     application, product_zh, product_en, amount_minor (the limit), currency, installments,
                           yearly_rate_percent (nominal), expires_on (of the offer)
  application_declined     application, product_zh, product_en, reasons [{"text_zh", "text_en"}, ...]
                           (adverse action: reasons, and the right to an explanation and to review by a person)
  application_referred     application, product_zh, product_en
  contract_signed          contract (its number), loan (its number), amount_minor, currency, signed_on
  disbursement_succeeded   loan, amount_minor, currency, paid_on, first_due_on, (account: masked)
  disbursement_failed      loan, amount_minor, currency, (reason)
  loan_cancelled           loan, cancelled_on
  payment_received         loan, amount_minor, currency, received_on, outstanding_minor (all still owed), (next_due_on)
  payment_failed           loan, amount_minor, currency, (reason)
  loan_paid_off            loan, closed_on, (credit_minor: what was paid too much and is kept for the customer)
  reminder_before          loan, installment (its number), amount_minor, currency, due_on, days (until then)
  reminder_on              loan, installment, amount_minor, currency, due_on
  reminder_after           loan, installment, amount_minor, currency, due_on, days_past_due
  consent_withdrawn        purpose_zh, purpose_en, withdrawn_on
  case_answered            case (its number), kind_zh, kind_en, opened_on, (answer: for who has no account)
  plan_offered             loan, amount_minor (the next installment), currency, installments, first_due_on, accept_by
  plan_changed             loan, amount_minor (the next installment), currency, installments, first_due_on, last_due_on

Nothing here knows a loan: `subject_type` and `subject_id` say what a notice is about, such as "loan" and its number.
"""

import datetime
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone

from customers.allowed_hours import AllowedHours
from customers.models import Customer, Delivery, Notice, OutgoingMessage
from customers.wording import mask_numbers, wording

INBOX, EMAIL, SMS = Delivery.Channel.INBOX, Delivery.Channel.EMAIL, Delivery.Channel.SMS
ALL_CHANNELS = (INBOX, EMAIL, SMS)

_ABOUT_APPLICATION = ("application", "product_zh", "product_en")
_ABOUT_LOAN = ("loan", "amount_minor", "currency")
_REMINDER = (*_ABOUT_LOAN, "installment", "due_on")

#: What each kind must be told. A kind that is not here does not exist.
KINDS: dict[str, tuple[str, ...]] = {
    "application_received": (*_ABOUT_APPLICATION, "amount_minor", "currency", "installments"),
    "application_approved": (
        *_ABOUT_APPLICATION, "amount_minor", "currency", "installments", "yearly_rate_percent", "expires_on"
    ),
    "application_declined": (*_ABOUT_APPLICATION, "reasons"),
    "application_referred": _ABOUT_APPLICATION,
    "contract_signed": ("contract", *_ABOUT_LOAN, "signed_on"),
    "disbursement_succeeded": (*_ABOUT_LOAN, "paid_on", "first_due_on"),
    "disbursement_failed": _ABOUT_LOAN,
    "loan_cancelled": ("loan", "cancelled_on"),
    "payment_received": (*_ABOUT_LOAN, "received_on", "outstanding_minor"),
    "payment_failed": _ABOUT_LOAN,
    "loan_paid_off": ("loan", "closed_on"),
    "reminder_before": (*_REMINDER, "days"),
    "reminder_on": _REMINDER,
    "reminder_after": (*_REMINDER, "days_past_due"),
    "consent_withdrawn": ("purpose_zh", "purpose_en", "withdrawn_on"),
    "case_answered": ("case", "kind_zh", "kind_en", "opened_on"),
    "plan_offered": (*_ABOUT_LOAN, "installments", "first_due_on", "accept_by"),
    "plan_changed": (*_ABOUT_LOAN, "installments", "first_due_on", "last_due_on"),
}  # fmt: skip


class UnknownNoticeKind(LookupError):
    """There are no words for this kind: see `KINDS` and `templates/notices/`."""


class NoticeContextIncomplete(ValueError):
    """The act that tells left out a fact that the words need. A mistake of the caller, never of the customer."""


@dataclass(frozen=True)
class Words:
    title: str
    body: str


def render(kind: str, context: Mapping[str, Any], language: str) -> Words:
    """The words of one notice. Raises UnknownNoticeKind or NoticeContextIncomplete."""
    if kind not in KINDS:
        raise UnknownNoticeKind(kind)
    if missing := [name for name in KINDS[kind] if name not in context]:
        raise NoticeContextIncomplete(f"{kind} needs {', '.join(missing)}")
    template: Any = get_template(f"notices/{kind}.{language}.txt")
    text = template.template.render(Context(wording(context, language), autoescape=False))
    title, _, body = text.strip().partition("\n")
    return Words(title.strip()[:200], mask_numbers(body.strip()))


def notify(
    customer: Customer,
    *,
    kind: str,
    key: str,
    context: Mapping[str, Any],
    on: datetime.date,
    subject_type: str = "",
    subject_id: str = "",
    channels: Iterable[str] = ALL_CHANNELS,
    not_before: datetime.datetime | None = None,
    allowed: AllowedHours | None = None,
    first: bool = False,
) -> Notice:
    """Tell `customer` once. In one transaction with the caller's, so that what was not done is not told.

    `not_before` (now where left out) and `allowed` (any hour where left out) hold for e-mail and SMS; the inbox makes
    no noise and is served at once. A customer who gave no e-mail address gets none. `first`: the key names a row of this
    transaction, which nobody can have told of before.
    """
    words = render(kind, context, customer.language)
    start = not_before or timezone.now()
    notice = Notice(
        customer=customer,
        key=key,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        language=customer.language,
        title=words.title,
        body=words.body,
        on=on,
    )
    with transaction.atomic(savepoint=False):
        try:
            # The unique key decides, and not a look beforehand: two at once tell once.
            with nullcontext() if first else transaction.atomic():
                notice.save(force_insert=True)
        except IntegrityError:
            told = None if first else Notice.objects.filter(key=key).first()
            if told is None:
                raise
            return told
        wanted = set(channels)
        if INBOX in wanted:
            Delivery.objects.create(notice=notice, channel=INBOX, result=Delivery.Result.SENT)
        OutgoingMessage.objects.bulk_create(
            outgoing(notice, channel, start, allowed)
            for channel in channels_outside(wanted, has_email=bool(customer.email))
        )
    return notice


def channels_outside(wanted: Iterable[str], *, has_email: bool) -> list[str]:
    """Which of the wanted channels lead out of the house for a customer with or without an e-mail address."""
    return [channel for channel in (EMAIL, SMS) if channel in wanted and (channel != EMAIL or has_email)]


def outgoing(notice: Notice, channel: str, start: datetime.datetime, allowed: AllowedHours | None) -> OutgoingMessage:
    """The queue's row for one notice on one channel, not saved."""
    return OutgoingMessage(
        notice=notice,
        channel=channel,
        not_before=allowed.next_moment(start) if allowed else start,
        allowed_from=allowed.start if allowed else None,
        allowed_until=allowed.end if allowed else None,
    )


def mark_read(notice: Notice) -> None:
    """Log that the customer opened the notice in her inbox. Opening it again adds nothing."""
    read: dict[str, Any] = {"notice": notice, "channel": INBOX, "result": Delivery.Result.READ}
    Delivery.objects.get_or_create(**read)
