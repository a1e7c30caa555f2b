"""Complete applications: the bureau is asked before anything is locked and never twice, and a decision stays cheap."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from customers.models import Customer, Person, User
from lending.applications import bureau
from lending.applications.bureau import BureauUnavailable, Report
from lending.applications.models import Application, BureauInquiry
from tests import builders
from tests.lending.test_api import ASKED, apply, person, signed_in
from tests.lending.test_applications_at_once import at_once
from tests.lending.test_intake import GOOD, HEADER, MAPPING

MOST_STATEMENTS = 27
"""Of one approved application over REST, without the sign-in: see `tests.benchmarks.decide` for what they are."""


@pytest.fixture
def otto() -> APIClient:
    """An officer of the channel desk, whatever the test does to the database."""
    builders.product("consumer-installment", on=timezone.localdate())
    user, _created = User.objects.get_or_create(username="otto-of-channels", defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name="senior officer"))
    return signed_in(user)


class Asking:
    """A bureau that answers, and notes how each question found the database."""

    def __init__(self) -> None:
        self.in_transaction: list[bool] = []
        self.meanwhile: Callable[[], Any] = lambda: None
        self.answers = True

    def __call__(self, *, name: str, id_number: str) -> Report:
        self.in_transaction.append(connection.in_atomic_block)
        self.meanwhile()
        if not self.answers:
            raise BureauUnavailable("TimeoutError")
        return Report(True, {"bureau_history_months": 60, "bureau_inquiries_6m": 1}, "0" * 64)


@pytest.fixture
def asking(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    settings.BUREAU_URL = "http://127.0.0.1:9"
    found = Asking()
    monkeypatch.setattr(bureau, "ask", found)
    return found


def taken_in(folder: Path) -> None:
    """One row of a file that names the person."""
    mapping = folder / "map.toml"
    mapping.write_text(
        MAPPING.read_text() + '\n[person]\nname = "Name"\nid_number = "IdNumber"\nphone = "Phone"\n', encoding="utf-8"
    )
    path = folder / "in.csv"
    path.write_text(f"{HEADER},Name,IdNumber,Phone\n{GOOD},王芳,{builders.resident_id(7)},13800138007\n", "utf-8")
    call_command("intake", str(path), product="consumer-installment", mapping=mapping, out=folder / "out.csv")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ["portal", "rest", "file"])
def test_every_door_asks_the_bureau_before_anything_is_locked(
    door: str, asking: Asking, otto: APIClient, tmp_path: Path
) -> None:
    if door == "portal":
        builders.submit(builders.application())
    elif door == "rest":
        assert apply(otto, {**ASKED, "person": person()}).status_code == 201
    else:
        taken_in(tmp_path)
    assert asking.in_transaction == [False]
    application, inquiry = Application.objects.get(), BureauInquiry.objects.get()
    assert (inquiry.application, inquiry.customer, inquiry.answered) == (application, application.customer, True)
    assert application.decisions.get().snapshot.sources["bureau_history_months"] == "bureau"


@pytest.mark.django_db
def test_a_replay_of_an_order_asks_nobody_again(asking: Asking, otto: APIClient) -> None:
    body = {**ASKED, "person": person()}
    first, second = apply(otto, body), apply(otto, body)
    assert first.json() == second.json()
    assert len(asking.in_transaction) == BureauInquiry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"installments": 7},
        {"currency": "USD"},
        {"facts": {"income_monthly": "-1"}},
        {"person": {**person(), "consents": ["identity"]}},
        {"person": {**person(), "id_number": "110105199003070020"}},
    ],
)
def test_what_is_refused_as_it_stands_is_not_asked_about(
    asking: Asking, otto: APIClient, change: dict[str, Any]
) -> None:
    assert 400 <= apply(otto, {**ASKED, "person": person(), **change}).status_code < 500
    assert asking.in_transaction == []
    assert Customer.objects.count() == BureauInquiry.objects.count() == 0


@pytest.mark.django_db
def test_a_known_person_and_a_known_reference_are_not_asked_about(asking: Asking, otto: APIClient) -> None:
    assert apply(otto, {**ASKED, "person": person(11), "reference": "ORDER-1"}, "the-first-key").status_code == 201
    known = apply(otto, {**ASKED, "person": person(11), "reference": "ORDER-2"}, "the-second-key")
    placed = apply(otto, {**ASKED, "person": person(12), "reference": "ORDER-1"}, "the-third-key")
    assert (known.json()["code"], placed.json()["code"]) == ("identity_already_known", "not_a_draft")
    assert len(asking.in_transaction) == Application.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("answers", [True, False])
def test_a_question_stays_on_record_when_the_application_is_refused_after_it(
    asking: Asking, otto: APIClient, answers: bool
) -> None:
    def placed_by_another_worker() -> None:
        Application.objects.create(
            customer=builders.identified_person("Bao"), product_version=builders.product("consumer-installment"),
            channel="api:otto-of-channels", external_reference="ORDER-1",
        )  # fmt: skip

    asking.answers, asking.meanwhile = answers, placed_by_another_worker
    refused = apply(otto, {**ASKED, "person": person(), "reference": "ORDER-1"}, "the-first-key")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_draft")
    assert not Person.objects.filter(id_number_index=BureauInquiry.objects.get().person_index).exists()
    asked = BureauInquiry.objects.get()
    assert (asked.answered, asked.application, asked.customer) == (answers, None, None)

    asking.meanwhile = lambda: None
    assert apply(otto, {**ASKED, "person": person(), "reference": "ORDER-2"}, "the-second-key").status_code == 201
    snapshot = Application.objects.get(external_reference="ORDER-2").snapshots.get()
    assert snapshot.facts.get("bureau_history_months") == (60 if answers else None)
    assert len(asking.in_transaction) == (1 if answers else 2)


@pytest.mark.django_db
def test_a_channels_customer_is_written_whole_with_her_history(otto: APIClient) -> None:
    assert apply(otto, {**ASKED, "person": person()}).status_code == 201
    application = Application.objects.get()
    customer = application.customer
    assert customer.status == Customer.Status.IDENTIFIED
    assert customer.person.name == person()["name"]
    assert customer.identity_checks.get().evidence["standard"] == "GB 11643-1999"
    assert set(customer.consents.values_list("purpose", "given")) == {(one, True) for one in person()["consents"]}
    assert [row.history_type for row in customer.history.order_by("history_id")] == ["+"]
    assert [row.status for row in application.history.order_by("history_id")] == [application.status]
    assert {row.history_user for row in application.history.all()} == {User.objects.get(username="otto-of-channels")}


@pytest.mark.django_db
def test_a_decision_takes_no_more_statements_than_it_must(otto: APIClient) -> None:
    builders.deciding_model(on=timezone.localdate())
    facts = {
        **ASKED["facts"], "debts": "0", "debt_service_monthly": "0", "residence_years": "3", "employment_years": 6,
        "records": "no", "bureau_inquiries_6m": 0, "bureau_open_loans": 0, "bureau_max_dpd_24m": 0,
        "bureau_history_months": 120, "income_monthly": "30000", "home_ownership": "owner", "employment_type": "public",
    }  # fmt: skip
    for number in (21, 22):  # the first one loads the model, the permissions and the templates
        body = {**ASKED, "facts": facts, "person": person(number)}
        with CaptureQueriesContext(connection) as captured:
            answer = apply(otto, body, f"a-key-of-the-channel-{number}")
        assert answer.json()["status"] == "offered", answer.json()
    statements = [query["sql"] for query in captured.captured_queries]
    assert len(statements) <= MOST_STATEMENTS, "\n".join(sql[:120] for sql in statements)
    assert sum(sql.startswith("INSERT") for sql in statements) >= 15


@pytest.mark.django_db
def test_a_page_of_applications_takes_as_many_statements_as_one(otto: APIClient) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = otto.get("/api/v1/applications").json()
        assert all(row["decision"]["reasons"] for row in page["results"])
        return len(captured)

    apply(otto, {**ASKED, "person": person(31)}, "a-key-of-one")
    alone = statements()
    for number in (32, 33):
        apply(otto, {**ASKED, "person": person(number)}, f"a-key-of-{number}")
    assert statements() == alone


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="an embedded database lets one write at a time")
def test_the_same_order_sent_twice_at_once_is_answered_alike(otto: APIClient) -> None:
    body, user = {**ASKED, "person": person()}, User.objects.get(username="otto-of-channels")
    found = at_once(lambda: apply(signed_in(user), body))
    assert {one.status_code for one in found} == {201}
    assert all(one.json() == found[0].json() for one in found)
    assert Application.objects.count() == Customer.objects.count() == 1
