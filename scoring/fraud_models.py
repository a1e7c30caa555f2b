"""Fraud in the database: who was seen with what, what we refuse, and the alerts that people work on."""

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from scoring.telling import fraud_rule_told


class IdentifierKind(models.TextChoices):
    """What may be shared between people who say they are strangers."""

    IDENTITY = "identity", _("identity number")
    PHONE = "phone", _("phone")
    DEVICE = "device", _("device")
    ACCOUNT = "account", _("bank account")
    ADDRESS = "address", _("address")
    EMPLOYER = "employer", _("employer")
    EMAIL = "email", _("e-mail")
    PERSON = "person", _("name and date of birth")


def _somebody(label: Any) -> "models.ForeignKey[Any, Any]":
    """A person of the house who did something, or nobody yet."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label
    )


class Link(models.Model):
    """A customer was seen with an identifier (kept as a keyed hash) when a subject was assessed."""

    append_only: ClassVar[bool] = True

    kind = models.CharField(_("kind"), max_length=10, choices=IdentifierKind.choices)
    value_hash = models.CharField(_("keyed hash"), max_length=64)
    customer_reference = models.CharField(_("customer"), max_length=64)
    subject_reference = models.CharField(_("subject"), max_length=64)
    seen_on = models.DateField(_("seen on"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = (
            models.Index(fields=("value_hash", "seen_on"), name="scoring_link_value"),
            models.Index(fields=("customer_reference", "seen_on"), name="scoring_link_customer"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("subject_reference", "kind", "value_hash"), name="scoring_link_once_per_subject"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.value_hash[:8]}"


class BlacklistQuerySet(models.QuerySet["BlacklistEntry"]):
    def in_force(self, on: datetime.date) -> "BlacklistQuerySet":
        """The entries that have not ended, and were neither withdrawn nor turned down, by this day: also the proposed."""
        standing = Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on)
        return self.filter(standing, expires_on__gte=on).exclude(status=BlacklistEntry.Status.REFUSED)

    def waiting(self, on: datetime.date) -> "BlacklistQuerySet":
        """The entries in force of which a second person has to say something: to list them, or to withdraw them."""
        return self.in_force(on).filter(Q(status=BlacklistEntry.Status.PROPOSED) | Q(withdrawal_by__isnull=False))


class BlacklistEntry(models.Model):
    """An identifier we refuse, with its source and an end: nobody stays on a list for ever without a second look.

    One person proposes it, another confirms it or turns it down (`checked_by`). While only proposed it refers to a
    person; confirmed it declines. To withdraw it before its end takes two people as well.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("turned down")

    kind = models.CharField(_("kind"), max_length=10, choices=IdentifierKind.choices)
    value_hash = models.CharField(_("keyed hash"), max_length=64)
    source = models.CharField(_("source"), max_length=200)
    reason = models.CharField(_("reason"), max_length=200)
    expires_on = models.DateField(_("expires on"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    entered_by = _somebody(_("entered by"))
    checked_by = _somebody(_("checked by"))
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    check_note = models.CharField(_("why it was turned down"), max_length=200, blank=True, default="")
    withdrawal_by = _somebody(_("withdrawal proposed by"))
    withdrawal_reason = models.CharField(_("reason of the withdrawal"), max_length=200, blank=True, default="")
    withdrawal_note = models.CharField(_("why it stays"), max_length=200, blank=True, default="")
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_by = _somebody(_("withdrawn by"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    history = HistoricalRecords()
    objects = BlacklistQuerySet.as_manager()

    class Meta:
        verbose_name = _("blacklist entry")
        verbose_name_plural = _("blacklist entries")
        indexes = (models.Index(fields=("value_hash",), name="scoring_blacklist_value"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(status="proposed", checked_by__isnull=True)
                | Q(checked_by__isnull=False, checked_on__isnull=False) & ~Q(status="proposed"),
                name="scoring_blacklist_checked_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | Q(entered_by__isnull=False) & ~Q(checked_by=F("entered_by")),
                name="scoring_blacklist_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True)
                | Q(withdrawal_by__isnull=False) & ~Q(withdrawn_by=F("withdrawal_by")),
                name="scoring_blacklist_withdrawn_by_another",
            ),
        )
        permissions = (("confirm_blacklistentry", "Can confirm what another proposed for the blacklist"),)

    def __str__(self) -> str:
        return f"{IdentifierKind(self.kind).label} {self.value_hash[:8]}"


class FraudSignal(models.Model):
    """An alert with its evidence, worked as a case until somebody disposes of it."""

    class Severity(models.TextChoices):
        REFER = "refer", _("a person must look")
        DECLINE = "decline", _("decline")

    class Disposition(models.TextChoices):
        OPEN = "open", _("open")
        CONFIRMED = "confirmed", _("fraud confirmed")
        DISMISSED = "dismissed", _("dismissed")

    rule = models.CharField(_("rule"), max_length=50)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    subject_reference = models.CharField(_("subject"), max_length=64)
    customer_reference = models.CharField(_("customer"), max_length=64)
    evidence = models.JSONField(_("evidence"))
    #: Cases of customers who are joined by shared identifiers carry the same name; empty where nothing is shared.
    component = models.CharField(_("linked group"), max_length=20, blank=True, default="", db_index=True)
    raised_on = models.DateField(_("raised on"))
    disposition = models.CharField(
        _("disposition"), max_length=10, choices=Disposition.choices, default=Disposition.OPEN
    )
    disposed_by = _somebody(_("disposed by"))
    disposed_on = models.DateField(_("disposed on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("fraud signal")
        verbose_name_plural = _("fraud signals")
        indexes = (
            models.Index(fields=("disposition", "raised_on"), name="scoring_fraud_queue"),
            models.Index(fields=("customer_reference",), name="scoring_fraud_customer"),
        )
        constraints = (
            models.UniqueConstraint(fields=("subject_reference", "rule"), name="scoring_fraud_rule_once_per_subject"),
            models.CheckConstraint(
                condition=Q(disposition="open") | (Q(disposed_by__isnull=False) & Q(disposed_on__isnull=False)),
                name="scoring_fraud_disposed_by_someone",
            ),
        )
        permissions = (("dispose_fraudsignal", "Can dispose of a fraud signal"),)

    def __str__(self) -> str:
        return f"{fraud_rule_told(self.rule)} {self.subject_reference[:8]}"
