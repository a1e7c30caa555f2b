"""The monthly reading of the book: what each loan's score and signals come from, once a month, whatever is restarted."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers import consents
from customers.models import User
from customers.system_user import system_user
from lending.applications.models import BureauInquiry
from lending.collections.models import Case, ContactAttempt, PromiseToPay
from lending.finance.events import Event
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.repayments.models import PaymentOrder
from lending.servicing import early_warning, jobs
from lending.servicing.models import EarlyWarning
from tests.cast import PASSWORD
from tests.lending import loan_builders

pytestmark = pytest.mark.django_db
DECEMBER = dt.date(2026, 12, 1)  # installments were due on 14 October and 14 November, 1066.19 each


def pay(loan: Loan, amount: str, on: dt.date) -> None:
    record(loan, Event(on=on, type="repay", amount=Decimal(amount)), key=f"pay-{loan.pk}-{on}", by=None, on=on)


def read(loan: Loan, on: dt.date = DECEMBER) -> EarlyWarning:
    early_warning.warn(on=on)
    return EarlyWarning.objects.get(loan=loan, read_on=on)


def test_a_loan_paid_on_its_days_loses_nothing() -> None:
    loan = loan_builders.active_loan()
    pay(loan, "1066.19", dt.date(2026, 10, 14))
    pay(loan, "1066.19", dt.date(2026, 11, 13))
    found = read(loan)
    assert (found.score, found.grade, found.signals, found.points_lost) == (100, "steady", [], {})
    assert found.facts == {
        "days_past_due": 0, "worst_days_late": 0, "late_installments": 0, "payments_ratio": 1.0,
    }  # fmt: skip


def test_late_and_short_payments_cost_points_and_give_signals() -> None:
    loan = loan_builders.active_loan()
    pay(loan, "1066.19", dt.date(2026, 10, 20))
    pay(loan, "200.00", dt.date(2026, 11, 14))
    found = read(loan)
    assert found.facts == {
        "days_past_due": 17, "worst_days_late": 17, "late_installments": 2, "payments_ratio": 0.5938,
    }  # fmt: skip
    assert found.points_lost == {
        "days_past_due": 20, "worst_days_late": 10, "late_installments": 9, "payments_ratio": 10,
    }  # fmt: skip
    assert (found.score, found.grade) == (51, "watch")
    assert [one["code"] for one in found.signals] == ["LATE_AGAIN", "PAYING_LESS"]
    assert all(one["text_zh"] and one["text_en"] and one["evidence"] for one in found.signals)


def test_a_score_that_falls_is_a_signal_and_both_readings_stay() -> None:
    loan = loan_builders.active_loan()
    pay(loan, "1066.19", dt.date(2026, 10, 14))
    assert read(loan, dt.date(2026, 11, 1)).score == 100
    found = read(loan)
    assert found.previous_score == 100
    fell = next(one for one in found.signals if one["code"] == "SCORE_FELL")
    assert fell["evidence"] == {"before": 100, "now": found.score}
    assert EarlyWarning.objects.filter(loan=loan).count() == 2


def test_the_job_reads_the_book_on_the_first_of_a_month_and_once() -> None:
    loan = loan_builders.active_loan()
    [job] = [job for job in jobs.jobs() if job.name == "early_warning"]

    def close(on: dt.date) -> dict[str, int]:
        noon = timezone.make_aware(dt.datetime.combine(on, dt.time(12)))
        return job.run(jobs.Day(on=on, last=on, now=noon))

    assert close(dt.date(2026, 11, 30)) == {}
    assert close(DECEMBER)["read"] == 1
    pay(loan, "2132.38", DECEMBER)
    assert close(DECEMBER)["read"] == 0
    assert EarlyWarning.objects.get().facts["days_past_due"] == 48


def test_only_running_loans_are_read() -> None:
    loan_builders.loan()
    assert early_warning.warn(on=DECEMBER) == {
        "read": 0, "watch": 0, "at_risk": 0, "signals": 0, "tasks": 0, "over": 0,
    }  # fmt: skip


def test_failed_payments_lost_contact_and_broken_promises_are_seen() -> None:
    loan = loan_builders.active_loan()
    caller = User.objects.create_user(username="caller")
    order: dict[str, Any] = {"loan": loan, "customer": loan.customer, "amount_minor": 106619, "currency": "CNY"}
    PaymentOrder.objects.create(**order, status="failed", ordered_on=dt.date(2026, 10, 14), key=uuid.uuid4())
    PaymentOrder.objects.create(**order, status="failed", ordered_on=dt.date(2026, 7, 1), key=uuid.uuid4())
    case = Case.objects.create(loan=loan, customer=loan.customer, opened_on=dt.date(2026, 10, 16))
    attempt: dict[str, Any] = {"case": case, "customer": loan.customer, "channel": "phone", "by": caller}
    for day, result in ((20, "no_answer"), (21, "answered"), (22, "no_answer"), (23, "no_answer"), (24, "no_answer")):
        at = timezone.make_aware(dt.datetime(2026, 11, day, 10))
        ContactAttempt.objects.create(**attempt, at=at, result=result)
    promise: dict[str, Any] = {"case": case, "customer": loan.customer, "amount_minor": 50000, "by": caller}
    PromiseToPay.objects.create(**promise, promised_on=dt.date(2026, 11, 1), pay_by=dt.date(2026, 11, 10))
    PromiseToPay.objects.create(**promise, promised_on=dt.date(2026, 11, 21), pay_by=dt.date(2026, 12, 10))
    found = read(loan)
    assert found.facts["failed_payments"] == 1
    assert found.facts["unanswered_contacts"] == 3
    assert found.facts["broken_promises"] == 1
    assert {"MISSED_AUTOPAY", "CONTACT_LOST", "PROMISE_BROKEN"} <= {one["code"] for one in found.signals}
    assert found.grade == "at_risk"


def test_what_the_bureau_said_counts_while_the_consent_stands() -> None:
    loan = loan_builders.active_loan()
    BureauInquiry.objects.create(
        customer=loan.customer, application=loan.application, answered=True, found=True,
        facts={"bureau_utilisation": "0.97", "bureau_inquiries_6m": 8}, asked_on=dt.date(2026, 11, 2),
    )  # fmt: skip
    assert "utilisation" not in read(loan, dt.date(2026, 11, 30)).facts
    given = {"purpose": "credit_report", "channel": "portal", "by": loan.customer.user}
    consents.give(loan.customer, **given, on=dt.date(2026, 9, 14))
    found = read(loan)
    assert (found.facts["utilisation"], found.facts["other_inquiries"]) == (0.97, 8.0)
    assert {"LINES_USED_UP", "OTHER_LENDERS"} <= {one["code"] for one in found.signals}
    consents.withdraw(loan.customer, **given, on=dt.date(2026, 12, 2))
    assert "utilisation" not in read(loan, dt.date(2026, 12, 3)).facts


def test_more_loans_need_no_more_queries() -> None:
    def queries(on: dt.date) -> int:
        with CaptureQueriesContext(connection) as captured:
            early_warning.warn(on=on)
        return len(captured)

    system_user()
    loan_builders.active_loan()
    one = queries(DECEMBER)
    for _ in range(4):
        loan_builders.active_loan()
    assert queries(dt.date(2027, 1, 1)) == one
    assert EarlyWarning.objects.filter(read_on=dt.date(2027, 1, 1)).count() == 5


def test_a_reading_is_never_changed() -> None:
    loan = loan_builders.active_loan()
    found = read(loan)
    with pytest.raises(DatabaseError), transaction.atomic():
        EarlyWarning.objects.filter(pk=found.pk).update(score=100)
    with pytest.raises(DatabaseError), transaction.atomic():
        found.delete()


def test_the_desk_shows_the_warning_its_signals_and_ways_out(client: Client) -> None:
    found = read(loan_builders.active_loan())
    officer = User.objects.create_user(username="rita", password=PASSWORD, is_staff=True, language="en")
    officer.groups.add(Group.objects.get(name="loan officer"))
    client.force_login(officer)
    listed = client.get("/admin/servicing/earlywarning/")
    assert listed.status_code == 200
    page = client.get(f"/admin/servicing/earlywarning/{found.pk}/change/", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    text = page.content.decode()
    assert found.signals[0]["text_en"] in text
    assert "installments of about" in text
