"""The ends of an application that nobody decided: the customer withdraws it, or its offer runs out."""

import datetime

from django.db import transaction

from customers.models import User
from lending.applications.filling import refuse_strangers
from lending.applications.models import Application, Offer
from lending.applications.refusals import ApplicationClosed


@transaction.atomic
def withdraw(application: Application, *, by: User | None, on: datetime.date) -> Application:
    """End an open application at the customer's wish. Again: nothing changes. Raises NotYours, ApplicationClosed."""
    locked = Application.objects.select_for_update(of=("self",)).select_related("customer").get(pk=application.pk)
    refuse_strangers(locked.customer, by)
    if locked.status not in (*Application.OPEN, Application.Status.WITHDRAWN):
        raise ApplicationClosed(application=str(locked), status=locked.get_status_display())
    if locked.status != Application.Status.WITHDRAWN:
        locked.status = Application.Status.WITHDRAWN
        locked.save()
    application.refresh_from_db()
    return application


def expire_offers(on: datetime.date) -> int:
    """End the applications whose offer's last day is over, each by itself; how many. Safe to repeat."""
    standing = Offer.objects.filter(application__status=Application.Status.OFFERED)
    late = standing.filter(expires_on__lt=on).order_by("pk").values_list("application_id", flat=True).distinct()
    return sum(_expire(pk, on) for pk in set(late))


@transaction.atomic
def _expire(pk: int, on: datetime.date) -> bool:
    locked = Application.objects.select_for_update(of=("self",)).get(pk=pk)
    newest = locked.offers.order_by("-pk").first()
    if locked.status != Application.Status.OFFERED or newest is None or newest.expires_on >= on:
        return False
    locked.status = Application.Status.EXPIRED
    locked.save()
    return True
