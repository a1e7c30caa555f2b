"""Notices are told once, in the customer's language, and every try to deliver them is in the log."""

import datetime
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection, connections
from django.test import override_settings
from django.utils import timezone

from customers import sms
from customers.allowed_hours import AllowedHours
from customers.encryption import blind_index
from customers.models import Customer, Delivery, Notice, OutgoingMessage, Person
from customers.notices import KINDS, NoticeContextIncomplete, UnknownNoticeKind, mark_read, notify, render
from customers.sending import LEASE, MOST_TRIES, _take, send_due
from customers.wording import mask_numbers, money_text, wording
from lending.demo.carrier import Carrier
from tests.cast import ADA_ID_NUMBER, ADA_PHONE, TODAY

SECRET = "of-the-simulated-carrier"
NOON = timezone.make_aware(datetime.datetime(2026, 9, 14, 12, 0))
DAYTIME = AllowedHours(datetime.time(8), datetime.time(22))

CONTEXT = {
    "application": "A00000001", "contract": "C1", "loan": "L1", "product_zh": "消费贷", "product_en": "Consumer loan",
    "amount_minor": 1234567, "outstanding_minor": 700, "currency": "CNY", "installments": 12, "installment": 3,
    "yearly_rate_percent": "12.50", "expires_on": TODAY, "signed_on": TODAY, "paid_on": TODAY, "first_due_on": TODAY,
    "received_on": TODAY, "closed_on": TODAY, "cancelled_on": TODAY, "due_on": TODAY, "days": 3, "days_past_due": 7,
    "purpose_zh": "营销", "purpose_en": "Marketing", "withdrawn_on": TODAY,
    "reasons": [{"text_zh": "负债过高", "text_en": "Debts too high"}],
    "case": "S00000001", "kind_zh": "投诉", "kind_en": "Complaint", "opened_on": TODAY, "accept_by": TODAY,
    "last_due_on": TODAY,
}  # fmt: skip


def make_ada(*, language: str = "en", email: str = "ada@example.test", phone: str = ADA_PHONE) -> Customer:
    customer = Customer.objects.create(language=language, email=email, registered_on=TODAY)
    Person.objects.create(
        customer=customer, name="Ada", id_number=ADA_ID_NUMBER, id_number_index=blind_index(ADA_ID_NUMBER),
        birth_date=datetime.date(1990, 3, 7), phone=phone, phone_index=blind_index(phone),
    )  # fmt: skip
    return customer


def tell(customer: Customer, key: str = "k", **more: object) -> Notice:
    return notify(customer, kind="reminder_on", key=key, context=CONTEXT, on=TODAY, **more)  # type: ignore[arg-type]


@pytest.fixture
def carrier(settings: object) -> Iterator[Carrier]:
    server = Carrier(0, SECRET).start()
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_SECRET = server.address, SECRET  # type: ignore[attr-defined]
    yield server
    server.close()


@pytest.fixture
def ada(db: None) -> Customer:
    return make_ada()


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_kind_has_words_in_both_languages_that_use_all_it_needs(kind: str, language: str) -> None:
    words = render(kind, {name: CONTEXT[name] for name in KINDS[kind]}, language)
    assert words.title and words.body and "{" not in words.title + words.body
    text = words.title + words.body
    worded = wording({name: CONTEXT[name] for name in KINDS[kind]}, language)
    for name, value in worded.items():
        if name not in {"reasons", "currency"}:
            assert str(value) in text, f"{name} is asked for and never said"
    assert bool(re.search("[\u4e00-\u9fff]", text)) == (language == "zh-hans")


def test_a_decline_says_reasons_and_the_rights_to_explanation_and_review_by_a_person() -> None:
    english = render("application_declined", CONTEXT, "en").body
    assert "Debts too high" in english and "explanation" in english and "person review" in english
    chinese = render("application_declined", CONTEXT, "zh-hans").body
    assert "负债过高" in chinese and "说明" in chinese and "人工复核" in chinese


def test_words_refuse_what_they_do_not_know() -> None:
    with pytest.raises(UnknownNoticeKind):
        render("weather_report", {}, "en")
    with pytest.raises(NoticeContextIncomplete, match="days_past_due"):
        render("reminder_after", {k: v for k, v in CONTEXT.items() if k != "days_past_due"}, "en")


def test_amounts_and_dates_read_as_the_language_writes_them() -> None:
    assert money_text(1234567, "CNY", "en") == "¥12,345.67"
    assert money_text(1234567, "CNY", "zh-hans") == "12,345.67元"
    assert money_text(5, "USD", "en") == "USD 0.05"
    assert money_text(1200, "JPY", "en", decimals=0) == "JPY 1,200"
    assert wording({"due_on": TODAY}, "zh-hans") == {"due_on": "2026年9月14日"}


def test_no_full_id_or_account_number_leaves_the_house(ada: Customer) -> None:
    assert mask_numbers(f"ID {ADA_ID_NUMBER} ok") == "ID **************0025 ok"
    assert mask_numbers("L202609140001, 138****8001, 2026") == "L202609140001, 138****8001, 2026"
    context = {**CONTEXT, "reason": "account 6222021234567890123 closed"}
    notice = notify(ada, kind="payment_failed", key="k", context=context, on=TODAY)
    assert "6222021234567890123" not in notice.body and "0123 closed" in notice.body


# --- once ----------------------------------------------------------------------------------------------------------


def test_the_same_key_tells_nothing_twice(ada: Customer) -> None:
    first = tell(ada)
    again = notify(ada, kind="reminder_on", key="k", context={**CONTEXT, "amount_minor": 1}, on=TODAY)
    assert again == first and Notice.objects.count() == 1
    assert OutgoingMessage.objects.count() == 2 and Delivery.objects.count() == 1


def test_the_inbox_is_served_at_once_and_opening_it_is_logged_once(ada: Customer) -> None:
    notice = tell(ada)
    assert [(d.channel, d.result) for d in notice.deliveries.all()] == [("inbox", "sent")]
    mark_read(notice)
    mark_read(notice)
    assert notice.deliveries.filter(result="read").count() == 1


def test_who_gave_no_mail_address_gets_no_mail(db: None) -> None:
    tell(make_ada(email=""))
    assert [m.channel for m in OutgoingMessage.objects.all()] == ["sms"]


# --- sending -------------------------------------------------------------------------------------------------------


def test_without_a_mail_server_the_mails_lie_in_the_houses_own_folder(settings: object) -> None:
    assert Path(settings.EMAIL_FILE_PATH) == settings.VAR_DIR / "mail"  # type: ignore[attr-defined]


def test_mail_and_sms_leave_once_in_the_customers_language(db: None, carrier: Carrier) -> None:
    notice = tell(make_ada(language="zh-hans"), not_before=NOON)
    assert send_due(NOON) == {"sent": 2, "failed": 0, "given_up": 0}
    assert send_due(NOON + datetime.timedelta(days=1)) == {"sent": 0, "failed": 0, "given_up": 0}
    [message] = _outbox(carrier, ADA_PHONE)
    assert "今日到期" in message["text"] and "12,345.67元" in message["text"]
    [letter] = mail.outbox
    assert "今日到期" in letter.subject and letter.to == ["ada@example.test"]
    log = {(d.channel, d.result): d.reference for d in notice.deliveries.all()}
    assert log[("sms", "sent")] == message["reference"] and log[("email", "sent")] == f"<notice-{notice.pk}@loanbook>"


def test_nothing_leaves_outside_the_allowed_hours(ada: Customer, carrier: Carrier) -> None:
    midnight = NOON.replace(hour=0)
    tell(ada, not_before=midnight, allowed=DAYTIME)
    assert {m.not_before for m in OutgoingMessage.objects.all()} == {NOON.replace(hour=8)}
    assert send_due(midnight)["sent"] == 0
    late = NOON.replace(hour=22)  # the worker was down all day
    assert send_due(late)["sent"] == 0
    assert {m.not_before for m in OutgoingMessage.objects.all()} == {NOON.replace(day=15, hour=8)}
    assert send_due(NOON.replace(day=15, hour=8))["sent"] == 2


@pytest.mark.parametrize(
    ("moment", "expected"),
    [((7, 59), (14, 8)), ((8, 0), None), ((21, 59), None), ((22, 0), (15, 8)), ((0, 0), (14, 8))],
)
def test_the_next_allowed_moment(moment: tuple[int, int], expected: tuple[int, int] | None) -> None:
    start = NOON.replace(hour=moment[0], minute=moment[1])
    after = start if expected is None else NOON.replace(day=expected[0], hour=expected[1])
    assert DAYTIME.next_moment(start) == after


def test_without_a_gateway_an_sms_is_a_failed_delivery_with_its_reason(ada: Customer, settings: object) -> None:
    settings.SMS_GATEWAY_URL = ""  # type: ignore[attr-defined]
    notice = tell(ada, channels=["sms"], not_before=NOON)
    assert send_due(NOON)["given_up"] == 1
    [delivery] = notice.deliveries.all()
    assert delivery.result == "failed" and "SMS_GATEWAY_URL" in delivery.reason


def test_a_number_the_carrier_refuses_is_given_up_at_once_and_the_reason_names_no_number(
    db: None, carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    notice = tell(make_ada(phone="13800130000"), channels=["sms"], not_before=NOON)
    with caplog.at_level("DEBUG"):
        assert send_due(NOON) == {"sent": 0, "failed": 0, "given_up": 1}
    [delivery] = notice.deliveries.all()
    assert "no_such_subscriber" in delivery.reason and "13800130000" not in delivery.reason + caplog.text


def test_a_carrier_that_is_down_is_tried_again_with_growing_pauses_and_then_given_up(
    ada: Customer, settings: object
) -> None:
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    notice = tell(ada, channels=["sms"], not_before=NOON)
    now, waits = NOON, []
    while not OutgoingMessage.objects.get().done:
        send_due(now)
        message = OutgoingMessage.objects.get()
        if not message.done:
            waits.append((message.not_before - now).total_seconds() / 60)
            assert send_due(message.not_before - datetime.timedelta(seconds=1))["failed"] == 0
        now = message.not_before
    assert waits == [1, 5, 15, 60]
    assert notice.deliveries.filter(result="failed").count() == MOST_TRIES


def test_a_carrier_that_comes_back_gets_the_message(ada: Customer, settings: object) -> None:
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    notice = tell(ada, channels=["sms"], not_before=NOON)
    send_due(NOON)
    server = Carrier(0, SECRET).start()
    with override_settings(SMS_GATEWAY_URL=server.address, SMS_GATEWAY_SECRET=SECRET):
        assert send_due(NOON + datetime.timedelta(minutes=1))["sent"] == 1
    server.close()
    assert [d.result for d in notice.deliveries.order_by("pk")] == ["failed", "sent"]


def test_a_mail_server_that_fails_stops_nobody_else(ada: Customer, carrier: Carrier, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined]
    tell(ada, not_before=NOON)
    assert send_due(NOON) == {"sent": 1, "failed": 1, "given_up": 0}


def test_a_worker_killed_while_sending_delivers_no_message_twice(ada: Customer, carrier: Carrier) -> None:
    """Killed after the carrier and the mail server took the messages, before the log was written."""
    tell(ada, not_before=NOON)
    for message in _take(NOON, 10):
        if message.channel == "sms":
            sms.send(ADA_PHONE, "the message that went out", key=f"notice-{message.notice_id}")
    assert send_due(NOON) == {"sent": 0, "failed": 0, "given_up": 0}, "the lease still runs"
    assert send_due(NOON + LEASE) == {"sent": 1, "failed": 0, "given_up": 1}
    assert len(_outbox(carrier, ADA_PHONE)) == 1, "the carrier knows the key"
    assert mail.outbox == [], "a mail that may have left is not sent again"
    assert "interrupted" in Delivery.objects.get(channel="email").reason


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's tests share one connection between threads")
def test_workers_at_the_same_time_send_each_message_once(carrier: Carrier) -> None:
    ada = make_ada()
    for number in range(30):
        tell(ada, f"k{number}", not_before=NOON)
    results: list[dict[str, int]] = []

    def work() -> None:
        try:
            results.append(send_due(NOON))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(r["sent"] for r in results) == 60 and len(_outbox(carrier, ADA_PHONE)) == 30 and len(mail.outbox) == 30
    assert Delivery.objects.filter(result="sent").exclude(channel="inbox").count() == 60


# --- the carrier ---------------------------------------------------------------------------------------------------


def test_the_carrier_refuses_a_wrong_signature_and_keeps_nothing(carrier: Carrier, settings: object) -> None:
    settings.SMS_GATEWAY_SECRET = "not-the-secret"  # type: ignore[attr-defined]
    with pytest.raises(sms.SmsRefused, match="wrong_signature"):
        sms.send(ADA_PHONE, "hello")
    request = urllib.request.Request(f"{carrier.address}/messages", data=b"{}", headers={"X-Signature": "0"})
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request)
    assert _outbox(carrier) == []


def test_the_carrier_delivers_one_message_per_key_and_shows_each_number_its_own(carrier: Carrier) -> None:
    first = sms.send(ADA_PHONE, "code 1", key="a")
    assert sms.send(ADA_PHONE, "code 1", key="a") == first
    sms.send("13900139002", "code 2")
    assert [m["text"] for m in _outbox(carrier, ADA_PHONE)] == ["code 1"] and len(_outbox(carrier)) == 2


def _outbox(carrier: Carrier, phone: str = "") -> list[dict[str, str]]:
    query = f"?phone={phone}" if phone else ""
    with urllib.request.urlopen(f"{carrier.address}/outbox{query}") as answer:
        return list(json.loads(answer.read()))
