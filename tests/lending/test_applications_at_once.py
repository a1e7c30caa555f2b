"""Two at the same moment, on a database that lets two work at once: one wins, the other is told or gets the same."""

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from lending.applications import contracting, filling
from lending.applications.models import Application, Contract, Decision, Offer, Signature
from lending.applications.refusals import ApplicationAlreadyOpen
from tests import builders
from tests.cast import TODAY

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="an embedded database lets one write at a time"),
]


def at_once(act: Callable[[], Any], times: int = 4) -> list[Any]:
    """The results, or the exceptions, of an act that several threads begin together."""
    found: list[Any] = []
    gate = threading.Barrier(times)

    def run() -> None:
        gate.wait()
        try:
            found.append(act())
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_one_application_is_begun():
    ada, version = builders.identified_person(), builders.product()
    found = at_once(
        lambda: filling.start(customer=ada, product_version=version, channel="portal", by=ada.user, on=TODAY)
    )
    assert Application.objects.count() == 1
    assert sum(isinstance(one, Application) for one in found) == 1
    assert sum(isinstance(one, ApplicationAlreadyOpen) for one in found) == 3


def test_one_decision_is_made():
    draft = builders.application()
    found = at_once(lambda: builders.submit(Application.objects.get(pk=draft.pk)))
    assert {one.pk for one in found} == {Decision.objects.get().pk}


def test_one_officers_decision_stands_and_one_offer_is_made():
    draft = builders.application()
    builders.submit(draft)
    otto = builders.officer("otto")
    found = at_once(
        lambda: builders.approve(Application.objects.get(pk=draft.pk), by=otto, amount_minor=5_000_00, installments=6)
    )
    assert len({one.pk for one in found}) == 1
    assert Offer.objects.count() == 1


def test_one_contract_is_drawn_up_and_signed_once():
    offer = builders.offered()
    contracts = at_once(lambda: contracting.draw_up(offer, language="en", on=TODAY))
    assert {one.pk for one in contracts} == {Contract.objects.get().pk}
    contract, user = contracts[0], offer.application.customer.user
    on = TODAY + datetime.timedelta(days=1)
    found = at_once(
        lambda: contracting.sign(contract, sha256=contract.sha256, disclosure_confirmed=True, by=user, on=on)
    )
    assert {one.pk for one in found} == {Signature.objects.get().pk}
