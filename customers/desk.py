"""What every page of the officers' desk has in common, on the lowest floor, so that every room's admin may use it.

Lists stay fast over millions of rows: no page counts the whole table, related rows come in the same query, and nothing
on a list is computed per row from another table. Rows that are added and never changed are shown, never edited.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper
from unfold.admin import ModelAdmin, TabularInline

from customers.encryption import EncryptedTextField

COUNT_AT_MOST = 10_000


class BoundedPaginator(Paginator):
    """Counts at most `COUNT_AT_MOST` rows; a whole table on PostgreSQL is estimated from the planner's statistics."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if not isinstance(rows, QuerySet):
            return super().count
        seen = rows.order_by()[:COUNT_AT_MOST].count()
        if seen < COUNT_AT_MOST or rows.query.where or connections[rows.db].vendor != "postgresql":
            return seen
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [f'"{rows.model._meta.db_table}"']
            )
            return max(seen, cursor.fetchone()[0])


class _Desk(ModelAdmin):
    """Shared by all lists and pages: nothing is deleted here, and no list counts its table."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 50
    list_filter_sheet = False
    list_fullwidth = True
    compressed_fields = True
    show_facets = False  # type: ignore[assignment]
    actions: Iterable[str] | None = None

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Encrypted columns are not shown by a page that just lists all fields; who may see one says so himself."""
        return [*(super().get_exclude(request, obj) or ()), *encrypted_fields(self.model)]

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        """A page of our own in the frame of the desk."""
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "media": self.media}
        return TemplateResponse(request, template, {**frame, **context})


class ChangesInWords(HistoricalRecordContextHelper):
    """What changed, as the pages tell it: a choice by its label, yes or no, and nothing where there was nothing."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        field = self.model._meta.get_field(change.field)
        if value is None or getattr(value, "pk", value) is None:
            return ""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        labels = dict(getattr(field, "flatchoices", ()))
        return labels.get(value, value) if labels else super().prepare_delta_change_value(change, value)


class DeskAdmin(SimpleHistoryAdmin, _Desk):
    """Rows that staff with the permission may add or change; their history can be read, not reverted."""

    history_list_per_page = 50

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed something is a link for those who may look at the staff, and a name for the others."""
        context = dict(extra_context or {})
        if not request.user.has_perm("customers.view_user"):
            context["admin_user_view"] = ""
        return super().history_view(request, object_id, context)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Sequence[Any], foreign_keys_are_objs: bool = True
    ) -> None:
        """What changed from one row of history to the next, without the encrypted columns."""
        for newer, older in pairwise(historical_records):
            delta = newer.diff_against(
                older, excluded_fields=encrypted_fields(self.model), foreign_keys_are_objs=foreign_keys_are_objs
            )
            helper = self.get_historical_record_context_helper(request, newer)
            newer.history_delta_changes = helper.context_for_delta_changes(delta)
        for record in historical_records:
            record.history_change_reason = record.history_change_reason or "—"

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> ChangesInWords:
        return ChangesInWords(self.model, historical_record)


class ReadOnlyAdmin(_Desk):
    """Append-only rows and projections: to be looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyHistoryAdmin(DeskAdmin):
    """Rows with a history that only acts change: to be looked at, with what changed when."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    per_page = 20
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def encrypted_fields(model: type[Model]) -> set[str]:
    """Names of the encrypted columns of a model."""
    return {field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)}


def require(request: HttpRequest, *permissions: str) -> None:
    """The staff member must hold every one of these permissions, or gets 403 and nothing changes."""
    if not request.user.is_active or not all(request.user.has_perm(permission) for permission in permissions):
        raise PermissionDenied


def require_post(request: HttpRequest) -> HttpResponse | None:
    """An act is a POST; anything else is answered 405."""
    return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])
