"""Every address stands in the permission table, answers as the table says, and lets Mallory change nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponseBase
from django.test import Client

from customers.models import User
from lending.loans.models import BankCallback
from tests.cast import Staff
from tests.house import permissions
from tests.house.urls import Address, every_address, sample
from tests.lending import desk_world
from tests.lending.desk_world import World

OURS = {
    "customers",
    "scoring",
    "regulation",
    "products",
    "applications",
    "ledger",
    "loans",
    "repayments",
    "servicing",
    "collections",
    "compliance",
}
SIGN_IN = {"/admin/login/", "/accounts/login/"}


def test_every_address_stands_in_the_table() -> None:
    missing = [
        a.name
        for a in every_address()
        if not a.name.startswith("unnamed admin/") and permissions.allowed(a.name) is None
    ]
    assert missing == []


def test_the_table_names_no_address_that_is_gone() -> None:
    names = {address.name for address in every_address()}
    assert set(permissions.ADDRESSES) - names == set()
    models = {model for model in permissions.DESK_VIEWERS if f"admin:{model}_changelist" not in names}
    assert {model for model in models if not model.startswith("scoring_")} == set()


@pytest.fixture
def world(staff: Staff) -> World:
    return desk_world.build(staff.otto, staff.sun)


@pytest.fixture
def actors(world: World, staff: Staff) -> dict[str, User | None]:
    return {"anonymous": None, "ada": world.ada.user, "otto": staff.otto, "cora": staff.cora, "mallory": staff.mallory}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["anonymous", "ada", "otto", "cora", "mallory"])
def test_everybody_may_open_exactly_what_the_table_says(
    name: str, world: World, actors: dict[str, User | None]
) -> None:
    wrong: list[str] = []
    client, last = None, ""
    for address, url, may in _addresses(world):
        client = _client(actors[name]) if client is None or "logout" in last or "password" in last else client
        last = address.name
        answer = client.get(url)
        if answer.status_code == 405:
            answer = client.post(url)
        if name in may:
            right = answer.status_code < 500 and (not _refused(answer) or answer.status_code == 404)
        else:
            right = _refused(answer) or _led_away(answer)
        if not right:
            wrong.append(f"{address.name} {url}: {answer.status_code} {getattr(answer, 'url', '')}")
    assert wrong == []


@pytest.mark.django_db
def test_mallory_changes_nothing_whatever_she_posts(world: World, actors: dict[str, User | None]) -> None:
    wrong = []
    client = _client(actors["mallory"])
    before = _counts()
    for address, url, may in _addresses(world):
        if "mallory" in may:
            continue
        answer = client.post(url, {"reason": "x", "outcome": "decline", "term": "1", "_save": "1"})
        if not _refused(answer) and not _led_away(answer):
            wrong.append(f"{address.name} {url}: {answer.status_code}")
    assert wrong == []
    assert _counts() == before


def _addresses(world: World) -> Iterator[tuple[Address, str, permissions.Actors]]:
    for address in every_address():
        may = permissions.allowed(address.name)
        url = sample(address, world)
        if may is not None and url:
            yield address, url, may


def _client(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _refused(answer: HttpResponseBase) -> bool:
    if answer.status_code in (301, 302):
        return getattr(answer, "url", "").split("?")[0] in SIGN_IN
    return answer.status_code in (401, 403, 404, 405)


def _led_away(answer: HttpResponseBase) -> bool:
    """The desk leads away from the page of a row that does not exist, before it asks who wants to see it."""
    return answer.status_code == 302 and getattr(answer, "url", "") == "/admin/"


def _counts() -> dict[str, Any]:
    """Rows per table: a change of a row with a history adds a row of history. What anybody sends in the bank's name is
    kept, as refused."""
    accepted = BankCallback.objects.filter(accepted=True).count()
    return {"loans.BankCallback": accepted} | {
        model._meta.label: model._base_manager.count()
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        if model is not BankCallback
    }
