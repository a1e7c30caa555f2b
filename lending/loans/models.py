"""What is owed. A loan is its events; `Loan`, `Installment` and the sums of `Allocation` are their projection.

`projection = True` marks rows that are rewritten from the events in the same transaction (and proven by
`manage.py verify_loans`): they need no history, because the events are it.
"""

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.encryption import EncryptedTextField
from customers.history import HistoricalRecords
from customers.models import Customer
from lending.applications.models import Application
from lending.finance.installments import LoanState
from lending.loans.queries import DisbursementQuerySet, InstallmentQuerySet, LoanQuerySet
from lending.products.models import ProductVersion


class Loan(models.Model):
    """`terms` and what identifies the loan are frozen by the database (`lending.loans.frozen_terms`).

    The schedule starts on the day of the first disbursement, see `lending.loans.replaying`. `oldest_due_on` is the due
    date of the first unpaid installment whether it has passed or not: it changes with payments, not with time.
    `restructured_on` is the last day on which its plan was eased, see `lending.loans.replanning`.
    """

    projection = True

    class Status(models.TextChoices):
        APPROVED = "approved", _("Awaiting disbursement")
        ACTIVE = "active", _("Active")
        PAID_OFF = "paid_off", _("Paid off")
        CHARGED_OFF = "charged_off", _("Charged off")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("number"), max_length=30, unique=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="loan")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="loans")
    product_version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, related_name="+")
    terms = models.JSONField(_("terms"))  # frozen at signing; the database refuses a change of it
    currency = models.CharField(_("currency"), max_length=3)
    decimals = models.PositiveSmallIntegerField(_("decimals of the currency"))
    approved_minor = models.BigIntegerField(_("approved amount (minor units)"))
    opened_on = models.DateField(_("opened on"))
    # The rest is projected from the events.
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.APPROVED, db_index=True)
    disbursed_on = models.DateField(_("disbursed on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    disbursed_minor = models.BigIntegerField(_("disbursed (minor units)"), default=0)
    outstanding_principal_minor = models.BigIntegerField(_("outstanding principal (minor units)"), default=0)
    outstanding_interest_minor = models.BigIntegerField(_("outstanding interest (minor units)"), default=0)
    outstanding_fees_minor = models.BigIntegerField(_("outstanding fees (minor units)"), default=0)
    outstanding_penalties_minor = models.BigIntegerField(_("outstanding penalties (minor units)"), default=0)
    credit_balance_minor = models.BigIntegerField(_("credit balance of the customer (minor units)"), default=0)
    oldest_due_on = models.DateField(_("oldest unpaid due date"), null=True, blank=True)
    next_due_on = models.DateField(_("next due date"), null=True, blank=True)
    restructured_on = models.DateField(_("restructured on"), null=True, blank=True)
    events_count = models.PositiveIntegerField(default=0)
    replayed_on = models.DateField(_("projected as of"), null=True, blank=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        permissions = [
            ("approve_disbursement", _("Can approve a disbursement as the second officer")),
            ("cancel_loan", _("Can call off a loan before it is paid out")),
        ]
        indexes = [
            models.Index(fields=["status", "oldest_due_on"], name="loans_by_oldest_due"),
            models.Index(fields=["status", "next_due_on"], name="loans_by_next_due"),
            models.Index(
                fields=["restructured_on"], condition=Q(restructured_on__isnull=False), name="loans_restructured"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outstanding_principal_minor__gte=0)
                & Q(outstanding_interest_minor__gte=0)
                & Q(outstanding_fees_minor__gte=0)
                & Q(outstanding_penalties_minor__gte=0)
                & Q(credit_balance_minor__gte=0),
                name="balances_not_negative",
            ),
            models.CheckConstraint(condition=Q(approved_minor__gt=0), name="approved_positive"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def outstanding_minor(self) -> int:
        return (
            self.outstanding_principal_minor
            + self.outstanding_interest_minor
            + self.outstanding_fees_minor
            + self.outstanding_penalties_minor
        )

    def days_past_due(self, on: dt.date) -> int:
        """Whole days since the oldest unpaid due date; 0 on that day and before."""
        if self.status != self.Status.ACTIVE or self.oldest_due_on is None:
            return 0
        return max(0, (on - self.oldest_due_on).days)

    def state(self, as_of: dt.date) -> LoanState:
        """The loan on a day, past or future, replayed from its events: what every screen and quote shows."""
        from lending.loans.replaying import state_of

        return state_of(self, as_of)


class LoanEvent(models.Model):
    """One dated fact of a loan, in the engine's own words (`payload` is an event of `lending.finance.events`)."""

    append_only = True

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="events")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(_("sequence"))
    on = models.DateField(_("value date"))
    entered_on = models.DateField(_("entered on"))
    type = models.CharField(_("type"), max_length=40)
    payload = models.JSONField(_("event"))
    key = models.CharField(_("key"), max_length=120, unique=True)  # the same fact is never recorded twice
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("loan event")
        verbose_name_plural = _("loan events")
        constraints = [models.UniqueConstraint(fields=["loan", "sequence"], name="one_event_per_sequence")]

    def __str__(self) -> str:
        return f"{self.type} {self.on}"


class Installment(models.Model):
    """One row of the schedule as of `loan.replayed_on`. `waived_minor` is what was forgiven of it, all components."""

    projection = True

    class Kind(models.TextChoices):
        REGULAR = "regular", _("Regular")
        DOWN_PAYMENT = "down_payment", _("Down payment")
        ADDITIONAL = "additional", _("After maturity")
        REPAID_EARLY = "repaid_early", _("Repaid early")
        BROUGHT_FORWARD = "brought_forward", _("Brought forward")

    loan = models.ForeignKey(Loan, on_delete=models.CASCADE, related_name="installments")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("number"))
    starts_on = models.DateField(_("starts on"))
    due_on = models.DateField(_("due on"))
    principal_minor = models.BigIntegerField(_("principal (minor units)"))
    interest_minor = models.BigIntegerField(_("interest (minor units)"))
    fees_minor = models.BigIntegerField(_("fees (minor units)"), default=0)
    penalties_minor = models.BigIntegerField(_("penalties (minor units)"), default=0)
    paid_principal_minor = models.BigIntegerField(_("principal paid (minor units)"), default=0)
    paid_interest_minor = models.BigIntegerField(_("interest paid (minor units)"), default=0)
    paid_fees_minor = models.BigIntegerField(_("fees paid (minor units)"), default=0)
    paid_penalties_minor = models.BigIntegerField(_("penalties paid (minor units)"), default=0)
    waived_minor = models.BigIntegerField(_("forgiven (minor units)"), default=0)
    balance_minor = models.BigIntegerField(_("principal left after it (minor units)"))
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.REGULAR)

    objects = InstallmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("installment")
        verbose_name_plural = _("installments")
        ordering = ["loan_id", "number"]
        indexes = [models.Index(fields=["due_on", "settled_on"], name="installments_by_due_date")]
        constraints = [models.UniqueConstraint(fields=["loan", "number"], name="one_row_per_installment")]

    @property
    def total_minor(self) -> int:
        return self.principal_minor + self.interest_minor + self.fees_minor + self.penalties_minor

    @property
    def paid_minor(self) -> int:
        return self.paid_principal_minor + self.paid_interest_minor + self.paid_fees_minor + self.paid_penalties_minor

    @property
    def outstanding_minor(self) -> int:
        return self.total_minor - self.paid_minor - self.waived_minor


class Allocation(models.Model):
    """Where an event's money went. When a later fact changes that, the old split is negated and the new one added:
    the sum over (event, installment, component) is what holds, `caused_by` is the event that made the row."""

    append_only = True

    class Component(models.TextChoices):
        PRINCIPAL = "principal", _("Principal")
        INTEREST = "interest", _("Interest")
        FEE = "fee", _("Fee")
        PENALTY = "penalty", _("Penalty")
        CREDIT = "credit", _("Credit balance")

    event = models.ForeignKey(LoanEvent, on_delete=models.PROTECT, related_name="allocations")
    caused_by = models.ForeignKey(LoanEvent, on_delete=models.PROTECT, related_name="+")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="allocations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    installment_number = models.PositiveSmallIntegerField(_("installment"), null=True, blank=True)
    component = models.CharField(_("component"), max_length=10, choices=Component)
    amount_minor = models.BigIntegerField(_("amount (minor units)"))

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="allocation_not_zero")]


class Disbursement(models.Model):
    """An order to pay a loan out, from the first officer's request to the bank's word."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Awaiting the second officer")
        APPROVED = "approved", _("Approved")
        SUBMITTED = "submitted", _("With the bank")
        SUCCEEDED = "succeeded", _("Paid out")
        FAILED = "failed", _("Refused by the bank")
        REJECTED = "rejected", _("Rejected by the second officer")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="disbursements")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    account = EncryptedTextField(_("account"), blank=True, editable=False)
    account_number = models.CharField(_("account (masked)"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, db_index=True)
    key = models.UUIDField(_("idempotency key"), default=uuid.uuid4, unique=True, editable=False)
    bank_reference = models.CharField(_("bank's reference"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    needs_checker = models.BooleanField(_("needs a second officer"))
    requested_on = models.DateField(_("requested on"))
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    history = HistoricalRecords()

    objects = DisbursementQuerySet.as_manager()

    #: How the account of a customer begins who named none: the custodian's token for her, no number of an account.
    CUSTODY = "custody-"

    class Meta:
        verbose_name = _("disbursement")
        verbose_name_plural = _("disbursements")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="disbursement_positive"),
            models.CheckConstraint(
                condition=Q(checker__isnull=True) | Q(maker__isnull=True) | ~Q(checker=F("maker")),
                name="disbursement_checker_is_not_maker",
            ),
            models.CheckConstraint(
                condition=Q(needs_checker=False) | Q(checker__isnull=False) | Q(status="requested"),
                name="large_disbursement_has_checker",
            ),
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(status__in=["requested", "approved", "submitted"]),
                name="one_disbursement_under_way_per_loan",
            ),
        ]

    @property
    def account_told(self) -> str:
        """The account as people are told it: `•••• 9999`, or what it is where its number says nothing to anybody."""
        if self.account.startswith(self.CUSTODY):
            return gettext("account with the custodian bank")
        return f"•••• {self.account[-4:]}" if self.account else ""


class Cancellation(models.Model):
    """That a signed loan was called off before any money went out: by whom and why."""

    append_only = True

    loan = models.OneToOneField(Loan, on_delete=models.PROTECT, related_name="cancellation")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("cancelled on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")


class BankCallback(models.Model):
    """Every message the bank sent us, as it came, with whether its signature held. `reference` + `event_id` are unique
    for the accepted ones, so that a message delivered twice acts once."""

    append_only = True

    event_id = models.CharField(max_length=80)
    accepted = models.BooleanField(_("signature held"))
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("bank callback")
        verbose_name_plural = _("bank callbacks")
        constraints = [
            models.UniqueConstraint(
                fields=["event_id"], condition=Q(accepted=True), name="one_accepted_callback_per_event"
            )
        ]
