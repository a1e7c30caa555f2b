"""A person looks again at a declined application, at the customer's wish (PIPL art. 24): back into the officers' queue.

The declining decision stays as it was; the officer's new one is added after it, and counts as against the
recommendation when it approves. Whoever declined as an officer does not review.
"""

import datetime

from django.db import IntegrityError, transaction

from customers.models import User
from lending.applications.filling import refuse_strangers
from lending.applications.models import Application
from lending.applications.refusals import ApplicationAlreadyOpen, NotDeclined


def send_to_review(application: Application, *, by: User | None, on: datetime.date) -> Application:
    """Refer a declined application to an officer. Again: nothing changes.

    Raises NotYours, NotDeclined, and ApplicationAlreadyOpen where the customer has begun another one meanwhile.
    """
    try:
        with transaction.atomic():
            locked = (
                Application.objects.select_for_update(of=("self",)).select_related("customer").get(pk=application.pk)
            )
            refuse_strangers(locked.customer, by)
            if locked.status not in (Application.Status.DECLINED, Application.Status.REFERRED):
                raise NotDeclined(application=str(locked), status=locked.get_status_display())
            if locked.status == Application.Status.DECLINED:
                locked.status = Application.Status.REFERRED
                locked.assigned_to = None
                locked.save()
    except IntegrityError:
        opened = application.customer.applications.filter(status__in=Application.OPEN).first()
        if opened is None:
            raise
        raise ApplicationAlreadyOpen(application=str(opened)) from None
    application.refresh_from_db()
    return application
