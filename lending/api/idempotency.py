"""The Idempotency-Key header: the same key and body get the same answer, the same key with another body gets 409.

The answer is kept in the transaction of the act, so that an act without an answer, or an answer without an act, cannot be.
A refused request keeps nothing: it may be corrected and sent again under the same key.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from customers.refusals import Refusal
from lending.api.access import user_of
from lending.api.models import IdempotentAnswer

Prepared = TypeVar("Prepared")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"


class KeyMissing(Refusal):
    code = "idempotency_key_missing"
    field = HEADER
    status = 400
    text = _(
        "Send an Idempotency-Key header of 8 to 100 characters, new for every order and the same when you retry it."
    )


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    field = HEADER
    status = 409
    text = _("This Idempotency-Key was used for another request. Use a new key for a new order.")


def key_of(request: Request) -> str:
    key = (request.headers.get(HEADER) or "").strip()
    if not 8 <= len(key) <= 100 or not key.isprintable():
        raise KeyMissing()
    return key


def once(request: Request, act: Callable[[str], tuple[int, dict[str, Any]]]) -> Response:
    """Run `act(key)` once for this user, key and body; it gives (status, body). Raises KeyMissing, KeyReused."""
    return once_prepared(request, nullcontext, lambda key, _nothing: act(key))


def once_prepared(
    request: Request,
    preparing: Callable[[], AbstractContextManager[Prepared]],
    act: Callable[[str, Prepared], tuple[int, dict[str, Any]]],
) -> Response:
    """The same with what must be done before anything is locked, such as asking a neighbour: not for a replay.

    `preparing()` surrounds the transaction: it is told when the act is refused.
    """
    key = key_of(request)
    content = json.dumps([request.method, request.path, request.data], sort_keys=True, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()
    if before := _before(request, key, digest):
        return before
    try:
        with preparing() as prepared, transaction.atomic():
            status, body = act(key, prepared)
            IdempotentAnswer.objects.create(
                user=user_of(request), key=key, request_sha256=digest, status=status, body=body
            )
    except (IntegrityError, Refusal):
        # The same request, at the same moment: the other one's answer is the answer.
        if before := _before(request, key, digest):
            return before
        raise
    return Response(body, status=status)


def _before(request: Request, key: str, digest: str) -> Response | None:
    answered = IdempotentAnswer.objects.filter(user=user_of(request), key=key).first()
    if answered is None:
        return None
    if answered.request_sha256 != digest:
        raise KeyReused()
    return Response(answered.body, status=answered.status, headers={REPLAYED: "true"})
