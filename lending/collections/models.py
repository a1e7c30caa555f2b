"""Cases of late loans, the attempts to reach the customer, and what was promised."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.history import HistoricalRecords
from customers.models import Customer
from lending.loans.models import Loan


class Case(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="collection_cases")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("collection case")
        verbose_name_plural = _("collection cases")
        constraints = [
            models.UniqueConstraint(
                fields=["loan"], condition=Q(status="open"), name="one_open_collection_case_per_loan"
            )
        ]


class ContactAttempt(models.Model):
    append_only = True

    class Result(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_PARTY = "wrong_party", _("Wrong person")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attempts")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    channel = models.CharField(_("channel"), max_length=10)
    result = models.CharField(_("result"), max_length=12, choices=Result)
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("contact attempt")
        verbose_name_plural = _("contact attempts")


class PromiseToPay(models.Model):
    append_only = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="promises")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    promised_on = models.DateField(_("promised on"))
    pay_by = models.DateField(_("pay by"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="promise_positive")]
