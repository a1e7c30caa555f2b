"""The business day: what ran, what failed, and which loans moved between buckets."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin
from lending.servicing.models import ArrearsMove, JobRun

RUN_COLOURS = {"running": "info", "done": "success", "failed": "danger"}
CLASS_COLOURS = {
    "pass": "success",
    "special_mention": "warning",
    "substandard": "danger",
    "doubtful": "danger",
    "loss": "danger",
}


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyHistoryAdmin):
    list_display = ("business_date", "job", "status_label", "started_at", "finished_at")
    list_filter = ("status", "job")
    ordering = ("-business_date", "-id")

    @display(description=_("status"), label=RUN_COLOURS)
    def status_label(self, run: JobRun) -> tuple[str, str]:
        return run.status, run.get_status_display()


@admin.register(ArrearsMove)
class ArrearsMoveAdmin(ReadOnlyAdmin):
    list_display = ("business_date", "loan", "days_past_due", "previous_bucket", "bucket", "grade")
    list_filter = ("bucket", "classification")
    list_select_related = ("loan",)
    search_fields = ("loan__number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-id",)

    @display(description=_("classification"), label=CLASS_COLOURS)
    def grade(self, move: ArrearsMove) -> tuple[str, str]:
        return move.classification, move.get_classification_display()
