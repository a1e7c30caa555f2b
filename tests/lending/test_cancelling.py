"""Calling a loan off before it is paid out: who may, when not, and that nothing happens to it afterwards."""

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from customers.models import Notice, User
from lending.finance.events import Event
from lending.ledger.models import Line
from lending.loans import disbursement as disbursing
from lending.loans.cancelling import cancel
from lending.loans.models import Cancellation, Disbursement, Loan
from lending.loans.recording import record
from lending.loans.refusals import (
    LoanCancelled,
    LoanNotAwaitingDisbursement,
    NotAllowedToCancel,
    PayoutUnderWay,
    ReasonMissing,
)
from lending.loans.verification import verify
from tests.cast import TODAY
from tests.lending.loan_builders import active_loan, customer, loan, user

pytestmark = pytest.mark.django_db


def officer(name: str = "otto", *codenames: str) -> User:
    found = user(name, is_staff=True)
    names = codenames or ("cancel_loan", "add_disbursement", "view_loan", "change_loan")
    User.objects.filter(pk=found.pk).update(language="en")
    found.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return found


def refused_by_the_bank(**values: object) -> Loan:
    opened = loan(**values)  # type: ignore[arg-type]
    order = disbursing.request(opened, by=None, on=TODAY)
    disbursing.settle(key=str(order.key), succeeded=False, bank_reference="", reason="account closed", on=TODAY)
    return opened


def test_an_officer_calls_off_what_the_bank_would_not_pay_once() -> None:
    opened, otto = refused_by_the_bank(), officer()
    first = cancel(opened, reason=" no account of hers works ", by=otto, on=TODAY)
    assert (opened.status, first.reason, first.by) == (Loan.Status.CANCELLED, "no account of hers works", otto)
    assert cancel(opened, reason="again", by=otto, on=TODAY) == first
    assert Notice.objects.filter(kind="loan_cancelled").count() == 1
    assert Line.objects.all().balances() == {}
    assert list(verify(opened)) == []


def test_the_borrower_calls_her_own_loan_off_and_nobody_elses() -> None:
    ada = customer()
    hers, anothers = refused_by_the_bank(of=ada), refused_by_the_bank()
    assert ada.user is not None
    assert cancel(hers, reason="changed my mind", by=ada.user, on=TODAY).by == ada.user
    with pytest.raises(NotAllowedToCancel):
        cancel(anothers, reason="mischief", by=ada.user, on=TODAY)
    anothers.refresh_from_db()
    assert anothers.status == Loan.Status.APPROVED


def test_a_reason_is_asked_for() -> None:
    with pytest.raises(ReasonMissing):
        cancel(refused_by_the_bank(), reason=" ", by=officer(), on=TODAY)


@pytest.mark.parametrize("state", ["requested", "approved", "submitted"])
def test_nothing_is_called_off_while_the_money_may_be_on_its_way(state: str) -> None:
    opened = loan()
    order = disbursing.request(opened, by=None, on=TODAY)
    Disbursement.objects.filter(pk=order.pk).update(status=state)
    with pytest.raises(PayoutUnderWay):
        cancel(opened, reason="too late", by=officer(), on=TODAY)
    assert not Cancellation.objects.exists()


def test_a_loan_that_was_paid_out_is_not_called_off() -> None:
    with pytest.raises(LoanNotAwaitingDisbursement):
        cancel(active_loan(), reason="too late", by=officer(), on=TODAY)


def test_nothing_happens_to_a_loan_that_was_called_off() -> None:
    opened = refused_by_the_bank()
    cancel(opened, reason="gone", by=officer(), on=TODAY)
    with pytest.raises(LoanNotAwaitingDisbursement):
        disbursing.request(opened, by=None, on=TODAY)
    with pytest.raises(LoanCancelled):
        record(opened, Event(on=TODAY, type="close_of_business"), key="after", by=None, on=TODAY)


def test_the_database_keeps_a_cancellation_as_it_is() -> None:
    kept = cancel(refused_by_the_bank(), reason="gone", by=officer(), on=TODAY)
    with pytest.raises(DatabaseError), transaction.atomic():
        Cancellation.objects.filter(pk=kept.pk).update(reason="never mind")


def test_the_desk_orders_again_or_calls_off_and_says_what_is_wrong() -> None:
    opened, client = refused_by_the_bank(), Client(headers={"accept-language": "en"})
    client.force_login(officer(), backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:loans_loan_change", args=[opened.pk])
    assert "No payout is under way" in client.get(page).content.decode()
    wrong = client.post(reverse("admin:loans_loan_disburse", args=[opened.pk]), {"account_number": "12"})
    assert wrong.status_code == 422 and "8 to 30 digits" in wrong.content.decode()
    empty = client.post(reverse("admin:loans_loan_cancel", args=[opened.pk]), {"reason": ""})
    assert empty.status_code == 422 and not Cancellation.objects.exists()
    client.post(reverse("admin:loans_loan_disburse", args=[opened.pk]), {"account_number": "6222 0202 0000 9999"})
    order = opened.disbursements.get(status="requested")
    assert order.account == "6222020200009999" and order.needs_checker
    assert "No payout is under way" not in client.get(page).content.decode()


def test_the_portal_asks_whether_she_means_it() -> None:
    ada = customer()
    assert ada.user is not None
    User.objects.filter(pk=ada.user.pk).update(language="en")
    opened, client = refused_by_the_bank(of=ada), Client(headers={"accept-language": "en"})
    client.force_login(ada.user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("portal:cancel_loan", args=[opened.public_id])
    assert address in client.get(reverse("portal:loan", args=[opened.public_id])).content.decode()
    assert "Call the loan off?" in client.get(address).content.decode()
    after = client.post(address, follow=True).content.decode()
    assert "You owe nothing" in after and "Called off on" in after
    opened.refresh_from_db()
    assert opened.status == Loan.Status.CANCELLED
    assert client.get(address).status_code == 302
