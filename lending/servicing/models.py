"""The business day: which jobs ran for which day, and who moved between buckets."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.history import HistoricalRecords
from customers.models import Customer, ServiceCase
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


class WarningTask(models.Model):
    """One signal of one loan that an officer should do something about, open until it is resolved.

    The same signal of the same loan is not raised again while a task of it is open or in hand."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONTACTED = "contacted", _("Contacted")
        RESOLVED = "resolved", _("Resolved")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached; no trouble")
        DIFFICULTY = "difficulty", _("Reached; trouble paying")
        PROMISED = "promised", _("Reached; promises to pay")
        NOT_REACHED = "not_reached", _("Not reached")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="warning_tasks")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    warning = models.ForeignKey(EarlyWarning, on_delete=models.PROTECT, related_name="tasks")
    signal = models.CharField(_("signal"), max_length=40)
    text_zh = models.CharField(_("signal (Chinese)"), max_length=300)
    text_en = models.CharField(_("signal (English)"), max_length=300)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, db_index=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    note = models.TextField(_("note"), blank=True)
    opened_on = models.DateField(_("opened on"))
    contacted_on = models.DateField(_("contacted on"), null=True, blank=True)
    resolved_on = models.DateField(_("resolved on"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("early-warning task")
        verbose_name_plural = _("early-warning tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "signal"],
                condition=Q(status__in=["open", "contacted"]),
                name="one_task_in_hand_per_signal",
            ),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_on__isnull=False)
                | (~Q(status="resolved") & Q(resolved_on__isnull=True)),
                name="a_resolved_task_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["status", "opened_on"], name="warning_tasks_by_day")]

    def __str__(self) -> str:
        return f"W{self.pk:06d}" if self.pk else "W-"


class PlanChange(models.Model):
    """A customer's wish to have her plan eased, from what she told to the terms she accepted.

        asked -> proposed (by an officer) -> offered (approved by a second one) -> accepted (by her)
        asked, proposed -> refused        offered -> declined (by her), lapsed

    `way` is a code of `lending.servicing.suggestions`; figures are those of the day the plan was offered, or those she
    accepted. `text` are the supplementary terms, letter by letter as she accepted them."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        PROPOSED = "proposed", _("Awaiting the second officer")
        OFFERED = "offered", _("Awaiting the customer")
        ACCEPTED = "accepted", _("Accepted, plan changed")
        REFUSED = "refused", _("Refused")
        DECLINED = "declined", _("Declined by the customer")
        LAPSED = "lapsed", _("Not accepted in time")

    class Reason(models.TextChoices):
        INCOME_LOST = "income_lost", _("I lost my income")
        INCOME_LESS = "income_less", _("I earn less than before")
        ILLNESS = "illness", _("Illness or an accident")
        FAMILY = "family", _("Something in the family")
        BUSINESS = "business", _("My business does badly")
        OTHER = "other", _("Something else")

    class Way(models.TextChoices):
        LONGER_TERM = "longer_term", _("A longer term")
        INTEREST_ONLY = "interest_only", _("Interest only for a while")
        SMALLER = "smaller", _("Installments you can pay")

    UNDER_WAY = (Status.ASKED, Status.PROPOSED, Status.OFFERED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="plan_changes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    case = models.OneToOneField(ServiceCase, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ASKED, db_index=True)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    told = models.JSONField(_("what the customer told"), default=dict)  # money in major units, as text
    wished = models.CharField(_("wished"), max_length=14, choices=Way, blank=True)
    way = models.CharField(_("way"), max_length=14, choices=Way, blank=True)
    installments = models.PositiveSmallIntegerField(_("installments"), null=True, blank=True)
    first_due_on = models.DateField(_("first due on"), null=True, blank=True)
    last_due_on = models.DateField(_("last due on"), null=True, blank=True)
    installment_minor = models.BigIntegerField(_("next installment (minor units)"), null=True, blank=True)
    highest_minor = models.BigIntegerField(_("highest installment (minor units)"), null=True, blank=True)
    more_to_pay_minor = models.BigIntegerField(_("more to pay in all (minor units)"), null=True, blank=True)
    note = models.TextField(_("officer's note"), blank=True)
    checkers_note = models.TextField(_("second officer's note"), blank=True)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_on = models.DateField(_("asked on"))
    offered_on = models.DateField(_("offered on"), null=True, blank=True)
    accept_by = models.DateField(_("to be accepted by"), null=True, blank=True)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    text = models.TextField(_("supplementary terms"), blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("plan change")
        verbose_name_plural = _("plan changes")
        permissions = [
            ("propose_planchange", _("Can propose or refuse a change of plan")),
            ("approve_planchange", _("Can approve a change of plan as the second officer")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(status__in=["asked", "proposed", "offered"]),
                name="one_plan_change_under_way_per_loan",
            ),
            models.CheckConstraint(
                condition=Q(checker__isnull=True) | (Q(maker__isnull=False) & ~Q(checker=models.F("maker"))),
                name="plan_change_checker_is_not_maker",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["offered", "accepted", "declined", "lapsed"]) | Q(checker__isnull=False),
                name="plan_change_is_offered_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(status="offered") | Q(offered_on__isnull=False, accept_by__isnull=False),
                name="plan_offer_has_its_days",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | (~Q(sha256="") & Q(settled_on__isnull=False)),
                name="accepted_plan_change_has_its_terms",
            ),
        ]

    def __str__(self) -> str:
        return f"P{self.pk:06d}" if self.pk else "P-"
