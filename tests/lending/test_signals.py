"""Device and transaction signals: off until a source is connected and the customer consents, and never an approval
without an answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from customers import consents, signing
from lending.applications import signals
from lending.applications.models import Application, Decision, SignalInquiry
from lending.demo import sources as simulated
from scoring.models import FraudSignal, Link
from tests import builders
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
SECRET = "between-the-source-and-us"
ASKED = {"device_id": "phone-of-ada", "account": "6222 0200 0001", "home_address": "北京市朝阳区建国路88号2单元301室"}


class Counting(BaseHTTPRequestHandler):
    """A source that counts its questions, checks their signature and answers what the test put there."""

    questions: list[tuple[str, dict[str, Any]]]
    facts: dict[str, Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = signing.signed_right(SECRET, body, self.headers.get("X-Signature", ""))
        self.questions.append((self.path, json.loads(body)))
        data = json.dumps({"facts": self.facts} if right else {"error": "signature"}).encode()
        self.send_response(200 if right else 401)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def source(settings: Any) -> Iterator[type[Counting]]:
    """All three sources at one address, connected."""
    handler = type("Counted", (Counting,), {"questions": [], "facts": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.SIGNAL_SOURCES = {
        name: {"url": f"{address}/{name}", "secret": SECRET} for name in ("device", "phone", "transactions")
    }
    yield handler
    server.shutdown()
    server.server_close()


def _submitted(without: tuple[str, ...] = (), **answers: Any) -> tuple[Application, Decision]:
    draft = builders.application(builders.identified_person(without=without), **{**ASKED, **answers})
    return draft, builders.submit(draft)


def test_with_consent_each_source_is_asked_once_and_its_facts_are_kept_with_source_and_day(
    source: type[Counting],
) -> None:
    source.facts = {"device_emulator": False, "account_inflow_monthly": 11800.5, "phone_owner_matches": "yes"}
    draft, found = _submitted()
    assert sorted(path for path, _question in source.questions) == [
        "/device/signals", "/phone/signals", "/transactions/signals"
    ]  # fmt: skip
    facts, origin = found.snapshot.facts, found.snapshot.sources
    assert facts["account_inflow_monthly"] == 11800.5
    assert facts["phone_owner_matches"] is True and facts["device_emulator"] is False
    assert origin["account_inflow_monthly"] == f"transactions signals of {TODAY}"
    assert origin["device_emulator"] == f"device signals of {TODAY}"
    kept = {row.source: row for row in SignalInquiry.objects.filter(application=draft)}
    assert set(kept) == {"device", "phone", "transactions"}
    assert kept["transactions"].purpose == "transaction_signals" and kept["transactions"].sha256
    assert "facts" not in json.dumps(list(kept["device"].facts)) and kept["device"].facts == {"device_emulator": False}


def test_without_consent_nothing_is_asked_and_the_facts_are_absent_whoever_states_them(source: type[Counting]) -> None:
    source.facts = {"account_inflow_monthly": 99, "device_rooted": True, "phone_months_in_use": 30}
    _draft, found = _submitted(("device_signals", "transaction_signals"), account_inflow_monthly="88000")
    assert [path for path, _question in source.questions] == ["/phone/signals"]
    assert not {name for name in found.snapshot.facts if name.startswith(("device_", "account_inflow"))}
    assert not Link.objects.filter(kind="device").exists()


def test_a_withdrawn_consent_is_not_used_for_the_next_application(source: type[Counting]) -> None:
    ada = builders.identified_person()
    consents.withdraw(ada, purpose="transaction_signals", channel="portal", by=ada.user, on=TODAY)
    builders.submit(builders.application(ada, **ASKED))
    assert "/transactions/signals" not in [path for path, _question in source.questions]


def test_consent_to_the_first_words_does_not_cover_what_only_the_second_name() -> None:
    texts = consents.texts_in_force(TODAY)
    assert texts["device_signals"].version == 2
    assert not texts["device_signals"].required and not texts["transaction_signals"].required


def test_nothing_is_asked_while_no_source_is_connected() -> None:
    assert not signals.configured()
    draft, found = _submitted()
    assert "failed_sources" not in found.snapshot.facts
    assert not SignalInquiry.objects.exists() and draft.pk


def test_a_source_that_fails_refers_and_says_so(settings: Any) -> None:
    builders.deciding_model()
    settings.SIGNAL_SOURCES = {"transactions": {"url": "http://127.0.0.1:9", "secret": SECRET}}
    _draft, found = _submitted(income_monthly="30000")
    assert found.outcome == "refer"
    assert "SOURCE_FAILED" in {reason["code"] for reason in found.reasons}
    assert found.snapshot.facts["failed_sources"] == ["transactions"]
    row = SignalInquiry.objects.get()
    assert (row.answered, row.facts) == (False, {}) and row.reason


def test_a_source_with_another_secret_is_a_failed_source(source: type[Counting], settings: Any) -> None:
    settings.SIGNAL_SOURCES = {"device": {**settings.SIGNAL_SOURCES["device"], "secret": "another"}}
    _draft, found = _submitted()
    assert found.snapshot.facts["failed_sources"] == ["device"]


def test_facts_that_were_not_declared_or_cannot_be_are_dropped(source: type[Counting]) -> None:
    source.facts = {
        "account_salary_regularity": 7, "account_gambling_share": "0.25", "income_monthly": 1, "religion": "x",
        "device_age_days": -3,
    }  # fmt: skip
    _draft, found = _submitted()
    facts = found.snapshot.facts
    assert facts["account_gambling_share"] == 0.25
    assert facts["income_monthly"] == "12000.00"
    assert not {"account_salary_regularity", "religion", "device_age_days"} & set(facts)


def test_an_emulator_and_an_income_that_never_arrives_are_alarms(source: type[Counting]) -> None:
    builders.deciding_model()
    source.facts = {"device_emulator": True, "account_inflow_monthly": 2000}
    _submitted()
    rules = set(FraudSignal.objects.values_list("rule", flat=True))
    assert {"DEVICE_EMULATED", "INCOME_NOT_IN_ACCOUNT"} <= rules
    alarm = FraudSignal.objects.get(rule="INCOME_NOT_IN_ACCOUNT")
    assert alarm.evidence["facts"]["income_to_inflow"] == "6.00"


def test_identifying_answers_are_sealed_and_never_among_the_facts() -> None:
    draft, found = _submitted(employer="Big Factory Co., Ltd.", account_holder="Ada Lovelace")
    stored = json.dumps(draft.answers)
    snapshot = json.dumps(found.snapshot.facts)
    for secret in ("phone-of-ada", "6222 0200 0001", "622202000001", "建国路", "Big Factory", "Ada Lovelace"):
        assert secret not in stored and secret not in snapshot


def test_the_simulated_sources_answer_what_is_declared_and_always_the_same() -> None:
    ada = builders.identified_person()
    for one in signals.SOURCES:
        question = one.question(ada.person, ASKED)
        told = simulated.signals_of(one.name, question)
        assert told == simulated.signals_of(one.name, question)
        assert set(signals.read_facts(one, told)) == set(one.facts)


def test_the_portal_names_a_device_only_under_consent_and_takes_the_name_away_without_it(client: Any) -> None:
    from django.urls import reverse

    ada = builders.identified_person()
    draft = builders.application(ada, residence_years="2", debts="0", debt_service_monthly="0")
    client.force_login(ada.user, backend="django.contrib.auth.backends.ModelBackend")
    sent = client.post(reverse("portal:fill", args=[draft.public_id, "review"]))
    assert sent.status_code == 302 and client.cookies["device"]["httponly"]
    assert "web-" in client.cookies["device"].value
    assert Link.objects.filter(kind="device").count() == 1
    draft.refresh_from_db()
    assert draft.answers["device_id"].startswith("sealed:")
    assert isinstance(draft.decisions.get().snapshot.facts["form_seconds"], int)

    from lending.applications.withdrawal import withdraw

    withdraw(draft, by=ada.user, on=TODAY)
    consents.withdraw(ada, purpose="device_signals", channel="portal", by=ada.user, on=TODAY)
    again = builders.application(ada, residence_years="2", debts="0", debt_service_monthly="0")
    client.post(reverse("portal:fill", args=[again.public_id, "review"]))
    again.refresh_from_db()
    assert "device_id" not in again.answers and client.cookies["device"].value == ""
    assert "form_seconds" not in again.decisions.get().snapshot.facts
    assert Link.objects.filter(kind="device").count() == 1
