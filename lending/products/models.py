"""What we lend. A product is a name; its terms live in numbered versions that never change once published."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.history import HistoricalRecords
from lending.products.catalogue import ProductVersionQuerySet


class Product(models.Model):
    class Audience(models.TextChoices):
        PERSON = "person", _("Persons")
        ORGANISATION = "organisation", _("Organisations")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    audience = models.CharField(_("audience"), max_length=12, choices=Audience, default=Audience.PERSON)
    active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.code


class ProductVersion(models.Model):
    """One version of a product's terms, proposed by one person and published by another, then immutable.

    `terms` is the engine's terms object (see `lending.finance.terms`) without principal, starts_on, rate and
    repayment.installments, which the offer fills in from the decision. Rates are nominal yearly percent.
    """

    immutable_when = "published_at IS NOT NULL"  # SQL over the old row: the database refuses UPDATE and DELETE then

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    effective_on = models.DateField(_("effective on"))
    jurisdiction = models.CharField(_("jurisdiction"), max_length=10, default="CN")
    licence = models.CharField(_("licence"), max_length=30, default="consumer_finance")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    decimals = models.PositiveSmallIntegerField(_("decimals of the currency"), default=2)
    min_amount_minor = models.BigIntegerField(_("smallest amount (minor units)"))
    max_amount_minor = models.BigIntegerField(_("largest amount (minor units)"))
    installment_choices = models.JSONField(_("numbers of installments offered"))
    purposes = models.JSONField(_("purposes allowed"))
    min_yearly_rate_percent = models.DecimalField(_("lowest yearly rate (nominal, %)"), max_digits=9, decimal_places=4)
    max_yearly_rate_percent = models.DecimalField(_("highest yearly rate (nominal, %)"), max_digits=9, decimal_places=4)
    terms = models.JSONField(_("terms"))
    fees = models.JSONField(
        _("fees"),
        default=list,
        blank=True,
        help_text=_(
            "A list such as {code, name_zh, name_en, basis: percent_of_principal | flat, value, "
            "charged: at_disbursement | per_installment, recipient}."
        ),
    )
    penalty_multiple = models.DecimalField(
        _("penalty rate as a multiple of the contract rate"), max_digits=4, decimal_places=2, default="1.5"
    )
    second_officer_above_minor = models.BigIntegerField(_("disbursement needs a second officer above (minor units)"))
    offer_valid_days = models.PositiveSmallIntegerField(_("days an offer stands"), default=14)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    history = HistoricalRecords()
    objects = ProductVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("product version")
        verbose_name_plural = _("product versions")
        permissions = [("publish_productversion", _("Can publish a product version that somebody else proposed"))]
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="one_row_per_product_version"),
            models.CheckConstraint(
                condition=Q(min_amount_minor__gt=0) & Q(max_amount_minor__gte=F("min_amount_minor")),
                name="amounts_in_order",
            ),
            models.CheckConstraint(
                condition=Q(min_yearly_rate_percent__gte=0)
                & Q(max_yearly_rate_percent__gte=F("min_yearly_rate_percent")),
                name="rates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("proposed_by")),
                name="product_publisher_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="published_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} v{self.version}"
