"""Loans for tests, made of plain rows: what comes before the loan is a given here, what comes after is the real act."""

import datetime as dt
import hashlib
import itertools
from decimal import Decimal
from typing import Any

from customers.models import Customer, User
from lending.applications.models import Application, Decision, FactsSnapshot, Offer
from lending.finance.events import Event
from lending.finance.money import from_minor
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.products.models import Product, ProductVersion
from tests.cast import TODAY

_numbers = itertools.count(1)
#: 12,000.00 over 12 months at 12 % a year: 1,066.19 a month, 120.00 of it interest in the first.
TERMS: dict[str, Any] = {
    "currency": "CNY",
    "decimals": 2,
    "principal": "12000.00",
    "starts_on": TODAY.isoformat(),
    "rate": {"percent": "12", "per": "year"},
    "interest": {"method": "declining", "accrual": "per_installment", "day_count": "30/360"},
    "repayment": {"method": "equal_installment", "installments": 12, "every": 1, "unit": "month"},
    "rounding": {"mode": "half_up"},
}
FEE = {
    "code": "service",
    "name_zh": "服务费",
    "name_en": "Service fee",
    "charged": "at_disbursement",
    "recipient": "lender",
    "amount_minor": 12000,
    "times": 1,
    "total_minor": 12000,
}


def user(name: str, **values: Any) -> User:
    return User.objects.create_user(username=name, **values)


def customer(name: str = "ada") -> Customer:
    owner = user(f"{name}-{next(_numbers)}")
    return Customer.objects.create(registered_on=TODAY, status="identified", user=owner)


def version(*, second_officer_above_minor: int = 10_000_000, by: User | None = None) -> ProductVersion:
    number = next(_numbers)
    product = Product.objects.create(code=f"test-{number}", name_zh="测试", name_en="Test")
    return ProductVersion.objects.create(
        product=product,
        version=1,
        effective_on=TODAY,
        min_amount_minor=1,
        max_amount_minor=10**14,
        installment_choices=[12],
        purposes=["consumption"],
        min_yearly_rate_percent=Decimal(0),
        max_yearly_rate_percent=Decimal(24),
        terms={},
        second_officer_above_minor=second_officer_above_minor,
        proposed_by=by or user(f"proposer-{number}"),
    )


def loan(
    *,
    terms: dict[str, Any] | None = None,
    fees: list[dict[str, Any]] | None = None,
    of: Customer | None = None,
    on: dt.date = TODAY,
    second_officer_above_minor: int = 10_000_000,
    decided_by: User | None = None,
) -> Loan:
    """A signed loan that awaits its disbursement."""
    terms = {**TERMS, **(terms or {})}
    owner = of or customer()
    product_version = version(second_officer_above_minor=second_officer_above_minor)
    application = Application.objects.create(customer=owner, product_version=product_version, status="signed")
    decimals = terms["decimals"]
    amount_minor = int(Decimal(terms["principal"]).scaleb(decimals))
    snapshot = FactsSnapshot.objects.create(
        application=application, facts={}, sources={}, sha256=hashlib.sha256(b"{}").hexdigest(), taken_on=on
    )
    decision = Decision.objects.create(
        application=application,
        snapshot=snapshot,
        outcome="approve",
        reasons=[],
        limit_minor=amount_minor,
        yearly_rate_percent=Decimal(12),
        installments=12,
        by=decided_by,
        decided_on=on,
    )
    Offer.objects.create(
        application=application,
        decision=decision,
        product_version=product_version,
        currency=terms["currency"],
        amount_minor=amount_minor,
        installments=12,
        yearly_rate_percent=Decimal(12),
        terms=terms,
        schedule=[],
        fees=fees or [],
        disclosure={},
        made_on=on,
        expires_on=on + dt.timedelta(days=14),
    )
    opened = Loan.objects.create(
        number=f"T{next(_numbers):08d}",
        application=application,
        customer=owner,
        product_version=product_version,
        terms=terms,
        currency=terms["currency"],
        decimals=decimals,
        approved_minor=amount_minor,
        opened_on=on,
    )
    approval = Event(on=on, type="approve", amount=from_minor(amount_minor, decimals))
    record(opened, approval, key=f"test-approve-{opened.pk}", by=None, on=on)
    return opened


def active_loan(*, on: dt.date = TODAY, **values: Any) -> Loan:
    """A loan paid out in full on its first day, without a bank."""
    opened = loan(on=on, **values)
    disburse(opened, on=on)
    return opened


def disburse(opened: Loan, *, on: dt.date) -> None:
    amount = from_minor(opened.approved_minor, opened.decimals)
    record(opened, Event(on=on, type="disburse", amount=amount), key=f"test-disburse-{opened.pk}", by=None, on=on)
