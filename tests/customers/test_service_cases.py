"""A request of a customer: one however often sent, sorted without waiting for a machine, answered once, and told."""

import datetime
import logging
from decimal import Decimal

import pytest

from customers import answering, case_subjects, service_cases, topics
from customers.case_subjects import Subject
from customers.models import Customer, Notice, ServiceCase, User
from customers.topics import Suggested
from tests import builders
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
DUE = TODAY + datetime.timedelta(days=15)


@pytest.fixture
def ada() -> Customer:
    return builders.identified_person()


@pytest.fixture
def otto() -> User:
    return builders.officer("otto")


@pytest.fixture
def suggester(monkeypatch: pytest.MonkeyPatch) -> list:
    """Who suggests topics in this test: put one function into the list."""
    found: list = []
    monkeypatch.setattr(topics, "_SUGGESTERS", found)
    return found


def opened(ada: Customer, kind: str = "complaint", text: str = "They called at night.", **values) -> ServiceCase:
    return service_cases.open_case(ada, kind=kind, text=text, by=ada.user, on=TODAY, due_on=DUE, **values)


def test_a_request_is_one_however_often_it_is_sent(ada):
    subject = {"subject_type": "decision", "subject_id": "7"}
    first, again = opened(ada, "review", "", **subject), opened(ada, "review", "", **subject)
    assert first == again and first.due_on == DUE and ServiceCase.objects.count() == 1
    with pytest.raises(service_cases.WordsMissing):
        opened(ada, text="  ")
    with pytest.raises(service_cases.WordsMissing):
        opened(ada, text="x" * 2001)
    with pytest.raises(service_cases.UnknownCaseKind):
        opened(ada, kind="gift")


def test_an_answer_stands_closes_the_case_and_is_told_once(ada, otto):
    case = opened(ada)
    with pytest.raises(answering.TopicMissing):
        answering.answer(case, answer="It will not happen again.", by=otto, on=TODAY)
    with pytest.raises(answering.TopicMissing):
        answering.answer(case, answer="It will not happen again.", topic="weather", by=otto, on=TODAY)
    with pytest.raises(answering.AnswerMissing):
        answering.answer(case, answer=" ", topic="collection", by=otto, on=TODAY)
    for _again in range(2):
        done = answering.answer(case, answer="It will not happen again.", topic="collection", by=otto, on=TODAY)
    assert (done.status, done.topic, done.urgent, done.answered_by) == ("answered", "collection", True, otto)
    [notice] = Notice.objects.filter(customer=ada, kind="case_answered")
    assert str(case) in notice.title and "It will not happen again." not in notice.body
    with pytest.raises(answering.AlreadyAnswered):
        answering.answer(case, answer="Something else.", topic="fees", by=otto, on=TODAY)


def test_who_has_no_account_reads_the_answer_in_the_message(ada, otto):
    user, ada.user = ada.user, None
    ada.save()
    case = opened_for(ada, user)
    answering.answer(case, answer="It is corrected.", topic="privacy", by=otto, on=TODAY)
    assert "It is corrected." in Notice.objects.get(kind="case_answered").body


def opened_for(customer: Customer, by: User) -> ServiceCase:
    return service_cases.open_case(customer, kind="correction", text="My name.", by=by, on=TODAY, due_on=DUE)


def test_a_suggested_topic_is_shown_decides_nothing_and_puts_urgent_cases_first(ada, suggester):
    plain = opened(ada, text="The app is slow.")
    suggester.append(lambda text, on: Suggested("collection", Decimal("0.812"), "complaint-topic v1"))
    case = opened(ada)
    assert (case.suggested_topic, case.suggested_probability, case.topic) == ("collection", Decimal("0.812"), "")
    assert case.urgent and not plain.urgent
    assert list(ServiceCase.objects.in_order_of_work()) == [case, plain]


@pytest.mark.parametrize("failure", [RuntimeError("the model"), Suggested("gossip", Decimal(1), "x v1")])
def test_a_model_that_fails_or_errs_does_not_keep_a_case_from_being_opened(ada, suggester, failure, caplog):
    def suggest(text, on):
        if isinstance(failure, Exception):
            raise failure
        return failure

    suggester.append(suggest)
    with caplog.at_level(logging.ERROR):
        case = opened(ada, text="My number is 13800138001.")
    assert (case.suggested_topic, case.urgent, case.status) == ("", False, "open")
    assert "13800138001" not in caplog.text


def test_the_clock_counts_down_and_then_says_how_late_we_are(ada):
    case = opened(ada)
    assert (case.days_left(TODAY), case.days_left(DUE), case.days_left(DUE + datetime.timedelta(days=2))) == (15, 0, -2)
    assert list(ServiceCase.objects.overdue(DUE)) == []
    assert list(ServiceCase.objects.overdue(DUE + datetime.timedelta(days=1))) == [case]


def test_a_case_that_an_act_answers_is_not_answered_in_words(ada, otto, monkeypatch):
    monkeypatch.setitem(case_subjects._FINDERS, "thing", lambda case: Subject("T1", "/t/1/", "Decide T1."))
    case = opened(ada, "review", "", subject_type="thing", subject_id="1")
    with pytest.raises(answering.AnsweredByAct):
        answering.answer(case, answer="No.", by=otto, on=TODAY)


def test_only_what_an_officer_sorted_is_a_label(ada, otto):
    answering.answer(opened(ada), answer="Sorry.", topic="collection", by=otto, on=TODAY)
    answering.answer(opened(ada, "explanation", "Why?"), answer="So.", topic="decision", by=None, on=TODAY)
    opened(ada, text="Not answered yet.")
    assert [case.topic for case in ServiceCase.objects.labelled()] == ["collection"]


def test_the_topic_of_an_answered_case_is_corrected_with_a_reason_and_its_history_is_kept(ada, otto):
    case = opened(ada)
    with pytest.raises(answering.NotAnsweredYet):
        answering.correct_topic(case, topic="fees", reason="It is about fees.", by=otto)
    answering.answer(case, answer="Sorry.", topic="collection", by=otto, on=TODAY)
    with pytest.raises(answering.TopicMissing):
        answering.correct_topic(case, topic="weather", reason="x", by=otto)
    with pytest.raises(answering.ReasonMissing):
        answering.correct_topic(case, topic="fees", reason=" ", by=otto)
    done = answering.correct_topic(case, topic="fees", reason="It is about fees.", by=otto)
    last, before = done.history.order_by("-history_id")[:2]
    assert (last.topic, before.topic) == ("fees", "collection")
    assert (last.history_user, last.history_change_reason) == (otto, "It is about fees.")
    assert [one.topic for one in ServiceCase.objects.labelled()] == ["fees"]
