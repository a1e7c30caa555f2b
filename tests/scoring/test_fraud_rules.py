"""Velocity, papers that contradict each other, and what people decided: alarms that come, and alarms that stay away."""

import datetime
from typing import Any

import pytest

from scoring import fraud_graph
from scoring.conditions import problems_in
from scoring.fraud import CLEARED_DAYS, Examination, examine
from scoring.fraud_cases import dispose
from scoring.fraud_rules import FACTS, NOTE, RULES
from scoring.fraud_words import LABELS
from scoring.identifier_forms import normal
from scoring.models import FraudSignal
from tests.scoring.conftest import TODAY

DAY = datetime.timedelta(days=1)
HOME = "北京市朝阳区建国路88号2单元301室"


def _look(
    customer: str, on: datetime.date = TODAY, subject: str = "", facts: dict[str, Any] | None = None, **identifiers: str
) -> Examination:
    return examine(
        identifiers=identifiers, facts=facts or {}, subject=subject or f"A-{customer}", customer=customer, on=on
    )


def _codes(found: Examination) -> set[str]:
    return {alarm.code for alarm in found.alarms}


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+86 138-0013-8001", "13800138001"),
        ("account", "6222 0200 1234", "622202001234"),
        ("email", "Ada+loan@X.com", "ada@x.com"),
        ("address", HOME, "北京 朝阳 建国路八十八号２单元３０１"),
        ("employer", "华光（深圳）电子有限公司", "华光深圳电子有限责任公司"),
        ("employer", "Big Factory Co., Ltd.", "big factory"),
    ],
)
def test_one_thing_has_one_form_however_it_is_written(kind: str, one: str, other: str) -> None:
    assert normal(kind, one) == normal(kind, other) != ""


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("address", "建国路88号2单元301室", "建国路88号2单元302室"),
        ("address", "建国路103号", "建国路一百三十号"),
        ("phone", "13800138001", "13800138002"),
        ("employer", "华光电子有限公司", "华光食品有限公司"),
    ],
)
def test_near_is_not_equal(kind: str, one: str, other: str) -> None:
    assert normal(kind, one) != normal(kind, other)


def test_every_rule_has_words_in_both_languages_and_conditions_that_can_be_read() -> None:
    assert set(RULES) == set(LABELS)
    for rule in RULES.values():
        assert rule.label.zh and rule.label.en and rule.told.zh and rule.told.en
        assert rule.severity in ("decline", "refer", "note")
    assert not [problem for rule in FACTS for problem in problems_in(rule.when)]


@pytest.mark.django_db
def test_applications_are_counted_by_device_over_customers() -> None:
    found = [_look(f"c{n}", TODAY + n * DAY, device="D1") for n in range(4)]
    assert "DEVICE_VELOCITY" not in set().union(*(_codes(one) for one in found[:3]))
    assert "DEVICE_VELOCITY" in _codes(found[3])
    assert found[3].counts["others_on_device"] == 3
    late = _look("late", TODAY + 30 * DAY, device="D1")
    assert "DEVICE_VELOCITY" not in _codes(late)


@pytest.mark.django_db
def test_a_new_employer_of_many_applicants_is_an_alarm_and_a_known_one_is_none() -> None:
    shell = [_look(f"s{n}", employer="鑫源商贸有限公司") for n in range(6)]
    assert ["EMPLOYER_VELOCITY" in _codes(one) for one in shell] == [False] * 5 + [True]
    _look("first", TODAY - 60 * DAY, employer="华光电子有限公司")
    known = [_look(f"k{n}", employer="华光电子有限公司") for n in range(10)]
    assert not any(_codes(one) for one in known)


@pytest.mark.django_db
def test_the_same_person_with_another_number_is_noticed_at_the_same_address_only() -> None:
    _look("ada", person="王伟|1990-03-07", identity="1", address=HOME)
    namesake = _look("wei", person="王伟|1990-03-07", identity="2", address="上海市浦东新区世纪大道1号")
    assert _codes(namesake) == set()
    twice = _look("ada2", person="王伟|1990-03-07", identity="3", address="北京朝阳建国路88-2-301")
    assert "PERSON_TWICE" in _codes(twice)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"id_number_valid": False}, "ID_NUMBER_IMPOSSIBLE"),
        ({"stated_age_differs_years": 2}, "AGE_DIFFERS"),
        ({"id_card_days_left": -1}, "DOCUMENT_EXPIRED"),
        ({"account_holder_differs": True}, "ACCOUNT_HOLDER_DIFFERS"),
        ({"phone_owner_matches": False}, "PHONE_OWNER_DIFFERS"),
        ({"email_disposable": True}, "EMAIL_DISPOSABLE"),
        ({"employer_phone_is_own": True}, "EMPLOYER_PHONE_IS_OWN"),
        ({"income_to_usual": 6}, "INCOME_IMPLAUSIBLE"),
        ({"income_to_inflow": 3.2}, "INCOME_NOT_IN_ACCOUNT"),
        ({"days_since_decline": 9, "income_up_percent": 20, "expenses_down_percent": 0}, "FACTS_CHANGED_AFTER_DECLINE"),
        ({"device_emulator": True}, "DEVICE_EMULATED"),
        ({"device_shared_customers": 4}, "DEVICE_OF_MANY"),
    ],
)
def test_facts_that_contradict_each_other_send_to_a_person_with_the_facts_as_evidence(
    facts: dict[str, Any], code: str
) -> None:
    found = _look("ada", facts=facts)
    assert [(alarm.code, alarm.severity) for alarm in found.alarms] == [(code, "refer")]
    kept = FraudSignal.objects.get().evidence["facts"]
    assert kept and set(kept) <= set(facts)


@pytest.mark.django_db
def test_a_note_alone_does_nothing_and_stands_beside_an_alarm() -> None:
    soft = {"address_province_differs": True, "form_seconds": 6, "device_rooted": True, "phone_months_in_use": 0}
    assert _look("ada", facts=soft).alarms == ()
    assert not FraudSignal.objects.exists()
    found = _look("bao", facts={**soft, "email_disposable": True})
    assert set(found.alarms[0].evidence["noted"]) == {
        "BIRTHPLACE_ELSEWHERE", "FORM_IN_SECONDS", "DEVICE_ROOTED", "PHONE_NEW"
    }  # fmt: skip
    assert RULES["BIRTHPLACE_ELSEWHERE"].severity == NOTE


@pytest.mark.django_db
def test_a_cleared_pair_is_silent_until_somebody_new_comes_or_the_days_are_over(people: dict[str, Any]) -> None:
    _look("mother", phone="13800138001")
    _look("daughter", phone="13800138001")
    signal = FraudSignal.objects.get(rule="PHONE_SHARED")
    dispose(signal, disposition="dismissed", note="mother and daughter", by=people["dev"], on=TODAY)
    assert _codes(_look("daughter", TODAY + DAY, subject="A-2", phone="13800138001")) == set()
    assert _codes(_look("mother", TODAY + DAY, subject="A-3", phone="13800138001")) == set()
    assert "PHONE_SHARED" in _codes(_look("stranger", TODAY + DAY, phone="13800138001"))
    again = _look("daughter", TODAY + 2 * DAY, subject="A-4", phone="13800138001")
    assert again.alarms[0].evidence["customers"] == ["stranger"]
    over = TODAY + (CLEARED_DAYS + 1) * DAY
    _look("mother", over, subject="A-5", phone="13800138001")
    assert "PHONE_SHARED" in _codes(_look("daughter", over, subject="A-6", phone="13800138001"))


@pytest.mark.django_db
def test_cleared_facts_are_silent_and_other_facts_are_not(people: dict[str, Any]) -> None:
    told = {"income_to_usual": 7.1, "income_monthly": "57000"}
    _look("ada", facts=told)
    dispose(FraudSignal.objects.get(), disposition="dismissed", note="tax papers seen", by=people["dev"], on=TODAY)
    assert _codes(_look("ada", TODAY + DAY, subject="A-2", facts=told)) == set()
    assert _codes(_look("ada", TODAY + DAY, subject="A-3", facts={"income_to_usual": 11})) == {"INCOME_IMPLAUSIBLE"}


@pytest.mark.django_db
def test_confirmed_fraud_opens_a_case_for_the_neighbours_now_and_follows_the_customer(people: dict[str, Any]) -> None:
    _look("ada", device="D1", phone="1")
    _look("bao", phone="1", account="ACC")
    signal = FraudSignal.objects.get(rule="PHONE_SHARED")
    dispose(signal, disposition="confirmed", note="invented person", by=people["dev"], on=TODAY)
    warned = FraudSignal.objects.get(rule="NEAR_CONFIRMED_FRAUD")
    assert (warned.customer_reference, warned.subject_reference) == ("ada", "A-ada")
    assert warned.history.count() == 1
    later = _look("bao", TODAY + 30 * DAY, subject="A-later", email="new@example.com")
    assert "CONFIRMED_BEFORE" in _codes(later)


@pytest.mark.django_db
def test_cases_of_one_component_carry_one_name_and_two_that_meet_become_one() -> None:
    _look("a", phone="1")
    _look("b", phone="1")
    _look("x", phone="9")
    _look("y", phone="9")
    names = dict(FraudSignal.objects.values_list("customer_reference", "component"))
    assert names["b"] and names["y"] and names["b"] != names["y"]
    _look("joins", TODAY + DAY, phone="1", account="X")
    _look("y", TODAY + 2 * DAY, subject="A-y2", phone="9", account="X")
    assert len(set(FraudSignal.objects.values_list("component", flat=True))) == 1
    found = fraud_graph.around("a", TODAY + 2 * DAY)
    assert found is not None and found.customers == ("a", "b", "joins", "x", "y")
    assert found.growth() == [(TODAY, 4), (TODAY + DAY, 5)]
    assert found.shared == {"phone": 2, "account": 1}


@pytest.mark.django_db
def test_a_case_that_stood_alone_joins_the_component_it_is_found_to_belong_to() -> None:
    _look("first", phone="1", facts={"email_disposable": True})
    assert FraudSignal.objects.get().component == ""
    _look("second", phone="1")
    assert len(set(FraudSignal.objects.values_list("component", flat=True)) - {""}) == 1
    assert not FraudSignal.objects.filter(component="").exists()
    assert FraudSignal.objects.get(customer_reference="first").history.count() == 2


@pytest.mark.django_db
def test_an_examination_costs_few_statements(django_assert_max_num_queries: Any) -> None:
    for n in range(6):
        _look(f"h{n}", device="D9", address=HOME, phone=f"{n}")
    with django_assert_max_num_queries(5):  # links, blacklist, what was seen, what was decided, and a savepoint
        _look("new", phone="77", device="other", address=HOME[:-4], email="n@example.com", facts={"income_monthly": 1})


@pytest.mark.django_db
def test_signals_are_kept_with_their_history() -> None:
    _look("a", phone="1")
    _look("b", phone="1", facts={"email_disposable": True})
    assert [signal.history.count() for signal in FraudSignal.objects.all()] == [1, 1]
