"""The close of a business day: what it writes, and that nothing restarts, doubles or misses it."""

import datetime as dt
import io
import json
import threading
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from customers.models import Notice, User
from customers.system_user import USERNAME
from lending.collections.models import Case
from lending.finance.events import Event
from lending.ledger import chart
from lending.ledger.models import Entry, Line
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.loans.verification import verify
from lending.servicing import beat, closing, jobs, tasks
from lending.servicing.closing import close_business_day
from lending.servicing.models import ArrearsMove, JobRun
from lending.servicing.refusals import DayAlreadyPassed, DayBeingClosed, JobFailed
from tests.cast import TODAY
from tests.lending import loan_builders

FIRST_DUE = dt.date(2026, 10, 14)
PENALTY = {"penalty": {"multiple": "1.5"}}


def day(days: int, after: dt.date = FIRST_DUE) -> dt.date:
    return after + dt.timedelta(days=days)


def noon(on: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(on, dt.time(12)))


def close(on: dt.date) -> dict[dt.date, dict[str, dict[str, int]]]:
    return close_business_day(on, now=noon(on))


def pay(loan: Loan, amount: str, on: dt.date) -> None:
    record(loan, Event(on=on, type="repay", amount=Decimal(amount)), key=f"pay-{loan.pk}-{on}", by=None, on=on)


def balance(code: str) -> int:
    return sum(Line.objects.filter(account__code=code).values_list("amount_minor", flat=True))


# --- arrears -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_only_changes_of_bucket_and_class_write_rows() -> None:
    """The table of `servicing/arrears.py`."""
    loan = loan_builders.active_loan()
    for days in (0, 1, 2, 30, 31, 60, 61, 90, 91, 271, 361):
        close_only("arrears", day(days))
    moves = ArrearsMove.objects.filter(loan=loan).order_by("business_date")
    assert [(m.days_past_due, m.previous_bucket, m.bucket, m.classification) for m in moves] == [
        (1, "M0", "M1", "special_mention"),
        (31, "M1", "M2", "special_mention"),
        (61, "M2", "M3", "special_mention"),
        (91, "M3", "M4", "substandard"),
        (271, "M4", "M6+", "doubtful"),
        (361, "M6+", "M6+", "loss"),
    ]


def close_only(name: str, on: dt.date) -> dict[str, int]:
    [job] = [job for job in jobs.jobs() if job.name == name]
    return job.run(jobs.Day(on=on, last=on, now=noon(on)))


@pytest.mark.django_db
def test_a_loan_that_pays_goes_back_and_one_that_never_was_late_has_no_row() -> None:
    late, calm = loan_builders.active_loan(), loan_builders.active_loan()
    pay(calm, "1066.19", FIRST_DUE)
    close(day(5))
    pay(late, "1066.19", day(5))
    close(day(6))
    assert [(m.previous_bucket, m.bucket, m.days_past_due) for m in ArrearsMove.objects.order_by("business_date")] == [
        ("M0", "M1", 5),
        ("M1", "M0", 0),
    ]
    assert not ArrearsMove.objects.filter(loan=calm).exists()


@pytest.mark.django_db
def test_a_due_date_that_passed_moves_the_next_due_date_and_the_rows_still_agree_with_the_events() -> None:
    calm, charged = loan_builders.active_loan(), loan_builders.active_loan(terms=PENALTY)
    ahead = loan_builders.active_loan(on=dt.date(2026, 10, 1))
    [counts] = close(day(1)).values()
    assert counts["due_dates"] == {"passed": 1, "replayed": 1, "refused": 0}
    for loan in (calm, charged, ahead):
        loan.refresh_from_db()
        assert list(verify(loan)) == []
    assert (calm.oldest_due_on, calm.next_due_on) == (FIRST_DUE, dt.date(2026, 11, 14))
    assert (charged.oldest_due_on, charged.next_due_on) == (FIRST_DUE, dt.date(2026, 11, 14))
    assert (ahead.oldest_due_on, ahead.next_due_on) == (dt.date(2026, 11, 1), dt.date(2026, 11, 1))


@pytest.mark.django_db
def test_penalty_interest_is_posted_when_a_late_loan_moves_and_at_the_end_of_a_month() -> None:
    loan = loan_builders.active_loan(terms=PENALTY)
    held = {}
    for days in (1, 2, 17, 31):
        close(day(days))
        loan.refresh_from_db()
        held[day(days)] = loan.outstanding_penalties_minor
        assert balance(chart.PENALTIES_RECEIVABLE) == loan.outstanding_penalties_minor
        assert list(verify(loan)) == []
    first, second, month_end, bucket = held.values()
    assert 0 <= first == second < month_end < bucket


# --- ledger --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_accrued_interest_is_in_the_ledger_to_the_cent() -> None:
    """120.00 for the first month of 30 days: 40.00 after ten; the payment of the due date takes 120.00 away."""
    loan = loan_builders.active_loan()
    close(day(10, TODAY))
    assert balance(chart.INTEREST_RECEIVABLE) == 4000 == -balance(chart.INTEREST_INCOME)
    close(FIRST_DUE)
    assert balance(chart.INTEREST_RECEIVABLE) == 12000
    pay(loan, "1066.19", FIRST_DUE)
    assert balance(chart.INTEREST_RECEIVABLE) == 0
    close(day(31))
    second = loan.installments.get(number=2).interest_minor
    assert balance(chart.INTEREST_RECEIVABLE) == second
    assert balance(chart.INTEREST_INCOME) == -12000 - second


@pytest.mark.django_db
def test_accrual_adds_up_over_the_book_and_a_second_run_posts_nothing() -> None:
    for start in (TODAY, day(3, TODAY), day(7, TODAY)):
        loan_builders.active_loan(on=start)
    assert close_only("accrual", day(10, TODAY)) == {"CNY_minor": 4000 + 2800 + 1200}
    assert close_only("accrual", day(10, TODAY)) == {}
    entry = Entry.objects.get(kind="interest_accrual")
    assert entry.lines.count() == 2 and entry.customer is None


@pytest.mark.django_db
def test_what_is_paid_off_early_leaves_no_accrued_interest_behind() -> None:
    loan = loan_builders.active_loan()
    close(day(10, TODAY))
    pay_off = Event(on=day(10, TODAY), type="pay_off")
    record(loan, pay_off, key="off", by=None, on=day(10, TODAY))
    assert loan.status == Loan.Status.PAID_OFF
    close(day(11, TODAY))
    assert balance(chart.INTEREST_RECEIVABLE) == 0
    paid = sum(row.paid_interest_minor for row in loan.installments.all())
    assert balance(chart.INTEREST_INCOME) == -paid


@pytest.mark.django_db
def test_the_allowance_follows_the_classes_and_is_released_again() -> None:
    loan_builders.active_loan()
    late = loan_builders.active_loan()
    close(TODAY)
    assert balance(chart.LOSS_ALLOWANCE) == -24_000_00 * 1 // 100
    close_only("provisions", day(91))
    assert balance(chart.LOSS_ALLOWANCE) == -24_000_00 * 25 // 100 == -balance(chart.PROVISION_EXPENSE)
    record(late, Event(on=day(91), type="pay_off"), key="off", by=None, on=day(91))
    close_only("provisions", day(92))
    assert balance(chart.LOSS_ALLOWANCE) == -12_000_00 * 25 // 100


# --- once ----------------------------------------------------------------------------------------------------------


def everything() -> dict[str, int]:
    return {m.__name__: m.objects.count() for m in (ArrearsMove, Notice, Entry, Line, JobRun)}


@pytest.mark.django_db
def test_closing_twice_changes_nothing_and_tells_the_same() -> None:
    loan_builders.active_loan(terms=PENALTY)
    first = close(day(1))
    before = everything()
    assert close(day(1)) == first and everything() == before
    assert not JobRun.objects.exclude(status="done").exists()


@pytest.mark.django_db
def test_a_missed_day_is_caught_up_in_order() -> None:
    loan_builders.active_loan()
    close(FIRST_DUE)
    assert list(close(day(3))) == [day(1), day(2), day(3)]
    assert ArrearsMove.objects.get().business_date == day(1)
    runs = JobRun.objects.filter(job="arrears").order_by("pk").values_list("business_date", flat=True)
    assert list(runs) == [day(0), day(1), day(2), day(3)]


@pytest.mark.django_db
def test_a_day_before_the_last_is_refused_unless_it_is_closed() -> None:
    close(day(2))
    close(day(3))
    assert list(close(day(2))) == [day(2)]
    with pytest.raises(DayAlreadyPassed):
        close(day(1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken", ["due_dates", "arrears", "penalties", "accrual", "provisions", "collection_cases", "reminders"]
)
def test_cut_off_after_any_job_the_outcome_is_that_of_one_run(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job does its work and fails before it is marked as done; the next run goes on from there."""
    for _ in range(3):
        loan_builders.active_loan(terms=PENALTY)
    [job] = [job for job in jobs.jobs() if job.name == broken]

    def fail(of: jobs.Day) -> dict[str, int]:
        job.run(of)
        raise RuntimeError("power cut, while holding 13800138001")

    monkeypatch.setitem(jobs._JOBS, broken, jobs.Job(broken, fail, job.place))
    with pytest.raises(JobFailed):
        close(day(1))
    failed = JobRun.objects.get(status="failed")
    assert failed.job == broken and "RuntimeError in fail" in failed.reason and "138001" not in failed.reason
    monkeypatch.setitem(jobs._JOBS, broken, job)
    close(day(1))
    assert ArrearsMove.objects.count() == 3 and Notice.objects.count() == 3
    assert Entry.objects.filter(source_type="business_day").count() == 2
    assert balance(chart.LOSS_ALLOWANCE) == -36_000_00 * 2 // 100
    assert Case.objects.filter(status="open").count() == 3
    assert {run.status for run in JobRun.objects.all()} == {"done"}


@pytest.mark.django_db
def test_a_run_under_way_is_left_alone_and_a_dead_one_is_taken_over() -> None:
    run = JobRun.objects.create(
        job="arrears", business_date=TODAY, status="running", started_at=timezone.now() - dt.timedelta(minutes=29)
    )
    with pytest.raises(DayBeingClosed):
        close(TODAY)
    run.started_at = timezone.now() - dt.timedelta(minutes=31)
    run.save()
    close(TODAY)
    run.refresh_from_db()
    assert run.status == "done"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's tests share one connection between threads")
def test_workers_at_the_same_time_close_a_day_once() -> None:
    for _ in range(5):
        loan_builders.active_loan()
    outcomes: list[str] = []

    def work() -> None:
        try:
            close(day(1))
            outcomes.append("closed")
        except DayBeingClosed:
            outcomes.append("left")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 4 and "closed" in outcomes
    assert ArrearsMove.objects.count() == Notice.objects.count() == 5
    assert JobRun.objects.count() == len(jobs.jobs())
    assert JobRun.history.filter(status="done").count() == len(jobs.jobs())


@pytest.mark.django_db
def test_history_names_the_system_user() -> None:
    close(TODAY)
    assert {row.history_user.username for row in JobRun.history.all()} == {USERNAME}
    assert not User.objects.get(username=USERNAME).is_active


# --- doors ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_prints_what_each_job_did() -> None:
    loan_builders.active_loan()
    out = io.StringIO()
    with time_machine.travel(noon(day(1)), tick=True):
        call_command("close_business_day", f"--date={day(1)}", json=True, stdout=out)
        answer = json.loads(out.getvalue())[day(1).isoformat()]
        assert answer["arrears"] == {"moved": 1, "late": 1} and answer["reminders"]["reminder_after"] == 1
        call_command("close_business_day", stdout=out)
    assert "2026-10-15  arrears            late 1, moved 1" in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("date", "says"),
    [
        ("yesterday", "--date: “yesterday” is not a day of the calendar"),
        ("2026-13-01", "--date: “2026-13-01” is not a day of the calendar: write it as"),
        ("2999-01-01", "--date.*2999-01-01"),
    ],
)
def test_the_command_refuses_bad_dates_and_does_nothing(date: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("close_business_day", f"--date={date}")
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_the_task_closes_today_and_catches_up_and_leaves_a_day_that_is_being_closed() -> None:
    with time_machine.travel(noon(TODAY), tick=True):
        assert list(tasks.close_business_day()) == [TODAY.isoformat()]
    with time_machine.travel(noon(day(2, TODAY)), tick=True):
        assert len(tasks.close_business_day()) == 2
    with time_machine.travel(noon(day(3, TODAY)), tick=True):
        JobRun.objects.create(job="due_dates", business_date=day(3, TODAY), status="running", started_at=timezone.now())
        assert tasks.close_business_day() == {}


@pytest.mark.django_db
def test_the_schedule_is_installed_and_an_operators_change_is_kept() -> None:
    task = PeriodicTask.objects.get(name="Close the business day")
    assert (task.task, task.crontab.hour, str(task.crontab.timezone)) == (
        "lending.servicing.tasks.close_business_day", "*", "Asia/Shanghai"
    )  # fmt: skip
    task.enabled = False
    task.save()
    beat.install()
    task.refresh_from_db()
    assert not task.enabled and PeriodicTask.objects.filter(name__in=beat.SCHEDULE).count() == len(beat.SCHEDULE)


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_book() -> None:
    counts = []
    for loans in (2, 12):
        with transaction.atomic():
            for _ in range(loans):
                loan_builders.active_loan()
            close(FIRST_DUE)
            with CaptureQueriesContext(connection) as queries:
                close(day(1))
            assert closing.last_closed() == day(1) and ArrearsMove.objects.count() == loans
            counts.append(len(queries))
            transaction.set_rollback(True)
    assert counts[0] == counts[1]
