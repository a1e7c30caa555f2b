"""Send an SMS through the carrier's HTTP gateway.

One POST to `<SMS_GATEWAY_URL>/messages` with the JSON body {"to", "text", "key", "sent_at"} and the header
`X-Signature: <HMAC-SHA256 of the body with SMS_GATEWAY_SECRET, hex>`; the carrier answers 2xx with {"reference"}. `key`
makes it safe to send again: the carrier delivers one message per key and answers the first reference.

Refusals of the carrier (4xx, SmsRefused) are final; what is SmsUnavailable may be tried again. Without SMS_GATEWAY_URL
every message is a named failure, SmsNotConfigured, and final too. Their texts hold no number and no message.
"""

import json
import urllib.error
import urllib.request
import uuid

from django.conf import settings
from django.utils import timezone

from customers import signing

TIMEOUT_SECONDS = 10


class SmsFailed(Exception):
    """The message did not leave the house. `final` says that trying again would not help."""

    final = False


class SmsNotConfigured(SmsFailed):
    """SMS_GATEWAY_URL is not set (or is not an http address)."""

    final = True

    def __init__(self) -> None:
        super().__init__("no SMS gateway is configured: set SMS_GATEWAY_URL to its http address")


class SmsUnavailable(SmsFailed):
    """The carrier could not be reached or answered 5xx or nonsense."""


class SmsRefused(SmsFailed):
    """The carrier will not deliver this message: an impossible number, a wrong signature, ..."""

    final = True


def send(phone: str, text: str, *, key: str = "") -> str:
    """Hand one message to the carrier and return its reference. Raises SmsFailed (see the module).

    Without a `key` every call is a message of its own, as a sign-up code wants it.
    """
    address = settings.SMS_GATEWAY_URL
    if not address.startswith(("http://", "https://")):
        raise SmsNotConfigured
    content = {"to": phone, "text": text, "key": key or uuid.uuid4().hex, "sent_at": timezone.now().isoformat()}
    body = json.dumps(content, ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        f"{address.rstrip('/')}/messages",
        data=body,
        headers={"Content-Type": "application/json", signing.HEADER: signing.sign(settings.SMS_GATEWAY_SECRET, body)},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return str(json.loads(answer.read())["reference"])
    except urllib.error.HTTPError as error:
        reason = _reason(error)
        if 400 <= error.code < 500 and error.code not in (408, 429):
            raise SmsRefused(f"the carrier refused it ({error.code}): {reason}") from None
        raise SmsUnavailable(f"the carrier failed ({error.code}): {reason}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SmsUnavailable(f"the carrier could not be reached: {type(error).__name__}") from None


def _reason(error: urllib.error.HTTPError) -> str:
    """The machine word of the carrier's answer, never its prose: that could repeat the number."""
    try:
        return str(json.loads(error.read()).get("code", "no reason given"))[:60]
    except (ValueError, AttributeError, OSError):
        return "no reason given"
