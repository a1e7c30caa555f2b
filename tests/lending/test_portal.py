"""The portal's doors: who gets in, what is another's, which methods, what no page may contain."""

import re
import uuid

import pytest
from django.urls import get_resolver, reverse

from customers import notices
from customers.models import Customer, Delivery, User
from lending.loans.models import Loan
from lending.portal import urls
from lending.repayments import ordering
from lending.repayments.models import PaymentOrder
from tests import builders
from tests.cast import TODAY
from tests.lending.portal_world import accepted_change, browser, new_key, paid_out_loan, text, today  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

OPEN_TO_ALL = {"landing", "example", "organisation", "help", "language"}
POST_ONLY = {"language", "withdraw_consent", "read_all", "ask", "less", "ask_for_plan", "decline_plan"}
GET_ONLY = {
    "landing", "example", "organisation", "help", "home", "copy_of_data", "notices", "notice", "apply", "application",
    "offer", "offer_example", "loans", "loan", "progress", "payoff", "signed_contract", "supplement", "payments",
    "payment", "payment_state",
}  # fmt: skip


@pytest.fixture
def ada() -> Customer:
    return builders.identified_person("Ada")


@pytest.fixture
def bao() -> Customer:
    return builders.identified_person("Bao")


def things_of(customer: Customer) -> dict[str, dict[str, object]]:
    """URL name -> arguments, of every page that names something of this customer's."""
    loan = paid_out_loan(customer)
    offer = loan.application.offers.get()
    order = ordering.order_payment(loan, amount_minor=100, key=uuid.uuid4(), by=customer.user, on=TODAY)
    notice = notices.notify(
        customer,
        kind="loan_paid_off",
        key="told",
        context={"loan": loan.number, "closed_on": TODAY, "credit_minor": 0, "currency": "CNY"},
        on=TODAY,
    )
    application = {"public_id": loan.application.public_id}
    change = accepted_change(loan)
    return {
        "application": application,
        "ask": application,
        "withdraw": application,
        "fill": {**application, "step": "income"},
        "offer": {"public_id": offer.public_id},
        "less": {"public_id": offer.public_id},
        "offer_example": {"public_id": offer.public_id},
        "costs": {"public_id": offer.public_id},
        "contract": {"public_id": offer.public_id},
        "loan": {"public_id": loan.public_id},
        "progress": {"public_id": loan.public_id},
        "payoff": {"public_id": loan.public_id},
        "signed_contract": {"public_id": loan.public_id},
        "supplement": {"public_id": change.public_id},
        "cancel_loan": {"public_id": loan.public_id},
        "difficulty": {"public_id": loan.public_id},
        "ask_for_plan": {"public_id": loan.public_id},
        "plan": {"public_id": loan.public_id},
        "decline_plan": {"public_id": loan.public_id},
        "pay": {"public_id": loan.public_id},
        "payment": {"key": order.key},
        "payment_state": {"key": order.key},
        "notice": {"pk": notice.pk},
    }


def addresses(customer: Customer) -> dict[str, str]:
    """Every page of the portal, by name, with this customer's own things in it."""
    named = things_of(customer)
    other = {"example": {"code": "consumer-installment"}, "apply_for": {"code": "consumer-installment"}}
    other |= {"withdraw_consent": {"purpose": "marketing"}}
    return {
        pattern.name: reverse(f"portal:{pattern.name}", kwargs=named.get(pattern.name) or other.get(pattern.name) or {})
        for pattern in urls.urlpatterns
    }


def test_the_sets_above_name_pages_that_exist():
    assert {pattern.name for pattern in urls.urlpatterns} >= OPEN_TO_ALL | POST_ONLY | GET_ONLY


def test_another_customers_things_are_not_there(ada, bao):
    client = browser(bao)
    before = PaymentOrder.objects.count(), Loan.objects.count()
    for name, arguments in things_of(ada).items():
        address = reverse(f"portal:{name}", kwargs=arguments)
        if name not in POST_ONLY:
            assert client.get(address).status_code == 404, name
        if name not in GET_ONLY:
            assert client.post(address, {"amount": "1", "key": new_key()}).status_code == 404, name
    assert (PaymentOrder.objects.count(), Loan.objects.count()) == (before[0] + 1, before[1] + 1)
    assert not Delivery.objects.filter(result=Delivery.Result.READ).exists()


def test_her_own_things_are_there(ada):
    client = browser(ada)
    for name, address in addresses(ada).items():
        if name not in POST_ONLY:
            assert client.get(address).status_code in (200, 302, 422), name


def test_anonymous_visitors_are_asked_to_sign_in(ada):
    client = browser()
    for name, address in addresses(ada).items():
        if name in OPEN_TO_ALL:
            continue
        answer = client.post(address) if name in POST_ONLY else client.get(address)
        assert answer.status_code == 302 and answer.url.startswith(reverse("account_login")), name


def test_a_page_left_open_goes_to_sign_in_as_a_whole(ada):
    loan = paid_out_loan(ada)
    address = reverse("portal:progress", args=[loan.public_id])
    answer = browser().get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (204, reverse("account_login"), b"")


def test_staff_are_told_where_their_work_is():
    otto = User.objects.create_user("otto", is_staff=True)
    client = browser()
    client.force_login(otto, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("portal:home"))
    assert answer.status_code == 403 and reverse("admin:index") in text(answer)
    assert client.post(reverse("portal:consents")).status_code == 403
    assert not Customer.objects.exists()


def test_wrong_methods_are_answered_405(ada):
    client = browser(ada)
    for name, address in addresses(ada).items():
        assert client.delete(address).status_code == 405, name
        if name in POST_ONLY:
            assert client.get(address).status_code == 405, name
        if name in GET_ONLY:
            answer = client.post(address)
            assert answer.status_code == 405 and "GET" in answer["Allow"], name


def test_a_page_that_answers_a_form_names_the_address_by_which_it_is_gone_back_to(ada):
    client, answered = browser(ada), set()
    for name, address in addresses(ada).items():
        if name in GET_ONLY:
            continue
        answer = client.post(address, {"key": "wrong"})
        if answer.status_code != 422:
            continue
        answered.add(name)
        found = re.search(r'<main [^>]*data-address="([^"]+)"', text(answer))
        assert found and client.get(found[1]).status_code in (200, 302), name
        assert "data-address" not in text(client.get(found[1], follow=True)), name
    assert answered >= {"apply_for", "privacy", "ask", "pay", "difficulty", "ask_for_plan"}, answered


def test_forms_without_their_token_change_nothing(ada):
    client = browser(ada, enforce_csrf_checks=True)
    loan = paid_out_loan(ada)
    address = reverse("portal:pay", kwargs={"public_id": loan.public_id})
    assert client.post(address, {"amount": "1", "key": new_key()}).status_code == 403
    assert not PaymentOrder.objects.exists()


def test_no_page_carries_inline_code_or_asks_another_host(ada):
    client = browser(ada)
    for name, address in addresses(ada).items():
        if name in POST_ONLY:
            continue
        answer = client.get(address, follow=True)
        page = text(answer)
        if "html" not in answer["Content-Type"]:
            continue
        assert not re.search(r"\son\w+\s*=\s*[\"']", page), name
        assert not re.search(r"<[^>]+\sstyle\s*=", page), name
        assert not re.search(r"<style", page), name
        for script in re.findall(r"<script[^>]*>", page):
            assert "src=" in script or 'type="application/json"' in script, name
        assert not re.search(r"(src|href)=\"(https?:)?//", page), name
        assert "'unsafe-inline'" not in answer["Content-Security-Policy"], name


def test_pages_have_one_title_one_heading_and_labelled_fields(ada):
    client = browser(ada)
    for name, address in addresses(ada).items():
        if name in POST_ONLY | {"example", "offer_example", "progress", "payment_state", "copy_of_data"}:
            continue
        page = text(client.get(address, follow=True))
        assert len(re.findall(r"<h1", page)) == 1, name
        assert page.count('<main id="content"') == 1 and 'class="skip"' in page, name
        labelled = set(re.findall(r"<label[^>]*\sfor=\"([^\"]+)\"", page))
        for control in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
            if 'type="hidden"' in control or "aria-label" in control or 'type="radio"' in control:
                continue
            found = re.search(r"\sid=\"([^\"]+)\"", control)
            assert found and found[1] in labelled, (name, control)
        ids = re.findall(r"\sid=\"([^\"]+)\"", page)
        assert len(ids) == len(set(ids)), name


def test_the_language_is_switched_on_every_page_and_kept(ada):
    client = browser(ada)
    assert 'name="language" value="zh-hans"' in text(client.get(reverse("portal:home")))
    answer = client.post(reverse("portal:language"), {"language": "zh-hans", "next": "/home/"})
    assert (answer.status_code, answer.url) == (302, "/home/")
    ada.refresh_from_db()
    assert ada.language == User.objects.get(pk=ada.user_id).language == "zh-hans"
    assert 'lang="zh-hans"' in text(client.get("/home/"))
    assert client.post(reverse("portal:language"), {"language": "en", "next": "https://elsewhere.example/"}).url == "/"


def test_a_new_browser_speaks_the_users_language(ada):
    client = browser(ada)
    del client.cookies["django_language"]
    answer = client.get("/home/", HTTP_ACCEPT_LANGUAGE="zh-CN")
    assert '<html lang="en">' in text(answer) and answer.cookies["django_language"].value == "en"


def test_long_lists_come_in_pages_and_notices_are_marked_read(ada):
    loan = {"loan": "L1", "closed_on": TODAY, "credit_minor": 0, "currency": "CNY"}
    for number in range(45):
        notices.notify(ada, kind="loan_paid_off", key=f"n{number}", context=loan, on=TODAY)
    client = browser(ada)
    assert text(client.get("/notices/")).count("notice-item unread") == 20
    assert text(client.get("/notices/?page=3")).count("notice-item unread") == 5
    assert client.get("/notices/?page=nonsense").status_code == 200
    newest = ada.notices.latest("pk")
    for _again in range(2):
        client.get(reverse("portal:notice", args=[newest.pk]))
    assert Delivery.objects.filter(notice=newest, result=Delivery.Result.READ).count() == 1
    client.post(reverse("portal:read_all"))
    assert "notice-item unread" not in text(client.get("/notices/"))


def test_a_copy_of_ones_data_holds_ones_own_data_alone(ada, bao):
    paid_out_loan(ada)
    paid_out_loan(bao)
    copy = browser(ada).get(reverse("portal:copy_of_data"))
    assert "attachment" in copy["Content-Disposition"]
    data = copy.json()
    assert data["person"]["id_number"] == ada.person.id_number
    assert [loan["number"] for loan in data["loans"]] == [ada.loans.get().number]
    assert bao.person.name not in text(copy) and bao.person.phone not in text(copy)


def test_every_page_is_found_at_the_root():
    assert get_resolver().resolve("/").view_name == "portal:landing"
