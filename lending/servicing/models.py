"""The business day: which jobs ran for which day, and who moved between buckets."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from customers.models import Customer
from lending.loans.models import Loan


class JobRun(models.Model):
    """One job of one business day. The unique row decides: whoever is second, restarted or doubled finds it done."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    job = models.CharField(_("job"), max_length=40)
    business_date = models.DateField(_("business date"))
    status = models.CharField(_("status"), max_length=10, choices=Status)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [models.UniqueConstraint(fields=["job", "business_date"], name="one_run_per_job_and_day")]


class Classification(models.TextChoices):
    """The five grades of the 2023 measures on risk classification of financial assets."""

    PASS = "pass", _("Pass")
    SPECIAL_MENTION = "special_mention", _("Special mention")
    SUBSTANDARD = "substandard", _("Substandard")
    DOUBTFUL = "doubtful", _("Doubtful")
    LOSS = "loss", _("Loss")


class ArrearsMove(models.Model):
    """A loan changed its bucket of days past due, or its class, at the close of a day.

    The last row says where it stands; a loan without a row has never been late."""

    append_only = True

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="arrears_moves")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    business_date = models.DateField(_("business date"))
    days_past_due = models.PositiveIntegerField(_("days past due"))
    bucket = models.CharField(_("bucket"), max_length=10)
    previous_bucket = models.CharField(_("previous bucket"), max_length=10)
    classification = models.CharField(_("classification"), max_length=16, choices=Classification)
    previous_classification = models.CharField(_("previous classification"), max_length=16, choices=Classification)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("arrears move")
        verbose_name_plural = _("arrears moves")
        constraints = [
            models.UniqueConstraint(fields=["loan", "business_date"], name="one_arrears_move_per_day"),
            models.CheckConstraint(
                condition=~Q(bucket=models.F("previous_bucket"))
                | ~Q(classification=models.F("previous_classification")),
                name="a_move_changes_bucket_or_class",
            ),
        ]
        indexes = [models.Index(fields=["loan", "-business_date"], name="latest_arrears_move")]


class EarlyWarning(models.Model):
    """The monthly reading of a running loan: its behaviour score, the facts it was computed from, and what to be warned of.

    `signals` is a list of {code, text_zh, text_en, evidence}; `points_lost` says by fact what the score lost."""

    append_only = True

    class Grade(models.TextChoices):
        STEADY = "steady", _("Steady")
        WATCH = "watch", _("To be watched")
        AT_RISK = "at_risk", _("At risk")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="early_warnings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    read_on = models.DateField(_("read on"))
    score = models.PositiveSmallIntegerField(_("behaviour score"))
    previous_score = models.PositiveSmallIntegerField(_("score of the month before"), null=True, blank=True)
    grade = models.CharField(_("grade"), max_length=8, choices=Grade)
    facts = models.JSONField(_("facts"))
    points_lost = models.JSONField(_("points lost"))
    signals = models.JSONField(_("signals"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("early warning")
        verbose_name_plural = _("early warnings")
        constraints = [
            models.UniqueConstraint(fields=["loan", "read_on"], name="one_early_warning_per_day"),
            models.CheckConstraint(condition=Q(score__lte=100), name="behaviour_score_at_most_100"),
        ]
        indexes = [models.Index(fields=["read_on", "grade"], name="early_warnings_by_grade")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.read_on}"
