"""An officer takes a referred application, so that no two work on the same one."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from customers.models import User
from customers.refusals import Refusal
from lending.applications.models import Application
from lending.applications.refusals import NotReferred


class TakenBySomebodyElse(Refusal):
    code = "taken_by_somebody_else"
    text = _("%(officer)s has taken %(application)s. Ask for it, or take another one.")


def take(application: Application, *, by: User) -> Application:
    """Assign a referred application to the officer. Taking it twice changes nothing.

    Raises NotReferred, TakenBySomebodyElse.
    """
    with transaction.atomic():
        locked = (
            Application.objects.select_for_update(of=("self",)).select_related("assigned_to").get(pk=application.pk)
        )
        if locked.status != Application.Status.REFERRED:
            raise NotReferred(application=str(locked), status=locked.get_status_display())
        if locked.assigned_to_id == by.pk:
            return locked
        if locked.assigned_to is not None:
            raise TakenBySomebodyElse(officer=locked.assigned_to.username, application=str(locked))
        locked.assigned_to = by
        locked.save(update_fields=["assigned_to"])
        return locked
