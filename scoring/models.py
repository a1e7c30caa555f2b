"""What scoring keeps: models and their artifacts, scores, decision strategies, fraud signals.

`append_only` and `immutable_when` are read by the database guard, which installs triggers that refuse UPDATE and DELETE
of all rows, or of the rows for which the SQL condition holds.
"""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class ModelArtifact(models.Model):
    """The bytes of a trained model, named by their own SHA-256: JSON, or JSON around LightGBM's text. Never a
    pickle.
    """

    append_only: ClassVar[bool] = True

    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, unique=True)
    content = models.TextField(_("content"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("model artifact")
        verbose_name_plural = _("model artifacts")

    def __str__(self) -> str:
        return self.file_sha256[:12]


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def deciding(self, on: datetime.date) -> "ModelVersionQuerySet":
        """The champions whose certificate has not expired: the only models that may decide."""
        return self.filter(status=ModelVersion.Status.CHAMPION, certificate_expires_on__gte=on)

    def observing(self, on: datetime.date) -> "ModelVersionQuerySet":
        """Certified models that score beside the champion without deciding."""
        return self.filter(status=ModelVersion.Status.SHADOW, certificate_expires_on__gte=on)

    def challenging(self, on: datetime.date) -> "ModelVersionQuerySet":
        return self.filter(status=ModelVersion.Status.CHALLENGER, certificate_expires_on__gte=on)


class ModelVersion(models.Model):
    """One trained model in the inventory, from draft to retirement."""

    class Algorithm(models.TextChoices):
        SCORECARD = "scorecard", _("points scorecard")
        BOOSTING = "boosting", _("gradient boosting with monotone constraints")
        BLEND = "blend", _("calibrated blend")
        TEXT = "text", _("text classifier")
        OUTLIERS = "outliers", _("anomaly score")

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted for validation")
        VALIDATED = "validated", _("validated")
        CERTIFIED = "certified", _("certified")
        CHAMPION = "champion", _("champion (decides)")
        CHALLENGER = "challenger", _("challenger (decides its share)")
        SHADOW = "shadow", _("shadow (scores only)")
        REJECTED = "rejected", _("rejected by validation")
        RETIRED = "retired", _("retired")

    class Tier(models.TextChoices):
        HIGH = "high", _("high: decides about people")
        MEDIUM = "medium", _("medium: supports a decision")
        LOW = "low", _("low: for information")

    name = models.CharField(_("name"), max_length=100)
    version = models.PositiveIntegerField(_("version"))
    algorithm = models.CharField(_("algorithm"), max_length=20, choices=Algorithm.choices)
    purpose = models.CharField(_("purpose"), max_length=200)
    owner = models.CharField(_("owner"), max_length=100)
    tier = models.CharField(_("materiality tier"), max_length=10, choices=Tier.choices, default=Tier.HIGH)
    limitations = models.TextField(_("limitations"), blank=True)
    review_triggers = models.JSONField(_("review triggers"), default=dict, blank=True)
    uses_facts = models.BooleanField(
        _("trained on facts"), default=False, help_text=_("Only a model trained on declared facts can decide.")
    )

    data_name = models.CharField(_("training data"), max_length=200)
    data_sha256 = models.CharField(_("SHA-256 of the training data"), max_length=64)
    data_rows = models.PositiveIntegerField(_("rows"))
    seed = models.IntegerField(_("seed"), default=0)
    spec = models.JSONField(_("specification"), default=dict)
    metrics = models.JSONField(_("metrics"), default=dict)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    validation = models.JSONField(_("validation report"), default=dict, blank=True)
    artifact = models.ForeignKey(ModelArtifact, on_delete=models.PROTECT, verbose_name=_("artifact"))

    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    developer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("developer"),
    )
    validator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("validator"),
    )
    certifier = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("certifier"),
    )
    validation_note = models.TextField(_("validation note"), blank=True)
    certificate_expires_on = models.DateField(_("certificate expires on"), null=True, blank=True)
    challenger_percent = models.PositiveSmallIntegerField(
        _("challenger share, percent"), default=0, validators=[MaxValueValidator(50)]
    )
    promoted_on = models.DateField(_("promoted on"), null=True, blank=True)
    fallback = models.CharField(_("fallback after retirement"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    history = HistoricalRecords()
    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="scoring_model_name_version"),
            models.UniqueConstraint(
                fields=("name",), condition=Q(status="champion"), name="scoring_one_champion_per_name"
            ),
            models.CheckConstraint(
                condition=Q(validator__isnull=True) | (Q(developer__isnull=False) & ~Q(validator=F("developer"))),
                name="scoring_validator_is_not_developer",
            ),
            models.CheckConstraint(
                condition=Q(certifier__isnull=True)
                | (Q(validator__isnull=False) & ~Q(certifier=F("developer")) & ~Q(certifier=F("validator"))),
                name="scoring_certifier_is_a_third_person",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("certified", "champion", "challenger", "shadow"))
                | (Q(certifier__isnull=False) & Q(certificate_expires_on__isnull=False)),
                name="scoring_nothing_runs_uncertified",
            ),
            models.CheckConstraint(condition=Q(challenger_percent__lte=50), name="scoring_challenger_at_most_half"),
        )
        permissions = (
            ("submit_modelversion", "Can submit a model version for validation"),
            ("validate_modelversion", "Can validate a model version"),
            ("certify_modelversion", "Can certify a model version"),
            ("promote_modelversion", "Can promote, roll back and retire a model version"),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class StrategyQuerySet(models.QuerySet["Strategy"]):
    def in_force(self, on: datetime.date, name: str = "default") -> "Strategy | None":
        """The approved version that decides on this date: the highest whose first day has come."""
        approved = self.filter(name=name, status=Strategy.Status.APPROVED, effective_from__lte=on)
        return approved.order_by("-version").first()


class Strategy(models.Model):
    """A decision strategy as data. Approved versions never change: a change is a new version, a way back is a copy."""

    immutable_when: ClassVar[str] = "status <> 'draft'"

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("approved")

    name = models.CharField(_("name"), max_length=100, default="default")
    version = models.PositiveIntegerField(_("version"))
    rules = models.JSONField(_("rules"))
    note = models.TextField(_("why it changed"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    effective_from = models.DateField(_("effective from"))
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("maker"),
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checker"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)

    history = HistoricalRecords()
    objects = StrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision strategy")
        verbose_name_plural = _("decision strategies")
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="scoring_strategy_name_version"),
            models.CheckConstraint(
                condition=Q(checker__isnull=True) | (Q(maker__isnull=False) & ~Q(checker=F("maker"))),
                name="scoring_strategy_checker_is_not_maker",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(checker__isnull=False), name="scoring_strategy_approved_by_someone"
            ),
        )
        permissions = (("approve_strategy", "Can approve a decision strategy"),)

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Score(models.Model):
    """One score with everything needed to compute it again years later: facts, features, model, contributions."""

    append_only: ClassVar[bool] = True

    class Role(models.TextChoices):
        DECISION = "decision", _("decision")
        SHADOW = "shadow", _("shadow")
        RESCORE = "rescore", _("rescore of the book")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="scores")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.DECISION)
    subject_reference = models.CharField(_("subject"), max_length=64)
    customer_reference = models.CharField(_("customer"), max_length=64)
    scored_on = models.DateField(_("scored on"))
    facts = models.JSONField(_("facts"))
    facts_sha256 = models.CharField(_("SHA-256 of the facts"), max_length=64)
    features = models.JSONField(_("features"))
    probability_of_default = models.FloatField(_("probability of default"))
    points = models.IntegerField(_("points"))
    band = models.CharField(_("band"), max_length=2)
    contributions = models.JSONField(_("contributions"))
    reasons = models.JSONField(_("reasons"), default=list)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        indexes = (
            models.Index(fields=("subject_reference",), name="scoring_score_subject"),
            models.Index(fields=("customer_reference",), name="scoring_score_customer"),
            models.Index(fields=("model_version", "scored_on"), name="scoring_score_model_day"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(probability_of_default__gte=0) & Q(probability_of_default__lte=1),
                name="scoring_pd_is_a_probability",
            ),
        )

    def __str__(self) -> str:
        return f"{self.points} ({self.band})"


from scoring.fraud_models import BlacklistEntry, FraudSignal, IdentifierKind, Link  # noqa: E402
from scoring.monitoring_models import MonitoringReading, ReviewTask  # noqa: E402

__all__ = [
    "BlacklistEntry",
    "FraudSignal",
    "IdentifierKind",
    "Link",
    "ModelArtifact",
    "ModelVersion",
    "MonitoringReading",
    "ReviewTask",
    "Score",
    "Strategy",
]
