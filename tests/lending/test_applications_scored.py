"""The whole decision with nothing replaced: a certified model, a strategy in force, and a credit bureau over HTTP."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lending.applications.models import BureauInquiry
from lending.demo import bureau as simulated
from scoring.models import Score
from tests import builders
from tests.cast import ADA_ID_NUMBER, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau(settings: Any) -> Iterator[Any]:
    server = simulated.serve(0, settings.BUREAU_SECRET)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.BUREAU_URL = f"http://127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_good_applicant_is_approved_at_once_with_score_reasons_and_offer():
    model = builders.deciding_model()
    draft = builders.application(
        channel="partner:shop", records="no", bureau_inquiries_6m=0, bureau_open_loans=0, bureau_max_dpd_24m=0,
        bureau_history_months=120, income_monthly="30000", home_ownership="owner", employment_type="public",
    )  # fmt: skip
    found = builders.submit(draft)
    assert found.outcome == "approve", found.reasons
    assert found.score.model_version == model
    assert found.score.subject_reference == str(draft.public_id)
    assert found.rules["model"] == "consumer-credit v1"
    assert found.rules["strategy"] == "default v1"
    assert 1 <= len(found.reasons) <= 4
    assert "age_years" not in found.score.features
    assert draft.offers.get().amount_minor == 12_000_00


def test_an_applicant_who_cannot_afford_it_is_declined_and_told_why():
    builders.deciding_model()
    draft = builders.application(
        channel="partner:shop", records="yes", bureau_inquiries_6m=8, bureau_max_dpd_24m=120, bureau_open_loans=8,
        bureau_history_months=3, income_monthly="3000", expenses_monthly="2900", debts="90000", amount="100000",
        employment_type="none",
    )  # fmt: skip
    found = builders.submit(draft)
    assert found.outcome == "decline"
    assert 1 <= len(found.reasons) <= 4
    assert all(reason["text_zh"] and reason["text_en"] for reason in found.reasons)


def test_the_bureau_is_asked_once_a_day_under_consent_and_its_facts_are_in_the_snapshot(bureau):
    draft = builders.application()
    found = builders.submit(draft)
    inquiry = BureauInquiry.objects.get()
    expected = simulated.person_of(ADA_ID_NUMBER).facts
    assert (inquiry.answered, inquiry.found, inquiry.application) == (True, True, draft)
    assert found.snapshot.facts["bureau_history_months"] == expected["bureau_history_months"]
    assert found.snapshot.sources["bureau_history_months"] == "bureau"
    assert ADA_ID_NUMBER not in str(inquiry.facts)

    from lending.applications.withdrawal import withdraw

    withdraw(draft, by=draft.customer.user, on=TODAY)
    builders.submit(builders.application(draft.customer))
    assert BureauInquiry.objects.count() == 1


def test_without_consent_the_bureau_is_never_asked(bureau):
    from customers.consents import ConsentMissing

    draft = builders.application(builders.identified_person(without=("credit_report",)))
    with pytest.raises(ConsentMissing):
        builders.submit(draft)
    assert not BureauInquiry.objects.exists()


def test_a_bureau_that_does_not_answer_never_approves(settings):
    builders.deciding_model()
    settings.BUREAU_URL = "http://127.0.0.1:9"
    found = builders.submit(builders.application(income_monthly="30000"))
    assert found.outcome == "refer"
    assert "SOURCE_FAILED" in {reason["code"] for reason in found.reasons}
    assert found.snapshot.facts["failed_sources"] == ["bureau"]
    assert BureauInquiry.objects.get().answered is False


def test_with_a_model_but_no_consent_to_machines_nothing_is_scored():
    builders.deciding_model()
    draft = builders.application(builders.identified_person(without=("automated_decision",)))
    assert builders.submit(draft).outcome == "refer"
    assert not Score.objects.exists()
