"""What the book tells those who watch the models: each day's decisions by model, and running loans with facts of today."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import consents
from customers.models import Purpose
from lending.applications.models import BureauInquiry, Decision, FactsSnapshot
from lending.loans.models import Loan
from lending.servicing import model_feed
from scoring.models import ModelArtifact, ModelVersion, ReviewTask, Score
from tests.cast import TODAY, Staff
from tests.lending import loan_builders

pytestmark = pytest.mark.django_db
DECEMBER = dt.date(2026, 12, 1)  # installments were due on 14 October and 14 November
MISSING = [{"code": "MISSING_INCOME", "kind": "missing"}]


@pytest.fixture
def version() -> ModelVersion:
    artifact = ModelArtifact.objects.create(file_sha256="0" * 64, content="{}")
    return ModelVersion.objects.create(
        name="m", version=1, algorithm="scorecard", data_rows=1, artifact=artifact, data_sha256="0" * 64
    )


def _score(version: ModelVersion) -> Score:
    return Score.objects.create(
        model_version=version, subject_reference="S", customer_reference="C", scored_on=TODAY, facts={}, features={},
        facts_sha256="0" * 64, probability_of_default=0.1, points=600, band="C", contributions={},
    )  # fmt: skip


def _decided(loan: Loan, outcome: str, **values: Any) -> Decision:
    approval = {"limit_minor": 100, "yearly_rate_percent": 12, "installments": 12} if outcome == "approve" else {}
    row = {"reasons": [], "decided_on": TODAY, "outcome": outcome, **approval, **values}
    return Decision.objects.create(application=loan.application, snapshot=loan.application.snapshots.get(), **row)


def test_the_decisions_of_a_day_are_counted_by_the_model_that_scored_them(version: ModelVersion) -> None:
    loan, otto = loan_builders.loan(), loan_builders.user("otto", is_staff=True)
    score = _score(version)
    _decided(loan, "refer", score=score, reasons=MISSING)
    _decided(loan, "refer", score=score, reasons=[{"code": "GREY", "kind": "policy"}])
    _decided(loan, "decline", score=score)
    _decided(loan, "approve", score=score, by=otto, override=True)
    _decided(loan, "decline", score=score, by=otto, override=True)
    _decided(loan, "approve", score=score, by=otto)
    _decided(loan, "refer", decided_on=TODAY + dt.timedelta(days=1), reasons=MISSING)
    _decided(loan, "refer", decided_on=TODAY + dt.timedelta(days=2))
    with CaptureQueriesContext(connection) as met:
        days = list(model_feed.days_of_decisions(TODAY, TODAY + dt.timedelta(days=1)))
    assert len(met) == 2
    scored = next(day for day in days if day.model == version.pk)
    assert (scored.on, scored.approve, scored.refer, scored.decline) == (TODAY, 0, 2, 1)
    assert (scored.without_score, scored.without_facts) == (0, 1)
    assert (scored.by_officer, scored.up, scored.down) == (3, 1, 1)
    assert (scored.approved, scored.declined) == (2, 2)
    without = {day.on: day for day in days if day.model is None}
    assert (without[TODAY].approve, without[TODAY].without_score, without[TODAY].approved) == (1, 1, 1)
    tomorrow = without[TODAY + dt.timedelta(days=1)]
    assert (tomorrow.refer, tomorrow.without_score, tomorrow.without_facts) == (1, 1, 1)


def _book(on: dt.date = DECEMBER) -> dict[str, dict[str, Any]]:
    return {one.subject: dict(one.facts) for block in model_feed.running_book(on) for one in block}


def test_a_running_loan_is_told_with_what_its_decision_knew_and_our_own_book_of_today() -> None:
    loan = loan_builders.active_loan()
    FactsSnapshot.objects.create(
        application=loan.application, sources={}, sha256="0" * 64, taken_on=TODAY,
        facts={"income_monthly": "9000", "prior_loans_with_us": 7, "failed_sources": ["bureau"]},
    )  # fmt: skip
    loan_builders.loan()  # not paid out: not running
    assert _book() == {
        str(loan.application.public_id): {
            "income_monthly": "9000",
            "prior_loans_with_us": 0,
            "prior_max_dpd_with_us": 48,  # nothing was paid since 14 October
            "relationship_months": 3,
        }
    }
    assert _book(TODAY - dt.timedelta(days=1)) == {}


def test_the_last_bureau_answer_counts_while_the_consent_stands() -> None:
    loan = loan_builders.active_loan()
    BureauInquiry.objects.create(
        customer=loan.customer, application=loan.application, answered=True, found=True, asked_on=TODAY,
        facts={"bureau_inquiries_6m": 4},
    )  # fmt: skip

    subject = str(loan.application.public_id)
    assert "bureau_inquiries_6m" not in _book()[subject]
    consents.give(loan.customer, purpose=Purpose.CREDIT_REPORT, channel="portal", by=loan.customer.user, on=TODAY)
    assert _book()[subject]["bureau_inquiries_6m"] == 4
    later = TODAY + dt.timedelta(days=3)
    consents.withdraw(loan.customer, purpose=Purpose.CREDIT_REPORT, channel="portal", by=loan.customer.user, on=later)
    assert "bureau_inquiries_6m" not in _book()[subject]


def test_a_larger_book_costs_no_more_statements_a_block() -> None:
    loan_builders.active_loan()
    with CaptureQueriesContext(connection) as few:
        _book()
    for name in ("bao", "cid", "dee"):
        loan_builders.active_loan(of=loan_builders.customer(name))
    with CaptureQueriesContext(connection) as more:
        _book()
    assert len(few) == len(more) <= 8


def test_an_open_alarm_stands_on_the_first_page_of_those_who_may_see_it(staff: Staff, version: ModelVersion) -> None:
    told = {}
    for alarm in (False, True):
        if alarm:
            ReviewTask.objects.create(
                model_version=version, metric="auc_loss", opened_on=TODAY, value=0.2, threshold=0.05
            )
        for person in (staff.vera, staff.otto):
            client = Client()
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
            page = client.get(reverse("admin:index")).content.decode()
            told[alarm, person.username] = reverse("admin:scoring_monitoringreading_model", args=[version.pk]) in page
    assert told == {(False, "vera"): False, (False, "otto"): False, (True, "vera"): True, (True, "otto"): False}
