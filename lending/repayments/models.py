"""What is paid: the money that came, and the orders by which customers pay from the portal."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.history import HistoricalRecords
from customers.models import Customer
from lending.loans.models import Loan, LoanEvent


class Repayment(models.Model):
    """Money received for a loan, or (with `reverses`) the taking back of such a receipt. Never edited."""

    append_only = True

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="repayments")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    event = models.OneToOneField(LoanEvent, on_delete=models.PROTECT, related_name="repayment")
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    received_on = models.DateField(_("received on"))
    channel = models.CharField(_("channel"), max_length=20)
    key = models.CharField(_("idempotency key"), max_length=100, unique=True)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        permissions = [("reverse_repayment", _("Can reverse a repayment"))]
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="repayment_positive")]

    def __str__(self) -> str:
        return f"{self.channel} {self.received_on}"


class PaymentOrder(models.Model):
    """A payment the customer ordered in the portal, from the click to the bank's word."""

    class Status(models.TextChoices):
        CREATED = "created", _("Being sent to the bank")
        SUBMITTED = "submitted", _("With the bank")
        SUCCEEDED = "succeeded", _("Received")
        FAILED = "failed", _("Refused by the bank")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="payment_orders")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CREATED)
    key = models.UUIDField(_("idempotency key"), default=uuid.uuid4, unique=True, editable=False)
    bank_reference = models.CharField(_("bank's reference"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    ordered_on = models.DateField(_("ordered on"))
    repayment = models.OneToOneField(Repayment, on_delete=models.PROTECT, null=True, blank=True, related_name="order")
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("payment order")
        verbose_name_plural = _("payment orders")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_order_positive"),
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(status__in=["created", "submitted"]),
                name="one_payment_order_under_way_per_loan",
            ),
        ]
