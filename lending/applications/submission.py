"""Submit an application: who she is, what she consented to, what we know, one decision and, if approved, an offer.

Everything but the question to the bureau happens in one transaction: either the whole of it stands or nothing does.
Submitting again gives back the first decision.
"""

import datetime
import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers import consents
from customers.models import Customer, Purpose, User
from lending.applications import bureau
from lending.applications import facts as fact_gathering
from lending.applications.decision import decide
from lending.applications.filling import refuse_strangers
from lending.applications.inquiry import ask_bureau
from lending.applications.models import Application, BureauInquiry, Decision, FactsSnapshot
from lending.applications.refusals import ApplicationClosed, CustomerBlocked, NotForThisCustomer, NotIdentified
from lending.products.refusals import Message, WrongFields

REQUIRED_CONSENTS = (Purpose.IDENTITY, Purpose.CREDIT_REPORT)
"""Consent to automated decisions is not among them: without it a person decides (PIPL art. 24)."""


def submit(application: Application, *, by: User | None, on: datetime.date) -> Decision:
    """Submit and decide.

    Raises NotYours, ApplicationClosed, CustomerBlocked, NotIdentified, ConsentMissing and WrongFields.
    """
    began = time.perf_counter()
    inquiry = _ask_beforehand(application, by, on) if bureau.configured() else None
    with transaction.atomic():
        locked = _load(application.pk, lock=True)
        refuse_strangers(locked.customer, by)
        first = locked.decisions.order_by("pk").first() if locked.status != Application.Status.DRAFT else None
        if first is None:
            given = _ready(locked, on)
            first = _decide(locked, given, inquiry, on, began)
    application.refresh_from_db()
    return first


def _load(pk: int, *, lock: bool = False) -> Application:
    found = Application.objects.select_related(
        "customer__person", "customer__organisation", "customer__user", "product_version__product"
    )
    return (found.select_for_update(of=("self",)) if lock else found).get(pk=pk)


def _ask_beforehand(application: Application, by: User | None, on: datetime.date) -> BureauInquiry | None:
    """Ask the bureau before anything is locked, and only about what could be submitted as it stands."""
    seen = _load(application.pk)
    refuse_strangers(seen.customer, by)
    if seen.status != Application.Status.DRAFT:
        return None
    _ready(seen, on)
    return ask_bureau(seen, on=on)


def _ready(application: Application, on: datetime.date) -> dict[str, bool]:
    """The standing consents of an application that may be decided; refuses one that may not."""
    customer = application.customer
    if application.status != Application.Status.DRAFT:
        raise ApplicationClosed(application=str(application), status=application.get_status_display())
    if customer.status == Customer.Status.BLOCKED:
        raise CustomerBlocked()
    if customer.status != Customer.Status.IDENTIFIED:
        raise NotIdentified()
    if application.product_version.product.audience != customer.kind:
        raise NotForThisCustomer(kind=application.product_version.product.get_audience_display())
    given = consents.standing(customer, on=on)
    lacking = [purpose for purpose in REQUIRED_CONSENTS if not given.get(purpose)]
    if lacking:
        raise consents.ConsentMissing(purposes=", ".join(str(purpose.label) for purpose in lacking))
    _refuse_unanswered(application)
    return given


def _refuse_unanswered(application: Application) -> None:
    asked: dict[str, tuple[object, Message]] = {
        "amount": (application.amount_minor, _("Say how much you need.")),
        "installments": (application.installments, _("Choose a number of installments.")),
        "purpose": (application.purpose, _("Say what the loan is for.")),
    }
    errors = {name: [text] for name, (value, text) in asked.items() if not value}
    if errors:
        raise WrongFields(errors)


def _decide(
    application: Application, given: dict[str, bool], inquiry: BureauInquiry | None, on: datetime.date, began: float
) -> Decision:
    facts, sources = fact_gathering.gather(application, on, inquiry)
    snapshot = FactsSnapshot.objects.create(
        application=application,
        facts=facts,
        sources=sources,
        sha256=fact_gathering.digest(facts, sources),
        taken_on=on,
    )
    application.submitted_on = on
    application.submitted_at = timezone.now()
    application.status = Application.Status.SUBMITTED
    return decide(application, on=on, snapshot=snapshot, consents=given, began=began)
