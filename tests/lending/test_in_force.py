"""What decisions go by is kept while nothing of it changes, and a change counts from the next decision on."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from customers.models import ConsentText
from lending.applications import stamps
from lending.applications.in_force import InForce, in_force
from lending.applications.models import Stamp
from lending.products.models import Product, ProductVersion
from lending.regulation.models import RuleParameter
from scoring import certification
from scoring.models import ModelVersion, Strategy
from tests import builders
from tests.cast import TODAY

pytestmark = pytest.mark.django_db

CODE = "consumer-installment"


@pytest.fixture
def version() -> ProductVersion:
    return builders.product(CODE)


def read_all(today: InForce) -> None:
    version = today.product(CODE)
    assert version is not None and today.rules(version) and today.consent_texts and today.scoring


def statements() -> int:
    with CaptureQueriesContext(connection) as captured:
        read_all(in_force(TODAY))
    return len(captured)


def test_what_has_not_changed_is_asked_for_in_one_statement(version: ProductVersion) -> None:
    builders.deciding_model()
    assert statements() > 1
    assert statements() == 1
    assert in_force(TODAY) is in_force(TODAY)
    assert in_force(TODAY + datetime.timedelta(days=1)) is not in_force(TODAY)


def by_hand(table: str, what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {what}")


CHANGES: dict[str, Callable[[], object]] = {
    "a product is no longer offered": lambda: Product.objects.filter(code=CODE).update(active=False),
    "words of a consent": lambda: ConsentText.objects.create(
        purpose="identity", version=99, required=True, text_zh="新", text_en="New", effective_on=TODAY
    ),
    "a rule": lambda: RuleParameter.objects.create(
        code="consumer_amount_max", jurisdiction="*", effective_on=TODAY, value="9", unit="CNY", citation="a correction"
    ),
    "a rule by hand": lambda: by_hand("regulation_ruleparameter", "citation = 'read again'"),
    "a model": lambda: ModelVersion.objects.update(status="certified"),
    "a strategy": lambda: Strategy.objects.create(
        version=9, rules={}, status="approved", effective_from=TODAY,
        maker=builders.officer("pia"), checker=builders.officer("paul"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_it_and_however_the_next_decision_sees_it(what: str, version: ProductVersion) -> None:
    builders.deciding_model()
    before = in_force(TODAY)
    read_all(before)
    CHANGES[what]()
    assert in_force(TODAY) is not before


def test_what_was_rolled_back_was_never_in_force(version: ProductVersion) -> None:
    before = in_force(TODAY)
    read_all(before)
    with transaction.atomic():
        Product.objects.filter(code=CODE).update(active=False)
        assert in_force(TODAY).product(CODE) is None
        transaction.set_rollback(True)
    assert in_force(TODAY) is before and before.product(CODE) == version


def test_a_model_that_is_retired_decides_no_more() -> None:
    model = builders.deciding_model()
    assert in_force(TODAY).scoring.models == (model,)
    certification.retire(model, fallback="people", by=builders.officer("cert-of-models"), on=TODAY)
    assert in_force(TODAY).scoring.models == ()


def test_without_every_stamp_nothing_is_kept(version: ProductVersion) -> None:
    Stamp.objects.filter(watched=stamps.WATCHED[0]._meta.db_table).delete()
    assert in_force(TODAY) is not in_force(TODAY)
    stamps.install()
    assert in_force(TODAY) is in_force(TODAY)


def test_every_change_is_another_word(version: ProductVersion) -> None:
    def word() -> str:
        return Stamp.objects.get(watched="products_product").value

    words = [word()]
    for active in (False, True, False):
        Product.objects.update(active=active)
        words.append(word())
    assert len(set(words)) == 4
