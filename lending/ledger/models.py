"""Double entry. An entry is closed by inserting it after its lines: the database refuses one that does not balance,
a line for an entry that is already closed, and (by the deferred foreign key) lines whose entry never comes."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from customers.history import HistoricalRecords
from customers.models import Customer
from lending.ledger.chart import name_of


class Account(models.Model):
    class Kind(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        EQUITY = "equity", _("Equity")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """The name in the user's language."""
        return name_of(self.name_zh, self.name_en)


class Entry(models.Model):
    """A balanced journal entry. `source` names the fact behind it, once: (source_type, source_id, kind) is unique."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    on = models.DateField(_("business date"), db_index=True)
    kind = models.CharField(_("kind"), max_length=40)
    currency = models.CharField(_("currency"), max_length=3)
    source_type = models.CharField(_("source"), max_length=30)
    source_id = models.CharField(_("source number"), max_length=60)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    loan_number = models.CharField(_("loan"), max_length=30, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints = [models.UniqueConstraint(fields=["source_type", "source_id", "kind"], name="one_entry_per_fact")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_type} {self.source_id}"

    def amounts(self) -> dict[str, int]:
        """Minor units by account code, debit positive."""
        return dict(self.lines.values_list("account__code", "amount_minor"))


class LineQuerySet(models.QuerySet["Line"]):
    def of_loan(self, number: str) -> "LineQuerySet":
        return self.filter(entry__loan_number=number)

    def until(self, on: dt.date) -> "LineQuerySet":
        """Lines of entries up to and including a business date."""
        return self.filter(entry__on__lte=on)

    def balances(self) -> dict[str, int]:
        """Minor units by account code, debit positive; accounts that stand at nothing are left out."""
        sums = self.order_by().values_list("account__code").annotate(total=Sum("amount_minor"))
        return {code: int(total) for code, total in sums if total}


class Line(models.Model):
    """One side of an entry: a debit is positive, a credit negative, in minor units of the entry's currency."""

    append_only = True

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    amount_minor = models.BigIntegerField(_("amount (minor units, debit positive)"))

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="line_not_zero")]
