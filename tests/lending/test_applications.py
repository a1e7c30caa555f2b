"""From the first answer to the automatic decision: one customer, one open application, one decision with its
reasons.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from customers import consents
from customers.consents import ConsentMissing
from customers.models import Customer, Notice
from lending.applications import assignment, decision, facts, filling, submission
from lending.applications.models import Application, Decision, FactsSnapshot
from lending.applications.refusals import (
    ApplicationAlreadyOpen,
    ApplicationClosed,
    CustomerBlocked,
    NotADraft,
    NotForThisCustomer,
    NotIdentified,
    NotYours,
)
from lending.applications.withdrawal import withdraw
from lending.products.refusals import WrongFields
from lending.regulation.models import RuleParameter
from scoring import assessment
from scoring.assessment import Assessment
from scoring.models import Score
from scoring.reasons import Reason
from tests import builders
from tests.cast import TODAY

pytestmark = pytest.mark.django_db

FAVOURABLE = Reason("INCOME", "您的月收入较高。", "Your monthly income is comfortable.", "favourable", "income_monthly")
ADVERSE = Reason("DEBT", "您的现有负债相对收入偏高。", "Your present debts are high for your income.", feature="debts")


def recommended(outcome: str, **changes: object) -> Assessment:
    plain: dict[str, object] = {
        "score": None,
        "recommendation": outcome,
        "reasons": (FAVOURABLE,) if outcome == "approve" else (ADVERSE,),
        "limit_minor": 50_000_00,
        "yearly_rate_percent": Decimal("12.00"),
        "max_installments": 36,
        "model_version": None,
        "strategy_version": None,
    }
    return Assessment(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.fixture
def says(monkeypatch):
    """Let scoring recommend what a test says; remembers what it was asked."""
    asked: list[SimpleNamespace] = []

    def saying(outcome: str, **changes: object) -> list[SimpleNamespace]:
        def assess(**question: object) -> Assessment:
            asked.append(SimpleNamespace(**question))
            return recommended(outcome, **changes)

        monkeypatch.setattr(assessment, "assess", assess)
        return asked

    return saying


def wrong(draft: Application, **answers: object) -> dict[str, list[str]]:
    with translation.override("en"):
        with pytest.raises(WrongFields) as refused:
            filling.answer(draft, answers=answers, by=draft.customer.user, on=TODAY)
        return {name: [str(text) for text in texts] for name, texts in refused.value.message_dict.items()}


# --- answering ------------------------------------------------------------------------------------------------------


def test_answers_are_kept_step_by_step_and_can_be_taken_back():
    ada = builders.identified_person()
    draft = filling.start(customer=ada, product_version=builders.product(), channel="portal", by=ada.user, on=TODAY)
    filling.answer(draft, answers={"amount": "12,000.50", "installments": "12"}, by=ada.user, on=TODAY)
    filling.answer(
        draft,
        answers={"income_monthly_minor": 1_234_567, "purpose": "travel", "currency": "CNY"},
        by=ada.user,
        on=TODAY,
    )
    filling.answer(draft, answers={"employed_since": date(2020, 9, 14), "debts": 5}, by=ada.user, on=TODAY)
    filling.answer(draft, answers={"debts": None}, by=ada.user, on=TODAY)
    assert (draft.amount_minor, draft.installments, draft.purpose) == (12_000_50, 12, "travel")
    assert draft.answers == {"income_monthly": "12345.67", "employment_years": "6.0"}
    assert draft.history.count() == 5


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("amount", "-5", "from 1,000.00 to 200,000.00 CNY"),
        ("amount", "0", "from 1,000.00 to 200,000.00 CNY"),
        ("amount", "99999999999999999999", "from 1,000.00 to 200,000.00 CNY"),
        ("amount", "1e30", "from 1,000.00 to 200,000.00 CNY"),
        ("amount", "NaN", "in figures"),
        ("amount", "a lot", "in figures"),
        ("amount", True, "in figures"),
        ("amount", "1000.005", "2 decimals"),
        ("amount_minor", 99_999, "from 1,000.00"),
        ("amount_minor", 10**20, "to 200,000.00"),
        ("currency", "USD", "CNY"),
        ("installments", 7, "3, 6, 9, 12"),
        ("installments", "-12", "3, 6, 9, 12"),
        ("installments", "12.5", "3, 6, 9, 12"),
        ("purpose", "rocket", "consumption, shopping"),
        ("purpose", "securities", "may not be used for that purpose"),
        ("income_monthly", "-1", "from 0"),
        ("income_monthly", "12345678901234567890", "1,000,000,000,000"),
        ("income_monthly", ["12"], "from 0"),
        ("income_monthly_minor", "1.5", "2 decimals"),
        ("employment_type", "astronaut", "salaried"),
        ("employment_years", 81, "0 to 80"),
        ("employed_since", "2026-02-30", "exists"),
        ("employed_since", "2026-09-15", "1900-01-01 to 2026-09-14"),
        ("employed_since", "1899-12-31", "1900-01-01 to 2026-09-14"),
        ("bureau_max_dpd_24m", 0, "do not ask"),
        ("age_years", 30, "do not ask"),
        ("favourite_colour", "red", "do not know"),
    ],
)
def test_an_answer_that_cannot_be_right_names_what_would_be(name, value, right):
    draft = builders.application()
    before = (draft.amount_minor, draft.installments, draft.purpose, dict(draft.answers))
    told = wrong(draft, **{name: value, "dependants": 2})
    assert list(told) == [name]
    assert right in told[name][0]
    draft.refresh_from_db()
    assert (draft.amount_minor, draft.installments, draft.purpose, draft.answers) == before


def test_every_wrong_answer_is_named_at_once():
    assert set(wrong(builders.application(), amount="-1", installments=5, purpose="x")) == {
        "amount",
        "installments",
        "purpose",
    }


def test_a_channel_may_pass_on_what_an_applicant_may_not_state():
    draft = builders.application(
        channel="partner:shop", records="yes", bureau_max_dpd_24m="30", marital_status="married"
    )
    assert draft.answers["records"] is True
    assert draft.answers["bureau_max_dpd_24m"] == 30
    _known, sources = facts.gather(draft, TODAY)
    assert sources["records"] == "partner:shop"
    assert "protected" in sources["marital_status"]


def test_a_second_application_while_one_is_open_is_refused_by_name_and_by_the_database():
    first = builders.application()
    with translation.override("en"), pytest.raises(ApplicationAlreadyOpen) as refused:
        builders.application(first.customer)
    assert str(first) in refused.value.messages[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(customer=first.customer, product_version=first.product_version)
    withdraw(first, by=first.customer.user, on=TODAY)
    assert builders.application(first.customer).pk != first.pk


def test_the_same_reference_of_a_channel_gives_the_first_application():
    ada, version = builders.identified_person(), builders.product()
    first, again = (
        filling.start(customer=ada, product_version=version, channel="shop", external_reference="7", by=None, on=TODAY)
        for _ in range(2)
    )
    assert first == again


def test_a_blocked_customer_and_a_product_for_others_are_refused():
    ada = builders.identified_person()
    with pytest.raises(NotForThisCustomer):
        builders.application(ada, code="business-principal")
    Customer.objects.filter(pk=ada.pk).update(status="blocked")
    ada.refresh_from_db()
    with pytest.raises(CustomerBlocked):
        builders.application(ada)


def test_bao_can_do_nothing_with_adas_application():
    draft, bao = builders.application(), builders.identified_person("Bao")
    with pytest.raises(NotYours):
        filling.answer(draft, answers={"amount": "5000"}, by=bao.user, on=TODAY)
    with pytest.raises(NotYours):
        submission.submit(draft, by=bao.user, on=TODAY)
    with pytest.raises(NotYours):
        withdraw(draft, by=bao.user, on=TODAY)
    with pytest.raises(NotYours):
        filling.start(
            customer=draft.customer, product_version=draft.product_version, channel="portal", by=bao.user, on=TODAY
        )
    draft.refresh_from_db()
    assert (draft.status, draft.amount_minor) == ("draft", 12_000_00)


# --- submitting -----------------------------------------------------------------------------------------------------


def test_an_unidentified_customer_is_told_what_to_do_first():
    draft = builders.application()
    Customer.objects.filter(pk=draft.customer_id).update(status="registered")
    with pytest.raises(NotIdentified):
        builders.submit(draft)
    assert not FactsSnapshot.objects.exists()


@pytest.mark.parametrize("purpose", ["identity", "credit_report"])
def test_a_missing_or_withdrawn_consent_refuses(purpose):
    draft = builders.application()
    consents.withdraw(draft.customer, purpose=purpose, channel="portal", by=draft.customer.user, on=TODAY)
    with pytest.raises(ConsentMissing):
        builders.submit(draft)
    draft.refresh_from_db()
    assert (draft.status, Decision.objects.count(), FactsSnapshot.objects.count()) == ("draft", 0, 0)


def test_without_consent_to_automated_decisions_a_person_decides_and_nothing_is_scored(says):
    asked = says("decline")
    draft = builders.application(builders.identified_person(without=("automated_decision",)))
    found = builders.submit(draft)
    assert found.outcome == "refer"
    assert found.reasons[0]["code"] == "NO_CONSENT_TO_AUTOMATED_DECISION"
    assert not asked
    assert not Score.objects.exists()


def test_unanswered_questions_are_named():
    ada = builders.identified_person()
    draft = filling.start(customer=ada, product_version=builders.product(), channel="portal", by=ada.user, on=TODAY)
    with pytest.raises(WrongFields) as refused:
        builders.submit(draft)
    assert set(refused.value.message_dict) == {"amount", "installments", "purpose"}


def test_an_approval_makes_the_offer_in_the_same_transaction(says):
    says("approve")
    draft = builders.application()
    found = builders.submit(draft)
    draft.refresh_from_db()
    assert (found.outcome, draft.status) == ("approve", "offered")
    assert (found.limit_minor, found.installments, found.yearly_rate_percent) == (50_000_00, 12, Decimal("12.00"))
    offer = draft.offers.get()
    assert (offer.amount_minor, offer.installments) == (12_000_00, 12)
    assert draft.submitted_on == TODAY
    assert draft.submitted_at
    assert draft.decided_at
    assert found.took_ms >= 1
    assert Notice.objects.get(customer=draft.customer, kind="application_approved").subject_id == str(draft.public_id)


def test_the_snapshot_is_frozen_with_sources_and_digest(says):
    says("approve")
    draft = builders.application()
    snapshot = builders.submit(draft).snapshot
    assert snapshot.facts["income_monthly"] == "12000.00"
    assert snapshot.facts["requested_amount"] == "12000.00"
    assert snapshot.facts["age_years"] == 36
    assert snapshot.facts["prior_loans_with_us"] == 0
    assert snapshot.sources["income_monthly"] == "applicant"
    assert snapshot.sources["age_years"] == "identity (protected: never scored)"
    assert snapshot.sha256 == facts.digest(json.loads(json.dumps(snapshot.facts)), snapshot.sources)
    assert draft.customer.person.id_number not in json.dumps(snapshot.facts)
    with pytest.raises(DatabaseError), transaction.atomic():
        FactsSnapshot.objects.filter(pk=snapshot.pk).update(sha256="0" * 64)


def test_scoring_is_asked_with_facts_identifiers_and_bounds(says):
    asked = says("approve")
    draft = builders.application()
    builders.submit(draft)
    (question,) = asked
    assert question.subject == str(draft.public_id)
    assert question.customer == str(draft.customer.public_id)
    assert question.facts["identifiers"]["identity"] == draft.customer.person.id_number
    assert "device" not in question.facts["identifiers"]
    assert question.request.max_amount_minor == 200_000_00
    assert question.request.allowed_installments[:3] == (3, 6, 9)


def test_the_limit_of_the_law_bounds_what_scoring_may_recommend(says):
    asked = says("approve")
    draft = builders.application()
    RuleParameter.objects.create(
        code="consumer_amount_max",
        licence="consumer_finance",
        effective_on=TODAY,
        value="20000",
        unit="CNY",
        citation="new law",
    )
    builders.submit(draft)
    assert asked[0].request.max_amount_minor == 20_000_00


def test_a_limit_below_the_wish_offers_less_and_a_shorter_term(says):
    says("approve", limit_minor=8_000_00, max_installments=10)
    draft = builders.application()
    found = builders.submit(draft)
    offer = draft.offers.get()
    assert (offer.amount_minor, offer.installments, found.installments) == (8_000_00, 9, 9)


def test_a_decline_gives_its_principal_reasons_in_both_languages(says):
    says("decline", limit_minor=0, yearly_rate_percent=None, max_installments=0)
    draft = builders.application()
    found = builders.submit(draft)
    draft.refresh_from_db()
    assert (found.outcome, draft.status) == ("decline", "declined")
    assert found.reasons[0]["text_zh"] == ADVERSE.text_zh
    assert found.reasons[0]["text_en"] == ADVERSE.text_en
    assert not draft.offers.exists()
    told = Notice.objects.get(customer=draft.customer, kind="application_declined")
    assert ADVERSE.text_en in told.body


def test_a_referral_waits_in_the_queue_until_an_officer_takes_it(says, staff):
    says("refer")
    draft = builders.application()
    found = builders.submit(draft)
    draft.refresh_from_db()
    assert (found.outcome, draft.status, draft.assigned_to) == ("refer", "referred", None)
    assert assignment.take(draft, by=staff.otto).assigned_to == staff.otto


def test_without_a_certified_model_every_application_is_referred_with_a_reason():
    found = builders.submit(builders.application())
    assert found.outcome == "refer"
    assert "NO_CERTIFIED_MODEL" in {reason["code"] for reason in found.reasons}


def test_scoring_that_fails_refers_and_leaves_the_transaction_whole(monkeypatch):
    def fail(**question: object) -> Assessment:
        with transaction.atomic():
            Score.objects.create(model_version_id=10**9)
        raise AssertionError("never here")

    monkeypatch.setattr(assessment, "assess", fail)
    draft = builders.application()
    found = builders.submit(draft)
    assert found.outcome == "refer"
    assert found.reasons[0]["code"] == "SCORING_UNAVAILABLE"


def test_what_the_law_forbids_is_declined_whatever_the_score_says(says):
    asked = says("approve")
    draft = builders.application(amount="50000")
    RuleParameter.objects.create(
        code="consumer_amount_max",
        product="consumer-installment",
        effective_on=TODAY,
        value="30000",
        unit="CNY",
        citation="条例第1条",
    )
    found = builders.submit(draft)
    assert found.outcome == "decline"
    assert found.reasons[0]["code"] == "CONSUMER_AMOUNT_ABOVE_LIMIT"
    assert found.rules["findings"][0]["citation"] == "条例第1条"
    assert not asked


def test_what_the_law_wants_a_person_to_see_is_referred_whatever_the_score_says(says):
    says("approve")
    found = builders.submit(builders.application(employment_type="student"))
    assert found.outcome == "refer"
    assert found.reasons[0]["code"] == "STUDENT_NEEDS_SECOND_SOURCE"
    assert found.rules["recommendation"]["outcome"] == "approve"


def test_an_offer_that_would_cost_more_than_the_law_allows_goes_to_a_person(says):
    says("approve", yearly_rate_percent=Decimal("21.60"))
    draft = builders.application()
    RuleParameter.objects.create(
        code="all_in_rate_max_percent", licence="consumer_finance", effective_on=TODAY, value="20", citation="new cap"
    )
    found = builders.submit(draft)
    assert found.outcome == "refer"
    assert found.reasons[0]["code"] == "RATE_ABOVE_CAP"
    assert not draft.offers.exists()


def test_the_rules_that_were_applied_are_kept_with_their_citations(says):
    says("approve")
    applied = builders.submit(builders.application()).rules
    assert applied["parameters"]["consumer_amount_max"]["citation"]
    assert applied["parameters"]["all_in_rate_max_percent"]["value"] == "24"
    assert applied["recommendation"]["limit_minor"] == 50_000_00


def test_submitting_again_gives_the_first_decision(says):
    asked = says("approve")
    draft = builders.application()
    first = builders.submit(draft)
    assert builders.submit(draft) == first
    assert (len(asked), Decision.objects.count(), draft.offers.count()) == (1, 1, 1)


def test_what_is_submitted_can_no_longer_be_answered(says):
    says("refer")
    draft = builders.application()
    builders.submit(draft)
    with pytest.raises(NotADraft):
        filling.answer(draft, answers={"amount": "5000"}, by=draft.customer.user, on=TODAY)


def test_a_withdrawn_application_cannot_be_submitted_and_withdrawing_twice_changes_nothing():
    draft = builders.application()
    for _ in range(2):
        withdraw(draft, by=draft.customer.user, on=TODAY)
    assert draft.history.filter(status="withdrawn").count() == 1
    with pytest.raises(ApplicationClosed):
        builders.submit(draft)


def test_our_own_history_with_the_customer_counts(says):
    """Written as rows of the book, because this proves what is read of it and not how it came there."""
    from lending.loans.models import Installment, Loan

    ada = builders.identified_person(on=TODAY - timedelta(days=400))
    old = builders.application(ada)
    withdraw(old, by=ada.user, on=TODAY)
    loan = Loan.objects.create(
        number="L-1", application=old, customer=ada, product_version=old.product_version, terms={}, currency="CNY",
        decimals=2, approved_minor=1000_00, opened_on=TODAY, status="paid_off",
        disbursed_on=TODAY - timedelta(days=300),
    )  # fmt: skip
    for number, late in ((1, 0), (2, 17)):
        due = TODAY - timedelta(days=200 - number)
        Installment.objects.create(
            loan=loan, customer=ada, number=number, starts_on=due, due_on=due, principal_minor=1, interest_minor=0,
            balance_minor=0, settled_on=due + timedelta(days=late),
        )  # fmt: skip
    known, sources = facts.gather(builders.application(ada), TODAY)
    assert (known["prior_loans_with_us"], known["prior_max_dpd_with_us"]) == (1, 17)
    assert known["relationship_months"] == 13
    assert sources["prior_max_dpd_with_us"] == "our book"


def test_decisions_are_never_changed(says):
    says("approve")
    found = builders.submit(builders.application())
    for change in (lambda: Decision.objects.filter(pk=found.pk).update(outcome="decline"), found.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_reasons_of_officers_are_in_both_languages():
    assert all(reason["text_zh"] and reason["text_en"] for reason in decision.OFFICER_REASONS.values())
