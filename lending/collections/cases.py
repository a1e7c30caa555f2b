"""A case is opened when a loan enters a bucket that is worth a person's time, and closed when it is late no more.

`settings.COLLECTION_CASES_FROM_BUCKET` (M1 where not set) says from which bucket. Like every job of the business day it
may be run again: an open case is unique per loan in the database.
"""

import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from customers.system_user import system_user
from lending.collections.models import Case
from lending.loans.models import Loan
from lending.servicing.rules import rules_of

CHUNK = 500


def open_and_close_cases(on: datetime.date) -> dict[str, int]:
    """Bring the cases up to the close of `on`. Returns how many were opened and closed."""
    least_days = rules_of(on).bucket_least(getattr(settings, "COLLECTION_CASES_FROM_BUCKET", "M1"))
    return {"closed": _close(on), "opened": _open(on, max(least_days, 1))}


def _open(on: datetime.date, least_days: int) -> int:
    open_cases = Case.objects.filter(loan=OuterRef("pk"), status=Case.Status.OPEN)
    late = Loan.objects.late(on, at_least_days=least_days).exclude(Exists(open_cases)).order_by("pk")
    opened = 0
    while loans := list(late.values_list("pk", "customer_id")[:CHUNK]):
        with transaction.atomic():
            new = [Case(loan_id=loan, customer_id=customer, opened_on=on) for loan, customer in loans]
            bulk_create_with_history(new, Case, default_user=system_user())
        opened += len(new)
    return opened


def _close(on: datetime.date) -> int:
    late = Loan.objects.late(on).filter(pk=OuterRef("loan_id"))
    settled = Case.objects.filter(status=Case.Status.OPEN).exclude(Exists(late)).order_by("pk")
    settled = settled.exclude(loan__status=Loan.Status.CHARGED_OFF)
    closed = 0
    while True:
        with transaction.atomic():
            cases = list(settled.select_for_update(of=("self",))[:CHUNK])
            if not cases:
                return closed
            for case in cases:
                case.status, case.closed_on = Case.Status.CLOSED, on
            bulk_update_with_history(cases, Case, ["status", "closed_on"], default_user=system_user())
        closed += len(cases)
