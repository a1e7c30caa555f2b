"""Ask the credit bureau about an applicant, at most once a day, and keep the question with its answer.

Done before the transaction of a decision begins: a bureau that takes its time must hold no lock. Needs the standing
consent `credit_report`; without it nothing is asked. Customers that a channel identified without telling us who they
are, and organisations, are not known to the bureau by a resident ID and are not asked about.
"""

import datetime
import json

from django.db import IntegrityError, transaction

from lending.applications import bureau
from lending.applications.bureau import BureauUnavailable
from lending.applications.models import Application, BureauInquiry


def ask_bureau(application: Application, *, on: datetime.date) -> BureauInquiry | None:
    """Today's answer about this customer, asked for now if need be; a failed question is kept as well and tried again.

    None where no bureau is configured or nobody can be asked about. The caller has seen to the consent.
    """
    person = getattr(application.customer, "person", None)
    if not bureau.configured() or person is None:
        return None
    known = answered_today(application, on=on)
    if known is not None:
        return known
    try:
        report = bureau.ask(name=person.name, id_number=person.id_number)
    except BureauUnavailable as failure:
        return BureauInquiry.objects.create(
            customer=application.customer,
            application=application,
            answered=False,
            reason=str(failure)[:100],
            asked_on=on,
        )
    try:
        with transaction.atomic():
            return BureauInquiry.objects.create(
                customer=application.customer,
                application=application,
                answered=True,
                found=report.found,
                facts=json.loads(json.dumps(report.facts)),
                sha256=report.sha256,
                asked_on=on,
            )
    except IntegrityError:  # somebody asked at the same moment: one answer a day stands
        return answered_today(application, on=on)


def answered_today(application: Application, *, on: datetime.date) -> BureauInquiry | None:
    return BureauInquiry.objects.filter(customer=application.customer, asked_on=on, answered=True).first()
