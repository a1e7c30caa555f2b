"""The customers who may sign in: Ada in the middle of a loan, Bao before his first one, Zhou Jing behind with hers."""

import datetime
import uuid
from decimal import Decimal
from typing import Any

from customers.models import Customer, Notice, User
from customers.notices import mark_read
from lending.applications import filling, submission
from lending.applications.contracting import draw_up
from lending.applications.models import Application, Decision
from lending.applications.officers_decision import decide_by_officer
from lending.demo import people
from lending.demo.applying import MAIN_PRODUCT, paid_out, pay_in_portal, registered, version_of
from lending.demo.past import Life
from lending.loans import disbursement, opening
from lending.loans.models import Disbursement, Loan
from lending.servicing import plan_asking, plan_deciding
from lending.servicing.models import PlanChange

DAY = datetime.timedelta(days=1)
Staff = dict[str, User]
AFFLUENT: dict[str, Any] = {
    "income_monthly": "18000", "expenses_monthly": "6000", "assets": "200000", "debts": "0", "debt_service_monthly": "0",
    "employment_type": "public", "employment_years": "9", "home_ownership": "owner", "residence_years": "6",
    "dependants": "1", "amount_minor": 3_000_000, "installments": 12, "purpose": "consumption",
}  # fmt: skip
MODEST = {**AFFLUENT, "income_monthly": "12000", "expenses_monthly": "5000", "assets": "40000", "installments": 18}


def lives(staff: Staff, today: datetime.date) -> list[Life]:
    """All three, each as far as she has come."""
    return [_ada(staff, today), _bao(today), _zhou(staff, today)]


def _ada(staff: Staff, today: datetime.date) -> Life:
    began = today - 130 * DAY
    yield began
    loan = _borrows(
        _introduced("Ada", people.ADA_PHONE, datetime.date(1990, 3, 7), 2, on=began), AFFLUENT, staff, on=began
    )
    yield from _pays(loan, until=today)
    _reads(loan.customer)


def _bao(today: datetime.date) -> Life:
    yield today
    _introduced("Bao", people.BAO_PHONE, datetime.date(1988, 11, 23), 1, on=today)


def _zhou(staff: Staff, today: datetime.date) -> Life:
    """She paid until two months ago. She told us last week; Otto proposed, Sun approved yesterday: the offer waits for her."""
    began = today - 170 * DAY
    yield began
    loan = _borrows(
        _introduced("周静", people.ZHOU_PHONE, datetime.date(1991, 6, 18), 6, on=began), MODEST, staff, on=began
    )
    yield from _pays(loan, until=today - 60 * DAY)
    yield today - 6 * DAY
    _reads(loan.customer)
    told = plan_asking.Told(Decimal(7000), Decimal(4600), Decimal(1500))
    loan.refresh_from_db()
    change = plan_asking.ask(
        loan,
        reason=PlanChange.Reason.INCOME_LESS,
        told=told,
        wished=PlanChange.Way.LONGER_TERM,
        text="公司减薪，工资少了四成，想把每期还款降下来。",
        by=loan.customer.user,
        on=today - 6 * DAY,
        key=uuid.uuid4(),
    )
    yield today - 4 * DAY
    ways = plan_asking.ways_for(loan, told, on=today - 4 * DAY).ways
    way = next(one for one in ways if one.code == PlanChange.Way.LONGER_TERM)
    change = plan_deciding.propose(
        change, way=way.code, installments=way.installments, note="工资单可以证明。", by=staff["otto"],
        on=today - 4 * DAY,
    )  # fmt: skip
    yield today - DAY
    plan_deciding.approve(change, note="同意。", by=staff["sun"], on=today - DAY)


def _pays(loan: Loan, *, until: datetime.date) -> Life:
    """Every installment on its day."""
    for number, due_on in (
        loan.installments.filter(due_on__lte=until).order_by("number").values_list("number", "due_on")
    ):
        yield due_on
        loan.refresh_from_db()
        pay_in_portal(loan, loan.installments.get(number=number).outstanding_minor, due_on)


def _reads(customer: Customer) -> None:
    """All that her inbox holds."""
    for notice in Notice.objects.filter(customer=customer):
        mark_read(notice)


def _introduced(name: str, phone: str, born: datetime.date, serial: int, *, on: datetime.date) -> Customer:
    identity = people.Identity(name=name, id_number=people.resident_id(born, serial), birth_date=born, phone=phone)
    return registered(identity, on=on, language="zh-hans", password=people.PASSWORD)


def _borrows(customer: Customer, answers: dict[str, Any], staff: Staff, *, on: datetime.date) -> Loan:
    version = version_of(MAIN_PRODUCT, on)
    application = filling.start(customer=customer, product_version=version, channel="portal", by=customer.user, on=on)
    filling.answer(application, answers=answers, by=customer.user, on=on)
    submission.submit(application, by=customer.user, on=on)
    application.refresh_from_db()
    if application.status == Application.Status.REFERRED:
        decide_by_officer(
            application,
            outcome=Decision.Outcome.APPROVE,
            reason_code="INCOME_VERIFIED",
            amount_minor=application.amount_minor,
            installments=application.installments,
            yearly_rate_percent=version.min_yearly_rate_percent,
            by=staff["otto"],
            on=on,
            note="已查看工资单。",
        )
    contract = draw_up(application.offers.latest("pk"), language=customer.language, on=on)
    loan = opening.sign_and_open(contract, sha256=contract.sha256, disclosure_confirmed=True, by=customer.user, on=on)
    order = loan.disbursements.latest("pk")
    if order.status == Disbursement.Status.REQUESTED:
        order = disbursement.approve(order, by=staff["sun"], on=on)
    paid_out(order, on)
    loan.refresh_from_db()
    return loan
