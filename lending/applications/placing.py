"""Place a complete application: a channel, a file or a program states everything at once and has the decision at once.

    with placed_after_asking(prepare(applicant=…, …), on=…) as placement, transaction.atomic():
        decided = place(placement, by=…, on=…)

`prepare` reads and checks everything and writes nothing. The bureau is asked next, before anything is locked. `place`
writes it all in the caller's transaction: either the whole of it stands or nothing does, and whoever refuses, refuses all.
Nobody else knows the new rows before that transaction ends, so they are neither locked nor read again.
"""

import datetime
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError

from customers import consents, introduction
from customers.introduction import Introduction
from customers.models import Customer, User
from lending.applications import answers as reading
from lending.applications import inquiry, signals
from lending.applications.concluding import Concluded, conclude
from lending.applications.filling import forbidden_by, refuse_strangers
from lending.applications.inquiry import Asked
from lending.applications.models import Application
from lending.applications.refusals import ApplicationAlreadyOpen, NotADraft
from lending.applications.rulebook import rulebook
from lending.applications.signals import Heard
from lending.applications.submission import judge_ready, refuse_unready
from lending.products.models import ProductVersion
from lending.products.refusals import WrongFields
from lending.regulation.checks import RuleBook


@dataclass(frozen=True, slots=True)
class Placement:
    """An application that may be decided, checked and not written; `introduction` where its customer is not either."""

    application: Application
    introduction: Introduction | None
    consents: Mapping[str, bool]
    book: RuleBook
    began: float
    asked: Asked | None = None
    heard: tuple[Heard, ...] = ()


def prepare(
    *,
    applicant: Customer | Introduction,
    product_version: ProductVersion,
    answers: Mapping[str, Any],
    channel: str,
    reference: str | None,
    by: User | None,
    on: datetime.date,
    book: RuleBook | None = None,
) -> Placement:
    """Check a complete application. `product_version` is one in force, as is the `book` of its rules. Writes nothing.

    Raises NotYours, WrongFields, CustomerBlocked, NotIdentified, NotForThisCustomer and ConsentMissing.
    """
    began = time.perf_counter()
    if isinstance(applicant, Introduction):
        introduced, customer, given = applicant, applicant.customer, applicant.given
    else:
        introduced, customer, given = None, applicant, consents.standing(applicant, on=on)
    refuse_strangers(customer, by)
    book = book or rulebook(product_version, on=on)
    columns, facts, errors = reading.read(
        answers, product_version, channel=channel, forbidden=forbidden_by(book), on=on
    )
    if errors:
        raise WrongFields(errors)
    application = Application(
        customer=customer,
        product_version=product_version,
        channel=channel,
        external_reference=reference,
        answers={name: value for name, value in facts.items() if value is not None},
        **columns,
    )
    refuse_unready(application, given)
    return Placement(application, introduced, given, book, began)


@contextmanager
def placed_after_asking(placement: Placement, *, on: datetime.date) -> Iterator[Placement]:
    """Ask the bureau about who applies, outside of any transaction; inside, the application is placed.

    What was asked is kept even if the application is then refused: a question to the bureau is never without a record.
    Raises IdentityAlreadyKnown, NotADraft (this reference of this channel was placed before) and ApplicationAlreadyOpen,
    before the question, or after the transaction that met them.
    """
    person = inquiry.person_to_ask_about(placement.application.customer)
    asked: Asked | None = None
    heard: tuple[Heard, ...] = ()
    if person is not None or signals.configured():
        _refuse_taken(placement)
        heard = signals.ask(placement.application, consents=placement.consents, on=on)
        asked = inquiry.ask(person, on=on) if person is not None else None
    try:
        yield replace(placement, asked=asked, heard=heard)
    except BaseException as problem:
        if asked is not None:
            inquiry.keep(asked, application=None)
        signals.keep(heard, application=None)
        if isinstance(problem, IntegrityError):
            _refuse_taken(placement)
        raise


def place(placement: Placement, *, by: User | None, on: datetime.date) -> Concluded:
    """Judge, and then write the customer who is introduced, the application and its decision, in the caller's transaction.

    The database decides, so that two at once cannot both be placed: its IntegrityError ends the transaction, and
    `placed_after_asking` around it says what was taken.
    """
    application = placement.application
    application.submitted_on = on
    snapshot, conclusion = judge_ready(
        application,
        given=placement.consents,
        inquiry=placement.asked,
        heard=placement.heard,
        book=placement.book,
        on=on,
    )
    if placement.introduction is not None:
        introduction.admit(placement.introduction)
    concluded = conclude(application, conclusion, snapshot=snapshot, by=None, on=on, began=placement.began)
    if placement.asked is not None:
        inquiry.keep(placement.asked, application=application)
    signals.keep(placement.heard, application=application)
    return concluded


def _refuse_taken(placement: Placement) -> None:
    """Refuse a person who is a customer already, a reference of the channel used before, a second open application."""
    wanted = placement.application
    if placement.introduction is not None:
        introduction.refuse_known(placement.introduction)
    if wanted.external_reference is not None:
        before = Application.objects.filter(
            channel=wanted.channel, external_reference=wanted.external_reference
        ).first()
        if before is not None:
            raise NotADraft(application=str(before))
    if placement.introduction is None:
        opened = wanted.customer.applications.filter(status__in=Application.OPEN).first()
        if opened is not None:
            raise ApplicationAlreadyOpen(application=str(opened))
