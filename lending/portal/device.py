"""The device a customer applies on: a random name in a signed cookie of our own, only while she consents to its use.

Nothing is read from the device itself. Without the consent no cookie is set, an earlier one is taken away, and neither
device nor time on the form reaches the application.
"""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from customers import consents
from customers.models import Customer, Purpose
from lending.applications.models import Application
from lending.clock import business_date

COOKIE = "device"
KEPT_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Device:
    """`name` is empty where she did not consent."""

    name: str

    def seconds_on(self, application: Application) -> int | None:
        """How long the form took, from its first answer until now."""
        return round((timezone.now() - application.created_at).total_seconds()) if self.name else None

    def remember(self, response: HttpResponse) -> HttpResponse:
        if self.name:
            response.set_signed_cookie(
                COOKIE,
                self.name,
                max_age=KEPT_SECONDS,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        else:
            response.delete_cookie(COOKIE)
        return response


def device_of(request: HttpRequest, customer: Customer) -> Device:
    """The device of this request under the standing consent: the one known by its cookie, or a new one."""
    if not consents.standing(customer, on=business_date()).get(Purpose.DEVICE_SIGNALS):
        return Device("")
    known = request.get_signed_cookie(COOKIE, default=None, max_age=KEPT_SECONDS)
    return Device(known or f"web-{uuid.uuid4().hex}")
