"""Monitoring on the desk: the readings taken and the review tasks they opened."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from scoring import monitoring
from scoring.desk import DeskAdmin, HistoryDeskAdmin, require
from scoring.desk_forms import TaskForm
from scoring.models import MonitoringReading, ReviewTask


@admin.register(MonitoringReading)
class MonitoringReadingAdmin(DeskAdmin):
    list_display = ("on", "model_version", "metric", "feature", "value", "threshold", "breached", "count")
    list_filter = ("breached", "metric")
    list_select_related = ("model_version",)
    ordering = ("-on", "-id")


@admin.register(ReviewTask)
class ReviewTaskAdmin(HistoryDeskAdmin):
    list_display = ("metric", "feature", "model_version", "opened_on", "value", "threshold", "closed_on", "closed_by")
    list_filter = (("closed_on", admin.EmptyFieldListFilter), "metric")
    list_select_related = ("model_version", "closed_by")
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/close/", wrap(self.close), name="scoring_reviewtask_close"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request, "scoring.view_reviewtask")
        if request.method != "GET":
            require(request, "scoring.change_reviewtask")
        return self._page(request, get_object_or_404(ReviewTask, pk=object_id), TaskForm())

    def _page(self, request: HttpRequest, task: ReviewTask, form: TaskForm) -> HttpResponse:
        may = task.closed_on is None and request.user.has_perm("scoring.close_reviewtask")
        context = {"task": task, "original": task, "form": form, "may_close": may}
        return self.page(request, "admin/scoring/reviewtask/desk.html", str(task), **context)

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.view_reviewtask", "scoring.close_reviewtask")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        task, form = get_object_or_404(ReviewTask, pk=pk), TaskForm(request.POST)
        if form.is_valid():
            monitoring.close_task(task, note=form.cleaned_data["note"], by=request.user, on=timezone.localdate())
            return HttpResponseRedirect(reverse("admin:scoring_reviewtask_changelist"))
        response = self._page(request, task, form)
        response.status_code = 422
        return response
