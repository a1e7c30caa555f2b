"""Reminders: the right kind on the right day, once, in the customer's language, in allowed hours, and only if true."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from customers.models import Customer, Delivery, Notice, OutgoingMessage
from customers.sending import send_due
from lending.finance.events import Event
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.servicing import reminders
from lending.servicing.closing import close_business_day
from lending.servicing.jobs import Day
from lending.servicing.models import JobRun
from lending.servicing.reminders import remind, true_kinds, withdraw_outdated
from tests.cast import TODAY
from tests.lending import loan_builders

DUE = dt.date(2026, 10, 14)


def day(days: int) -> dt.date:
    return DUE + dt.timedelta(days=days)


def at(on: dt.date, hour: int = 12) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(on, dt.time(hour)))


def run(on: dt.date, *, last: dt.date | None = None, hour: int = 12) -> dict[str, int]:
    return remind(Day(on=on, last=last or on, now=at(last or on, hour)))


def speaker(language: str) -> Customer:
    customer = loan_builders.customer()
    customer.language, customer.email = language, "somebody@example.test"
    customer.save()
    return customer


def pay(loan: Loan, amount: str, on: dt.date) -> None:
    record(loan, Event(on=on, type="repay", amount=Decimal(amount)), key=f"pay-{loan.pk}-{on}", by=None, on=on)


@pytest.mark.django_db
def test_each_kind_on_its_day_and_once() -> None:
    loan = loan_builders.active_loan()
    for days in range(-5, 32):
        run(day(days))
        run(day(days))
    told = Notice.objects.filter(key__startswith=f"reminder:{loan.number}:1:").order_by("on", "pk")
    assert [(n.key.rsplit(":")[-1], n.on) for n in told] == [
        ("before3", day(-3)), ("before1", day(-1)), ("on", day(0)), ("after1", day(1)), ("after3", day(3)),
        ("after7", day(7)), ("after15", day(15)), ("after30", day(30)),
    ]  # fmt: skip
    assert {(n.subject_type, n.subject_id) for n in told} == {("loan", loan.number)}


@pytest.mark.django_db
def test_the_words_name_amount_and_dates_in_the_customers_language() -> None:
    loan_builders.active_loan(of=speaker("en"))
    loan_builders.active_loan(of=speaker("zh-hans"))
    run(day(3))
    english, chinese = Notice.objects.get(language="en"), Notice.objects.get(language="zh-hans")
    assert "3 days past due" in english.title
    assert "¥1,066.19 was due on 14 October 2026" in english.body
    assert "已逾期3天" in chinese.title and "应还1,066.19元，还款日为2026年10月14日" in chinese.body


@pytest.mark.django_db
def test_what_is_paid_is_not_reminded_of_and_a_part_payment_lowers_the_amount() -> None:
    paid, part = loan_builders.active_loan(of=speaker("en")), loan_builders.active_loan(of=speaker("en"))
    pay(paid, "1066.19", day(-4))
    pay(part, "66.19", day(-4))
    assert run(day(-3)) == {"reminder_before": 1, "reminder_on": 0, "reminder_after": 0}
    assert "¥1,000.00 is due in 3 days" in Notice.objects.get().body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hour", "expected"), [(0, (0, 8)), (7, (0, 8)), (12, (0, 12)), (21, (0, 21)), (22, (1, 8)), (23, (1, 8))]
)
def test_nobody_is_disturbed_at_night(hour: int, expected: tuple[int, int]) -> None:
    loan_builders.active_loan(of=speaker("en"))
    run(DUE, hour=hour)
    days, opens = expected
    messages = OutgoingMessage.objects.all()
    assert {m.channel for m in messages} == {"sms", "email"}
    assert {m.not_before for m in messages} == {at(day(days), opens)}
    assert {(m.allowed_from, m.allowed_until) for m in messages} == {(dt.time(8), dt.time(22))}
    assert Delivery.objects.get().channel == "inbox"


def test_a_kind_that_the_next_has_overtaken_is_left_out() -> None:
    def names(on: int, last: int) -> list[str]:
        return [kind.name for kind in true_kinds(day(on), day(last))]

    assert names(0, 0) == ["before3", "before1", "on", "after1", "after3", "after7", "after15", "after30"]
    assert names(0, 1) == ["before3", "after1", "after3", "after7", "after15", "after30"]
    assert names(0, 2) == ["after3", "after7", "after15", "after30"]
    assert names(0, 400) == ["after30"]


@pytest.mark.django_db
def test_days_that_were_missed_are_reminded_of_once_and_truly() -> None:
    """The story of `servicing/reminders.py`: due on Tuesday, closed on Thursday for Monday to Thursday."""
    loan_builders.active_loan(of=speaker("en"))
    close_business_day(day(-2), now=at(day(-2)))
    close_business_day(day(2), now=at(day(2)))
    notice = Notice.objects.get()
    assert notice.key.endswith("after1") and "2 days past due" in notice.title
    assert OutgoingMessage.objects.count() == 2


@pytest.mark.django_db
def test_a_day_closed_as_history_tells_the_inbox_alone() -> None:
    loan_builders.active_loan(of=speaker("en"))
    remind(Day(on=DUE, last=DUE, now=at(day(60))))
    assert Notice.objects.count() == 1 and not OutgoingMessage.objects.exists()


@pytest.mark.django_db
def test_a_reminder_that_is_no_longer_true_is_taken_back_before_it_is_sent() -> None:
    paid, late, waiting = (loan_builders.active_loan(of=speaker("en")) for _ in range(3))
    run(DUE, hour=0)
    pay(paid, "1066.19", DUE)
    assert withdraw_outdated(at(DUE, 7)) == 0, "nothing is due to be sent yet"
    assert withdraw_outdated(at(DUE, 8)) == 2
    taken_back = Delivery.objects.filter(result="failed")
    assert {d.notice.subject_id for d in taken_back} == {paid.number} and "no longer true" in taken_back[0].reason
    assert OutgoingMessage.objects.filter(done=False).count() == 4
    assert withdraw_outdated(at(day(1), 8)) == 4, "due today is not true tomorrow"
    run(day(1))
    assert withdraw_outdated(at(day(1), 12)) == 0
    assert {m.notice.subject_id for m in OutgoingMessage.objects.filter(done=False)} == {late.number, waiting.number}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's tests share one connection between threads")
def test_at_most_once_with_four_workers_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard of the job's row: the reminders themselves, made and sent four times over."""
    monkeypatch.setattr(reminders, "CHUNK", 7)
    for _ in range(25):
        loan_builders.active_loan(of=speaker("en"))
    start, errors = threading.Barrier(4), []

    def work() -> None:
        try:
            start.wait()
            run(DUE)
            send_due(at(DUE))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Notice.objects.count() == 25
    assert OutgoingMessage.objects.count() == 50
    sent = Counter(Delivery.objects.filter(result="sent").values_list("notice", "channel"))
    assert len([key for key in sent if key[1] == "inbox"]) == len([key for key in sent if key[1] == "email"]) == 25
    assert set(sent.values()) == {1}


KILLED = """
import datetime, os, time, django
django.setup()
from lending.servicing import reminders
from lending.servicing.closing import close_business_day
reminders.CHUNK = 5
told = reminders._tell
def slowly(*args):
    count = told(*args)
    print("chunk", flush=True)
    time.sleep(30)
    return count
reminders._tell = slowly
on = datetime.date.fromisoformat(os.environ["ON"])
close_business_day(on, now=datetime.datetime.fromisoformat(os.environ["NOW"]))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite database lives in this process alone")
def test_a_run_killed_between_two_chunks_is_gone_on_with_and_nobody_is_told_twice() -> None:
    for _ in range(12):
        loan_builders.active_loan(of=speaker("en"))
    database = connection.settings_dict
    url = (
        f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    environment = {**os.environ, "DATABASE_URL": url, "ON": DUE.isoformat(), "NOW": at(DUE).isoformat(), "DEBUG": "1"}
    environment.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED], env=environment, stdout=subprocess.PIPE, cwd=Path(settings.BASE_DIR)
    )
    assert worker.stdout is not None and worker.stdout.readline() == b"chunk\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    time.sleep(0.2)
    assert Notice.objects.count() == 5
    run_row = JobRun.objects.get(job="reminders")
    assert run_row.status == "running", "killed: nobody could write that it failed"
    run_row.started_at -= dt.timedelta(hours=1)
    run_row.save()
    close_business_day(DUE, now=at(DUE))
    assert Notice.objects.count() == 12 == Notice.objects.values("key").distinct().count()
    assert OutgoingMessage.objects.count() == 24
    assert Delivery.objects.filter(channel="inbox", result="sent").count() == 12


@pytest.mark.django_db
def test_a_book_larger_than_a_chunk_is_reminded_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "CHUNK", 2)
    for _ in range(5):
        loan_builders.active_loan(on=TODAY)
    assert run(DUE)["reminder_on"] == 5
    assert Notice.objects.count() == 5
