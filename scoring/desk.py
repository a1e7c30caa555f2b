"""What scoring's pages on the desk have in common: nothing is deleted, rows that never change are shown, acts are
POSTs.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper
from unfold.admin import ModelAdmin


class DeskAdmin(ModelAdmin):
    """To be looked at; what changes a row is an act with a page and a permission of its own."""

    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    list_filter_sheet = False
    list_fullwidth = True
    compressed_fields = True
    show_facets = False  # type: ignore[assignment]
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def page(
        self, request: HttpRequest, template: str, title: str, *, refused: bool = False, **context: Any
    ) -> TemplateResponse:
        """A page of our own in the frame of the desk; `refused`: what was sent could not be taken, and the page says why."""
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "media": self.media}
        return TemplateResponse(request, template, {**frame, **context}, status=422 if refused else 200)


class PageAdmin(DeskAdmin):
    """A row has a page of our own: a subclass says in `opened` what stands there. To see it takes the permission to
    view the row, to send something to it `sent_with`.
    """

    sent_with: ClassVar[str] = "change"
    beside: ClassVar[tuple[str, ...]] = ()
    """Rows that the page shows as well, read in the same statement."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        name = f"{self.opts.app_label}.%s_{self.opts.model_name}"
        require(request, name % "view")
        if request.method == "POST":
            require(request, name % self.sent_with)
        return self.opened(request, self.row(object_id))

    def opened(self, request: HttpRequest, row: Any) -> HttpResponse:
        raise NotImplementedError

    def row(self, pk: int | str) -> Any:
        """The row of this key, or 404, also for what is no key at all."""
        try:
            return get_object_or_404(self.model._default_manager.select_related(*self.beside), pk=pk)
        except (ValidationError, ValueError):
            raise Http404 from None


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


class HistoryDeskAdmin(SimpleHistoryAdmin, DeskAdmin):
    """The same with what changed when, by whom; nothing can be reverted here."""

    history_list_per_page = 50

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed something is a link for those who may look at the staff, and a name for the others."""
        staff = get_user_model()._meta
        context = dict(extra_context or {})
        if not request.user.has_perm(f"{staff.app_label}.view_{staff.model_name}"):
            context["admin_user_view"] = ""
        return super().history_view(request, object_id, context)

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> ChangesInWords:
        return ChangesInWords(self.model, historical_record)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Sequence[Any], foreign_keys_are_objs: bool = True
    ) -> None:
        super().set_history_delta_changes(request, historical_records, foreign_keys_are_objs)
        for record in historical_records:
            record.history_change_reason = record.history_change_reason or "—"


def require(request: HttpRequest, *permissions: str) -> None:
    """Every one of these permissions, or 403 and nothing changes."""
    if not request.user.is_active or not all(request.user.has_perm(permission) for permission in permissions):
        raise PermissionDenied


def show(refusal: ValidationError, form: BaseForm) -> None:
    """The refusal on the form: on its field where the form has one, above the form otherwise."""
    about = getattr(refusal, "about", None)
    form.add_error(about if about in form.fields else None, ValidationError(refusal.messages))
