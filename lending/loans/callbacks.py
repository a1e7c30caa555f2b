"""Receive the bank's word: verify its signature, keep it as it came, and hand on what it says.

Acting on it is for whoever owns the order (`lending.repayments.bank_messages` knows both kinds). Receiving twice is
harmless: the message is kept once, and acting on it again changes nothing.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from customers.signing import signed_right
from lending.loans.gateway import FAILED, SUCCEEDED
from lending.loans.models import BankCallback
from lending.loans.refusals import InvalidMessage, InvalidSignature

KINDS = ("payout", "collection")
#: Of a message that nobody vouches for we keep no more than this.
MOST_UNSIGNED_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class BankMessage:
    """`kind` payout or collection, `status` succeeded or failed; `is_new` is false when it was received before."""

    event_id: str
    kind: str
    key: str
    status: str
    bank_reference: str
    reason: str
    is_new: bool

    @property
    def succeeded(self) -> bool:
        return self.status == SUCCEEDED


def receive(body: bytes, signature: str) -> BankMessage:
    """Verify and keep one callback. Call it outside a transaction, so that a forged one is kept as evidence.

    Raises InvalidSignature (the message is kept with accepted=False) and InvalidMessage (signed, but unreadable).
    """
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    if not signed_right(settings.PAYMENT_GATEWAY_SECRET, body, signature):
        BankCallback.objects.create(event_id="", accepted=False, body=text[:MOST_UNSIGNED_CHARACTERS])
        raise InvalidSignature()
    message = _read(text)
    try:
        with transaction.atomic():
            BankCallback.objects.create(event_id=message["event_id"], accepted=True, body=text)
        return BankMessage(**message, is_new=True)
    except IntegrityError:
        return BankMessage(**message, is_new=False)


def _read(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        raise InvalidMessage(reason="a JSON object is needed") from None
    if not isinstance(data, dict):
        raise InvalidMessage(reason="a JSON object is needed")
    most = {"event_id": 80, "kind": 20, "key": 80, "status": 20, "bank_reference": 80, "reason": 200}
    message = {name: data.get(name, "") for name in most}
    for name, length in most.items():
        if not isinstance(message[name], str) or len(message[name]) > length:
            raise InvalidMessage(field=name, reason=f"{name}: a text of at most {length} characters is needed")
    for name in ("event_id", "key"):
        if not message[name]:
            raise InvalidMessage(field=name, reason=f"{name}: is missing")
    if message["kind"] not in KINDS:
        raise InvalidMessage(field="kind", reason="kind: payout or collection is needed")
    if message["status"] not in (SUCCEEDED, FAILED):
        raise InvalidMessage(field="status", reason="status: succeeded or failed is needed")
    return message
