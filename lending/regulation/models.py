"""Dated, cited parameters of law and policy. The compliance officer corrects them here, without a release."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.history import HistoricalRecords


class RuleParameter(models.Model):
    """One parameter in force from a date, for a jurisdiction, licence and product ("*" means any).

    The most specific row whose `effective_on` is not after the day asked about wins; `value` is plain JSON.
    """

    code = models.CharField(_("code"), max_length=60)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=10, default="CN")
    licence = models.CharField(_("licence"), max_length=30, default="*")
    product = models.CharField(_("product"), max_length=30, default="*")
    effective_on = models.DateField(_("effective on"))
    value = models.JSONField(_("value"))
    unit = models.CharField(_("unit"), max_length=80, blank=True)
    citation = models.CharField(_("citation"), max_length=300)
    note = models.TextField(_("note"), blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rule parameter")
        verbose_name_plural = _("rule parameters")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "jurisdiction", "licence", "product", "effective_on"], name="one_rule_value_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} @ {self.effective_on}"
