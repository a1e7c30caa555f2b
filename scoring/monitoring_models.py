"""Monitoring in the database: one reading per figure and day, and the tasks that breaches open."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from scoring.monitoring_words import feature_name, metric_name


class MonitoringReading(models.Model):
    """One monitored figure of one day: drift of the score or a feature, approval rate, calibration.

    `feature` says of what: a factor, a band, a quarter (2026Q1), a vintage at an age in months (2026-01:06); see the
    modules that read them.
    """

    append_only: ClassVar[bool] = True

    model_version = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="readings")
    on = models.DateField(_("on"))
    metric = models.CharField(_("metric"), max_length=40)
    feature = models.CharField(_("feature"), max_length=60, blank=True)
    value = models.FloatField(_("value"))
    threshold = models.FloatField(_("threshold"), null=True, blank=True)
    breached = models.BooleanField(_("breached"), default=False)
    count = models.PositiveIntegerField(_("cases"), validators=[MinValueValidator(0)])
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("monitoring reading")
        verbose_name_plural = _("monitoring readings")
        constraints = (
            models.UniqueConstraint(
                fields=("model_version", "on", "metric", "feature"), name="scoring_reading_once_a_day"
            ),
        )

    def __str__(self) -> str:
        return f"{metric_name(self.metric)} {feature_name(self.feature)} {self.value:.3f}"


class ReviewTask(models.Model):
    """A breach of a threshold that somebody must look at. One open task per model and metric."""

    class Disposition(models.TextChoices):
        ACCEPT = "accept", _("accept: the model stays as it is")
        RECALIBRATE = "recalibrate", _("recalibrate the model")
        RETRAIN = "retrain", _("train a new model")

    model_version = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="review_tasks")
    metric = models.CharField(_("metric"), max_length=40)
    feature = models.CharField(_("feature"), max_length=60, blank=True)
    opened_on = models.DateField(_("opened on"))
    value = models.FloatField(_("value"))
    threshold = models.FloatField(_("threshold"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    note = models.TextField(_("note"), blank=True)
    disposition = models.CharField(
        _("what follows"), max_length=12, choices=Disposition.choices, blank=True, default=""
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("review task")
        verbose_name_plural = _("review tasks")
        constraints = (
            models.UniqueConstraint(
                fields=("model_version", "metric", "feature"),
                condition=Q(closed_on__isnull=True),
                name="scoring_one_open_task_per_metric",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_by__isnull=False), name="scoring_task_closed_by_someone"
            ),
        )
        permissions = (("close_reviewtask", "Can close a review task"),)

    def __str__(self) -> str:
        return f"{metric_name(self.metric)} {feature_name(self.feature)}".strip()
