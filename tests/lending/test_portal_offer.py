"""From the offer to the signature: less if she likes, the cost sheet read, the contract signed once by herself."""

import pytest
from django.urls import reverse

from lending.applications.models import Contract, Offer, Signature
from lending.applications.withdrawal import expire_offers
from lending.loans.models import Disbursement, Loan
from lending.portal.offer import SECONDS_TO_READ
from tests import builders
from tests.cast import TODAY
from tests.lending.portal_world import browser, paid_out_loan, text, today  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

ACCOUNT = "6222 0212 3456 7890"


@pytest.fixture
def offer() -> Offer:
    return builders.offered()


def page(name: str, offer: Offer) -> str:
    return reverse(f"portal:{name}", args=[offer.public_id])


def client_of(offer: Offer):
    return browser(offer.application.customer)


def confirmed(offer: Offer, clock):
    """A browser in which the cost sheet was read and confirmed."""
    client = client_of(offer)
    client.get(page("costs", offer))
    clock.shift(SECONDS_TO_READ)
    assert client.post(page("costs", offer), {"confirmed": "yes"}).url == page("contract", offer)
    return client


def signature(client, offer: Offer, **changes):
    client.get(page("contract", offer))
    sent = {
        "sha256": Contract.objects.get(offer=offer).sha256,
        "account_number": ACCOUNT,
        "read": "on",
        "name": "Ada  Lovelace",
        **changes,
    }
    return client.post(page("contract", offer), {name: value for name, value in sent.items() if value is not None})


def test_the_offer_shows_every_cost_and_every_installment(offer):
    shown = text(client_of(offer).get(page("offer", offer)))
    for figure in ("¥12,000.00", "¥1,066.19", "12.00%", "12.68%", "¥794.23", "¥12,794.23"):
        assert figure in shown, figure
    assert shown.count('class="num fw-semibold"') == 12


def test_who_is_offered_less_reads_why_apart_from_what_spoke_for_her():
    builders.deciding_model()
    asked = builders.application(
        channel="partner:shop", amount="60000", records="no", bureau_inquiries_6m=0, bureau_open_loans=0, bureau_max_dpd_24m=0,
        bureau_history_months=120, income_monthly="9000", expenses_monthly="3000", home_ownership="owner",
        employment_type="public", debt_service_monthly="0",
    )  # fmt: skip
    decision = builders.submit(asked)
    assert decision.outcome == "approve" and decision.limit_minor < 60_000_00, decision.reasons
    (bound,) = decision.reasons_against
    assert bound["code"] == "NOT_AFFORDABLE" and decision.reasons_for
    shown = text(browser(asked.customer).get(reverse("portal:application", args=[asked.public_id])))
    less, spoke = shown.index("Why it is not what you asked for"), shown.index("What spoke for you")
    assert less < shown.index("¥60,000</span> in 12 installments") < shown.index(bound["text_en"]) < spoke
    assert all(shown.index(reason["text_en"]) > spoke for reason in decision.reasons_for)


def test_who_is_offered_all_of_it_reads_of_no_bound(offer):
    shown = text(client_of(offer).get(reverse("portal:application", args=[offer.application.public_id])))
    assert "What spoke for you" in shown and "Why it is not what you asked for" not in shown


def test_taking_less_makes_a_new_offer_and_the_old_one_leads_to_it(offer):
    client = client_of(offer)
    answer = client.post(page("less", offer), {"amount": "8000", "installments": "12"})
    newer = Offer.objects.latest("pk")
    assert answer.url == page("offer", newer) and newer.amount_minor == 800_000
    assert client.get(page("offer", offer)).url == page("offer", newer)
    assert client.post(page("costs", offer), {"confirmed": "yes"}).url == page("offer", newer)


@pytest.mark.parametrize(
    ("amount", "installments", "field"),
    [("12000.01", "12", "amount"), ("1", "12", "amount"), ("x", "12", "amount"), ("8000", "60", "installments")],
)
def test_more_than_approved_is_not_to_be_had(offer, amount, installments, field):
    answer = client_of(offer).post(page("less", offer), {"amount": amount, "installments": installments})
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert Offer.objects.count() == 1


def test_the_example_of_the_offer_is_at_its_own_rate(offer):
    client = client_of(offer)
    assert "¥794.23" in text(client.get(page("offer_example", offer), {"amount": "12000", "installments": "12"}))
    assert client.get(page("offer_example", offer), {"amount": "13000", "installments": "12"}).status_code == 422


def test_the_contract_opens_only_after_the_cost_sheet(offer):
    assert client_of(offer).get(page("contract", offer)).url == page("costs", offer)
    assert not Contract.objects.exists()


def test_the_cost_sheet_takes_its_time_and_a_tick(offer, today):  # noqa: F811
    client = client_of(offer)
    assert client.post(page("costs", offer), {"confirmed": "yes"}).status_code == 422
    client.get(page("costs", offer))
    today.shift(SECONDS_TO_READ - 1)
    assert client.post(page("costs", offer), {"confirmed": "yes"}).status_code == 422
    today.shift(1)
    assert client.post(page("costs", offer)).status_code == 422
    assert client.post(page("costs", offer), {"confirmed": "yes"}).status_code == 302


def test_ada_signs_and_her_loan_is_opened_once(offer, today):  # noqa: F811
    client = confirmed(offer, today)
    answer = signature(client, offer)
    loan = Loan.objects.get()
    assert answer.url == reverse("portal:loan", args=[loan.public_id])
    given = Signature.objects.get()
    assert given.disclosure_confirmed and given.method == "portal"
    assert client.post(page("contract", offer), {"sha256": given.sha256}).url == answer.url
    assert Disbursement.objects.count() == Signature.objects.count() == 1
    waiting = text(client.get(answer.url))
    assert "7890" in waiting and "6222021234567890" not in waiting
    assert 'hx-trigger="every 2s"' in waiting


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"read": None}, "read"),
        ({"name": "Bao"}, "name"),
        ({"account_number": "123"}, "account_number"),
        ({"account_number": "6222-0212"}, "account_number"),
        ({"sha256": "0" * 64}, None),
    ],
)
def test_what_is_not_a_signature_signs_nothing(offer, today, changes, field):  # noqa: F811
    answer = signature(confirmed(offer, today), offer, **changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors if field else answer.context["form"].errors
    assert not Signature.objects.exists() and not Loan.objects.exists()


def test_an_offer_that_ran_out_cannot_be_signed(offer, today):  # noqa: F811
    client = confirmed(offer, today)
    expire_offers(offer.expires_on.replace(day=offer.expires_on.day + 1))
    application = reverse("portal:application", args=[offer.application.public_id])
    assert client.get(page("contract", offer)).url == application
    assert "run out" in text(client.get(application))


def test_the_signed_contract_can_be_read_again_letter_by_letter():
    loan = paid_out_loan(builders.identified_person())
    shown = text(browser(loan.customer).get(reverse("portal:signed_contract", args=[loan.public_id])))
    contract = Contract.objects.get()
    assert contract.sha256 in shown and contract.number in shown
    assert loan.opened_on == TODAY
