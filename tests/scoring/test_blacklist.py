"""Nobody is declined on one person's word: an entry, and its end before its day, take two people."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scoring.assessment import Request, assess
from scoring.blacklist import check, enter, propose_withdrawal, waits_for
from scoring.fraud import examine
from scoring.models import BlacklistEntry, FraudSignal, ModelVersion, Strategy
from scoring.refusals import ListingTooLong, NotSomebody, ProposerCannotConfirm, WhyIsNeeded, WrongStatus
from tests.scoring.conftest import TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def proposed(people: dict[str, Any], **changes: Any) -> BlacklistEntry:
    words = {"kind": "device", "value": "D-1", "source": "police", "reason": "fraud", "expires_on": TODAY + 30 * DAY}
    return enter(**{**words, "by": people["dev"], "on": TODAY, **changes})


def confirmed(people: dict[str, Any]) -> BlacklistEntry:
    return check(proposed(people), agreed=True, by=people["cert"], on=TODAY)


_met = iter(range(10**6))


def found(on: datetime.date = TODAY, device: str = "d-1") -> set[tuple[str, str]]:
    alarms = examine(identifiers={"device": device}, facts={}, subject=f"A{next(_met)}", customer="ada", on=on).alarms
    return {(alarm.code, alarm.severity) for alarm in alarms if alarm.code.startswith("BLACK")}


PROPOSED, LISTED = {("BLACKLISTING_PROPOSED", "refer")}, {("BLACKLISTED", "decline")}


def test_a_proposed_entry_refers_and_a_confirmed_one_declines_until_it_ends(people: dict[str, Any]) -> None:
    entry = proposed(people)
    assert found() == PROPOSED
    check(entry, agreed=True, by=people["cert"], on=TODAY)
    assert found() == LISTED
    assert found(TODAY + 30 * DAY) == LISTED
    assert found(TODAY + 31 * DAY) == found(device="d-2") == set()


def test_a_proposal_never_declines_by_itself(
    champion: ModelVersion,
    approved_strategy: Strategy,
    good_facts: dict[str, Any],
    request_: Request,
    people: dict[str, Any],
) -> None:
    def outcome(subject: str) -> Any:
        facts = {**good_facts, "identifiers": {"device": "D-1"}}
        return assess(facts=facts, request=request_, subject=subject, customer="ada", on=TODAY).recommendation

    assert outcome("before") == "approve"
    entry = proposed(people)
    assert outcome("proposed") == "refer"
    check(entry, agreed=True, by=people["cert"], on=TODAY)
    assert outcome("confirmed") == "decline"
    assert set(FraudSignal.objects.values_list("rule", "severity")) == PROPOSED | LISTED


def test_who_proposed_it_cannot_answer_it_and_a_second_person_is_somebody(people: dict[str, Any]) -> None:
    entry = proposed(people)
    for agreed in (True, False):
        with pytest.raises(ProposerCannotConfirm):
            check(entry, agreed=agreed, note="mine", by=people["dev"], on=TODAY)
        with pytest.raises(NotSomebody):
            check(entry, agreed=agreed, note="nobody's", by=None, on=TODAY)
    with pytest.raises(NotSomebody):
        proposed(people, by=None)
    with pytest.raises(ListingTooLong):
        proposed(people, expires_on=TODAY + 3000 * DAY)
    assert found() == PROPOSED


def test_what_is_turned_down_has_a_reason_and_no_effect(people: dict[str, Any]) -> None:
    entry = proposed(people)
    with pytest.raises(WhyIsNeeded):
        check(entry, agreed=False, note="  ", by=people["cert"], on=TODAY)
    entry = check(entry, agreed=False, note="another person's device", by=people["cert"], on=TODAY)
    assert (entry.status, entry.check_note) == ("refused", "another person's device")
    assert found() == set()
    with pytest.raises(WrongStatus):
        check(entry, agreed=True, by=people["vera"], on=TODAY)


def test_a_withdrawal_takes_two_people_as_well(people: dict[str, Any]) -> None:
    entry = confirmed(people)
    entry = propose_withdrawal(entry, reason="mistaken", by=people["cert"], on=TODAY)
    assert waits_for(entry, TODAY) == "withdrawal" and found() == LISTED
    with pytest.raises(ProposerCannotConfirm):
        check(entry, agreed=True, by=people["cert"], on=TODAY)
    entry = check(entry, agreed=False, note="the police insist", by=people["dev"], on=TODAY)
    assert (found(), entry.withdrawal_note) == (LISTED, "the police insist")
    entry = propose_withdrawal(entry, reason="acquitted", by=people["dev"], on=TODAY)
    entry = check(entry, agreed=True, by=people["vera"], on=TODAY + DAY)
    assert found(TODAY) == LISTED and found(TODAY + DAY) == set()
    assert entry.history.count() == 6
    assert entry.history.latest().history_user == people["vera"]


def test_only_what_is_confirmed_and_runs_can_be_withdrawn(people: dict[str, Any]) -> None:
    with pytest.raises(WrongStatus):
        propose_withdrawal(proposed(people), reason="mistaken", by=people["vera"], on=TODAY)
    with pytest.raises(WrongStatus):
        propose_withdrawal(confirmed(people), reason="late", by=people["vera"], on=TODAY + 31 * DAY)


def test_the_database_refuses_one_pair_of_eyes(people: dict[str, Any]) -> None:
    entry = confirmed(people)
    wrong = (
        {"checked_by": people["dev"]},
        {"checked_by": None},
        {"entered_by": None},
        {"withdrawal_by": people["dev"], "withdrawn_by": people["dev"], "withdrawn_on": TODAY},
        {"withdrawn_by": people["dev"], "withdrawn_on": TODAY},
    )
    for change in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            BlacklistEntry.objects.filter(pk=entry.pk).update(**change)


@pytest.fixture
def desks(people: dict[str, Any]) -> dict[str, Client]:
    clients = {}
    for name, role in {"dev": "risk", "cert": "compliance", "vera": "risk", "mallory": ""}.items():
        people[name].is_staff = True
        people[name].language = "en"
        people[name].save()
        if role:
            people[name].groups.add(Group.objects.get(name=role))
        clients[name] = Client(headers={"accept-language": "en"})
        clients[name].force_login(people[name], backend="django.contrib.auth.backends.ModelBackend")
    return clients


def test_the_desk_lets_another_answer_and_shows_why(desks: dict[str, Client], people: dict[str, Any]) -> None:
    sent = {"kind": "phone", "value": "13800138001", "source": "police", "reason": "fraud"}
    ends = timezone.localdate() + 30 * DAY
    assert (
        desks["dev"].post(reverse("admin:scoring_blacklistentry_add"), {**sent, "expires_on": ends}).status_code == 302
    )
    entry = BlacklistEntry.objects.get()
    page = reverse("admin:scoring_blacklistentry_change", args=[entry.pk])
    answer, withdraw = (
        reverse(f"admin:scoring_blacklistentry_{act}", args=[entry.pk]) for act in ("check", "withdraw")
    )
    assert "your own proposal" in desks["dev"].get(page).content.decode()
    assert desks["dev"].post(answer, {"agreed": "1"}).status_code == 422
    assert [desks["mallory"].get(page).status_code, desks["mallory"].post(answer).status_code] == [403, 403]
    assert "I confirm it" in desks["cert"].get(page).content.decode()
    assert "Blacklist entries awaiting your answer" in desks["cert"].get("/admin/").content.decode()
    unsaid = desks["cert"].post(answer, {"agreed": "0"})
    assert unsaid.status_code == 422 and "Say why" in unsaid.content.decode()
    assert desks["cert"].post(answer, {"agreed": "1"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.status, entry.checked_by) == ("confirmed", people["cert"])
    assert desks["cert"].post(withdraw, {"reason": "x"}).status_code == 403
    assert desks["dev"].post(withdraw, {"reason": ""}).status_code == 422
    assert desks["dev"].post(withdraw, {"reason": "mistaken"}).status_code == 302
    assert "to be withdrawn" in desks["vera"].get("/admin/").content.decode()
    assert desks["vera"].post(answer, {"agreed": "1"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.withdrawn_by, entry.withdrawn_on) == (people["vera"], timezone.localdate())
    assert desks["dev"].get(reverse("admin:scoring_blacklistentry_changelist")).status_code == 200
