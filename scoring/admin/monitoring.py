"""Monitoring on the desk: the page of each model with its charts, the readings taken, and the tasks breaches opened."""

import csv
import json

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from scoring import monitoring, monitoring_page
from scoring.desk import DeskAdmin, HistoryDeskAdmin, PageAdmin, require
from scoring.desk_forms import TaskForm
from scoring.models import ModelVersion, MonitoringReading, ReviewTask
from scoring.monitoring_figures import csv_rows
from scoring.monitoring_words import feature_name, metric_name


@admin.register(MonitoringReading)
class MonitoringReadingAdmin(DeskAdmin):
    list_display = ("on", "model_version", "metric_label", "of", "value", "threshold", "breached", "count")
    list_filter = ("breached", "metric")
    list_select_related = ("model_version",)
    ordering = ("-on", "-id")

    @display(description=gettext_lazy("metric"), ordering="metric")
    def metric_label(self, reading: MonitoringReading) -> str:
        return metric_name(reading.metric)

    @display(description=gettext_lazy("of"), ordering="feature")
    def of(self, reading: MonitoringReading) -> str:
        return feature_name(reading.feature) or "—"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("models/", wrap(self.overview), name="scoring_monitoringreading_overview"),
            path("models/<int:pk>/", wrap(self.of_model), name="scoring_monitoringreading_model"),
            path("models/<int:pk>/figures.json", wrap(self.as_json), name="scoring_monitoringreading_json"),
            path("models/<int:pk>/figures.csv", wrap(self.as_csv), name="scoring_monitoringreading_csv"),
        ]
        return own + super().get_urls()

    def overview(self, request: HttpRequest) -> HttpResponse:
        """The champion's page; where no model runs, what to do about it."""
        require(request, "scoring.view_monitoringreading")
        version = monitoring_page.champion_first()
        if version is not None:
            return HttpResponseRedirect(reverse("admin:scoring_monitoringreading_model", args=[version.pk]))
        return self.page(request, "admin/scoring/monitoring/page.html", _("Monitoring"), shown=None)

    def of_model(self, request: HttpRequest, pk: int) -> HttpResponse:
        shown = self._shown(request, pk)
        title = _("Monitoring: %(model)s") % {"model": shown.version}
        charts = {section.key: section.chart.as_json() for section in shown.sections if section.chart}
        return self.page(
            request,
            "admin/scoring/monitoring/page.html",
            title,
            shown=shown,
            charts=charts,
            ranges=monitoring_page.RANGES,
            open_alarms=sum(alarm.task.closed_on is None for alarm in shown.alarms),
        )

    def as_json(self, request: HttpRequest, pk: int) -> HttpResponse:
        body = json.dumps(self._shown(request, pk).as_json(), ensure_ascii=False, indent=2)
        return _file(HttpResponse(body, content_type="application/json"), pk, "json")

    def as_csv(self, request: HttpRequest, pk: int) -> HttpResponse:
        response = _file(HttpResponse("\ufeff", content_type="text/csv; charset=utf-8"), pk, "csv")
        csv.writer(response).writerows(csv_rows(self._shown(request, pk).sections))
        return response

    def _shown(self, request: HttpRequest, pk: int) -> monitoring_page.Page:
        require(request, "scoring.view_monitoringreading")
        version = get_object_or_404(ModelVersion, pk=pk)
        wanted = request.GET.get("days", "")
        days = int(wanted) if wanted in map(str, monitoring_page.RANGES) else monitoring_page.RANGES[-1]
        return monitoring_page.page(version, on=timezone.localdate(), days=days)


def _file(response: HttpResponse, pk: int, kind: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="monitoring-{pk}.{kind}"'
    return response


@admin.register(ReviewTask)
class ReviewTaskAdmin(PageAdmin, HistoryDeskAdmin):
    beside = ("model_version", "closed_by")
    list_display = (
        "metric_label", "of", "model_version", "opened_on", "value", "threshold", "closed_on", "disposition", "closed_by",
    )  # fmt: skip
    list_filter = (("closed_on", admin.EmptyFieldListFilter), "disposition", "metric")
    list_select_related = ("model_version", "closed_by")
    ordering = ("-id",)

    @display(description=gettext_lazy("metric"), ordering="metric")
    def metric_label(self, task: ReviewTask) -> str:
        return metric_name(task.metric)

    @display(description=gettext_lazy("of"), ordering="feature")
    def of(self, task: ReviewTask) -> str:
        return feature_name(task.feature) or "—"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/close/", wrap(self.close), name="scoring_reviewtask_close"), *super().get_urls()]

    def opened(self, request: HttpRequest, task: ReviewTask) -> HttpResponse:
        return self._page(request, task, TaskForm())

    def _page(self, request: HttpRequest, task: ReviewTask, form: TaskForm) -> HttpResponse:
        may = task.closed_on is None and request.user.has_perm("scoring.close_reviewtask")
        name, of = metric_name(task.metric), feature_name(task.feature)
        context = {"task": task, "original": task, "form": form, "may_close": may, "name": name, "of": of}
        title = f"{name} {of}".strip()
        return self.page(request, "admin/scoring/reviewtask/desk.html", title, refused=bool(form.errors), **context)

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.view_reviewtask", "scoring.close_reviewtask")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        task, form = self.row(pk), TaskForm(request.POST)
        if form.is_valid():
            monitoring.close_task(task, **form.cleaned_data, by=request.user, on=timezone.localdate())
            return HttpResponseRedirect(reverse("admin:scoring_reviewtask_changelist"))
        return self._page(request, task, form)
