"""The trail over everything: a hash chain over the rows that may not change, and who looked at or exported what."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """One link: the digest of one row (table, key) and of the link before it.

    hash = SHA-256(previous hash, table, key, row digest), hex. A changed or removed row, link or order breaks the chain.
    """

    append_only = True

    sequence = models.BigIntegerField(_("sequence"), unique=True)
    table = models.CharField(_("table"), max_length=80)
    key = models.CharField(_("key"), max_length=60)
    row_sha256 = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="one_seal_per_row")]


class TrailExport(models.Model):
    """An export of the trail: who took it, of what, for what reason, and the digest of the file."""

    append_only = True

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.CharField(_("subject"), max_length=60)
    reason = models.CharField(_("reason"), max_length=200)
    rows = models.PositiveIntegerField(_("rows"))
    head_hash = models.CharField(_("head of the chain"), max_length=64)
    file_sha256 = models.CharField("SHA-256", max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("trail export")
        verbose_name_plural = _("trail exports")
        permissions = [
            ("export_trail", _("Can export the audit trail")),
            ("verify_trail", _("Can verify the audit trail")),
        ]


class PersonalDataView(models.Model):
    """Somebody of the staff saw personal data of a customer, on which page."""

    append_only = True

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    customer_reference = models.CharField(_("customer"), max_length=40, db_index=True)
    page = models.CharField(_("page"), max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("view of personal data")
        verbose_name_plural = _("views of personal data")
