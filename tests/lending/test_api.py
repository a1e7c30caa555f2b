"""The machines' door: who may ask, what a wrong value is answered, and orders that are carried out once."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone
from rest_framework.test import APIClient

from customers import registration
from customers.models import Customer, User
from lending.applications.models import Application
from lending.loans.models import Loan
from lending.repayments.models import Repayment
from tests import builders
from tests.cast import PASSWORD, Staff
from tests.lending.loan_builders import active_loan

pytestmark = pytest.mark.django_db

ASKED = {
    "product": "consumer-installment",
    "amount": "12000.00",
    "currency": "CNY",
    "installments": 12,
    "purpose": "consumption",
    "facts": {"income_monthly": "9000", "expenses_monthly": "3500", "employment_type": "salaried"},
}


def person(number: int = 11) -> dict[str, Any]:
    return {
        "name": "王芳",
        "id_number": builders.resident_id(number),
        "phone": f"138001380{number:02d}",
        "consents": ["identity", "credit_report", "automated_decision"],
    }


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def otto(staff: Staff) -> APIClient:
    builders.product("consumer-installment", on=timezone.localdate())
    return signed_in(staff.otto)


def apply(client: APIClient, body: dict[str, Any], key: str = "a-key-of-the-channel") -> Any:
    return client.post("/api/v1/applications", body, format="json", headers={"Idempotency-Key": key})


def test_a_token_opens_the_door_and_signing_out_closes_it(staff: Staff) -> None:
    client = APIClient()
    assert client.get("/api/v1/loans").status_code == 401
    wrong = client.post("/api/v1/sign-in", {"username": "otto", "password": "wrong"}, format="json")
    assert wrong.status_code == 401
    token = client.post("/api/v1/sign-in", {"username": "otto", "password": PASSWORD}, format="json").json()["token"]
    headers = {"Authorization": f"Token {token}"}
    assert client.get("/api/v1/loans", headers=headers).status_code == 200
    assert client.post("/api/v1/sign-out", headers=headers).status_code == 204
    assert client.get("/api/v1/loans", headers=headers).status_code == 401


def test_a_channel_applies_for_a_person_and_gets_a_decision_with_reasons(otto: APIClient) -> None:
    answer = apply(otto, {**ASKED, "person": person(), "reference": "ORDER-1"})
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["status"] in ("referred", "offered", "declined")
    assert body["decision"]["outcome"] in ("approve", "refer", "decline")
    assert all(reason["text_zh"] and reason["text_en"] for reason in body["decision"]["reasons"])
    again = otto.get(f"/api/v1/applications/{body['id']}/decision").json()
    assert again == body["decision"]


def test_the_same_key_and_body_give_the_same_answer_and_another_body_is_a_conflict(otto: APIClient) -> None:
    asked = {**ASKED, "person": person()}
    first, second = apply(otto, asked), apply(otto, asked)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Application.objects.count() == 1
    other = apply(otto, {**asked, "amount": "13000.00"})
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_key_reused"
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "-5"}, "amount"),
        ({"amount": "99999999999999999999"}, "amount"),
        ({"amount": 12000}, "amount"),
        ({"amount": "12000.001"}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"product": "nothing-like-it"}, "product"),
        ({"installments": 7}, "installments"),
        ({"installments": 0}, "installments"),
        ({"purpose": "stocks"}, "purpose"),
        ({"facts": {"income_monthly": "-1"}}, "income_monthly"),
        ({"person": {**person(), "id_number": "110105199003070020"}}, "id_number"),
        ({"person": {**person(), "phone": "12345"}}, "phone"),
        ({"person": {**person(), "consents": ["everything"]}}, "person.consents.0"),
        ({"person": None}, "person"),
    ],
)
def test_a_wrong_value_is_answered_with_its_field_and_leaves_nothing(
    otto: APIClient, change: dict[str, Any], field: str
) -> None:
    answer = apply(otto, {**ASKED, "person": person(), **change})
    assert 400 <= answer.status_code < 500, answer.json()
    body = answer.json()
    assert any(name.startswith(field.split(".")[0]) for name in body["fields"]), body
    assert body["message"]
    assert Application.objects.count() == Customer.objects.count() == 0


def test_a_missing_key_and_junk_are_refused(otto: APIClient) -> None:
    assert otto.post("/api/v1/applications", ASKED, format="json").json()["code"] == "idempotency_key_missing"
    junk = otto.post(
        "/api/v1/applications", b"{", content_type="application/json", headers={"Idempotency-Key": "12345678"}
    )
    assert junk.status_code == 400
    assert otto.put("/api/v1/applications", ASKED, format="json").status_code == 405
    xml = otto.post("/api/v1/applications", b"<a/>", content_type="text/xml", headers={"Idempotency-Key": "12345678"})
    assert xml.status_code == 415


def disbursed_loan() -> Loan:
    return active_loan(on=timezone.localdate() - timedelta(days=40))


def test_money_is_posted_once_and_what_is_too_much_is_kept(otto: APIClient) -> None:
    loan = disbursed_loan()
    staff = signed_in(User.objects.get(username="otto"))
    url = f"/api/v1/loans/{loan.number}/repayments"
    on = timezone.localdate().isoformat()
    quote = staff.get(f"/api/v1/loans/{loan.number}/payoff-quote?on={on}")
    assert quote.status_code == 200, quote.json()
    total = quote.json()["total"]
    paid = f"{int(total.split('.')[0]) + 100}.00"
    body = {"amount": paid, "currency": loan.currency, "received_on": on}
    key = {"Idempotency-Key": "the-bank-statement-line-1"}
    client = signed_in(_may_post())
    first = client.post(url, body, format="json", headers=key)
    assert first.status_code == 201, first.json()
    again = client.post(url, body, format="json", headers=key)
    assert again.json() == first.json()
    assert client.post(url, {**body, "amount": "1.00"}, format="json", headers=key).status_code == 409
    assert Repayment.objects.filter(loan=loan).count() == 1
    shown = client.get(f"/api/v1/loans/{loan.number}").json()
    assert shown["status"] == "paid_off"
    assert float(shown["credit_balance"]["amount"]) > 0
    late = client.post(url, body, format="json", headers={"Idempotency-Key": "another-line-2"})
    assert late.status_code == 409
    assert Repayment.objects.filter(loan=loan).count() == 1


def _may_post() -> User:
    """Omar of operations."""
    omar, _created = User.objects.get_or_create(username="omar", defaults={"is_staff": True})
    omar.groups.add(Group.objects.get(name="operations"))
    return omar


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount": "0"}, 400),
        ({"amount": "-1"}, 400),
        ({"currency": "USD"}, 400),
        ({"received_on": "2026-02-30"}, 400),
        ({"received_on": "2999-01-01"}, 400),
    ],
)
def test_a_wrong_repayment_is_refused(otto: APIClient, change: dict[str, Any], status: int) -> None:
    loan = disbursed_loan()
    body = {"amount": "10.00", "currency": loan.currency, "received_on": timezone.localdate().isoformat(), **change}
    answer = signed_in(_may_post()).post(
        f"/api/v1/loans/{loan.number}/repayments", body, format="json", headers={"Idempotency-Key": "k-12345678"}
    )
    assert answer.status_code == status, answer.json()
    assert answer.json()["fields"]
    assert not Repayment.objects.filter(loan=loan).exists()


def test_what_is_not_hers_is_not_there_and_mallory_may_nothing(staff: Staff) -> None:
    loan = disbursed_loan()
    bao = builders.identified_person("Bao", number=77)
    user = User.objects.create_user(username="bao-user", password=PASSWORD)
    Customer.objects.filter(pk=bao.pk).update(user=user)
    for path in ("", "/schedule", "/repayments", "/payoff-quote"):
        url = f"/api/v1/loans/{loan.number}{path}"
        assert signed_in(user).get(url).status_code == 404
        assert signed_in(staff.mallory).get(url).status_code == 403
    assert signed_in(user).get("/api/v1/loans").json()["results"] == []
    assert apply(signed_in(staff.mallory), {**ASKED, "person": person()}).status_code == 403
    assert not Application.objects.filter(channel__startswith="api").exists()


def test_a_callback_with_a_wrong_signature_changes_nothing() -> None:
    body = json.dumps({"event_id": "e1", "kind": "payout", "key": "k", "status": "succeeded"}).encode()
    client = APIClient()
    forged = client.post(
        "/api/v1/bank/callbacks", body, content_type="application/json", headers={"X-Signature": "0" * 64}
    )
    assert forged.status_code in (401, 403)
    signature = hmac.new(settings.PAYMENT_GATEWAY_SECRET.encode(), body, hashlib.sha256).hexdigest()
    unknown = client.post(
        "/api/v1/bank/callbacks", body, content_type="application/json", headers={"X-Signature": signature}
    )
    assert unknown.status_code == 404


def test_the_description_is_complete_and_has_examples(client: Any) -> None:
    schema = client.get("/api/schema/", headers={"Accept": "application/json"})
    assert schema.status_code == 200
    described = json.loads(schema.content)
    assert described["openapi"].startswith("3.")
    assert {"/api/v1/applications", "/api/v1/loans/{number}/repayments", "/api/v1/loans/{number}/payoff-quote"} <= set(
        described["paths"]
    )
    content = described["paths"]["/api/v1/applications"]["post"]["requestBody"]["content"]["application/json"]
    assert content["examples"]
    assert client.get("/api/docs/").status_code == 200


def test_a_customer_signs_in_with_the_phone_she_confirmed_and_sees_her_own(staff: Staff) -> None:
    loan = active_loan(on=timezone.localdate() - timedelta(days=40))
    account = registration.open_account(
        phone="13800138055", password=PASSWORD, by=None, on=timezone.localdate(), phone_verified=True
    )
    client = APIClient()
    wrong = client.post("/api/v1/sign-in", {"username": "13800138055", "password": "wrong"}, format="json")
    assert wrong.status_code == 401
    answer = client.post("/api/v1/sign-in", {"username": "13800138055", "password": PASSWORD}, format="json")
    headers = {"Authorization": f"Token {answer.json()['token']}"}
    assert client.get("/api/v1/loans", headers=headers).json()["results"] == []
    hidden = client.get(f"/api/v1/loans/{loan.number}", headers=headers)
    assert hidden.status_code == 404
    assert hidden.json()["code"] == "not_found" and hidden.json()["message"]
    assert account.loans.count() == 0


def test_the_list_of_applications_refuses_a_status_that_is_none(otto: APIClient) -> None:
    assert otto.get("/api/v1/applications?status=referred").status_code == 200
    assert otto.get("/api/v1/applications?status=zz").status_code == 400
