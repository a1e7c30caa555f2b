"""Which products are offered: queries over product versions."""

import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

if TYPE_CHECKING:
    from lending.products.models import ProductVersion


class ProductVersionQuerySet(models.QuerySet["ProductVersion"]):
    def published(self) -> "ProductVersionQuerySet":
        return self.filter(published_at__isnull=False)

    def in_force(self, on: datetime.date) -> "ProductVersionQuerySet":
        """Of each active product the newest published version whose first day has come."""
        begun = self.model._default_manager.filter(published_at__isnull=False, effective_on__lte=on)
        newer = begun.filter(product=OuterRef("product"), version__gt=OuterRef("version"))
        started = self.published().filter(effective_on__lte=on, product__active=True)
        return started.filter(~Exists(newer)).select_related("product").order_by("product__code")

    def newest_of(self, code: str, on: datetime.date) -> "ProductVersion | None":
        """The version in force of one product, or None."""
        started = self.published().filter(effective_on__lte=on, product__code=code, product__active=True)
        return started.select_related("product").order_by("-version").first()

    def for_audience(self, kind: str) -> "ProductVersionQuerySet":
        """Those for persons, or those for organisations."""
        return self.filter(product__audience=kind)


def offered(code: str, *, on: datetime.date) -> "ProductVersion":
    """The version in force of a product by its code. Raises `NotInForce`, naming what is offered instead."""
    from lending.products.models import ProductVersion
    from lending.products.refusals import NotInForce

    found = ProductVersion.objects.newest_of(code, on)
    if found is None:
        codes = ", ".join(ProductVersion.objects.in_force(on).values_list("product__code", flat=True)) or "—"
        raise NotInForce(product=str(code)[:40], offered=codes)
    return found
