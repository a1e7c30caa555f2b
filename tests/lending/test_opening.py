"""Signing opens the loan: terms freeze, the money is ordered, and doing it twice does it once."""

import datetime as dt

import pytest

from customers.models import Notice
from lending.applications import contracting
from lending.applications.models import Application, Signature
from lending.finance.schedule import plan
from lending.finance.terms import Terms
from lending.loans import disbursement as disbursing
from lending.loans.models import Disbursement, Loan
from lending.loans.opening import sign_and_open
from lending.loans.refusals import InvalidAccount
from lending.loans.verification import verify
from tests.builders import identified_person, offered, signed_loan
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def test_the_loan_carries_the_offers_terms_and_its_payout_is_ordered() -> None:
    opened = signed_loan()
    offer = opened.application.offers.get()
    assert (opened.status, opened.terms, opened.approved_minor) == (
        Loan.Status.APPROVED,
        offer.terms,
        offer.amount_minor,
    )
    assert opened.application.status == Application.Status.SIGNED
    order = opened.disbursements.get()
    assert (order.status, order.amount_minor, order.currency) == ("approved", offer.amount_minor, offer.currency)
    assert order.maker == opened.application.decisions.order_by("pk").last().by
    assert list(opened.events.values_list("type", flat=True)) == ["approve"]
    assert list(verify(opened)) == []


def test_signing_twice_opens_one_loan() -> None:
    offer = offered()
    contract = contracting.draw_up(offer, language="en", on=TODAY)
    values = {
        "sha256": contract.sha256,
        "disclosure_confirmed": True,
        "by": offer.application.customer.user,
        "on": TODAY,
    }
    assert sign_and_open(contract, **values) == sign_and_open(contract, **values)
    assert Loan.objects.count() == Disbursement.objects.count() == Signature.objects.count() == 1


def test_an_account_that_cannot_be_right_leaves_nothing_signed() -> None:
    offer = offered()
    contract = contracting.draw_up(offer, language="en", on=TODAY)
    with pytest.raises(InvalidAccount):
        sign_and_open(
            contract,
            sha256=contract.sha256,
            disclosure_confirmed=True,
            by=offer.application.customer.user,
            on=TODAY,
            account_number="not a number",
        )
    assert not Loan.objects.exists() and not Signature.objects.exists()


def test_what_was_offered_is_what_is_booked() -> None:
    opened = signed_loan(identified_person())
    offer = opened.application.offers.get()
    order = opened.disbursements.get()
    disbursing.settle(key=str(order.key), succeeded=True, bank_reference="B", reason="", on=TODAY)
    booked = opened.installments.values_list("number", "due_on", "principal_minor", "interest_minor", "fees_minor")
    promised = [
        (
            row["number"],
            dt.date.fromisoformat(row["due_on"]),
            *(round(float(row[name]) * 100) for name in ("principal", "interest", "fees")),
        )
        for row in offer.schedule
    ]
    assert list(booked) == promised
    assert plan(Terms.from_json(opened.terms)).installments[0].due_on == opened.installments.first().due_on
    assert list(verify(Loan.objects.get(pk=opened.pk))) == []


def test_the_customer_is_told_once() -> None:
    opened = signed_loan()
    order = opened.disbursements.get()
    for _ in range(2):
        disbursing.settle(key=str(order.key), succeeded=True, bank_reference="B", reason="", on=TODAY)
    told = Notice.objects.filter(subject_type="loan", subject_id=opened.number).order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["contract_signed", "disbursement_succeeded"]


def test_numbers_are_unique() -> None:
    first, second = signed_loan(identified_person("Ada")), signed_loan(identified_person("Bao"))
    assert first.number != second.number
