"""Questions to the sources of device and transaction signals, as they were asked and answered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Purpose


class SignalInquiry(models.Model):
    """One question to a signal source under a standing consent, and what came back.

    `person_index` is the blind index of the resident ID of who was asked about. Customer and application are empty
    where the application was refused after the question: it was asked, and says so.
    """

    append_only: ClassVar[bool] = True

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="signal_inquiries", null=True, blank=True
    )
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="signal_inquiries", null=True, blank=True
    )
    person_index = models.CharField(max_length=64, blank=True, editable=False)
    source = models.CharField(_("source"), max_length=30)
    purpose = models.CharField(_("consented purpose"), max_length=30, choices=Purpose)
    answered = models.BooleanField(_("answered"))
    facts = models.JSONField(_("facts"), default=dict)
    sha256 = models.CharField(_("SHA-256 of the answer"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    asked_on = models.DateField(_("asked on"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("signal inquiry")
        verbose_name_plural = _("signal inquiries")
