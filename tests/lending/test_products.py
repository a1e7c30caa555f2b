"""A product is proposed by one person, published by another, and its terms never change again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from lending.products import standard
from lending.products.catalogue import offered
from lending.products.costs import quote
from lending.products.models import Product, ProductVersion
from lending.products.publishing import propose, publish
from lending.products.refusals import AlreadyPublished, NeedsAPerson, NotInForce, PublisherIsProposer, WrongFields
from lending.products.terms import terms_json
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions(staff):
    found = standard.install(proposed_by=staff.otto, published_by=staff.sun, on=TODAY)
    return {version.product.code: version for version in found}


def definition(**changes: object) -> dict[str, object]:
    return {**standard.PRODUCTS[0][1], **changes}


def a_product() -> Product:
    return Product.objects.create(code="new", name_zh="新产品", name_en="New")


def test_the_standard_products_are_in_force_and_installing_again_adds_nothing(versions, staff):
    assert set(versions) == {"consumer-installment", "business-principal", "short-bullet", "guaranteed-installment"}
    again = standard.install(proposed_by=staff.otto, published_by=staff.sun, on=TODAY + timedelta(days=9))
    assert {version.pk for version in again} == {version.pk for version in versions.values()}
    assert ProductVersion.objects.count() == 4
    assert ProductVersion.objects.in_force(TODAY).count() == 4
    assert not ProductVersion.objects.in_force(TODAY - timedelta(days=1)).exists()


def test_the_proposer_cannot_publish(staff):
    version = propose(a_product(), by=staff.otto, on=TODAY, **definition())
    with pytest.raises(PublisherIsProposer):
        publish(version, by=staff.otto, on=TODAY)
    with pytest.raises(NeedsAPerson):
        publish(version, by=None, on=TODAY)
    version.refresh_from_db()
    assert version.published_at is None
    assert not ProductVersion.objects.in_force(TODAY).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        ProductVersion.objects.filter(pk=version.pk).update(published_by=staff.otto, published_at="2026-01-01T00:00Z")


def test_publishing_twice_changes_nothing_and_another_person_is_told(staff):
    version = publish(propose(a_product(), by=staff.otto, on=TODAY, **definition()), by=staff.sun, on=TODAY)
    assert publish(version, by=staff.sun, on=TODAY).published_at == version.published_at
    with pytest.raises(AlreadyPublished):
        publish(version, by=staff.vera, on=TODAY)


def test_a_published_version_is_immutable_by_the_database(versions):
    version = versions["consumer-installment"]
    table = ProductVersion._meta.db_table
    for sql in (
        f"UPDATE {table} SET max_amount_minor = 1000000000 WHERE id = %s",
        f"DELETE FROM {table} WHERE id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [version.pk])
    version.max_amount_minor += 1
    with pytest.raises(DatabaseError), transaction.atomic():
        version.save()


def test_the_newest_version_whose_day_has_come_is_in_force(staff):
    product = a_product()
    first = publish(propose(product, by=staff.otto, on=TODAY, **definition()), by=staff.sun, on=TODAY)
    later = TODAY + timedelta(days=30)
    second = publish(
        propose(product, by=staff.otto, on=TODAY, effective_on=later, **definition()), by=staff.sun, on=TODAY
    )
    propose(product, by=staff.otto, on=TODAY, **definition(effective_on=later))
    assert offered("new", on=later - timedelta(days=1)) == first
    assert offered("new", on=later) == second
    product.active = False
    product.save()
    with pytest.raises(NotInForce):
        offered("new", on=later)


def test_an_unknown_product_is_refused_with_what_is_offered(versions):
    with pytest.raises(NotInForce) as refused:
        offered("no-such-thing", on=TODAY)
    assert "consumer-installment" in refused.value.messages[0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"decimals": 3}, "decimals"),
        ({"min_amount_minor": 0}, "min_amount_minor"),
        ({"min_amount_minor": -5}, "min_amount_minor"),
        ({"max_amount_minor": 99}, "max_amount_minor"),
        ({"max_amount_minor": 10**20}, "max_amount_minor"),
        ({"max_amount_minor": 200_000_01}, "max_amount_minor"),
        ({"installment_choices": []}, "installment_choices"),
        ({"installment_choices": [12, 6]}, "installment_choices"),
        ({"installment_choices": [0, 6]}, "installment_choices"),
        ({"installment_choices": [12, 72]}, "installment_choices"),
        ({"purposes": ["no-such-purpose"]}, "purposes"),
        ({"purposes": ["shopping", "securities"]}, "purposes"),
        ({"min_yearly_rate_percent": "-1"}, "min_yearly_rate_percent"),
        ({"max_yearly_rate_percent": "5"}, "max_yearly_rate_percent"),
        ({"max_yearly_rate_percent": "24.5"}, "max_yearly_rate_percent"),
        ({"penalty_multiple": "1.6"}, "penalty_multiple"),
        ({"offer_valid_days": 0}, "offer_valid_days"),
        ({"effective_on": TODAY - timedelta(days=1)}, "effective_on"),
        ({"terms": []}, "terms"),
        ({"terms": {**standard.monthly("equal_installment"), "repayment": {"method": "x"}}}, "terms.repayment.method"),
        ({"terms": {**standard.monthly("equal_installment"), "roundings": {}}}, "terms.roundings"),
        ({"terms": standard.monthly("interest_only")}, "installment_choices"),
        ({"fees": [{"code": "x"}]}, "fees[0].basis"),
        ({"fees": ["x"]}, "fees"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_by_field(staff, changes, field):
    product = a_product()
    with translation.override("en"), pytest.raises(WrongFields) as refused:
        propose(product, by=staff.otto, on=TODAY, **definition(**changes))
    assert field in refused.value.message_dict, refused.value.message_dict
    assert not product.versions.exists()


def test_a_fee_that_lifts_the_cost_above_the_cap_is_refused_with_the_law(staff):
    fee = {
        "code": "f",
        "name_zh": "费",
        "name_en": "Fee",
        "basis": "flat",
        "value": "100",
        "charged": "at_disbursement",
    }
    with translation.override("en"), pytest.raises(WrongFields) as refused:
        propose(a_product(), by=staff.otto, on=TODAY, **definition(fees=[fee]))
    (first, *_others) = refused.value.message_dict["max_yearly_rate_percent"]
    assert "above the cap of 24 %" in first
    assert "金规〔2025〕9号" in first


def test_the_textbook_loan_with_a_fee_taken_at_disbursement():
    fee = {
        "code": "f",
        "name_zh": "费",
        "name_en": "Fee",
        "basis": "percent_of_principal",
        "value": "10",
        "charged": "at_disbursement",
    }
    version = ProductVersion(product=Product(code="t"), version=1, **definition(fees=[fee]))
    found = quote(
        version, amount_minor=100_000_00, installments=36, yearly_rate_percent=Decimal(10), starts_on=date(2026, 1, 1)
    )
    shown = found.disclosure_json()
    assert (shown["irr_nominal_percent"], shown["irr_effective_percent"]) == ("17.40", "18.86")
    assert shown["total_fees"] == "10000.00"
    assert found.schedule_json()[1]["total"] == "3226.72"
    assert found.schedule_json()[0]["total"] == "13226.72"


def test_the_textbook_loan_of_twelve_months(versions):
    found = quote(
        versions["consumer-installment"],
        amount_minor=100_000_00,
        installments=12,
        yearly_rate_percent=Decimal("4.2"),
        starts_on=TODAY,
    )
    rows = found.schedule_json()
    assert [row["total"] for row in rows] == ["8524.13"] * 11 + ["8524.14"]
    assert found.disclosure_json()["total_interest"] == "2289.57"
    assert rows[-1]["balance"] == "0.00"
    assert found.disclosure_json()["irr_nominal_percent"] == "4.20"


def test_a_fee_with_every_installment_is_shown_in_every_row(versions):
    version = versions["consumer-installment"]
    version.fees = [
        {
            "code": "s",
            "name_zh": "服务费",
            "name_en": "Service",
            "basis": "percent_of_principal",
            "value": "0.5",
            "charged": "per_installment",
        }
    ]
    rows = quote(
        version, amount_minor=10_000_00, installments=3, yearly_rate_percent=Decimal(0), starts_on=TODAY
    ).schedule_json()
    assert [row["fees"] for row in rows] == ["50.00"] * 3
    assert [row["total"] for row in rows] == ["3383.33", "3383.33", "3383.34"]


def test_terms_are_complete_and_canonical(versions):
    terms = terms_json(
        versions["short-bullet"],
        amount_minor=5_000_00,
        installments=3,
        yearly_rate_percent=Decimal("12.5000"),
        starts_on=TODAY,
    )
    assert terms["principal"] == "5000.00"
    assert terms["rate"] == {"percent": "12.5", "per": "year"}
    assert terms["repayment"]["installments"] == 3
    assert terms["penalty"]["multiple"] == "1.5"
    assert terms["starts_on"] == "2026-09-14"


def test_history_says_who_published(versions):
    version = versions["short-bullet"]
    assert version.history.count() == 2
    assert version.history.first().published_by_id == version.published_by_id
