"""Columns that are called by the name of their field, in the reader's language.

Django names a field that is given no name of its own after its attribute (`assigned_to` is "assigned to") and never
translates that. The desk would show those columns in English only, so at start every such name of ours becomes lazy.
The names stand here for `makemessages`, which finds only what is written in some source; a test holds the list to the
models. Migrations see nothing of it: they record the names that were given, and none was.
"""

from django.apps import apps
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
        _("text"),
        _("user"),
    }
)


def translate_field_names() -> None:
    """Make the names that our models' fields have from their attributes translatable."""
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in OURS:
            continue
        for field in model._meta.local_fields:
            if field.verbose_name in NAMES and not isinstance(field.verbose_name, Promise):
                field.verbose_name = gettext_lazy(field.verbose_name)
