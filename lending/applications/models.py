"""Who asks, what we knew, what was decided and why, what was offered and what was signed."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.encryption import EncryptedTextField
from customers.history import HistoricalRecords
from customers.models import Customer, Language
from lending.products.models import ProductVersion


class Application(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Being filled in")
        SUBMITTED = "submitted", _("Submitted")
        REFERRED = "referred", _("With an officer")
        DECLINED = "declined", _("Declined")
        OFFERED = "offered", _("Offer made")
        SIGNED = "signed", _("Signed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Offer expired")

    OPEN = (Status.DRAFT, Status.SUBMITTED, Status.REFERRED, Status.OFFERED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="applications")
    product_version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, db_index=True)
    channel = models.CharField(_("channel"), max_length=40, default="portal")
    external_reference = models.CharField(_("reference of the channel"), max_length=80, null=True, blank=True)
    amount_minor = models.BigIntegerField(_("amount asked for (minor units)"), null=True, blank=True)
    installments = models.PositiveSmallIntegerField(_("installments asked for"), null=True, blank=True)
    purpose = models.CharField(_("purpose"), max_length=30, blank=True)
    #: What was stated, by fact name; money in major units.
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(status__in=["draft", "submitted", "referred", "offered"]),
                name="one_open_application_per_customer",
            ),
            models.UniqueConstraint(
                fields=["channel", "external_reference"], name="one_application_per_channel_reference"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True) | Q(amount_minor__gt=0), name="asked_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"A{self.pk:08d}" if self.pk else "A-"


class BureauInquiry(models.Model):
    """One question to the credit bureau under a standing consent, and what came back: one answer a day at most.

    `person_index` is the blind index of the resident ID that was asked about. Customer and application are empty where
    a channel's application was refused after the question: it was asked, and says so.
    """

    append_only = True

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="bureau_inquiries", null=True, blank=True
    )
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="bureau_inquiries", null=True, blank=True
    )
    person_index = models.CharField(max_length=64, blank=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=30, default="loan_application")
    answered = models.BooleanField(_("answered"))
    found = models.BooleanField(_("known to the bureau"), default=False)
    facts = models.JSONField(_("facts"), default=dict)
    sha256 = models.CharField(_("SHA-256 of the answer"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    asked_on = models.DateField(_("asked on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("bureau inquiry")
        verbose_name_plural = _("bureau inquiries")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "asked_on"],
                condition=Q(answered=True),
                name="one_bureau_answer_per_customer_and_day",
            ),
            models.UniqueConstraint(
                fields=["person_index", "asked_on"],
                condition=Q(answered=True) & ~Q(person_index=""),
                name="one_bureau_answer_per_person_and_day",
            ),
        ]


class FactsSnapshot(models.Model):
    """Everything the decision saw, frozen: facts by name, where each came from, and the digest of both."""

    append_only = True

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="snapshots")
    facts = models.JSONField(_("facts"))
    sources = models.JSONField(_("sources"))
    sha256 = models.CharField(max_length=64)
    taken_on = models.DateField(_("taken on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("facts snapshot")
        verbose_name_plural = _("facts snapshots")


class Decision(models.Model):
    """One decision, by the rules (`by` is empty) or by an officer; the last row of an application stands.

    `reasons` is a list of {"code", "text_zh", "text_en"}; `override` marks an officer who went against the
    recommendation.
    """

    append_only = True

    class Outcome(models.TextChoices):
        APPROVE = "approve", _("Approved")
        REFER = "refer", _("Referred to an officer")
        DECLINE = "decline", _("Declined")

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    snapshot = models.ForeignKey(FactsSnapshot, on_delete=models.PROTECT, related_name="+")
    score = models.ForeignKey("scoring.Score", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    reasons = models.JSONField(_("reasons"))
    rules = models.JSONField(
        _("rules applied"), default=dict
    )  # strategy version, rule parameters with citations, findings
    limit_minor = models.BigIntegerField(_("limit (minor units)"), null=True, blank=True)
    yearly_rate_percent = models.DecimalField(
        _("yearly rate (nominal, %)"), max_digits=9, decimal_places=4, null=True, blank=True
    )
    installments = models.PositiveSmallIntegerField(_("installments"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    override = models.BooleanField(_("against the recommendation"), default=False)
    note = models.TextField(_("note"), blank=True)
    decided_on = models.DateField(_("decided on"))
    took_ms = models.PositiveIntegerField(_("took (ms)"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="approve")
                | Q(limit_minor__gt=0, yearly_rate_percent__isnull=False, installments__isnull=False),
                name="approval_names_limit_rate_and_term",
            )
        ]

    @property
    def reasons_for(self) -> list[dict[str, Any]]:
        """Of an approval, what spoke for the applicant."""
        return [reason for reason in self.reasons if reason not in self.reasons_against]

    @property
    def reasons_against(self) -> list[dict[str, Any]]:
        """What spoke against the applicant; of an approval, the bound that keeps it below what was asked for."""
        approved = self.outcome == self.Outcome.APPROVE
        return [reason for reason in self.reasons if not approved or reason.get("kind") == "rule"]


class Offer(models.Model):
    """What the customer may sign: the engine's full terms, the schedule they give, and the whole cost."""

    append_only = True

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    product_version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    installments = models.PositiveSmallIntegerField(_("installments"))
    yearly_rate_percent = models.DecimalField(_("yearly rate (nominal, %)"), max_digits=9, decimal_places=4)
    terms = models.JSONField(_("terms"))
    schedule = models.JSONField(_("schedule"))
    fees = models.JSONField(_("fees"), default=list)
    disclosure = models.JSONField(_("cost disclosure"))  # total interest, fees, repayable; IRR nominal and effective
    made_on = models.DateField(_("made on"))
    expires_on = models.DateField(_("expires on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="offer_amount_positive")]


class Contract(models.Model):
    """The rendered text and its SHA-256. What is signed is this text, byte for byte."""

    append_only = True

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="contract")
    number = models.CharField(_("number"), max_length=30, unique=True)
    language = models.CharField(_("language"), max_length=10, choices=Language)
    text = EncryptedTextField(_("text"))  # it names a person; the digest is of the plain text in UTF-8
    sha256 = models.CharField("SHA-256", max_length=64)
    rendered_on = models.DateField(_("rendered on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")


class Signature(models.Model):
    """The customer's signature under a contract: of which digest, how given, and that the costs were read."""

    append_only = True

    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="signature")
    sha256 = models.CharField("SHA-256", max_length=64)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    method = models.CharField(_("method"), max_length=30)
    disclosure_confirmed = models.BooleanField(_("cost disclosure read and confirmed"))
    signed_on = models.DateField(_("signed on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")


class Stamp(models.Model):
    """What a watched table was last changed under: a new random word after every change (see `stamps`)."""

    projection = True

    watched = models.CharField(_("table"), max_length=63, primary_key=True)
    value = models.CharField(_("stamp"), max_length=36)

    class Meta:
        verbose_name = _("change stamp")
        verbose_name_plural = _("change stamps")

    def __str__(self) -> str:
        return f"{self.watched} {self.value[:8]}"


from lending.applications.signal_models import SignalInquiry  # noqa: E402

__all__ = [
    "Application",
    "BureauInquiry",
    "Contract",
    "Decision",
    "FactsSnapshot",
    "Offer",
    "SignalInquiry",
    "Signature",
    "Stamp",
]
