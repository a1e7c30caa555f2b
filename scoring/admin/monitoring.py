"""Monitoring on the desk: the page of each model with its charts, the readings taken, and the tasks breaches opened."""

import csv
import json
from typing import Any

from django.contrib import admin, messages
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
from scoring.monitoring_words import feature_name, figure_told, meaning, metric_name


class MetricFilter(admin.SimpleListFilter):
    """By figure, each by its name."""

    title = gettext_lazy("metric")
    parameter_name = "metric"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = model_admin.model.objects.order_by("metric").values_list("metric", flat=True).distinct()
        return [(metric, metric_name(metric)) for metric in found]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(metric=self.value()) if self.value() else queryset


class FiguresTold:
    """The columns of a row with a figure, in words and rounded."""

    @display(description=gettext_lazy("metric"), ordering="metric")
    def metric_label(self, row: MonitoringReading | ReviewTask) -> str:
        return metric_name(row.metric)

    @display(description=gettext_lazy("of"), ordering="feature")
    def of(self, row: MonitoringReading | ReviewTask) -> str:
        return feature_name(row.feature) or "—"

    @display(description=gettext_lazy("value"), ordering="value")
    def value_told(self, row: MonitoringReading | ReviewTask) -> str:
        return figure_told(row.metric, row.value)

    @display(description=gettext_lazy("threshold"), ordering="threshold")
    def threshold_told(self, row: MonitoringReading | ReviewTask) -> str:
        return figure_told(row.metric, row.threshold)


@admin.register(MonitoringReading)
class MonitoringReadingAdmin(FiguresTold, DeskAdmin):
    list_display = ("on", "model_version", "metric_label", "of", "value_told", "threshold_told", "breached", "count")
    list_filter = ("breached", MetricFilter)
    list_select_related = ("model_version",)
    ordering = ("-on", "-id")

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
class ReviewTaskAdmin(FiguresTold, PageAdmin, HistoryDeskAdmin):
    beside = ("model_version", "closed_by")
    list_display = (
        "metric_label", "of", "model_version", "opened_on", "value_told", "threshold_told", "closed_on", "disposition",
        "closed_by",
    )  # fmt: skip
    list_filter = (("closed_on", admin.EmptyFieldListFilter), "disposition", MetricFilter)
    list_select_related = ("model_version", "closed_by")
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/close/", wrap(self.close), name="scoring_reviewtask_close"), *super().get_urls()]

    def opened(self, request: HttpRequest, task: ReviewTask) -> HttpResponse:
        return self._page(request, task, TaskForm())

    def _page(self, request: HttpRequest, task: ReviewTask, form: TaskForm) -> HttpResponse:
        may = task.closed_on is None and request.user.has_perm("scoring.close_reviewtask")
        name, of = metric_name(task.metric), feature_name(task.feature)
        context: dict[str, Any] = {
            "task": task,
            "original": task,
            "form": form,
            "may_close": may,
            "name": name,
            "of": of,
            "value": figure_told(task.metric, task.value),
            "threshold": figure_told(task.metric, task.threshold),
            "meaning": meaning(task.metric),
        }
        title = f"{name} {of}".strip()
        return self.page(request, "admin/scoring/reviewtask/desk.html", title, refused=bool(form.errors), **context)

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.view_reviewtask", "scoring.close_reviewtask")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        task, form = self.row(pk), TaskForm(request.POST)
        if form.is_valid():
            monitoring.close_task(task, **form.cleaned_data, by=request.user, on=timezone.localdate())
            messages.success(request, _("The task is closed."))
            return HttpResponseRedirect(reverse("admin:scoring_reviewtask_changelist"))
        return self._page(request, task, form)
