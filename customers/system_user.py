"""Who did what no person did: the system user, under whose name workers write history.

A worker has no request, so simple-history finds nobody; inside `acting_as_system()` it finds the system user.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from customers.history import HistoricalRecords
from customers.models import User

USERNAME = "system"


def system_user() -> User:
    """The system user: it has no password and is not active, so that nobody signs in as it."""
    user, created = User.objects.get_or_create(username=USERNAME, defaults={"is_active": False})
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


@contextmanager
def acting_as_system() -> Iterator[User]:
    """Let history rows written inside carry the system user; what was there before is put back."""
    user = system_user()
    context = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=user)
    try:
        yield user
    finally:
        if before is None:
            del context.request
        else:
            context.request = before
