"""Who develops the model that a command trains: the person named with --by, or the only one who may submit models."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

_MOST_NAMED = 10


def developer(name: str | None) -> Any:
    """The developer. None where nobody may submit models yet: whoever takes the draft over on its page is its developer.

    Raises CommandError where the name is nobody's, or where more than one could be meant.
    """
    people: Any = get_user_model()._default_manager
    if name is not None:
        found = people.filter(username=name, is_active=True).first()
        if found is None:
            raise CommandError(f"--by {name}: there is no such user")
        return found
    backend = "django.contrib.auth.backends.ModelBackend"
    able = people.with_perm("scoring.submit_modelversion", include_superusers=False, backend=backend)
    names = list(able.order_by("username")[:_MOST_NAMED])
    if len(names) > 1:
        raise CommandError(f"--by: say who develops this model, one of {', '.join(str(one) for one in names)}")
    return names[0] if names else None
