"""Begin an application and answer its questions, a few at a time, until it is submitted."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from customers.models import Customer, User
from lending.applications import answers as reading
from lending.applications.models import Application
from lending.applications.refusals import (
    ApplicationAlreadyOpen,
    CustomerBlocked,
    NotADraft,
    NotForThisCustomer,
    NotYours,
)
from lending.applications.rulebook import rulebook
from lending.products.models import ProductVersion
from lending.products.refusals import WrongFields
from lending.regulation import checks
from lending.regulation.checks import RuleBook


def start(
    *,
    customer: Customer,
    product_version: ProductVersion,
    channel: str,
    by: User | None,
    on: datetime.date,
    external_reference: str | None = None,
) -> Application:
    """An empty application. The same reference of the same channel gives the first one back.

    `product_version` is one in force (`lending.products.catalogue.offered`). Raises CustomerBlocked,
    NotForThisCustomer, NotYours and ApplicationAlreadyOpen: one open application a customer, kept by the database.
    """
    if external_reference is not None:
        known = Application.objects.filter(channel=channel, external_reference=external_reference).first()
        if known is not None:
            return known
    if customer.status == Customer.Status.BLOCKED:
        raise CustomerBlocked()
    if product_version.product.audience != customer.kind:
        raise NotForThisCustomer(kind=product_version.product.get_audience_display())
    refuse_strangers(customer, by)
    try:
        with transaction.atomic():
            return Application.objects.create(
                customer=customer,
                product_version=product_version,
                channel=channel,
                external_reference=external_reference,
            )
    except IntegrityError:
        opened = customer.applications.filter(status__in=Application.OPEN).first()
        if opened is None:
            raise
        if external_reference is not None and opened.external_reference == external_reference:
            return opened
        raise ApplicationAlreadyOpen(application=str(opened)) from None


@transaction.atomic
def answer(application: Application, *, answers: Mapping[str, Any], by: User | None, on: datetime.date) -> Application:
    """Keep these answers with those given before. Raises WrongFields, then keeping none of them, and NotADraft."""
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("product_version__product", "customer")
        .get(pk=application.pk)
    )
    refuse_strangers(locked.customer, by)
    if locked.status != Application.Status.DRAFT:
        raise NotADraft(application=str(locked))
    version = locked.product_version
    forbidden = forbidden_purposes(version, on) if "purpose" in answers else {}
    columns, facts, errors = reading.read(answers, version, channel=locked.channel, forbidden=forbidden, on=on)
    if errors:
        raise WrongFields(errors)
    for name, value in columns.items():
        setattr(locked, name, value)
    merged = {**locked.answers, **facts}
    locked.answers = {name: value for name, value in merged.items() if value is not None}
    locked.save()
    application.refresh_from_db()
    return application


def forbidden_purposes(version: ProductVersion, on: datetime.date) -> dict[str, str]:
    """The purposes that the rules in force forbid, with the sentence that says so."""
    return forbidden_by(rulebook(version, on=on))


def forbidden_by(book: RuleBook) -> dict[str, str]:
    """The same out of rules that were read."""
    rule = book.get("purposes_forbidden")
    chinese = (get_language() or "").startswith("zh")
    found = {}
    for code in rule.value if rule else ():
        (finding,) = checks.check_purpose(code, book)
        found[code] = f"{finding.text_zh if chinese else finding.text_en} ({finding.citation})"
    return found


def refuse_strangers(customer: Customer, by: User | None) -> None:
    """Only the customer's own user, those who may enter applications, and the system act for a customer."""
    if by is None or by.pk == customer.user_id or by.is_staff or by.has_perm("applications.add_application"):
        return
    raise NotYours()
