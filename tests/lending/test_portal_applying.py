"""Ada signs up, consents, is identified and applies in five steps; wrong values stay on their fields."""

import re

import pytest
from django.urls import reverse

from customers import sms
from customers.models import Consent, Customer, IdentityCheck, ServiceCase, User
from lending.applications import filling
from lending.applications.answers import identifying
from lending.applications.models import Application, Decision
from lending.products.refusals import WrongFields
from tests import builders
from tests.cast import ADA_ID_NUMBER, ADA_PHONE, PASSWORD, TODAY
from tests.lending.portal_world import browser, new_key, text, today  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LOAN = {"amount": "12,000", "installments": "12", "purpose": "shopping"}
ANSWERS = {
    "income": {"income_monthly": "12000", "expenses_monthly": "4000", "dependants": "1"},
    "life": {
        "employment_type": "salaried",
        "employment_years": "6",
        "home_ownership": "rent",
        "residence_years": "2.5",
    },
    "debts": {"debts": "0", "debt_service_monthly": "0", "assets": ""},
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What would have gone to the carrier."""
    messages: list[tuple[str, str]] = []
    monkeypatch.setattr(sms, "send", lambda phone, words, **more: messages.append((phone, words)) or "R1")
    return messages


def sign_up(client, phone=ADA_PHONE):
    return client.post(reverse("account_signup"), {"phone": phone, "password1": PASSWORD, "password2": PASSWORD})


def code_of(sent: list[tuple[str, str]]) -> str:
    found = re.search(r"\d{6}", sent[-1][1])
    assert found
    return found[0]


def begun(client, **changes):
    builders.product()
    return client.post(reverse("portal:apply_for", args=["consumer-installment"]), {**LOAN, **changes})


def step(name: str) -> str:
    return reverse("portal:fill", args=[Application.objects.latest("pk").public_id, name])


def filled(client) -> Application:
    begun(client)
    for name, answers in ANSWERS.items():
        client.post(step(name), answers)
    return Application.objects.latest("pk")


# --- signing up -----------------------------------------------------------------------------------------------------


def test_ada_signs_up_with_the_code_sent_to_her_phone(sent):
    client = browser()
    assert sign_up(client).url == reverse("account_verify_phone")
    assert sent[-1][0] == ADA_PHONE and not client.get(reverse("portal:home")).wsgi_request.user.is_authenticated
    wrong = client.post(reverse("account_verify_phone"), {"code": "000000"})
    assert "not the code" in text(wrong)
    assert client.post(reverse("account_verify_phone"), {"code": code_of(sent)}).url == reverse("portal:home")
    ada = Customer.objects.get()
    assert ada.user.phone == ADA_PHONE and ada.user.phone_verified and ada.language == "en"
    assert "Before you can apply" in text(client.get(reverse("portal:home")))


def test_a_taken_number_looks_the_same_and_makes_no_second_account(sent):
    builders.identified_person()
    answer = sign_up(browser())
    assert answer.url == reverse("account_verify_phone")
    assert User.objects.filter(is_staff=False).count() == 1 and "already have" in sent[-1][1]


def test_wrong_values_of_the_sign_up_are_told_on_their_fields():
    answer = browser().post(reverse("account_signup"), {"phone": "12345", "password1": "short", "password2": "other"})
    page = text(answer)
    assert "11 digits" in page and "too short" in page and not Customer.objects.exists()


def test_a_carrier_that_is_away_breaks_nothing(monkeypatch):
    def away(*args, **kwargs):
        raise sms.SmsUnavailable

    monkeypatch.setattr(sms, "send", away)
    client = browser()
    assert sign_up(client).status_code == 302
    assert "could not be sent" in text(client.get(reverse("account_verify_phone")))


def test_signing_in_by_phone_by_password_and_by_code(sent):
    ada = builders.identified_person()
    client = browser()
    login = reverse("account_login")
    assert "is not right" in text(client.post(login, {"login": ADA_PHONE, "password": "wrong"}))
    assert client.post(login, {"login": "+86 138 0013 8001", "password": PASSWORD}).url == reverse("portal:home")
    other = browser()
    other.post(reverse("account_request_login_code"), {"phone": ADA_PHONE})
    assert other.post(reverse("account_confirm_login_code"), {"code": code_of(sent)}).url == reverse("portal:home")
    assert other.get(reverse("portal:home")).wsgi_request.user == ada.user


def test_six_wrong_passwords_pause_signing_in_without_keeping_the_phone():
    builders.identified_person()
    client = browser()
    for _try in range(6):
        answer = client.post(reverse("account_login"), {"login": ADA_PHONE, "password": "wrong"})
    from axes.models import AccessAttempt

    assert AccessAttempt.objects.exists()
    assert all(ADA_PHONE not in str(attempt.__dict__) for attempt in AccessAttempt.objects.all())
    assert "too many" in text(answer).lower()


# --- consents and identity ------------------------------------------------------------------------------------------


def fresh() -> Customer:
    from customers import registration

    return registration.open_account(
        phone=ADA_PHONE, password=PASSWORD, by=None, on=TODAY, language="en", phone_verified=True
    )


def test_nothing_is_ticked_beforehand_and_only_what_is_ticked_is_given():
    client = browser(fresh())
    page = text(client.get(reverse("portal:consents")))
    assert page.count('type="checkbox"') == 7 and "checked" not in page
    versions = {f"version-{name}": "1" for name in ("identity", "credit_report", "marketing")}
    client.post(reverse("portal:consents"), {**versions, "identity": "yes"})
    assert set(Consent.objects.values_list("purpose", "given")) == {
        ("identity", True),
        ("credit_report", False),
        ("marketing", False),
    }
    client.post(reverse("portal:consents"), {**versions, "credit_report": "yes"})
    assert Consent.objects.filter(given=True).count() == 2


def test_consent_to_words_that_changed_meanwhile_is_not_taken():
    client = browser(fresh())
    answer = client.post(reverse("portal:consents"), {"version-identity": "9", "identity": "yes"})
    assert answer.status_code == 422 and not Consent.objects.exists()


def test_withdrawing_is_one_click_and_a_made_up_purpose_is_nothing():
    ada = builders.identified_person()
    client = browser(ada)
    client.post(reverse("portal:withdraw_consent", args=["marketing"]))
    assert not Consent.objects.filter(customer=ada, purpose="marketing").latest("pk").given
    assert client.post(reverse("portal:withdraw_consent", args=["made-up"])).status_code == 302


def test_identification_needs_its_consent_first():
    client = browser(fresh())
    assert client.get(reverse("portal:identify")).url == reverse("portal:consents")


def test_every_field_tells_its_own_problem_and_nothing_is_written():
    ada = fresh()
    builders.consent(ada, "identity", "credit_report")
    client = browser(ada)
    wrong = {"name": "4da", "id_number": "110105199003070026", "birth_date": "1990-02-31", "phone": "123"}
    answer = client.post(reverse("portal:identify"), wrong)
    page = text(answer)
    assert answer.status_code == 422 and page.count('class="problem"') == 4
    assert not IdentityCheck.objects.exists()
    right = {"name": "Ada Lovelace", "id_number": ADA_ID_NUMBER, "birth_date": "1990-03-07", "phone": ADA_PHONE}
    for _again in range(2):
        assert client.post(reverse("portal:identify"), right).url == reverse("portal:home")
    assert IdentityCheck.objects.count() == 1


# --- applying -------------------------------------------------------------------------------------------------------


def test_nobody_applies_before_consents_and_identity():
    client = browser(fresh())
    assert begun(client).url == reverse("portal:consents")
    assert not Application.objects.exists()


def test_ada_applies_in_five_steps_and_is_answered_at_once():
    client = browser(builders.identified_person())
    assert begun(client).url == step("income")
    for name, following in (("income", "life"), ("life", "debts"), ("debts", "review")):
        assert client.post(step(name), ANSWERS[name]).url == step(following)
    asked = Application.objects.get()
    assert (asked.amount_minor, asked.installments, asked.purpose) == (1_200_000, 12, "shopping")
    assert asked.answers["income_monthly"] == "12000.00" and asked.answers["residence_years"] == "2.5"
    review = text(client.get(step("review")))
    assert "¥12,000.00" in review and "Everyday purchases" in review
    address = reverse("portal:application", args=[asked.public_id])
    assert client.post(step("review")).url == address
    asked.refresh_from_db()
    assert asked.status == Application.Status.REFERRED
    page = text(client.get(address))
    assert Decision.objects.get().reasons[0]["text_en"] in page.replace("&#x27;", "'")


def test_sending_twice_is_one_decision():
    client = browser(builders.identified_person())
    asked = filled(client)
    for _again in range(2):
        assert client.post(step("review")).url == reverse("portal:application", args=[asked.public_id])
    assert Decision.objects.count() == 1


def test_beginning_twice_is_one_application():
    client = browser(builders.identified_person())
    begun(client)
    assert begun(client).url == reverse("portal:application", args=[Application.objects.get().public_id])


def test_a_draft_waits_where_it_was_left():
    client = browser(builders.identified_person())
    begun(client)
    client.post(step("income"), ANSWERS["income"])
    address = reverse("portal:application", args=[Application.objects.get().public_id])
    assert client.get(address).url == step("life")
    assert 'value="12000"' in text(client.get(step("income")))
    assert "Go on" in text(client.get(reverse("portal:home")))
    assert client.post(step("review")).url == step("life")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("amount", "", "required"),
        ("amount", "a lot", "in figures"),
        ("amount", "-5", "or more"),
        ("amount", "0.001", "decimals"),
        ("amount", "99999999999999999999", "too large"),
        ("amount", "NaN", "too large"),
        ("amount", "900000", "or less"),
        ("installments", "7", "valid choice"),
        ("purpose", "gambling", "purposes of this product"),
    ],
)
def test_wrong_values_of_the_loan_stay_on_their_field(field, value, says):
    answer = begun(browser(builders.identified_person()), **{field: value})
    assert answer.status_code == 422
    assert says in " ".join(answer.context["form"].errors[field])
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("income", "income_monthly", "-1"),
        ("income", "dependants", "31"),
        ("income", "dependants", "two"),
        ("life", "employment_years", "-1"),
        ("life", "employment_years", ""),
        ("life", "home_ownership", "castle"),
        ("debts", "debts", "1e30"),
    ],
)
def test_wrong_answers_are_not_kept(name, field, value):
    client = browser(builders.identified_person())
    begun(client)
    answer = client.post(step(name), {**ANSWERS[name], field: value})
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert Application.objects.get().answers == {}


def test_the_portal_does_not_take_what_it_did_not_ask():
    client = browser(builders.identified_person())
    begun(client)
    client.post(step("income"), {**ANSWERS["income"], "records": "no", "bureau_inquiries_6m": "0", "sex": "f"})
    assert set(Application.objects.get().answers) == {"income_monthly", "expenses_monthly", "dependants"}


def test_a_business_product_is_not_for_persons_and_unknown_ones_lead_to_the_list():
    client = browser(builders.identified_person())
    builders.product("business-principal")
    for code in ("business-principal", "no-such-product"):
        assert client.get(reverse("portal:apply_for", args=[code])).url == reverse("portal:apply")


def test_the_example_answers_while_she_types():
    builders.product()
    client = browser()
    address = reverse("portal:example", args=["consumer-installment"])
    asked = {"amount": "12000", "installments": "12"}
    page = text(client.get(address, asked))
    assert "Each installment, at most" in page and "fits what you told us" not in page
    stated = {**asked, "income_monthly": "12000", "expenses_monthly": "3000"}
    page = text(client.get(address, stated))
    assert "less what you repay on other debts" in page and "fits what you told us" not in page
    assert "fits what you told us" in text(client.get(address, {**stated, "debt_service_monthly": "0"}))
    tight = client.get(address, {**asked, "income_monthly": "3000", "expenses_monthly": "2900"})
    assert "more than your income" in text(tight)
    for wrong in ({"amount": "x"}, {"amount": "1"}, {"installments": "99"}, {"amount": "9" * 20}):
        assert client.get(address, {**asked, **wrong}).status_code == 422
    assert client.get(reverse("portal:example", args=["nothing"]), asked).status_code == 404


def test_a_refused_ada_reads_the_reasons_and_asks_for_a_person():
    ada = builders.identified_person()
    client = browser(ada)
    asked = filled(client)
    client.post(step("review"))
    _decline(asked)
    address = reverse("portal:application", args=[asked.public_id])
    page = text(client.get(address))
    assert "The reasons" in page and "have another officer review it" in page
    sent = {"kind": "review", "text": "My income has changed.", "key": new_key()}
    for _again in range(2):
        assert client.post(reverse("portal:ask", args=[asked.public_id]), sent).url == address
    case = ServiceCase.objects.get()
    assert (case.kind, case.subject_type) == ("review", "decision")
    assert f"S{case.pk:06d}" in text(client.get(address))
    assert client.post(reverse("portal:ask", args=[asked.public_id]), {"kind": "gift"}).status_code == 422


def _decline(asked: Application) -> None:
    from lending.applications.officers_decision import decide_by_officer

    asked.refresh_from_db()
    decide_by_officer(
        asked,
        outcome=Decision.Outcome.DECLINE,
        by=builders.officer(),
        on=TODAY,
        reason_code="INCOME_NOT_VERIFIED",
        note="No evidence.",
    )


def test_withdrawing_asks_first_and_ends_it():
    client = browser(builders.identified_person())
    begun(client)
    address = reverse("portal:withdraw", args=[Application.objects.get().public_id])
    assert client.get(address).status_code == 200
    assert Application.objects.get().status == Application.Status.DRAFT
    client.post(address)
    assert Application.objects.get().status == Application.Status.WITHDRAWN
    client.post(address)
    assert begun(client).url == step("income")


NAMED = {
    "home_address": (["5", "12345678", "home"], ["上海市静安区南京西路1266号501室", "5 Rue X, Paris"]),
    "employer": (["12"], ["3M", "58同城", "华为"]),
    "employer_phone": (["5", "call me"], ["021-62881234", "+44 20 7946 0018", "13800138000", "0571-8888 转 8012"]),
    "account_holder": (["6222020000", "A1"], ["欧阳锋", "O'Neill", "李明", "阿卜杜拉·买买提"]),
    "id_card_expires_on": (["soon"], ["2030-01-01"]),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_what_she_types_must_look_like_what_it_is_and_real_ones_are_taken(name):
    draft = builders.application(channel="portal")
    wrong, right = NAMED[name]
    for value in wrong:
        with pytest.raises(WrongFields) as refused:
            filling.answer(draft, answers={name: value}, by=draft.customer.user, on=TODAY)
        assert list(refused.value.message_dict) == [name]
    for value in right:
        filling.answer(draft, answers={name: value}, by=draft.customer.user, on=TODAY)
        assert identifying(draft.answers)[name] == value


def test_an_id_card_that_has_run_out_is_refused_with_what_to_do_and_a_good_one_is_kept():
    draft = builders.application()
    client, page = browser(draft.customer), reverse("portal:fill", args=[draft.public_id, "life"])
    wrong = client.post(page, {**ANSWERS["life"], "id_card_expires_on": "2020-01-01"})
    assert wrong.status_code == 422 and "Renew it at a police station" in text(wrong)
    assert client.post(page, {**ANSWERS["life"], "id_card_expires_on": "2030-05-01"}).status_code == 302
    draft.refresh_from_db()
    assert identifying(draft.answers)["id_card_expires_on"] == "2030-05-01"
