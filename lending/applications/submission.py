"""Submit a draft: who she is, what she consented to, what we know, one decision and, if approved, an offer.

Everything but the question to the bureau happens in one transaction: either the whole of it stands or nothing does.
Submitting again gives back the first decision.
"""

import datetime
import time
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers import consents
from customers.models import Customer, Purpose, User
from lending.applications import bureau, signals
from lending.applications import facts as fact_gathering
from lending.applications import inquiry as bureau_inquiry
from lending.applications.concluding import Conclusion, conclude
from lending.applications.decision import judge
from lending.applications.filling import refuse_strangers
from lending.applications.inquiry import Asked
from lending.applications.models import Application, BureauInquiry, Decision, FactsSnapshot
from lending.applications.refusals import ApplicationClosed, CustomerBlocked, NotForThisCustomer, NotIdentified
from lending.applications.rulebook import rulebook
from lending.applications.signals import Heard
from lending.products.refusals import Message, WrongFields
from lending.regulation.checks import RuleBook

REQUIRED_CONSENTS = (Purpose.IDENTITY, Purpose.CREDIT_REPORT)
"""Consent to automated decisions is not among them: without it a person decides (PIPL art. 24)."""


def submit(
    application: Application, *, by: User | None, on: datetime.date, form_seconds: int | None = None
) -> Decision:
    """Submit and decide. `form_seconds`: how long the form took, where it was measured under the device consent.

    Raises NotYours, ApplicationClosed, CustomerBlocked, NotIdentified, ConsentMissing and WrongFields.
    """
    began = time.perf_counter()
    inquiry: BureauInquiry | None = None
    heard: tuple[Heard, ...] = ()
    if bureau.configured() or signals.configured():
        inquiry, heard = _ask_beforehand(application, by, on)
    with transaction.atomic():
        locked = _load(application.pk, lock=True)
        refuse_strangers(locked.customer, by)
        if locked.status == Application.Status.DRAFT:
            given = consents.standing(locked.customer, on=on)
            refuse_unready(locked, given)
            locked.status, locked.submitted_on = Application.Status.SUBMITTED, on
            signals.keep(heard, application=locked)
            book = rulebook(locked.product_version, on=on)
            snapshot, conclusion = judge_ready(
                locked, given=given, inquiry=inquiry, heard=heard, book=book, on=on, form_seconds=form_seconds
            )
            first = conclude(locked, conclusion, snapshot=snapshot, by=None, on=on, began=began).decision
        else:
            first = _first_decision(locked)
    application.refresh_from_db()
    return first


def _load(pk: int, *, lock: bool = False) -> Application:
    found = Application.objects.select_related(
        "customer__person", "customer__organisation", "customer__user", "product_version__product"
    )
    return (found.select_for_update(of=("self",)) if lock else found).get(pk=pk)


def _first_decision(application: Application) -> Decision:
    first = application.decisions.order_by("pk").first()
    if first is None:
        raise ApplicationClosed(application=str(application), status=application.get_status_display())
    return first


def _ask_beforehand(
    application: Application, by: User | None, on: datetime.date
) -> tuple[BureauInquiry | None, tuple[Heard, ...]]:
    """Ask bureau and sources before anything is locked, and only about what could be submitted as it stands."""
    seen = _load(application.pk)
    refuse_strangers(seen.customer, by)
    person = bureau_inquiry.person_to_ask_about(seen.customer)
    if seen.status != Application.Status.DRAFT:
        return None, ()
    given = consents.standing(seen.customer, on=on)
    refuse_unready(seen, given)
    heard = signals.ask(seen, consents=given, on=on)
    if person is None:
        return None, heard
    return bureau_inquiry.keep(bureau_inquiry.ask(person, on=on), application=seen), heard


def refuse_unready(application: Application, given: Mapping[str, bool]) -> None:
    """Refuse what may not be decided: who applies, what stands of her consents (`given`), what is not answered.

    Raises CustomerBlocked, NotIdentified, NotForThisCustomer, ConsentMissing and WrongFields.
    """
    customer = application.customer
    if customer.status == Customer.Status.BLOCKED:
        raise CustomerBlocked()
    if customer.status != Customer.Status.IDENTIFIED:
        raise NotIdentified()
    if application.product_version.product.audience != customer.kind:
        raise NotForThisCustomer(kind=application.product_version.product.get_audience_display())
    lacking = [purpose for purpose in REQUIRED_CONSENTS if not given.get(purpose)]
    if lacking:
        raise consents.ConsentMissing(purposes=", ".join(str(purpose.label) for purpose in lacking))
    _refuse_unanswered(application)


def _refuse_unanswered(application: Application) -> None:
    asked: dict[str, tuple[object, Message]] = {
        "amount": (application.amount_minor, _("Say how much you need.")),
        "installments": (application.installments, _("Choose a number of installments.")),
        "purpose": (application.purpose, _("Say what the loan is for.")),
    }
    errors = {name: [text] for name, (value, text) in asked.items() if not value}
    if errors:
        raise WrongFields(errors)


def judge_ready(
    application: Application,
    *,
    given: Mapping[str, bool],
    inquiry: Asked | BureauInquiry | None,
    heard: tuple[Heard, ...],
    book: RuleBook,
    on: datetime.date,
    form_seconds: int | None = None,
) -> tuple[FactsSnapshot, Conclusion]:
    """Freeze what is known and judge it, in the caller's transaction. The application is the caller's alone: locked, or
    not written yet, as its customer may be. The snapshot is written with the conclusion.
    """
    facts, sources = fact_gathering.gather(
        application, on, inquiry, consents=given, heard=heard, form_seconds=form_seconds
    )
    snapshot = FactsSnapshot(
        application=application,
        facts=facts,
        sources=sources,
        sha256=fact_gathering.digest(facts, sources),
        taken_on=on,
    )
    application.submitted_at = timezone.now()
    return snapshot, judge(application, on=on, snapshot=snapshot, consents=given, book=book)
