"""Fraud cases on the desk: grouped by what is shared, with the evidence in words and a picture of the component."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scoring.fraud import examine
from scoring.models import FraudSignal
from tests.scoring.test_desk import desks  # noqa: F401

pytestmark = pytest.mark.django_db
QUEUE = "admin:scoring_fraudsignal_queue"


def _ring() -> None:
    for number in range(3):
        examine(
            identifiers={"phone": "13800138001", "account": f"acc-{number}"},
            facts={"email_disposable": number == 2, "form_seconds": 5},
            subject=f"A-{number}",
            customer=f"member-{number}",
            on=timezone.localdate(),
        )
    examine(identifiers={}, facts={"income_to_usual": 8.2}, subject="A-9", customer="single", on=timezone.localdate())


@pytest.fixture
def risk(desks: dict[str, Client], people: dict[str, Any]) -> Client:  # noqa: F811
    from django.contrib.auth.models import Group

    people["dev"].groups.add(Group.objects.get(name="risk"))
    return desks["dev"]


def test_the_queue_holds_the_cases_of_one_component_together(risk: Client) -> None:
    _ring()
    page = risk.get(reverse(QUEUE))
    assert page.status_code == 200
    groups = page.context["groups"]
    assert sorted((group.customers, len(group.signals)) for group in groups) == [(1, 1), (2, 3)]


def test_an_empty_queue_says_so_and_a_page_that_is_not_there_is_empty(risk: Client) -> None:
    for page in ("", "?page=7", "?page=x"):
        assert risk.get(reverse(QUEUE) + page).status_code == 200


def test_mallory_sees_no_case(desks: dict[str, Client]) -> None:  # noqa: F811
    _ring()
    case = FraudSignal.objects.latest("pk")
    for url in (reverse(QUEUE), reverse("admin:scoring_fraudsignal_change", args=[case.pk])):
        assert desks["mallory"].get(url).status_code == 403


def test_a_case_shows_its_component_evidence_and_notes_in_words(risk: Client) -> None:
    _ring()
    case = FraudSignal.objects.get(rule="PHONE_SHARED", customer_reference="member-2")
    page = risk.get(reverse("admin:scoring_fraudsignal_change", args=[case.pk]), headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert page.context["component"].size == 3
    assert len(page.context["picture"]["lines"]) == 3
    assert "<svg" in text and "member-0" in text
    assert "填写过快" in text and "form_seconds" not in text


def test_the_queue_costs_the_same_statements_however_long_it_is(
    risk: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        examine(
            identifiers={},
            facts={"income_to_usual": 8},
            subject=f"S{number}",
            customer=f"c{number}",
            on=timezone.localdate(),
        )
    with django_assert_max_num_queries(12):
        page = risk.get(reverse(QUEUE))
    assert len(page.context["groups"]) == 20 and page.context["next"] == 2
    assert len(risk.get(reverse(QUEUE) + "?page=2").context["groups"]) == 10


def test_closing_a_case_is_confirmed_and_the_page_tells_who_and_when(risk: Client, people: dict[str, Any]) -> None:
    _ring()
    people["dev"].language = "en"
    people["dev"].save()
    case = FraudSignal.objects.get(rule="PHONE_SHARED", customer_reference="member-2")
    address = reverse("admin:scoring_fraudsignal_change", args=[case.pk])
    answer = risk.post(address, {"disposition": "dismissed", "note": "They are sisters."}, follow=True)
    assert "the case is closed, dismissed" in answer.content.decode()
    closed = risk.get(address).content.decode()
    assert "dev-of-models" in closed and "They are sisters." in closed


def test_who_may_not_close_an_open_case_is_told_who_may(desks: dict[str, Client], people: dict[str, Any]) -> None:  # noqa: F811
    from django.contrib.auth.models import Group

    _ring()
    people["dev"].groups.add(Group.objects.get(name="loan officer"))
    people["dev"].language = "en"
    people["dev"].save()
    case = FraudSignal.objects.latest("pk")
    page = desks["dev"].get(reverse("admin:scoring_fraudsignal_change", args=[case.pk])).content.decode()
    assert "Somebody of risk confirms or dismisses it" in page and 'name="disposition"' not in page
    assert f'{reverse("admin:applications_application_changelist")}?q={case.subject_reference}"' in page
