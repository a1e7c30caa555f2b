"""Ask the credit bureau about a person, at most once a day, and keep the question with its answer.

Done before the transaction of a decision begins: a bureau that takes its time must hold no lock. Needs the standing
consent `credit_report`; without it nothing is asked. Customers that a channel identified without telling us who they
are, and organisations, are not known to the bureau by a resident ID and are not asked about.

    ask     the question, or today's answer where there is one; writes nothing
    keep    the row of it: of an application, or of none where nothing came of the application
"""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from customers.models import Customer, Person
from lending.applications import bureau
from lending.applications.bureau import BureauUnavailable, Report
from lending.applications.models import Application, BureauInquiry


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bureau said of a person on a day. `kept` is the row where it was said earlier today."""

    person_index: str
    on: datetime.date
    report: Report | None = None
    failure: str = ""
    kept: BureauInquiry | None = None

    @property
    def answered(self) -> bool:
        return self.kept is not None or self.report is not None

    @property
    def facts(self) -> dict[str, Any]:
        """Plain JSON values."""
        told = self.kept or self.report
        return dict(json.loads(json.dumps(told.facts))) if told is not None else {}


def person_to_ask_about(customer: Customer) -> Person | None:
    """Nobody where no bureau is configured or the customer is not known by a resident ID."""
    return getattr(customer, "person", None) if bureau.configured() else None


def ask(person: Person, *, on: datetime.date) -> Asked:
    """Ask now, unless the bureau has answered today. A question that failed is asked again. The caller saw to the consent."""
    known = _answered(person.id_number_index, on)
    if known is not None:
        return Asked(person.id_number_index, on, kept=known)
    try:
        report = bureau.ask(name=person.name, id_number=person.id_number)
    except BureauUnavailable as failure:
        return Asked(person.id_number_index, on, failure=str(failure)[:100])
    return Asked(person.id_number_index, on, report=report)


def keep(asked: Asked, *, application: Application | None) -> BureauInquiry:
    """Write the question down, once. Without an application: it was asked, and the application was then refused."""
    if asked.kept is not None:
        return asked.kept
    row = BureauInquiry(
        customer=application.customer if application else None,
        application=application,
        person_index=asked.person_index,
        answered=asked.report is not None,
        reason=asked.failure,
        asked_on=asked.on,
    )
    if asked.report is not None:
        row.found, row.sha256, row.facts = asked.report.found, asked.report.sha256, asked.facts
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # somebody asked at the same moment: one answer a day stands
        first = _answered(asked.person_index, asked.on)
        if first is None:
            raise
        return first
    return row


def _answered(person_index: str, on: datetime.date) -> BureauInquiry | None:
    return BureauInquiry.objects.filter(person_index=person_index, asked_on=on, answered=True).first()
