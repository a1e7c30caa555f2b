"""Nobody need take a decision as it is: it is explained at once, and a person who had no part in it looks again."""

import datetime
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings
from django.urls import reverse

from customers import answering
from customers.models import Notice, ServiceCase, User
from customers.refusals import Refusal
from lending.applications import assignment, bureau, explaining, review
from lending.applications.decision import decide_by_officer
from lending.applications.models import Application, Decision
from lending.applications.refusals import ApplicationAlreadyOpen, NotYours, ReviewerDecidedBefore
from lending.portal.access import WRONG
from lending.regulation.clocks import CLOCKS, answer_due_on
from tests import builders
from tests.cast import PASSWORD, TODAY
from tests.lending.portal_world import browser, new_key, text, today  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

CLEAN_REPORT = bureau.Report(
    True,
    {
        "records": False, "bureau_inquiries_6m": 0, "bureau_open_loans": 0, "bureau_max_dpd_24m": 0,
        "bureau_history_months": 120,
    },
    "0" * 64,
)  # fmt: skip


def hired(name: str) -> User:
    officer = User.objects.create_user(username=name, password=PASSWORD, is_staff=True, language="en")
    officer.groups.add(Group.objects.get(name="loan officer"))
    return officer


def declined_by_machine(**answers) -> Application:
    """Ada is out of work: the rules and the model in force decline without a person."""
    builders.deciding_model()
    poor = {"employment_type": "none", "income_monthly": "800", "expenses_monthly": "790", "debts": "400000"}
    asked = builders.application(**{"residence_years": "3", **poor, **answers})
    with override_settings(BUREAU_URL="http://127.0.0.1:9"), patch.object(bureau, "ask", return_value=CLEAN_REPORT):
        decision = builders.submit(asked)
    assert (decision.outcome, decision.by) == ("decline", None)
    asked.refresh_from_db()
    return asked


def declined_by(officer: User, asked: Application | None = None) -> Application:
    asked = asked or builders.application()
    if asked.status == "draft":
        builders.submit(asked)
        asked.refresh_from_db()
    decide(asked, officer, "decline")
    return asked


def decide(asked: Application, officer: User, outcome: str) -> Decision:
    if outcome == "approve":
        return builders.approve(asked, by=officer)
    words = {"reason_code": "INCOME_NOT_VERIFIED", "note": "No evidence."}
    return decide_by_officer(asked, outcome=outcome, by=officer, on=TODAY, **words)


def last(asked: Application) -> Decision:
    return asked.decisions.order_by("-pk")[0]


def test_the_clocks_come_from_dated_cited_rules_and_are_the_table_of_the_module():
    assert answer_due_on("review", on=TODAY) == datetime.date(2026, 9, 29)
    assert answer_due_on("complaint", on=TODAY) == datetime.date(2026, 9, 29)
    assert answer_due_on("hardship", on=TODAY) == datetime.date(2026, 9, 20)  # a Sunday worked
    assert answer_due_on("correction", on=datetime.date(2026, 9, 28)) == datetime.date(2026, 10, 23)
    assert set(CLOCKS) == set(ServiceCase.Kind.values)


def test_a_review_reopens_a_declined_application_for_another_officer_with_the_least_to_do():
    otto, olga, busy = hired("otto"), hired("olga-two"), hired("busy")
    asked = declined_by(otto)
    waiting = builders.application(builders.identified_person("Bao"))
    builders.submit(waiting)
    waiting.refresh_from_db()
    assignment.take(waiting, by=busy)
    case = review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY, text="My income has changed.")
    asked.refresh_from_db()
    assert (case.kind, case.status, case.due_on) == ("review", "open", datetime.date(2026, 9, 29))
    assert (asked.status, asked.assigned_to) == ("referred", olga)


def test_whoever_decided_neither_takes_the_review_nor_decides_it():
    otto = hired("otto")
    asked = declined_by(otto)
    review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY)
    asked.refresh_from_db()
    assert asked.assigned_to is None  # there is no other officer
    with pytest.raises(ReviewerDecidedBefore):
        assignment.take(asked, by=otto)
    with pytest.raises(ReviewerDecidedBefore):
        decide(asked, otto, "approve")
    assert Decision.objects.filter(application=asked).count() == 2


def test_the_officers_decision_answers_the_review_and_she_is_told():
    otto, olga = hired("otto"), hired("olga-two")
    asked = declined_by(otto)
    case = review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY)
    asked.refresh_from_db()
    with pytest.raises(answering.AnsweredByAct):
        answering.answer(case, answer="No.", by=olga, on=TODAY)
    decision = decide(asked, olga, "approve")
    case.refresh_from_db()
    assert (case.status, case.answered_by) == ("answered", olga)
    assert "Approved" in case.answer and decision.reasons[0]["text_en"] in case.answer
    assert Notice.objects.filter(customer=asked.customer, key=f"decision:{decision.pk}").exists()


def test_one_review_of_an_application_and_a_second_click_is_the_first():
    otto, olga = hired("otto"), hired("olga-two")
    asked, key = declined_by(otto), new_key()
    first = review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY, key=key)
    assert review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY, key=key) == first
    asked.refresh_from_db()
    decide(asked, olga, "decline")
    asked.refresh_from_db()
    assert review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY, key=key) == first
    asked.refresh_from_db()
    assert asked.status == "declined"  # an old click does not reopen what was reviewed
    with pytest.raises(review.ReviewedAlready):
        review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY)


def test_strangers_ask_for_nothing_and_a_refused_review_leaves_no_case():
    asked = declined_by(hired("otto"))
    bao = builders.identified_person("Bao")
    with pytest.raises(NotYours):
        review.ask_for_review(last(asked), by=bao.user, on=TODAY)
    with pytest.raises(NotYours):
        explaining.ask_for_explanation(last(asked), by=bao.user, on=TODAY)
    builders.application(asked.customer)
    with pytest.raises(ApplicationAlreadyOpen):
        review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY)
    assert not ServiceCase.objects.exists()


def test_a_review_of_an_offer_leaves_the_offer_and_is_answered_in_words():
    asked = builders.application()
    offer, olga = builders.offered(asked), hired("olga-two")
    asked.refresh_from_db()
    case = review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY, text="I need more.")
    asked.refresh_from_db()
    assert asked.status == "offered" and asked.offers.get() == offer
    assert answering.answer(case, answer="It stays.", by=olga, on=TODAY).status == "answered"


def test_a_machines_decision_is_explained_at_once_by_what_it_went_by():
    asked = declined_by_machine()
    decision = last(asked)
    case = explaining.ask_for_explanation(decision, by=asked.customer.user, on=TODAY)
    assert (case.status, case.answered_by) == ("answered", None)
    told = case.answer
    assert all(reason["text_en"] in told for reason in decision.reasons)
    assert "800" in told and "you told us" in told
    assert decision.rules["model"] in told and decision.rules["strategy"] in told
    assert "papers" not in told  # what the fraud rules look at
    assert "Correct my data" in told and "ask a person" in told
    assert "age_years" not in told and "36" not in told.replace("360", "")  # her age is protected
    nearest = decision.rules["counterfactual"]
    assert nearest is None or nearest["text_en"] in told
    assert Notice.objects.filter(kind="case_answered", customer=asked.customer).count() == 1


def test_the_explanation_speaks_chinese_to_who_speaks_chinese():
    told = explaining.explain(last(declined_by_machine()), "zh-hans")
    assert "主要原因" in told and "您填写" in told
    assert all(reason["text_zh"] in told for reason in last(Application.objects.get()).reasons)


def test_who_asks_again_is_answered_by_a_person():
    asked = declined_by_machine()
    explaining.ask_for_explanation(last(asked), by=asked.customer.user, on=TODAY)
    again = explaining.ask_for_explanation(last(asked), by=asked.customer.user, on=TODAY, text="I do not understand.")
    assert (again.status, again.due_on) == ("open", datetime.date(2026, 9, 29))
    assert explaining.ask_for_explanation(last(asked), by=asked.customer.user, on=TODAY) == again


def test_an_officers_decision_is_explained_at_once_too_with_its_reasons_but_neither_name_nor_note():
    asked = declined_by_machine()
    explaining.ask_for_explanation(last(asked), by=asked.customer.user, on=TODAY)
    olga = hired("olga-two")
    review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY)
    asked.refresh_from_db()
    decision = decide(asked, olga, "decline")
    asked.refresh_from_db()
    case = explaining.ask_for_explanation(decision, by=asked.customer.user, on=TODAY)
    assert (case.status, case.answered_by) == ("answered", None)
    assert "A loan officer decided this" in case.answer and "by machine, without" not in case.answer
    assert decision.reasons[0]["text_en"] in case.answer and "you told us" in case.answer
    assert "olga" not in case.answer and decision.note not in case.answer
    assert "Correct my data" in case.answer and "review the decision" in case.answer
    assert "信贷人员人工作出" in explaining.explain(decision, "zh-hans")
    assert explaining.ask_for_explanation(decision, by=asked.customer.user, on=TODAY).status == "open"


def test_ada_sees_the_clock_in_the_portal_and_that_it_has_run_out(today):  # noqa: F811
    asked = declined_by_machine()
    client = browser(asked.customer)
    page, ask = (reverse(f"portal:{name}", args=[asked.public_id]) for name in ("application", "ask"))
    assert "Have it explained, at once" in text(client.get(page))
    client.post(ask, {"kind": "explanation", "text": "", "key": new_key()})
    shown = text(client.get(page))
    assert "The facts we went by" in shown and "Have a person explain it" in shown
    assert client.post(ask, {"kind": "review", "text": "Look again.", "key": new_key()}).url == page
    assert "15 days left" in text(client.get(page))
    today.shift(datetime.timedelta(days=17))
    client = browser(asked.customer)
    assert "2 days overdue" in text(client.get(page))
    assert "2 days overdue" in text(client.get(reverse("portal:privacy")))
    assert client.post(ask, {"kind": "gift", "key": new_key()}).status_code == WRONG


def test_the_desk_shows_the_request_beside_the_application_and_refuses_words_for_it(today):  # noqa: F811
    asked = declined_by_machine()
    olga = hired("olga-two")
    case = review.ask_for_review(last(asked), by=asked.customer.user, on=TODAY, text="Look at my new job.")
    client = browser()
    client.force_login(olga, backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get(reverse("admin:applications_application_change", args=[asked.pk])))
    assert "Look at my new job." in page and "15 days left" in page
    case_page = reverse("admin:customers_servicecase_change", args=[case.pk])
    assert f"Open {asked}" in text(client.get(case_page))
    answer = reverse("admin:customers_servicecase_answer", args=[case.pk])
    assert client.post(answer, {"answer": "No.", "topic": "decision"}).status_code == WRONG
    case.refresh_from_db()
    assert case.status == "open"


def test_an_officer_answers_a_complaint_with_its_topic_or_is_told_what_is_missing(today):  # noqa: F811
    from customers.service_cases import open_case

    ada = builders.identified_person()
    case = open_case(ada, kind="complaint", text="Calls at night.", by=ada.user, on=TODAY, due_on=TODAY)
    client = browser()
    client.force_login(hired("olga-two"), backend="django.contrib.auth.backends.ModelBackend")
    answer = reverse("admin:customers_servicecase_answer", args=[case.pk])
    refused = client.post(answer, {"answer": "Sorry.", "topic": ""})
    assert refused.status_code == WRONG and "Choose what the case is about" in text(refused)
    assert "Sorry." in text(refused)  # what was written is not lost
    assert client.post(answer, {"answer": "Sorry.", "topic": "collection"}).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.topic) == ("answered", "collection")
    assert client.post(answer, {"answer": "Again.", "topic": "fees"}).status_code == 302
    listed = reverse("admin:customers_servicecase_changelist")
    assert str(case.pk) in text(client.get(listed, {"topic__exact": "collection"}))
    assert client.get(listed, {"clock": "overdue"}).status_code == 200


def test_every_refusal_of_these_acts_says_what_to_do():
    for refusal in (review.ReviewedAlready(), answering.AnsweredByAct(act="Decide.")):
        assert isinstance(refusal, Refusal) and len(refusal.messages[0]) > 20
