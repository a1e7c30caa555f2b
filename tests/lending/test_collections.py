"""Cases of late loans, and the rules for reaching their debtors."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from customers.models import User
from lending.collections.cases import open_and_close_cases
from lending.collections.contact import check, log_contact
from lending.collections.models import Case, ContactAttempt, PromiseToPay
from lending.collections.promising import promise
from lending.collections.refusals import (
    CaseClosed,
    ContactNotAllowed,
    PromiseAmountWrong,
    PromiseTooLate,
    TooManyUnanswered,
)
from lending.finance.events import Event
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.servicing.closing import close_business_day
from tests.lending import loan_builders

DUE = dt.date(2026, 10, 14)
LATE = DUE + dt.timedelta(days=5)


def at(hour: int, minute: int = 0, on: dt.date = LATE) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(on, dt.time(hour, minute)))


def pay(loan: Loan, on: dt.date) -> None:
    record(loan, Event(on=on, type="repay", amount=Decimal("1066.19")), key=f"pay-{loan.pk}-{on}", by=None, on=on)


@pytest.fixture
def otto(db: None) -> User:
    return loan_builders.user("otto")


@pytest.fixture
def case(otto: User) -> Case:
    loan_builders.active_loan()
    open_and_close_cases(LATE)
    return Case.objects.get()


@pytest.mark.django_db
def test_a_case_opens_when_a_loan_is_late_and_closes_when_it_is_no_more() -> None:
    late, calm = loan_builders.active_loan(), loan_builders.active_loan()
    pay(calm, DUE)
    assert open_and_close_cases(DUE) == {"closed": 0, "opened": 0}
    assert open_and_close_cases(LATE) == {"closed": 0, "opened": 1}
    assert open_and_close_cases(LATE) == {"closed": 0, "opened": 0}
    pay(late, LATE)
    assert open_and_close_cases(LATE) == {"closed": 1, "opened": 0}
    case = Case.objects.get()
    assert (case.loan, case.opened_on, case.closed_on, case.status) == (late, LATE, LATE, "closed")
    changes = list(case.history.order_by("history_id").values_list("status", "history_user__username"))
    assert changes == [("open", "system"), ("closed", "system")]


@pytest.mark.django_db
def test_a_loan_that_turns_late_again_gets_a_new_case() -> None:
    loan = loan_builders.active_loan()
    open_and_close_cases(LATE)
    pay(loan, LATE)
    open_and_close_cases(LATE)
    open_and_close_cases(DUE + dt.timedelta(days=40))
    assert Case.objects.filter(loan=loan).count() == 2


@pytest.mark.django_db
def test_the_bucket_that_opens_a_case_is_configured(settings: object) -> None:
    settings.COLLECTION_CASES_FROM_BUCKET = "M2"  # type: ignore[attr-defined]
    loan_builders.active_loan()
    assert open_and_close_cases(DUE + dt.timedelta(days=30))["opened"] == 0
    assert open_and_close_cases(DUE + dt.timedelta(days=31))["opened"] == 1


@pytest.mark.django_db
def test_the_close_of_a_day_brings_cases_up_to_date() -> None:
    loan_builders.active_loan()
    counts = close_business_day(LATE, now=at(12))
    assert counts[LATE]["collection_cases"] == {"closed": 0, "opened": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(("hour", "minute", "allowed"), [(7, 59, False), (8, 0, True), (21, 59, True), (22, 0, False)])
def test_nobody_is_contacted_at_night(case: Case, otto: User, hour: int, minute: int, allowed: bool) -> None:
    def call() -> ContactAttempt:
        return log_contact(case, channel="phone", result="answered", at=at(hour, minute), by=otto)

    if allowed:
        assert call().pk
    else:
        with pytest.raises(ContactNotAllowed, match="GB/T 45251"):
            call()
        assert not ContactAttempt.objects.exists()


@pytest.mark.django_db
def test_three_connected_contacts_a_day_are_the_most_over_all_loans_of_a_debtor(case: Case, otto: User) -> None:
    loan_builders.active_loan(of=case.customer)
    open_and_close_cases(LATE)
    other = Case.objects.exclude(pk=case.pk).get()
    for hour, of in ((9, case), (10, other), (11, case)):
        log_contact(of, channel="phone", result="answered", at=at(hour), by=otto)
    with pytest.raises(ContactNotAllowed) as refused, translation.override("en"):
        log_contact(other, channel="sms", result="answered", at=at(12), by=otto)
    assert "At most 3" in refused.value.messages[0]
    tomorrow = LATE + dt.timedelta(days=1)
    assert log_contact(other, channel="phone", result="answered", at=at(8, on=tomorrow), by=otto).pk


@pytest.mark.django_db
def test_six_unanswered_attempts_a_day_are_the_most(case: Case, otto: User) -> None:
    for minute in range(6):
        log_contact(case, channel="phone", result="no_answer", at=at(9, minute), by=otto)
    with pytest.raises(TooManyUnanswered):
        check(case, at=at(10))
    with pytest.raises(TooManyUnanswered):
        log_contact(case, channel="phone", result="no_answer", at=at(10), by=otto)
    assert ContactAttempt.objects.count() == 6


@pytest.mark.django_db
def test_an_attempt_logged_twice_is_one(case: Case, otto: User) -> None:
    first = log_contact(case, channel="phone", result="answered", at=at(9), by=otto)
    assert log_contact(case, channel="phone", result="answered", at=at(9), by=otto) == first


@pytest.mark.django_db
def test_a_promise_is_written_down_once(case: Case, otto: User) -> None:
    by_friday = LATE + dt.timedelta(days=4)
    first = promise(case, amount_minor=106619, pay_by=by_friday, by=otto, on=LATE)
    assert promise(case, amount_minor=106619, pay_by=by_friday, by=otto, on=LATE) == first
    with pytest.raises(PromiseTooLate):
        promise(case, amount_minor=1, pay_by=LATE - dt.timedelta(days=1), by=otto, on=LATE)
    for amount in (0, -5, case.loan.outstanding_minor + 1, 10**20):
        with pytest.raises(PromiseAmountWrong):
            promise(case, amount_minor=amount, pay_by=by_friday, by=otto, on=LATE)
    assert PromiseToPay.objects.count() == 1


@pytest.mark.django_db
def test_a_closed_case_takes_neither_contacts_nor_promises(case: Case, otto: User) -> None:
    pay(case.loan, LATE)
    open_and_close_cases(LATE)
    with pytest.raises(CaseClosed):
        log_contact(case, channel="phone", result="answered", at=at(9), by=otto)
    with pytest.raises(CaseClosed):
        promise(case, amount_minor=1, pay_by=LATE, by=otto, on=LATE)
    assert not ContactAttempt.objects.exists() and not PromiseToPay.objects.exists()
