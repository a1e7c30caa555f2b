"""From the decision to the signature: the officer's word, the offer, the contract and who may sign which bytes."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from customers.models import User
from lending.applications import contracting, decision, offering
from lending.applications.models import Application, Contract, Decision, Offer, Signature
from lending.applications.refusals import (
    AlreadySigned,
    ApplicationAlreadyOpen,
    DigestMismatch,
    DisclosureUnread,
    NoOffer,
    NotAnOfficer,
    NotDeclined,
    NotReferred,
    NotYours,
    OfferExpired,
    OfferSuperseded,
    OwnApplication,
    ReviewerDecidedBefore,
)
from lending.applications.review import send_to_review
from lending.applications.withdrawal import expire_offers, withdraw
from lending.finance.terms import Terms
from lending.products.refusals import WrongFields
from lending.regulation.models import RuleParameter
from tests import builders
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def referred() -> Application:
    draft = builders.application()
    builders.submit(draft)
    draft.refresh_from_db()
    return draft


def decide(application: Application, by: User, **changes: object) -> Decision:
    plain: dict[str, object] = {
        "outcome": "approve",
        "amount_minor": 10_000_00,
        "installments": 6,
        "yearly_rate_percent": Decimal("12"),
        "reason_code": "INCOME_VERIFIED",
        "note": "Seen.",
        "on": TODAY,
    }
    return decision.decide_by_officer(application, by=by, **{**plain, **changes})  # type: ignore[arg-type]


# --- the officer ----------------------------------------------------------------------------------------------------


def test_an_officer_approves_within_the_bounds_and_an_offer_is_made(referred, staff):
    found = decide(referred, staff.otto)
    referred.refresh_from_db()
    offer = referred.offers.get()
    assert (found.by, found.outcome, referred.status) == (staff.otto, "approve", "offered")
    assert (offer.amount_minor, offer.installments, offer.decision) == (10_000_00, 6, found)
    assert found.reasons[0]["text_zh"] == "收入经人工核实。"
    assert decide(referred, staff.otto) == found
    assert referred.decisions.count() == 2


def test_an_officer_declines_with_reasons_for_the_customer(referred, staff):
    found = decide(
        referred, staff.otto, outcome="decline", reason_code="DEBT_TOO_HIGH", amount_minor=None, installments=None
    )
    referred.refresh_from_db()
    assert (found.outcome, referred.status, found.limit_minor) == ("decline", "declined", None)
    assert not referred.offers.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_minor": 999_99}, "amount_minor"),
        ({"amount_minor": 12_000_01}, "amount_minor"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"amount_minor": 10**20}, "amount_minor"),
        ({"amount_minor": None}, "amount_minor"),
        ({"installments": 7}, "installments"),
        ({"installments": None}, "installments"),
        ({"yearly_rate_percent": Decimal("7.1")}, "yearly_rate_percent"),
        ({"yearly_rate_percent": Decimal("21.7")}, "yearly_rate_percent"),
        ({"yearly_rate_percent": Decimal("NaN")}, "yearly_rate_percent"),
        ({"yearly_rate_percent": Decimal("12.00001")}, "yearly_rate_percent"),
        ({"outcome": "refer"}, "outcome"),
        ({"reason_code": "DEBT_TOO_HIGH"}, "reason_code"),
        ({"reason_code": "BECAUSE"}, "reason_code"),
        ({"note": "  "}, "note"),
    ],
)
def test_what_an_officer_may_not_decide_is_refused_by_field(referred, staff, changes, field):
    with pytest.raises(WrongFields) as refused:
        decide(referred, staff.otto, **changes)
    assert field in refused.value.message_dict
    referred.refresh_from_db()
    assert (referred.status, referred.decisions.count()) == ("referred", 1)


def test_an_officer_is_held_to_the_law_of_the_day(referred, staff):
    RuleParameter.objects.create(
        code="all_in_rate_max_percent", licence="consumer_finance", effective_on=TODAY, value="11", citation="新规第3条"
    )
    with pytest.raises(WrongFields) as refused:
        decide(referred, staff.otto)
    assert "新规第3条" in refused.value.message_dict["yearly_rate_percent"][0]


def test_nobody_decides_his_own_application_and_only_staff_decides(referred, staff):
    referred.customer.user.is_staff = True
    referred.customer.user.save()
    with pytest.raises(OwnApplication):
        decide(referred, referred.customer.user)
    for nobody in (None, builders.identified_person("Bao").user):
        with pytest.raises(NotAnOfficer):
            decide(referred, nobody)
    referred.refresh_from_db()
    assert (referred.status, referred.decisions.count()) == ("referred", 1)


def test_only_a_referred_application_is_decided(referred, staff):
    decide(referred, staff.otto)
    with pytest.raises(NotReferred):
        decide(referred, staff.sun)
    draft = builders.application(builders.identified_person("Bao"))
    with pytest.raises(NotReferred):
        decide(draft, staff.otto)


@pytest.mark.parametrize(
    ("recommended", "changes", "override"),
    [
        (("approve", 10_000_00, "12", 12), {}, False),
        (("approve", 9_000_00, "12", 12), {}, True),
        (("approve", 10_000_00, "12.5", 12), {}, True),
        (("approve", 10_000_00, "12", 3), {}, True),
        (("refer", 10_000_00, "12", 12), {}, False),
        (("decline", 10_000_00, "12", 12), {}, True),
        (("approve", 10_000_00, "12", 12), {"outcome": "decline", "reason_code": "DEBT_TOO_HIGH"}, True),
        (("decline", 0, None, 0), {"outcome": "decline", "reason_code": "DEBT_TOO_HIGH"}, False),
    ],
)
def test_going_against_the_recommendation_is_marked(referred, staff, recommended, changes, override):
    outcome, limit, rate, most = recommended
    kept = {"outcome": outcome, "limit_minor": limit, "yearly_rate_percent": rate, "max_installments": most}
    first = referred.decisions.get()
    Decision.objects.create(
        application=referred,
        snapshot=first.snapshot,
        outcome="refer",
        reasons=first.reasons,
        rules={"recommendation": kept},
        decided_on=TODAY,
    )
    assert decide(referred, staff.otto, **changes).override is override


def test_a_declined_application_is_reviewed_by_somebody_else_at_the_customers_wish(referred, staff):
    customer = referred.customer
    decide(referred, staff.otto, outcome="decline", reason_code="DEBT_TOO_HIGH", amount_minor=None, installments=None)
    for _ in range(2):
        send_to_review(referred, by=customer.user, on=TODAY)
    assert referred.status == "referred"
    assert referred.history.filter(status="referred").count() == 2
    with pytest.raises(ReviewerDecidedBefore):
        decide(referred, staff.otto)
    assert decide(referred, staff.sun).outcome == "approve"
    assert [found.outcome for found in referred.decisions.order_by("pk")] == ["refer", "decline", "approve"]
    with pytest.raises(NotDeclined):
        send_to_review(referred, by=customer.user, on=TODAY)


def test_no_review_beside_another_open_application_and_none_for_strangers(referred, staff):
    decide(referred, staff.otto, outcome="decline", reason_code="DEBT_TOO_HIGH", amount_minor=None, installments=None)
    with pytest.raises(NotYours):
        send_to_review(referred, by=builders.identified_person("Bao").user, on=TODAY)
    builders.application(referred.customer)
    with pytest.raises(ApplicationAlreadyOpen):
        send_to_review(referred, by=referred.customer.user, on=TODAY)
    referred.refresh_from_db()
    assert referred.status == "declined"


# --- the offer ------------------------------------------------------------------------------------------------------


def test_an_offer_freezes_terms_schedule_and_whole_cost():
    offer = builders.offered()
    terms = Terms.from_json(offer.terms)
    assert terms.to_json() == offer.terms
    assert (terms.principal, terms.rate.percent, terms.repayment.installments) == (
        Decimal("12000.00"),
        Decimal("12"),
        12,
    )
    assert terms.starts_on == TODAY
    assert [row["total"] for row in offer.schedule[:2]] == ["1066.19", "1066.19"]
    assert offer.schedule[-1]["balance"] == "0.00"
    assert offer.schedule[0]["due_on"] == "2026-10-14"
    assert sum(Decimal(row["principal"]) for row in offer.schedule) == 12000
    repaid = sum(Decimal(row["total"]) for row in offer.schedule)
    sheet = offer.disclosure
    assert Decimal(sheet["total_repayable"]) == repaid == 12000 + Decimal(sheet["total_interest"])
    assert (sheet["irr_nominal_percent"], sheet["irr_effective_percent"]) == ("12.00", "12.68")
    assert offer.expires_on == TODAY + timedelta(days=14)
    with pytest.raises(DatabaseError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(amount_minor=1)


def test_a_fee_at_disbursement_is_in_the_offer_and_in_its_rate():
    draft = builders.application(code="guaranteed-installment")
    offer = builders.offered(draft)
    assert offer.fees[0]["total_minor"] == 360_00
    assert offer.schedule[0]["fees"] == "360.00"
    assert Decimal(offer.disclosure["total_cost"]) == Decimal(offer.disclosure["total_interest"]) + 360
    assert Decimal(offer.disclosure["irr_nominal_percent"]) > 17


@pytest.mark.parametrize("code", ["consumer-installment", "short-bullet", "guaranteed-installment"])
def test_what_is_offered_is_what_the_books_will_say(code):
    from lending.finance.events import Event
    from lending.finance.replay import replay
    from lending.products.fees import events

    offer = builders.offered(builders.application(code=code))
    booked = [
        Event(on=TODAY, type="approve", amount=Decimal(12000)),
        Event(on=TODAY, type="disburse", amount=Decimal(12000)),
        *events(offer.fees, on=TODAY, decimals=2),
    ]
    rows = replay(Terms.from_json(offer.terms), booked, TODAY).installments
    keys = ("number", "due_on", "principal", "interest", "fees", "total", "balance")
    assert [{key: str(getattr(row, key)) for key in keys} for row in rows] == [
        {key: str(row[key]) for key in keys} for row in offer.schedule
    ]


def test_the_customer_may_take_less():
    offer = builders.offered(amount_minor=10_000_00)
    smaller = offering.reduce(
        offer, amount_minor=5_000_00, installments=6, by=offer.application.customer.user, on=TODAY
    )
    assert (smaller.amount_minor, smaller.installments, smaller.expires_on) == (5_000_00, 6, offer.expires_on)
    assert smaller.yearly_rate_percent == offer.yearly_rate_percent
    same = offering.reduce(smaller, amount_minor=5_000_00, installments=6, by=None, on=TODAY)
    assert same == smaller
    with pytest.raises(OfferSuperseded):
        offering.reduce(offer, amount_minor=4_000_00, installments=6, by=None, on=TODAY)
    again = offering.reduce(smaller, amount_minor=10_000_00, installments=12, by=None, on=TODAY)
    assert again.amount_minor == 10_000_00


@pytest.mark.parametrize(
    ("amount_minor", "installments", "field"),
    [(10_000_01, 12, "amount_minor"), (999_99, 12, "amount_minor"), (-5, 12, "amount_minor"),
     (5_000_00, 24, "installments"), (5_000_00, 5, "installments"), (True, 12, "amount_minor")],
)  # fmt: skip
def test_more_than_was_approved_is_refused(amount_minor, installments, field):
    offer = builders.offered(amount_minor=10_000_00)
    with pytest.raises(WrongFields) as refused:
        offering.reduce(offer, amount_minor=amount_minor, installments=installments, by=None, on=TODAY)
    assert field in refused.value.message_dict
    assert Offer.objects.count() == 1


def test_fewer_and_higher_installments_must_stay_affordable():
    draft = builders.application(amount="50000", installments=36, income_monthly="6000", expenses_monthly="3000")
    offer = builders.offered(draft)
    with pytest.raises(WrongFields) as refused:
        offering.reduce(offer, amount_minor=50_000_00, installments=3, by=None, on=TODAY)
    assert "installments" in refused.value.message_dict
    assert offering.reduce(offer, amount_minor=50_000_00, installments=24, by=None, on=TODAY).installments == 24


def test_offers_expire_on_the_day_after_their_last():
    offer = builders.offered()
    assert expire_offers(offer.expires_on) == 0
    assert expire_offers(offer.expires_on + timedelta(days=1)) == 1
    assert expire_offers(offer.expires_on + timedelta(days=1)) == 0
    offer.application.refresh_from_db()
    assert offer.application.status == "expired"
    assert builders.application(offer.application.customer).status == "draft"


def test_an_example_says_what_it_costs_and_whether_it_fits():
    version = builders.product()
    found = offering.example(
        version,
        amount_minor=12_000_00,
        installments=12,
        on=TODAY,
        income_monthly=Decimal(4000),
        expenses_monthly=Decimal(1500),
        debt_service_monthly=Decimal(0),
    )
    assert (found["from"]["irr_nominal_percent"], found["to"]["irr_nominal_percent"]) == ("7.20", "21.60")
    assert found["affordable"] is True
    assert len(found["schedule"]) == 12
    assert found["room_minor"] == 2000_00
    poor = offering.example(
        version,
        amount_minor=12_000_00,
        installments=12,
        on=TODAY,
        income_monthly=Decimal(2000),
        expenses_monthly=Decimal(1500),
    )
    assert poor["affordable"] is False
    income = {"income_monthly": Decimal(4000), "expenses_monthly": Decimal(1500)}
    for known in ({}, income):
        unsaid = offering.example(version, amount_minor=12_000_00, installments=12, on=TODAY, **known)
        assert unsaid["affordable"] is None, "who has not said what she repays is not told that it fits"
    with pytest.raises(WrongFields) as refused:
        offering.example(version, amount_minor=-1, installments=7, on=TODAY)
    assert set(refused.value.message_dict) == {"amount", "installments"}
    assert not Application.objects.exists()


# --- the contract ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", ["consumer-installment", "short-bullet", "guaranteed-installment"])
def test_the_contract_says_everything_that_is_owed(code, language):
    offer = builders.offered(builders.application(code=code))
    with translation.override("zh-hans" if language == "en" else "en"):
        contract = contracting.draw_up(offer, language=language, on=TODAY)
    text, sheet = contract.text, offer.disclosure
    assert contract.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert text.endswith("\n")
    for figure in (sheet["irr_nominal_percent"], sheet["irr_effective_percent"], sheet["yearly_rate_nominal_percent"]):
        assert f"{figure} %" in text or f"{figure}%" in text
    for row in offer.schedule:
        assert row["due_on"] in text
        assert f"{Decimal(row['total']):,}" in text
    assert f"{Decimal(sheet['total_repayable']):,}" in text
    multiple = Decimal(sheet["penalty_multiple"])
    assert f"{(12 * multiple).normalize():f}" in text
    assert "Ada Lovelace" in text
    assert offer.application.customer.person.id_number not in text
    assert "银发〔2003〕251号" in text
    assert "反洗钱法" in text
    assert all("  \n" not in text and mark not in text for mark in ("{{", "{%", "None", "&#"))
    if offer.fees:
        assert ("Guarantee fee: ¥360.00" if language == "en" else "融资担保费：360.00元") in text


def test_drawing_up_again_gives_the_same_text():
    offer = builders.offered()
    first = contracting.draw_up(offer, language="en", on=TODAY)
    assert contracting.draw_up(offer, language="zh-hans", on=TODAY + timedelta(days=3)) == first
    assert Contract.objects.count() == 1


def test_the_text_is_encrypted_at_rest():
    from django.db import connection

    contract = contracting.draw_up(builders.offered(), language="en", on=TODAY)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM {Contract._meta.db_table} WHERE id = %s", [contract.pk])
        assert "Ada Lovelace" not in cursor.fetchone()[0]


def sign(contract: Contract, **changes: object) -> Signature:
    plain: dict[str, object] = {
        "sha256": contract.sha256,
        "disclosure_confirmed": True,
        "by": contract.offer.application.customer.user,
        "on": TODAY,
    }
    return contracting.sign(contract, **{**plain, **changes})  # type: ignore[arg-type]


def test_signing_once_and_again():
    offer = builders.offered()
    contract = contracting.draw_up(offer, language="en", on=TODAY)
    signature = sign(contract)
    offer.application.refresh_from_db()
    assert (offer.application.status, signature.method, signature.sha256) == ("signed", "portal", contract.sha256)
    assert sign(contract, on=TODAY + timedelta(days=100)) == signature
    with pytest.raises(AlreadySigned):
        offering.reduce(offer, amount_minor=5_000_00, installments=6, by=None, on=TODAY)


def test_what_cannot_be_signed():
    offer = builders.offered()
    contract = contracting.draw_up(offer, language="en", on=TODAY)
    bao = builders.identified_person("Bao")
    refused: list[tuple[type[Exception], dict[str, object]]] = [
        (DigestMismatch, {"sha256": "0" * 64}),
        (DigestMismatch, {"sha256": contract.sha256.upper()}),
        (DigestMismatch, {"sha256": "签"}),
        (DisclosureUnread, {"disclosure_confirmed": False}),
        (DisclosureUnread, {"disclosure_confirmed": "on"}),
        (OfferExpired, {"on": offer.expires_on + timedelta(days=1)}),
        (NotYours, {"by": bao.user}),
        (NotYours, {"by": builders.officer()}),
        (NotYours, {"by": None}),
    ]
    for why, changes in refused:
        with pytest.raises(why):
            sign(contract, **changes)
    offer.application.refresh_from_db()
    assert (offer.application.status, Signature.objects.count()) == ("offered", 0)
    assert sign(contract, on=offer.expires_on)


def test_a_superseded_or_withdrawn_offer_is_neither_drawn_up_nor_signed():
    offer = builders.offered()
    contract = contracting.draw_up(offer, language="en", on=TODAY)
    smaller = offering.reduce(offer, amount_minor=5_000_00, installments=6, by=None, on=TODAY)
    with pytest.raises(OfferSuperseded):
        sign(contract)
    withdraw(offer.application, by=offer.application.customer.user, on=TODAY)
    with pytest.raises(NoOffer):
        contracting.draw_up(smaller, language="en", on=TODAY)


def test_the_year_of_a_leap_day_is_dated_right():
    offer = builders.offered(builders.application(on=date(2028, 1, 31)), on=date(2028, 1, 31))
    assert [row["due_on"] for row in offer.schedule[:3]] == ["2028-02-29", "2028-03-31", "2028-04-30"]
