"""Draw up the contract of an offer, and sign it: the text, its SHA-256, and who signed which bytes."""

import datetime
import hashlib
import hmac

from django.db import transaction

from customers.models import Language, User
from lending.applications import offering
from lending.applications.contract_text import render
from lending.applications.filling import refuse_strangers
from lending.applications.models import Application, Contract, Offer, Signature
from lending.applications.refusals import DigestMismatch, DisclosureUnread, NotYours


@transaction.atomic
def draw_up(offer: Offer, *, language: str, on: datetime.date) -> Contract:
    """The contract of the newest offer, rendered once: drawing it up again gives the same text, whatever the language.

    Raises NoOffer, OfferExpired, OfferSuperseded.
    """
    offer = Offer.objects.select_related("application__customer", "product_version__product").get(pk=offer.pk)
    known = Contract.objects.filter(offer=offer).first()
    if known is not None:
        return known
    offering.standing(offer, by=None, on=on)
    known = Contract.objects.filter(offer=offer).first()  # drawn up while the lock was waited for
    if known is not None:
        return known
    spoken = language if language in Language.values else Language.CHINESE
    number = f"C{offer.made_on:%Y%m%d}{offer.pk:08d}"
    text = render(offer, number=number, language=spoken, on=on)
    return Contract.objects.create(
        offer=offer, number=number, language=spoken, text=text, sha256=digest(text), rendered_on=on
    )


@transaction.atomic
def sign(
    contract: Contract, *, sha256: str, disclosure_confirmed: bool, by: User | None, on: datetime.date
) -> Signature:
    """The customer's signature under exactly these bytes. A second signing gives the first signature.

    `by` is the customer's own user; staff, or nobody, only for a customer without an account, who signed on paper.
    Raises NotYours, DigestMismatch, DisclosureUnread, OfferExpired, OfferSuperseded and NoOffer.
    """
    contract = Contract.objects.select_related("offer__application__customer").get(pk=contract.pk)
    customer = contract.offer.application.customer
    refuse_strangers(customer, by)
    own = customer.user_id is not None and by is not None and by.pk == customer.user_id
    if customer.user_id is not None and not own:
        raise NotYours()
    Application.objects.select_for_update(of=("self",)).get(pk=contract.offer.application_id)
    first = Signature.objects.filter(contract=contract).first()
    if first is not None:
        return first
    application = offering.standing(contract.offer, by=by, on=on)
    if (
        not hmac.compare_digest(str(sha256).encode(), contract.sha256.encode())
        or digest(contract.text) != contract.sha256
    ):
        raise DigestMismatch()
    if disclosure_confirmed is not True:
        raise DisclosureUnread()
    signature = Signature.objects.create(
        contract=contract,
        sha256=contract.sha256,
        signed_by=by,
        method="portal" if own else "on_paper",
        disclosure_confirmed=True,
        signed_on=on,
    )
    application.status = Application.Status.SIGNED
    application.save()
    return signature


def digest(text: str) -> str:
    """SHA-256 (64 hex digits) of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
