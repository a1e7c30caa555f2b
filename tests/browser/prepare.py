"""Run inside the lender (`manage.py shell`), before its processes start: the people the journeys need in the book.

Written by the acts of the house, with the business date they are given, like the demo's own book.
"""

import datetime
import json
import random

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from customers.encryption import blind_index
from customers.models import Customer, User
from lending.applications import filling, submission
from lending.applications.contracting import draw_up
from lending.applications.models import Application
from lending.applications.officers_decision import decide_by_officer
from lending.clock import business_date
from lending.demo import bureau, people
from lending.demo.applying import MAIN_PRODUCT, paid_out, registered
from lending.loans import opening
from lending.loans.models import Loan
from lending.products.models import ProductVersion

#: Numbers whose past, as the bureau draws it from them, is without a blot: no records, no inquiries, a long history.
LINS_ID_NUMBER = "110105198501012974"
#: Eleven lenders asked about him in six months: the strategy wants a person to look.
RUIS_ID_NUMBER = "110105198503133999"
LIN_PHONE, RUI_PHONE = "13700137003", "13600136004"
#: Days past due on which a reminder is sent, and so the ages a late loan may have today.
REMINDED_ON = (1, 3, 7, 15, 30)


def run() -> None:
    """Make Lin with her late loan, Rui who is about to apply, and Mallory; print what the tests need to know."""
    if not User.objects.filter(username="mallory").exists():
        User.objects.create_user(username="mallory", password=people.PASSWORD, is_staff=True, first_name="Mallory")
    _hasten()
    rui = _customer("Rui", RUI_PHONE, RUIS_ID_NUMBER)
    lin = _customer("Lin", LIN_PHONE, LINS_ID_NUMBER)
    loan = Loan.objects.filter(customer=lin).first() or _late_loan(lin)
    ada = Loan.objects.get(customer__person__phone_index=blind_index(people.ADA_PHONE))
    print(
        json.dumps(
            {
                "late_loan": loan.number,
                "late_loan_id": str(loan.public_id),
                "late_by": str((business_date() - loan.installments.get(number=1).due_on).days),
                "adas_loan": ada.number,
                "adas_loan_id": str(ada.public_id),
                "rui": str(rui.public_id),
            }
        )
    )


def _hasten() -> None:
    """The operator's timetable, as rows: the day is closed within a minute instead of an hour, messages go at once."""
    every_minute, _ = CrontabSchedule.objects.get_or_create(minute="*", hour="*", timezone=settings.TIME_ZONE)
    every_5_seconds, _ = IntervalSchedule.objects.get_or_create(every=5, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(name="Close the business day").update(crontab=every_minute)
    PeriodicTask.objects.filter(name="Send what is due").update(interval=every_5_seconds)


def without_a_blot(draw: random.Random) -> str:
    """An ID number for which the bureau knows a long history, no records, no arrears, no inquiries, no other loan."""
    while True:
        born = datetime.date(1980, 1, 1) + datetime.timedelta(days=draw.randrange(3650))
        id_number = people.resident_id(born, draw.randrange(998))
        facts = bureau.person_of(id_number).facts
        bad = ("records", "bureau_inquiries_6m", "bureau_open_loans", "bureau_max_dpd_24m")
        if facts["bureau_history_months"] >= 90 and not any(facts[name] for name in bad):
            return id_number


def _customer(name: str, phone: str, id_number: str) -> Customer:
    known = Customer.objects.filter(person__phone_index=blind_index(phone)).first()
    if known is not None:
        return known
    born = datetime.datetime.strptime(id_number[6:14], "%Y%m%d").date()
    identity = people.Identity(name=name, id_number=id_number, birth_date=born, phone=phone)
    on = business_date() - datetime.timedelta(days=200)
    return registered(identity, on=on, language="zh-hans", password=people.PASSWORD)


def _late_loan(customer: Customer) -> Loan:
    """A loan of which nothing was paid, and whose first due date passed just as long ago as a reminder goes out."""
    began = _begin(business_date())
    version = ProductVersion.objects.in_force(began).get(product__code=MAIN_PRODUCT)
    answers = {
        "income_monthly": "22000", "expenses_monthly": "7000", "assets": "300000", "debts": "0",
        "employment_type": "public", "employment_years": "10", "home_ownership": "owner", "residence_years": "8",
        "dependants": "0", "amount_minor": 1_200_000, "installments": 12, "purpose": "consumption",
    }  # fmt: skip
    with bureau.answering():
        application = filling.start(
            customer=customer, product_version=version, channel="portal", by=customer.user, on=began
        )
        filling.answer(application, answers=answers, by=customer.user, on=began)
        submission.submit(application, by=customer.user, on=began)
    application.refresh_from_db()
    if application.status == Application.Status.REFERRED:
        decide_by_officer(
            application, outcome="approve", reason_code="INCOME_VERIFIED", note="Payslips were seen.",
            amount_minor=1_200_000, installments=12, yearly_rate_percent=version.min_yearly_rate_percent,
            by=User.objects.get(username="otto"), on=began,
        )  # fmt: skip
    contract = draw_up(application.offers.latest("pk"), language="zh-hans", on=began)
    loan = opening.sign_and_open(
        contract, sha256=contract.sha256, disclosure_confirmed=True, by=customer.user, on=began
    )
    paid_out(loan.disbursements.latest("pk"), began)
    return loan


def _begin(today: datetime.date) -> datetime.date:
    """The day from which one month leads to a due date that is reminded of today (month ends make some miss)."""
    for days in REMINDED_ON:
        due_on = today - datetime.timedelta(days=days)
        if due_on - relativedelta(months=1) + relativedelta(months=1) == due_on:
            return due_on - relativedelta(months=1)
    raise AssertionError(today)
