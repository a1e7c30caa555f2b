"""Who we deal with: users, persons and organisations, what they consented to, and what we told them.

Models marked `append_only = True` refuse UPDATE and DELETE in the database itself; all others keep their history.
"""

import datetime
import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers import topics
from customers.encryption import EncryptedTextField
from customers.history import HistoricalRecords


class Language(models.TextChoices):
    CHINESE = "zh-hans", _("Simplified Chinese")
    ENGLISH = "en", _("English")


class User(AbstractUser):
    """Staff sign in by user name, customers by phone; a customer's user name is a random word, never the phone."""

    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_index = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    phone_verified = models.BooleanField(_("phone verified"), default=False)
    history = HistoricalRecords(excluded_fields=["last_login", "password"])

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")


class Customer(models.Model):
    """A borrower, person or organisation. `public_id` is the name every other room and every URL knows it by."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        ORGANISATION = "organisation", _("Organisation")

    class Status(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        IDENTIFIED = "identified", _("Identified")
        BLOCKED = "blocked", _("Blocked")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PERSON)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.REGISTERED)
    user = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="customer", verbose_name=_("user")
    )
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    email = models.EmailField(_("e-mail"), blank=True)
    registered_on = models.DateField(_("registered on"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [("reveal_personal_data", _("Can see personal data in plain, on the record"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.public_id)[:8]}"

    @property
    def display_name(self) -> str:
        if self.kind == self.Kind.PERSON:
            person = getattr(self, "person", None)
            return person.name if person else str(self.public_id)[:8]
        organisation = getattr(self, "organisation", None)
        return organisation.name if organisation else str(self.public_id)[:8]


class Person(models.Model):
    """Identity of a natural person (resident ID of GB 11643). Name, number and phone are encrypted."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True, related_name="person")
    name = EncryptedTextField(_("name"))
    id_number = EncryptedTextField(_("resident ID number"))
    id_number_index = models.CharField(max_length=64, unique=True, editable=False)
    birth_date = models.DateField(_("date of birth"))
    phone = EncryptedTextField(_("phone"))
    phone_index = models.CharField(max_length=64, db_index=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")


class Organisation(models.Model):
    """Identity of a business (unified social credit code of GB 32100) and the person who signs for it."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True, related_name="organisation")
    name = models.CharField(_("name"), max_length=200)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, unique=True)
    established_on = models.DateField(_("established on"), null=True, blank=True)
    representative_name = EncryptedTextField(_("legal representative"))
    representative_id_number = EncryptedTextField(_("representative's resident ID number"))
    representative_id_number_index = models.CharField(max_length=64, db_index=True, editable=False)
    phone = EncryptedTextField(_("phone"))
    phone_index = models.CharField(max_length=64, db_index=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")


class IdentityCheck(models.Model):
    """One check of identity and its result, with the evidence that may be kept (never the number itself)."""

    append_only = True

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identity_checks")
    kind = models.CharField(_("kind"), max_length=30)
    passed = models.BooleanField(_("passed"))
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    made_on = models.DateField(_("made on"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")


class Purpose(models.TextChoices):
    """What personal data may be used for; each is asked for, given and withdrawn on its own (PIPL art. 13-16, 23, 29)."""

    IDENTITY = "identity", _("Verify who I am")
    CREDIT_REPORT = "credit_report", _("Query my credit report")
    AUTOMATED_DECISION = "automated_decision", _("Decide automatically on my application")
    DEVICE_SIGNALS = "device_signals", _("Use signals of my device against fraud")
    TRANSACTION_SIGNALS = "transaction_signals", _("Look at the movements of my account")
    PARTNER_SHARING = "partner_sharing", _("Share with funding partners")
    MARKETING = "marketing", _("Tell me about offers")


class ConsentText(models.Model):
    """The very words that are consented to, per purpose and version."""

    append_only = True

    purpose = models.CharField(_("purpose"), max_length=30, choices=Purpose)
    version = models.PositiveIntegerField(_("version"))
    required = models.BooleanField(_("required to apply"))
    text_zh = models.TextField(_("text (Chinese)"))
    text_en = models.TextField(_("text (English)"))
    effective_on = models.DateField(_("effective on"))

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="one_consent_text_per_version")]


class Consent(models.Model):
    """A consent given or withdrawn. The latest row of (customer, purpose) says what holds now."""

    append_only = True

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=30, choices=Purpose)
    given = models.BooleanField(_("given"), help_text=_("No means withdrawn."))
    channel = models.CharField(_("channel"), max_length=20)
    on = models.DateField(_("on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["customer", "purpose", "-id"], name="latest_consent")]


class Notice(models.Model):
    """One message to a customer. `key` makes it unique: telling the same thing twice is refused by the database."""

    append_only = True

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="notices")
    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    subject_type = models.CharField(_("about"), max_length=30, blank=True)
    subject_id = models.CharField(_("about number"), max_length=40, blank=True, db_index=True)
    language = models.CharField(_("language"), max_length=10, choices=Language)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("body"))
    on = models.DateField(_("business date"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [models.Index(fields=["customer", "-id"], name="customers_latest_notices")]


class Delivery(models.Model):
    """The delivery log: one row each time a channel is tried, and when the customer opens the notice."""

    append_only = True

    class Channel(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")

    class Result(models.TextChoices):
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        READ = "read", _("Read")

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    result = models.CharField(_("result"), max_length=10, choices=Result)
    reference = models.CharField(_("reference of the carrier"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel", "result"],
                condition=Q(result__in=["sent", "read"]),
                name="sent_once_per_channel",
            )
        ]


class OutgoingMessage(models.Model):
    """What still has to leave the house: a notice on a channel, not before an hour that the contact rules allow.

    A row is taken by putting it off for the length of a lease, sent, logged as a Delivery and marked done; a failed
    try is put off. It needs no history: every try of it is a row of the delivery log, which nobody can change.
    """

    projection = True

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="outgoing")
    channel = models.CharField(_("channel"), max_length=10, choices=Delivery.Channel)
    not_before = models.DateTimeField(_("not before"))
    allowed_from = models.TimeField(_("allowed from (local time)"), null=True, blank=True)
    allowed_until = models.TimeField(_("allowed until (local time)"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    done = models.BooleanField(_("done"), default=False)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="one_outgoing_message_per_channel"),
            models.CheckConstraint(
                condition=Q(allowed_from__isnull=True, allowed_until__isnull=True)
                | Q(allowed_from__isnull=False, allowed_until__gt=models.F("allowed_from")),
                name="allowed_hours_in_order",
            ),
        ]
        indexes = [models.Index(fields=["not_before"], condition=Q(done=False), name="outgoing_messages_to_send")]


class ServiceCaseQuerySet(models.QuerySet["ServiceCase"]):
    def open(self) -> "ServiceCaseQuerySet":
        return self.filter(status="open")

    def overdue(self, on: datetime.date) -> "ServiceCaseQuerySet":
        """Cases that should have been answered before this day."""
        return self.open().filter(due_on__lt=on)

    def in_order_of_work(self) -> "ServiceCaseQuerySet":
        """Open ones first, the urgent ones of them on top, then by the day that the answer is due."""
        return self.order_by("-status", "-urgent", "due_on", "id")

    def about(self, subject_type: str, *subject_ids: object) -> "ServiceCaseQuerySet":
        return self.filter(subject_type=subject_type, subject_id__in=[str(one) for one in subject_ids])

    def labelled(self) -> "ServiceCaseQuerySet":
        """Cases with words of the customer whose topic an officer has chosen: what a classifier learns from."""
        return self.exclude(text="").exclude(topic="").filter(answered_by__isnull=False)


class ServiceCase(models.Model):
    """What a customer asks of us: an explanation, a review by a person, her data, or she complains. `due_on` is the day
    by which the law or our word wants an answer. `key` makes a second click of the same form the same case.

    `topic` is what the officer says it is about, `suggested_topic` what a classifier said when it was opened (see
    `customers.topics`). An answered case without `answered_by` was answered by the machine."""

    class Kind(models.TextChoices):
        EXPLANATION = "explanation", _("Explain a decision")
        REVIEW = "review", _("Have a person review a decision")
        COMPLAINT = "complaint", _("Complaint")
        CORRECTION = "correction", _("Correct my data")
        ERASURE = "erasure", _("Erase my data")
        QUESTION = "question", _("Question")
        HARDSHIP = "hardship", _("Trouble paying")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="service_cases")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    subject_type = models.CharField(_("about"), max_length=30, blank=True)
    subject_id = models.CharField(_("about number"), max_length=40, blank=True)
    text = models.TextField(_("what the customer wrote"), blank=True)
    topic = models.CharField(_("topic"), max_length=12, choices=topics.choices, blank=True, db_index=True)
    suggested_topic = models.CharField(_("suggested topic"), max_length=12, choices=topics.choices, blank=True)
    suggested_probability = models.DecimalField(
        _("probability of the suggestion"), max_digits=4, decimal_places=3, null=True, blank=True
    )
    suggested_by = models.CharField(_("suggested by"), max_length=120, blank=True)
    urgent = models.BooleanField(_("urgent"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, db_index=True)
    answer = models.TextField(_("our answer"), blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_on = models.DateField(_("opened on"))
    due_on = models.DateField(_("answer due on"))
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    key = models.UUIDField(_("idempotency key"), default=uuid.uuid4, unique=True, editable=False)
    history = HistoricalRecords()

    objects = ServiceCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("service case")
        verbose_name_plural = _("service cases")
        indexes = [
            models.Index(fields=["status", "due_on"], name="service_cases_by_due_date"),
            models.Index(fields=["subject_type", "subject_id"], name="service_cases_by_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "subject_type", "subject_id"],
                condition=Q(status="open", kind__in=["explanation", "review", "erasure", "hardship"]),
                name="one_open_case_of_a_kind_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(status="open", answered_on__isnull=True) | Q(status="answered", answered_on__isnull=False),
                name="an_answered_case_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"S{self.pk:06d}" if self.pk else "S-"

    def days_left(self, on: datetime.date) -> int:
        """Days until the answer is due; below zero the answer is overdue by as many."""
        return (self.due_on - on).days
