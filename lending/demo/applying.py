"""How the invented applicants come in: they open an account, show their papers, consent to what they consent to, and apply.

Every step is the act of everybody. Attempts are made in the order of their days over all applicants, as links are seen in
that order; what stands in the way of the next attempt (an open application) is withdrawn, or declined by an officer.
"""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from customers import consents, registration
from customers import identity as identity_acts
from customers.models import Customer, Purpose, User
from lending.applications import filling, submission, withdrawal
from lending.applications.models import Application, Decision
from lending.applications.officers_decision import decide_by_officer
from lending.demo import people
from lending.demo.population import Applicant, Attempt
from lending.loans import disbursement
from lending.loans.models import Disbursement, Loan
from lending.products.models import ProductVersion
from lending.repayments import ordering
from lending.repayments.posting import post_repayment

#: What an applicant is asked in the portal; the rest comes from the bureau and from our own book.
STATED = (
    "income_monthly", "expenses_monthly", "debt_service_monthly", "assets", "debts", "employment_type",
    "employment_years", "home_ownership", "residence_years", "dependants",
)  # fmt: skip
Status = Application.Status
MAIN_PRODUCT = "consumer-installment"


def apply_all(
    applicants: Sequence[Applicant], *, product: ProductVersion, officer: User
) -> list[tuple[Applicant, str]]:
    """Let everybody apply; each applicant with the reference of her customer."""
    customers: dict[int, Customer] = {}
    order = [
        (attempt.on, number, place)
        for number, one in enumerate(applicants)
        for place, attempt in enumerate(one.attempts)
    ]
    for on, number, place in sorted(order):
        one = applicants[number]
        if number not in customers:
            customers[number] = introduced(one, on=on)
        make_way(customers[number], officer=officer, on=on)
        attempted(customers[number], one, one.attempts[place], product)
    return [(applicants[number], str(customer.public_id)) for number, customer in customers.items()]


def introduced(one: Applicant, *, on: datetime.date, language: str = "zh-hans") -> Customer:
    """A customer of the portal: signed up, identified, with the consents she gives."""
    customer = registration.open_account(
        phone=one.identity.phone, password=None, by=None, on=on, language=language, phone_verified=True
    )
    if one.email:
        customer.email = one.email
        customer.save()
    identity_acts.identify(
        customer, name=one.identity.name, id_number=one.identity.id_number, phone=one.phone, by=customer.user, on=on
    )
    for purpose in (Purpose.IDENTITY, Purpose.CREDIT_REPORT, Purpose.AUTOMATED_DECISION):
        consents.give(customer, purpose=purpose, channel="portal", by=customer.user, on=on)
    for purpose, given in (
        (Purpose.DEVICE_SIGNALS, one.device_consent),
        (Purpose.TRANSACTION_SIGNALS, one.transaction_consent),
    ):
        answer = consents.give if given else consents.refuse
        answer(customer, purpose=purpose, channel="portal", by=customer.user, on=on)
    return Customer.objects.select_related("user", "person").get(pk=customer.pk)


def attempted(
    customer: Customer, one: Applicant, attempt: Attempt, version: ProductVersion, *, submitted: bool = True
) -> Application:
    """One application with its papers; `submitted` false leaves it half filled in."""
    on = attempt.on
    application = filling.start(customer=customer, product_version=version, channel="portal", by=customer.user, on=on)
    if not submitted:
        return application
    filling.answer(application, answers={**one.papers, **asked(attempt.facts, version)}, by=customer.user, on=on)
    seconds = one.form_seconds if one.device_consent else None
    submission.submit(application, by=customer.user, on=on, form_seconds=seconds)
    if attempt.withdrawn:
        application.refresh_from_db()
        if application.status in Application.OPEN:
            withdrawal.withdraw(application, by=customer.user, on=on)
    application.refresh_from_db()
    return application


def asked(facts: Mapping[str, Any], version: ProductVersion) -> dict[str, Any]:
    """What she states, and the loan she asks for within what the product allows."""
    wanted = [number for number in version.installment_choices if number >= facts["installments"]]
    amount_minor = int(facts["requested_amount"]) * 100
    return {
        **{name: str(facts[name]) for name in STATED},
        "installments": wanted[0] if wanted else max(version.installment_choices),
        "amount_minor": min(max(amount_minor, version.min_amount_minor), version.max_amount_minor),
        "purpose": facts["purpose"] if facts["purpose"] in version.purposes else "consumption",
    }


def make_way(customer: Customer, *, officer: User, on: datetime.date) -> None:
    """End what is still open, so that she can apply again: an officer declines what waits for one."""
    opened = Application.objects.filter(customer=customer, status__in=Application.OPEN).first()
    if opened is None:
        return
    if opened.status == Status.REFERRED:
        decide_by_officer(
            opened, outcome=Decision.Outcome.DECLINE, reason_code="INCOME_INSUFFICIENT", by=officer, on=on,
            note="每期还款超出其承受能力。",
        )  # fmt: skip
    else:
        withdrawal.withdraw(opened, by=customer.user, on=on)


def registered(identity: people.Identity, *, on: datetime.date, language: str, password: str | None = None) -> Customer:
    """A customer of the portal: signed up, identified, the required consents given."""
    customer = registration.open_account(
        phone=identity.phone, password=None, by=None, on=on, language=language, phone_verified=True
    )
    user = customer.user
    if password and user is not None:
        user.set_password(password)
        user.save()
    identity_acts.identify(
        customer, name=identity.name, id_number=identity.id_number, phone=identity.phone, by=user, on=on
    )
    for purpose in (Purpose.IDENTITY, Purpose.CREDIT_REPORT, Purpose.AUTOMATED_DECISION):
        consents.give(customer, purpose=purpose, channel="portal", by=customer.user, on=on)
    return customer


def paid_out(order: Disbursement, on: datetime.date) -> None:
    """The bank's word, as its callback brings it."""
    disbursement.settle(key=str(order.key), succeeded=True, bank_reference=f"OPENING-{order.pk:08d}", reason="", on=on)


def pay(loan: Loan, amount_minor: int, on: datetime.date) -> None:
    post_repayment(
        loan,
        amount_minor=amount_minor,
        currency=loan.currency,
        received_on=on,
        channel="bank",
        key=f"book:{loan.number}:{on}",
        by=None,
        on=on,
    )


def pay_in_portal(loan: Loan, amount_minor: int, on: datetime.date) -> None:
    """The same by an order in the portal, which gives her a receipt, and the bank's word on it."""
    key = uuid.uuid4()
    ordering.order_payment(loan, amount_minor=amount_minor, key=key, by=loan.customer.user, on=on)
    ordering.settle(key=str(key), succeeded=True, bank_reference=f"PAST-{key.hex[:8].upper()}", reason="", on=on)


def version_of(code: str, on: datetime.date) -> ProductVersion:
    return ProductVersion.objects.in_force(on).get(product__code=code)
