"""The demo's past: acts in the order of their days, under a clock that agrees with them; its neighbours; its end."""

import datetime
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.utils import timezone

from customers import signing
from customers.models import Notice
from lending.demo import applying, book, inventory, past
from lending.demo.neighbour import Neighbour
from lending.demo.past import Life
from scoring import demo_process
from tests.lending import loan_builders

DAY = datetime.timedelta(days=1)


def test_acts_of_many_lives_are_done_in_the_order_of_their_days_at_a_moment_of_that_day() -> None:
    today = timezone.localdate()
    seen: list[tuple[str, datetime.date, datetime.datetime]] = []

    def life(name: str, *days: int) -> Life:
        for ago in days:
            on = today - ago * DAY
            yield on
            seen.append((name, on, timezone.now()))

    past.live([life("ada", 90, 30, 0), life("bao", 60, 30), life("cid", 400, 1)])
    assert [(name, (today - on).days) for name, on, _at in seen] == [
        ("cid", 400), ("ada", 90), ("bao", 60), ("ada", 30), ("bao", 30), ("cid", 1), ("ada", 0),
    ]  # fmt: skip
    moments = [at for _name, _on, at in seen]
    assert moments == sorted(moments)
    assert all(timezone.localdate(at) == on for _name, on, at in seen)
    assert abs(timezone.now() - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(seconds=5)


@pytest.mark.django_db
def test_every_installment_of_the_past_was_reminded_of_until_it_was_paid() -> None:
    began = timezone.localdate() - 100 * DAY
    loan = loan_builders.active_loan(terms={"starts_on": began.isoformat()}, on=began)

    def pays_the_first() -> Life:
        due_on = loan.installments.get(number=1).due_on
        yield due_on
        applying.pay_in_portal(loan, loan.installments.get(number=1).outstanding_minor, due_on)

    past.live([book._remind([began + number * DAY for number in range(100)]), pays_the_first()])
    told = Notice.objects.filter(kind__startswith="reminder_").order_by("pk")
    by_number: dict[str, list[str]] = {}
    for notice in told:
        _word, _loan, number, kind = notice.key.split(":")
        by_number.setdefault(number, []).append(kind)
        assert timezone.localdate(notice.created_at) == notice.on
    assert by_number["1"] == ["before3", "before1", "on"]
    assert by_number["2"] == ["before3", "before1", "on", "after1", "after3", "after7", "after15", "after30"]
    assert loan.payment_orders.get().repayment.received_on == loan.installments.get(number=1).due_on


def test_the_past_with_us_counts_in_the_process_and_in_what_the_demos_model_learns_from() -> None:
    facts = demo_process.person(random.Random(1), newcomer=True).facts
    assert "prior_max_dpd_with_us" not in facts
    late = demo_process.probability_of_default({**facts, "prior_max_dpd_with_us": 95})
    assert late > 2 * demo_process.probability_of_default(facts)
    assert inventory.ARREARS not in inventory.OUR_BOOK
    assert {demo_process.borrower(random.Random(n)).facts[inventory.ARREARS] for n in range(60)} >= {0, 40, 95}


def test_a_neighbour_answers_what_is_signed_for_its_path_alone() -> None:
    server = Neighbour(0, {"/a": "one", "/b": "two"}, lambda path, question: {"path": path, "n": question["n"]})

    def asked(path: str, body: bytes, secret: str) -> tuple[int, dict[str, object]]:
        headers = {signing.HEADER: signing.sign(secret, body)}
        request = urllib.request.Request(f"{address}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, {}

    with server.answering() as address:
        assert asked("/b", b'{"n": 3}', "two") == (200, {"path": "/b", "n": 3})
        assert asked("/b", b'{"n": 3}', "one")[0] == 401
        assert asked("/c", b'{"n": 3}', "one")[0] == 404
        assert asked("/a", b"{}", "one")[0] == asked("/a", b"no", "one")[0] == 400


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_neighbour_that_is_told_to_end_ends_without_a_word(number: int, tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "from lending.demo.neighbour import Neighbour as N; s = N(0, {}, dict); print(s.server_port, flush=True); s.run()"
    with log.open("wb") as file:
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=file, stderr=file, env={**os.environ, "PYTHONPATH": os.getcwd()}
        )
    for _ in range(200):
        if log.read_bytes():
            break
        time.sleep(0.05)
    time.sleep(0.5)
    child.send_signal(number)
    assert child.wait(timeout=10) == 0
    assert "Traceback" not in log.read_text()


def test_the_folder_as_broker_has_a_host_and_nothing_is_said_about_it(caplog: pytest.LogCaptureFixture) -> None:
    from kombu import Connection

    default = Path("lending/settings.py").read_text().split('"CELERY_BROKER_URL", default="')[1].split('"')[0]
    Connection(default).info()
    assert "No hostname" not in caplog.text
