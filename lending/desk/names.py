"""What columns and rows are called on the desk when their models do not say it, in the reader's language.

Django names a field that is given no name of its own after its attribute (`assigned_to` is "assigned to") and a row
after its class ("Case object (5)"), and never translates either. The desk would show them in English only, so at start
every such name of a field becomes lazy, and a row is told by what its model is called and its key.
The names of fields stand here for `makemessages`, which finds only what is written in some source; a test holds the
list to the models. Migrations see nothing of it: they record the names that were given, and none was.
"""

from django.apps import apps
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

OURS = ("customers", "scoring", "lending", "compliance")

NAMES = frozenset(
    {
        _("account"),
        _("answered by"),
        _("application"),
        _("assigned to"),
        _("body"),
        _("by"),
        _("case"),
        _("caused by"),
        _("checker"),
        _("contract"),
        _("created at"),
        _("customer"),
        _("decision"),
        _("entry"),
        _("event"),
        _("event id"),
        _("events count"),
        _("hash"),
        _("id"),
        _("id number index"),
        _("loan"),
        _("maker"),
        _("model version"),
        _("notice"),
        _("offer"),
        _("person index"),
        _("phone index"),
        _("previous hash"),
        _("product"),
        _("product version"),
        _("proposed by"),
        _("public id"),
        _("published by"),
        _("repayment"),
        _("representative id number index"),
        _("request sha256"),
        _("reverses"),
        _("row sha256"),
        _("score"),
        _("sealed at"),
        _("sha256"),
        _("signed by"),
        _("snapshot"),
        _("Task Name"),  # of django_celery_beat, which names it in English only
        _("text"),
        _("user"),
        _("warning"),
    }
)


def tell_names() -> None:
    """Make the names that Django made up for columns, and for rows of ours, those of the reader's language."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field.verbose_name, Promise) and field.verbose_name in NAMES:
                field.verbose_name = gettext_lazy(field.verbose_name)
        if model.__module__.split(".")[0] in OURS and model.__str__ is Model.__str__:
            model.__str__ = _name_and_key  # type: ignore[method-assign,assignment]


def _name_and_key(row: Model) -> str:
    return f"{row._meta.verbose_name} {row.pk}"
