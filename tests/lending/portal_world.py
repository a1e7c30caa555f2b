"""What the portal's tests share: the day, a customer's browser, and a loan that was paid out."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from customers import service_cases
from customers.models import Customer, User
from lending.loans import disbursement
from lending.loans.models import Loan
from lending.servicing.models import PlanChange
from tests import builders
from tests.cast import TODAY

NOON = datetime.datetime.combine(TODAY, datetime.time(12), ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def today(db: None) -> Iterator[Any]:
    """The machine's clock stands at noon of the stories' day; `today.shift(seconds)` moves it. No rate is used up."""
    cache.clear()
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def browser(customer: Customer | None = None, language: str = "en", **options: Any) -> Client:
    """A browser that has chosen a language, signed in as this customer or as nobody."""
    client = Client(**options)
    client.cookies["django_language"] = language
    if customer is not None:
        client.force_login(customer.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def paid_out_loan(customer: Customer) -> Loan:
    """Her loan, its money with her."""
    loan = builders.signed_loan(customer)
    order = loan.disbursements.get()
    disbursement.settle(key=str(order.key), succeeded=True, bank_reference="B1", reason="", on=TODAY)
    loan.refresh_from_db()
    return loan


def accepted_change(loan: Loan) -> PlanChange:
    """A changed plan whose terms she accepted, as a row alone: the loan stays as it is."""
    maker, checker = (User.objects.create_user(username=str(uuid.uuid4()), is_staff=True) for _ in range(2))
    case = service_cases.open_case(
        loan.customer, kind="hardship", by=loan.customer.user, on=TODAY, due_on=TODAY, text="", key=uuid.uuid4()
    )
    return PlanChange.objects.create(
        loan=loan,
        customer=loan.customer,
        case=case,
        reason="other",
        status=PlanChange.Status.ACCEPTED,
        maker=maker,
        checker=checker,
        asked_on=TODAY,
        settled_on=TODAY,
        text="SUPPLEMENTARY TERMS of her loan",
        sha256="5" * 64,
    )


def text(response: Any) -> str:
    return response.content.decode()


def new_key() -> str:
    return str(uuid.uuid4())
