"""What a customer asks about a decision on her application becomes a case about it, with a clock from the rules in force."""

import datetime
import uuid

from customers import service_cases
from customers.models import ServiceCase, User
from lending.applications.filling import refuse_strangers
from lending.applications.models import Decision
from lending.regulation.clocks import answer_due_on

SUBJECT = "decision"


def asked_before(decision: Decision, *, by: User | None, key: uuid.UUID | None) -> ServiceCase | None:
    """The case that this key already is. Raises NotYours."""
    customer = decision.application.customer
    refuse_strangers(customer, by)
    return ServiceCase.objects.filter(customer=customer, key=key).first() if key else None


def case_about(
    decision: Decision, kind: str, *, by: User | None, on: datetime.date, text: str, key: uuid.UUID | None
) -> ServiceCase:
    application = decision.application
    jurisdiction = application.product_version.jurisdiction
    return service_cases.open_case(
        application.customer,
        kind=kind,
        by=by,
        on=on,
        due_on=answer_due_on(kind, on=on, jurisdiction=jurisdiction),
        text=text,
        subject_type=SUBJECT,
        subject_id=str(decision.pk),
        key=key,
    )
