"""What the book says became of its applications: late ever, cured or not, lost, relieved, left out, and not yet known."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import User
from lending.applications.models import Decision
from lending.finance.arrears import days_past_due, oldest_due_on
from lending.finance.events import Event
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.servicing.arrears import mark_days_past_due
from lending.servicing.models import ArrearsMove
from lending.servicing.set_sql import months_after, rows
from scoring.fraud_cases import dispose
from scoring.models import FraudSignal, ModelArtifact, ModelVersion, Score
from scoring.outcomes import Definition, Outcome, outcomes
from tests.cast import TODAY
from tests.lending import loan_builders

pytestmark = pytest.mark.django_db
#: 1,066.19 is due on the 14th of each month from October on; the window of six months ends on 2027-03-14.
INSTALLMENT = "1066.19"
HALF_YEAR = Definition(months=6, bad_days=60, indeterminate_from=30)
MATURE = dt.date(2027, 3, 14)


def model() -> ModelVersion:
    artifact, _made = ModelArtifact.objects.get_or_create(file_sha256="0" * 64, content="{}")
    version, _made = ModelVersion.objects.get_or_create(
        name="consumer-credit", version=1, algorithm="scorecard", data_rows=1, artifact=artifact
    )
    return version


def decided(loan: Loan, outcome: str = "approve", *, reasons: Any = (), **values: Any) -> Decision:
    """The machine's decision on the loan's application, with a deciding score."""
    score = Score.objects.create(
        model_version=model(), subject_reference=str(loan.application.public_id),
        customer_reference=str(loan.customer.public_id), scored_on=TODAY, facts={}, facts_sha256="", features={},
        probability_of_default=0.1, points=600, band="B", contributions={},
    )  # fmt: skip
    return another(loan, outcome, reasons=list(reasons), score=score, **values)


def another(loan: Loan, outcome: str, **values: Any) -> Decision:
    first = Decision.objects.filter(application=loan.application).order_by("pk")[0]
    terms = {"limit_minor": 1200000, "yearly_rate_percent": Decimal(12), "installments": 12}
    given = {"reasons": [], "decided_on": TODAY, **(terms if outcome == "approve" else {}), **values}
    return Decision.objects.create(application=loan.application, snapshot=first.snapshot, outcome=outcome, **given)


def scored_loan(**values: Any) -> Loan:
    loan = loan_builders.active_loan(**values)
    decided(loan)
    return loan


def happen(loan: Loan, kind: str, on: dt.date, **values: Any) -> None:
    record(loan, Event(on=on, type=kind, **values), key=f"{kind}-{loan.pk}-{on}", by=None, on=on)


def pay(loan: Loan, *days: dt.date) -> None:
    for day in days:
        happen(loan, "repay", day, amount=Decimal(INSTALLMENT))


def fourteenths(count: int) -> list[dt.date]:
    return [TODAY + relativedelta(months=month) for month in range(1, count + 1)]


def found(as_of: dt.date = MATURE, definition: Definition = HALF_YEAR) -> list[Outcome]:
    return list(outcomes(since=TODAY, until=as_of, definition=definition, as_of=as_of))


def only(as_of: dt.date = MATURE, definition: Definition = HALF_YEAR) -> Outcome:
    (outcome,) = found(as_of, definition)
    return outcome


def test_a_loan_paid_on_its_days_is_good_once_its_window_has_passed() -> None:
    loan = scored_loan()
    pay(loan, *fourteenths(6))
    told = only()
    assert told == Outcome(
        subject=str(loan.application.public_id), customer=str(loan.customer.public_id), decided_on=TODAY,
        decision="approve", final="approved", opened_on=TODAY, bad=False, matured=True, worst_days_past_due=0,
    )  # fmt: skip
    assert told.place == "good"
    before = only(MATURE - dt.timedelta(days=1))
    assert (before.place, before.bad, before.matured) == ("immature", None, False)


@pytest.mark.parametrize(
    ("bad_days", "indeterminate_from", "place"), [(49, 30, "indeterminate"), (48, 30, "bad"), (60, 49, "good")]
)
def test_the_worst_day_counts_although_it_was_cured(bad_days: int, indeterminate_from: int, place: str) -> None:
    loan = scored_loan()
    first, *others = fourteenths(6)
    pay(loan, first + dt.timedelta(days=48), *(day for day in others if day > first + dt.timedelta(days=48)))
    happen(loan, "repay", dt.date(2026, 12, 2), amount=Decimal(INSTALLMENT))
    told = only(definition=Definition(months=6, bad_days=bad_days, indeterminate_from=indeterminate_from))
    assert told.worst_days_past_due == 48
    assert told.place == place
    assert told.bad is {"good": False, "bad": True, "indeterminate": None}[place]


def test_what_comes_after_the_day_asked_about_is_not_seen() -> None:
    loan = scored_loan()
    pay(loan, dt.date(2027, 1, 20))
    early, late = only(dt.date(2026, 11, 1)), only(dt.date(2026, 12, 13))
    assert (early.worst_days_past_due, early.bad) == (18, None)
    assert (late.worst_days_past_due, late.bad, late.matured) == (60, True, False)


def test_what_comes_after_the_window_does_not_count() -> None:
    loan = scored_loan()
    pay(loan, *fourteenths(6))
    happen(loan, "charge_off", dt.date(2027, 9, 1))
    told = only(dt.date(2027, 9, 14))
    assert (told.bad, told.written_off, told.worst_days_past_due) == (False, True, 0)
    assert only(dt.date(2027, 9, 14), Definition(months=12, bad_days=90)).bad is True


def test_a_loan_paid_off_early_is_good_at_once_but_does_not_stand_for_its_age() -> None:
    loan = scored_loan()
    happen(loan, "pay_off", dt.date(2026, 10, 1))
    told = only(dt.date(2026, 10, 2))
    assert (told.place, told.bad, told.matured) == ("good", False, False)


@pytest.mark.parametrize("kind", ["charge_off", "write_off"])
def test_a_loss_is_bad_whatever_the_days_and_its_reversal_takes_it_back(kind: str) -> None:
    loan = scored_loan()
    pay(loan, *fourteenths(1))
    happen(loan, kind, dt.date(2026, 10, 20))
    told = only(dt.date(2026, 10, 25))
    assert (told.bad, told.written_off, told.worst_days_past_due) == (True, True, 0)
    number = loan.events.get(type=kind).sequence
    happen(loan, "reverse", dt.date(2026, 10, 26), event=number)
    taken_back = only(dt.date(2026, 10, 26))
    assert (taken_back.bad, taken_back.written_off) == (None, False)
    assert only(dt.date(2026, 10, 25)).bad is True


@pytest.mark.parametrize(("paid", "bad"), [(False, True), (True, None)])
def test_relief_given_while_something_is_past_due_is_bad(paid: bool, bad: bool | None) -> None:
    loan = scored_loan()
    if paid:
        pay(loan, *fourteenths(1))
    relief = {"starts_on": dt.date(2027, 1, 14), "installments": 12, "every": 1, "unit": "month"}
    happen(loan, "restructure", dt.date(2026, 10, 20), **relief)
    assert only(dt.date(2026, 10, 25)).bad is bad


def test_installments_moved_by_a_rescheduling_are_remembered_by_the_closes() -> None:
    loan = scored_loan()
    mark_days_past_due(dt.date(2026, 11, 14))
    assert ArrearsMove.objects.get(loan=loan).days_past_due == 31
    new_day = dt.date(2026, 12, 20)
    happen(loan, "reschedule", dt.date(2026, 11, 20), since=dt.date(2026, 10, 14), new_due_on=new_day)
    assert not loan.installments.filter(due_on__lt=new_day).exists()
    told = only(dt.date(2026, 11, 25))
    assert (told.worst_days_past_due, told.bad) == (31, True)


def test_every_day_of_the_window_agrees_with_the_engine() -> None:
    """A day is closed in its first hour: it sees what was paid by the day before."""
    draw = random.Random(7)
    for _loan in range(4):
        loan = scored_loan()
        for due_on in fourteenths(6):
            if draw.random() < 0.75:
                pay(loan, min(due_on + dt.timedelta(days=draw.choice((0, 0, 3, 35))), MATURE))
    for as_of in (dt.date(2026, 12, 1), MATURE):
        for told in found(as_of):
            loan = Loan.objects.get(application__public_id=told.subject)
            days = [TODAY + dt.timedelta(days=n) for n in range((as_of - TODAY).days + 1)]
            before = {day: loan.state(day - dt.timedelta(days=1)).installments for day in days}
            worst = max(days_past_due(oldest_due_on(before[day], day), day) for day in days)
            assert told.worst_days_past_due == worst


@pytest.mark.parametrize(
    ("kind", "excluded", "definition"),
    [
        ("rule", "policy", HALF_YEAR),
        ("adverse", "", HALF_YEAR),
        ("rule", "", Definition(months=6, bad_days=60, exclusions=("fraud",))),
    ],
)
def test_whom_a_rule_declined_is_left_out_and_whom_the_score_declined_is_not(
    kind: str, excluded: str, definition: Definition
) -> None:
    loan = loan_builders.loan()
    decided(loan, "decline", reasons=[{"code": "X", "kind": kind}])
    told = only(definition=definition)
    assert (told.decision, told.final, told.opened_on, told.bad) == ("decline", "declined", None, None)
    assert told.excluded == excluded
    assert told.place == ("excluded" if excluded else "no_loan")


def test_an_officers_word_stands_and_is_told_as_an_override() -> None:
    loan = loan_builders.active_loan()
    decided(loan, "decline", reasons=[{"code": "X", "kind": "rule"}])
    otto = loan_builders.user("otto")
    another(loan, "approve", by=otto, override=True, reasons=[{"code": "INCOME_VERIFIED", "kind": "officer"}])
    told = only()
    assert (told.decision, told.final, told.overridden, told.officer_reason, told.excluded) == (
        "decline", "approved", True, "INCOME_VERIFIED", "",
    )  # fmt: skip


def test_confirmed_fraud_staff_and_a_channel_are_left_out() -> None:
    loan = scored_loan()
    signal = FraudSignal.objects.create(
        rule="DEVICE_SHARED", severity="refer", subject_reference=str(loan.application.public_id),
        customer_reference=str(loan.customer.public_id), evidence={}, raised_on=TODAY,
    )  # fmt: skip
    assert only().excluded == ""
    dispose(signal, disposition="confirmed", note="seen", by=loan_builders.user("vera"), on=dt.date(2026, 10, 1))
    assert (only(dt.date(2026, 9, 30)).excluded, only().excluded) == ("", "fraud")
    assert only(definition=Definition(exclusions=("channel:portal",))).excluded == "channel:portal"
    User.objects.filter(customer=loan.customer).update(is_staff=True)
    assert only(definition=Definition(exclusions=("staff",))).excluded == "staff"


def test_offers_not_taken_up_and_decisions_without_a_score() -> None:
    loan = loan_builders.loan()
    assert found() == []
    decided(loan)
    loan.application.status = "withdrawn"
    loan.application.save()
    told = only()
    assert (told.final, told.place, told.worst_days_past_due) == ("withdrawn", "no_loan", None)


def test_one_statement_however_long_the_book() -> None:
    for _loan in range(3):
        scored_loan()
    with CaptureQueriesContext(connection) as asked:
        assert len(found()) == 3
    assert len(asked) == 1


def test_months_after_a_day_agree_with_the_calendar() -> None:
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=number) for number in range(0, 800, 7)]
    days += [dt.date(2024, 8, 31), dt.date(2023, 8, 31), dt.date(2024, 2, 29), dt.date(2024, 12, 31)]
    cast = "(%(day)s)::date" if connection.vendor == "postgresql" else "%(day)s"
    for day in days:
        for months in (1, 6, 12):
            ((value,),) = rows(f"SELECT {months_after(cast, months)}", {"day": day.isoformat()})
            assert str(value) == str(day + relativedelta(months=months))
