"""Propose a product version, and publish it by a second pair of eyes. What is published never changes again."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import User
from lending.products.models import Product, ProductVersion
from lending.products.refusals import AlreadyPublished, NeedsAPerson, PublisherIsProposer, WrongFields
from lending.products.validity import problems


@transaction.atomic
def propose(product: Product, *, by: User | None, on: datetime.date, **fields: Any) -> ProductVersion:
    """A new unpublished version with these fields of `ProductVersion`. Raises `WrongFields` naming what is wrong.

    `effective_on` is `on` where left out. A proposal may be replaced by another one; numbers are never used twice.
    """
    if by is None:
        raise NeedsAPerson()
    Product.objects.select_for_update().get(pk=product.pk)
    newest = product.versions.order_by("-version").values_list("version", flat=True).first() or 0
    version = ProductVersion(product=product, version=newest + 1, proposed_by=by, **{"effective_on": on, **fields})
    _refuse_wrong(version, on)
    version.save()
    version.refresh_from_db()
    return version


@transaction.atomic
def publish(version: ProductVersion, *, by: User | None, on: datetime.date) -> ProductVersion:
    """Put a proposed version in force from its first day. Publishing it again by the same person changes nothing."""
    if by is None:
        raise NeedsAPerson()
    version = ProductVersion.objects.select_for_update(of=("self",)).select_related("product").get(pk=version.pk)
    if version.published_at is not None:
        if version.published_by_id == by.pk:
            return version
        raise AlreadyPublished(version=str(version))
    if version.proposed_by_id == by.pk:
        raise PublisherIsProposer()
    _refuse_wrong(version, on)
    version.published_by = by
    version.published_at = timezone.now()
    version.save()
    return version


def _refuse_wrong(version: ProductVersion, on: datetime.date) -> None:
    errors = problems(version)
    earlier = version.product.versions.filter(published_at__isnull=False, version__lt=version.version)
    latest = earlier.order_by("-effective_on").values_list("effective_on", flat=True).first()
    if version.effective_on < on:
        errors.setdefault("effective_on", []).append(_("A day from %(on)s on is needed.") % {"on": on})
    elif latest is not None and version.effective_on < latest:
        errors.setdefault("effective_on", []).append(
            _("The version before it begins on %(day)s: a day from then on is needed.") % {"day": latest}
        )
    if errors:
        raise WrongFields(errors)
