"""The business day: what ran, what failed, and which loans moved between buckets."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin
from lending.clock import business_date
from lending.money_display import money
from lending.servicing import care_desk  # noqa: F401 - registers plan changes and early-warning tasks
from lending.servicing.models import ArrearsMove, EarlyWarning, JobRun
from lending.servicing.suggestions import suggest

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


GRADE_COLOURS = {"steady": "success", "watch": "warning", "at_risk": "danger"}


@admin.register(EarlyWarning)
class EarlyWarningAdmin(ReadOnlyAdmin):
    list_display = ("read_on", "loan", "grade_label", "score", "previous_score", "signals_told")
    list_filter = ("grade", "read_on")
    list_select_related = ("loan",)
    search_fields = ("loan__number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-read_on", "score", "-id")
    fields = (
        "loan", "read_on", "grade", "score", "previous_score", "signals_told", "facts", "points_lost", "ways_out",
    )  # fmt: skip
    readonly_fields = ("signals_told", "ways_out")

    @display(description=_("grade"), label=GRADE_COLOURS)
    def grade_label(self, warning: EarlyWarning) -> tuple[str, str]:
        return warning.grade, warning.get_grade_display()

    @display(description=_("signals"))
    def signals_told(self, warning: EarlyWarning) -> SafeString | str:
        told = "text_zh" if (get_language() or "").startswith("zh") else "text_en"
        return format_html_join("", "<div>{}</div>", ((signal[told],) for signal in warning.signals)) or "—"

    @display(description=_("what could help"))
    def ways_out(self, warning: EarlyWarning) -> SafeString | str:
        """Tried out by the engine as the page is shown; nothing is written."""
        loan, chinese = warning.loan, (get_language() or "").startswith("zh")
        found = suggest(loan, on=business_date())
        rows = ((way.text_zh if chinese else way.text_en,) for way in found.ways)
        ways = format_html_join("", "<li>{}</li>", rows)
        if found.capacity is None:
            return format_html("<p>{}</p><ul>{}</ul>", _("What the customer can pay a month is not known."), ways)
        can_pay = money(int(found.capacity.scaleb(loan.decimals)), loan.currency, loan.decimals)
        return format_html("<p>{}: {}</p><ul>{}</ul>", _("The customer can pay a month"), can_pay, ways)
