"""An officer takes a referred application, so that no two work on the same one; a review goes to another officer."""

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from customers.models import User
from customers.refusals import Refusal
from lending.applications.models import Application
from lending.applications.refusals import NotReferred, ReviewerDecidedBefore


class TakenBySomebodyElse(Refusal):
    code = "taken_by_somebody_else"
    text = _("%(officer)s has taken %(application)s. Ask for it, or take another one.")


def take(application: Application, *, by: User) -> Application:
    """Assign a referred application to the officer. Taking it twice changes nothing.

    Raises NotReferred, TakenBySomebodyElse, and ReviewerDecidedBefore for whoever decided what is to be reviewed.
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
        if locked.decisions.filter(by=by).exists():
            raise ReviewerDecidedBefore()
        locked.assigned_to = by
        locked.save(update_fields=["assigned_to"])
        return locked


def another_officer(application: Application) -> User | None:
    """Who reviews: of the officers who may decide and have not decided this application, the one with the least to do.

    Nobody where there is no other officer: the application then waits in the queue.
    """
    officers = User.objects.with_perm(
        "applications.add_decision", include_superusers=False, backend="django.contrib.auth.backends.ModelBackend"
    ).filter(is_staff=True)
    decided = application.decisions.filter(by__isnull=False).values("by")
    free = officers.exclude(pk__in=decided).exclude(customer=application.customer).order_by("pk")
    waiting = Application.objects.filter(status=Application.Status.REFERRED, assigned_to__isnull=False)
    load = dict(waiting.values_list("assigned_to").annotate(count=Count("pk")))
    return min(free, key=lambda officer: load.get(officer.pk, 0), default=None)
