"""Fraud rules: what is shared is noticed, honest sharing is not punished, and what people confirmed is remembered."""

import datetime
import random
from typing import Any

import pytest

from scoring.blacklist import check
from scoring.fraud import examine, hash_of
from scoring.fraud_cases import dispose
from scoring.fraud_graph import components
from scoring.models import BlacklistEntry, FraudSignal, Link
from scoring.refusals import WrongStatus
from tests.scoring.conftest import TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def _examine(customer: str, on: datetime.date = TODAY, subject: str = "", **identifiers: str) -> set[str]:
    found = examine(identifiers=identifiers, facts={}, subject=subject or f"A-{customer}", customer=customer, on=on)
    return {alarm.code for alarm in found.alarms}


def test_a_phone_of_two_customers_is_an_alarm_and_of_one_is_none() -> None:
    assert _examine("ada", phone="13800138001") == set()
    assert _examine("ada", subject="A-again", phone="138 0013 8001") == set()
    assert _examine("bao", phone="13800138001") == {"PHONE_SHARED"}


def test_an_identity_number_of_another_customer_declines() -> None:
    _examine("ada", identity="110105199003070025")
    found = examine(identifiers={"identity": "110105199003070025"}, facts={}, subject="A2", customer="bao", on=TODAY)
    assert [(alarm.code, alarm.severity) for alarm in found.alarms] == [("IDENTITY_SHARED", "decline")]


def test_colleagues_share_a_known_employer_without_an_alarm() -> None:
    _examine("founder", TODAY - 90 * DAY, employer="Big Factory Co., Ltd.")
    for number in range(30):
        assert _examine(f"c{number}", employer="Big Factory") == set()


def test_what_was_shared_long_ago_is_forgotten() -> None:
    _examine("ada", TODAY - 200 * DAY, phone="13800138001")
    assert _examine("bao", phone="13800138001") == set()


def test_four_assessments_in_a_week_are_many() -> None:
    found = [_examine("ada", TODAY + n * DAY, subject=f"A{n}", phone="1380013800") for n in range(4)]
    assert found == [set(), set(), set(), {"VELOCITY"}]


def test_the_same_subject_twice_leaves_one_trace() -> None:
    _examine("ada", phone="13800138001")
    for _ in range(2):
        _examine("bao", phone="13800138001")
    assert Link.objects.count() == 2
    assert FraudSignal.objects.count() == 1


def test_confirmed_fraud_feeds_the_blacklist_and_its_neighbours(people: dict[str, Any]) -> None:
    _examine("ada", phone="1", account="ACC", email="x@y.z")
    _examine("bao", phone="1", account="OTHER", email="b@y.z")
    signal = FraudSignal.objects.get(customer_reference="bao", rule="PHONE_SHARED")
    dispose(signal, disposition="confirmed", note="invented person", by=people["dev"], on=TODAY)
    assert _examine("cai", account="other") >= {"BLACKLISTING_PROPOSED"}
    check(BlacklistEntry.objects.get(), agreed=True, by=people["cert"], on=TODAY)
    assert _examine("eve", account="other") >= {"BLACKLISTED"}
    assert _examine("dan", email="B@y.z") >= {"NEAR_CONFIRMED_FRAUD"}
    with pytest.raises(WrongStatus):
        dispose(signal, disposition="dismissed", note="changed my mind", by=people["vera"], on=TODAY)


def test_an_identifier_is_kept_as_a_hash_that_nobody_makes_without_the_key(settings: Any) -> None:
    _examine("ada", phone="13800138001")
    link = Link.objects.get()
    assert "13800138001" not in str(link.__dict__)
    assert link.value_hash == hash_of("phone", " 13800138001") != hash_of("account", "13800138001")
    settings.SECRET_KEY = "a-new-one-for-the-sessions"
    assert link.value_hash == hash_of("phone", "13800138001"), "a new secret of the sessions forgets no blacklist"
    settings.INDEX_KEY = "another-key"
    assert link.value_hash != hash_of("phone", "13800138001")


def test_strangers_joined_by_a_chain_of_devices_and_phones_are_one_component() -> None:
    _examine("a", device="D1", phone="1")
    _examine("b", device="D1", phone="2")
    _examine("c", device="D9", phone="2")
    _examine("z", device="D5", phone="5")
    found = components(TODAY - 30 * DAY, TODAY)
    assert [one.customers for one in found] == [("a", "b", "c")]
    assert found[0].shared == {"device": 1, "phone": 1}


def test_injected_rings_are_found_among_honest_customers() -> None:
    """Measured: 300 honest customers (couples share an address, some a device) and 8 rings of 4 to 6 on few phones."""
    draw = random.Random(4)
    cases: list[tuple[str, bool, dict[str, str]]] = []
    for n in range(300):
        home = f"home-{n // 2}" if draw.random() < 0.5 else f"home-x{n}"
        device = f"dev-{n // 2}" if draw.random() < 0.08 else f"dev-x{n}"
        cases.append((f"h{n}", False, {"phone": f"p{n}", "device": device, "address": home, "account": f"acc{n}"}))
    for ring in range(8):
        for member in range(draw.randint(4, 6)):
            cases.append(
                (f"r{ring}-{member}", True, {
                    "phone": f"rp{ring}-{member // 2}", "device": f"rd{ring}-{member % 2}",
                    "address": f"ra{ring}", "account": f"racc{ring}-{member}",
                })
            )  # fmt: skip
    draw.shuffle(cases)
    for customer, _fraud, identifiers in cases:
        _examine(customer, **identifiers)
    flagged = set(FraudSignal.objects.values_list("customer_reference", flat=True))
    for component in components(TODAY - DAY, TODAY, least=3):
        flagged |= set(component.customers)
    truly = {customer for customer, fraud, _ids in cases if fraud}
    precision, recall = len(flagged & truly) / len(flagged), len(flagged & truly) / len(truly)
    assert precision > 0.9, precision
    assert recall > 0.9, recall
