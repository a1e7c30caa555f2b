"""The loan's page, the payoff of any day, and a payment from the click to the receipt, once however often sent."""

import datetime as dt

import pytest
from django.urls import reverse

from lending.finance.money import from_minor, to_minor
from lending.loans.models import Loan
from lending.loans.recording import refresh
from lending.repayments import ordering
from lending.repayments.models import PaymentOrder, Repayment
from lending.repayments.posting import post_repayment
from tests import builders
from tests.cast import TODAY
from tests.lending import loan_builders
from tests.lending.portal_world import browser, new_key, paid_out_loan, text, today  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def loan() -> Loan:
    return paid_out_loan(builders.identified_person())


def page(name: str, loan: Loan) -> str:
    return reverse(f"portal:{name}", args=[loan.public_id])


def word(order: PaymentOrder, succeeded: bool = True, reason: str = "") -> None:
    ordering.settle(key=str(order.key), succeeded=succeeded, bank_reference="B77", reason=reason, on=TODAY)


def test_the_loan_shows_what_is_due_and_when(loan):
    shown = text(browser(loan.customer).get(page("loan", loan)))
    assert "¥1,066.19" in shown and "14 October 2026" in shown and "¥12,000.00" in shown
    assert shown.count("To come") == 12


def test_a_loan_that_waits_for_its_money_is_watched_until_it_comes(loan):
    client = browser(loan.customer)
    assert client.get(page("progress", loan))["HX-Refresh"] == "true"
    bao = builders.identified_person("Bao")
    waiting = builders.signed_loan(bao)
    progress = browser(bao).get(page("progress", waiting))
    assert "HX-Refresh" not in progress and "With the bank" in text(progress)
    assert browser(bao).get(page("pay", waiting)).url == page("loan", waiting)


def test_the_payoff_of_any_day_counts_the_days(loan):
    client = browser(loan.customer)
    assert "¥12,000.00" in text(client.get(page("payoff", loan)))
    later = text(client.get(page("payoff", loan), {"on": "2026-10-14"}, headers={"HX-Request": "true"}))
    assert "¥12,120.00" in later and "<html" not in later


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "2026-09-13", "0001-01-01"])
def test_a_day_on_which_there_is_no_payoff_says_why(loan, day):
    answer = browser(loan.customer).get(page("payoff", loan), {"on": day})
    assert answer.status_code == 422 and 'role="alert"' in text(answer)


def test_paying_waits_for_the_banks_word_and_then_shows_the_receipt(loan):
    client = browser(loan.customer)
    assert 'value="1066.19"' in text(client.get(page("pay", loan)))
    answer = client.post(page("pay", loan), {"amount": "1,066.19", "key": new_key()})
    order = PaymentOrder.objects.get()
    address = reverse("portal:payment", args=[order.key])
    assert answer.url == address and "with the bank" in text(client.get(address))
    assert "HX-Refresh" not in client.get(reverse("portal:payment_state", args=[order.key]))
    assert client.get(page("pay", loan)).url == address
    word(order)
    assert client.get(reverse("portal:payment_state", args=[order.key]))["HX-Refresh"] == "true"
    receipt = text(client.get(address))
    for figure in ("Payment received", "¥1,066.19", "¥120.00", "¥946.19", "B77"):
        assert figure in receipt, figure
    assert "Paid" in text(client.get(page("loan", loan)))


def test_the_loan_links_each_payment_to_its_receipt_where_there_is_one(loan):
    client = browser(loan.customer)
    client.post(page("pay", loan), {"amount": "100", "key": new_key()})
    order = PaymentOrder.objects.get()
    word(order)
    received = {"currency": "CNY", "received_on": TODAY, "channel": "bank", "by": None, "on": TODAY}
    post_repayment(loan, amount_minor=7_700, key="by-bank", **received)
    for name, arguments in (("loan", [loan.public_id]), ("payments", [])):
        shown = text(client.get(reverse(f"portal:{name}", args=arguments)))
        assert shown.count(f'href="{reverse("portal:payment", args=[order.key])}"') == 1 and "¥77.00" in shown


def test_what_is_shown_and_asked_for_on_a_late_loan_is_the_engines_figure_of_that_day(today):  # noqa: F811
    penal = loan_builders.active_loan(terms={"penalty": {"multiple": "1.5"}}, of=builders.identified_person("Bao"))
    refresh(penal, on=dt.date(2026, 10, 20))
    today.move_to(dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC))
    summary, before = penal.state(dt.date(2026, 11, 20)).summary, penal.outstanding_penalties_minor
    assert to_minor(summary.outstanding_penalties, 2) > before > 0
    client = browser(penal.customer)
    for name in ("loan", "pay"):
        assert f"{summary.due_now:,}" in text(client.get(page(name, penal))), name
    assert f"¥{summary.due_now:,}" in text(client.get(reverse("portal:payments")))
    shown = text(client.get(page("loan", penal)))
    assert f"¥{summary.outstanding_penalties}" in shown and f"¥{from_minor(before, 2)}<" not in shown
    penal.refresh_from_db()
    assert penal.replayed_on == dt.date(2026, 10, 20), "looking writes nothing"


def test_the_next_payment_says_that_the_day_is_the_one_it_is_due_on(loan):
    for language, words in (("en", "Next due on 14 October 2026"), ("zh-hans", "下次到期日 2026年10月14日")):
        assert words in text(browser(loan.customer, language).get(reverse("portal:payments")))


def test_a_second_click_is_the_same_payment(loan):
    client = browser(loan.customer)
    sent = {"amount": "1066.19", "key": new_key()}
    first = client.post(page("pay", loan), sent).url
    assert client.post(page("pay", loan), sent).url == first
    word(PaymentOrder.objects.get())
    assert client.post(page("pay", loan), sent).url == first
    assert PaymentOrder.objects.count() == Repayment.objects.count() == 1


def test_a_key_is_not_used_for_another_amount_nor_a_second_payment_at_once(loan):
    client = browser(loan.customer)
    key = new_key()
    client.post(page("pay", loan), {"amount": "100", "key": key})
    for sent in ({"amount": "200", "key": key}, {"amount": "200", "key": new_key()}):
        answer = client.post(page("pay", loan), sent)
        assert answer.status_code == 422 and answer.context["form"].non_field_errors()
    assert PaymentOrder.objects.get().amount_minor == 10_000


@pytest.mark.parametrize("amount", ["", "0", "-5", "ten", "1.001", "9" * 20, "Infinity", "1e400"])
def test_amounts_that_cannot_be_order_nothing(loan, amount):
    answer = browser(loan.customer).post(page("pay", loan), {"amount": amount, "key": new_key()})
    assert answer.status_code == 422 and "amount" in answer.context["form"].errors
    assert not PaymentOrder.objects.exists()


def test_a_form_without_a_right_key_orders_nothing(loan):
    answer = browser(loan.customer).post(page("pay", loan), {"amount": "5", "key": "1"})
    assert answer.status_code == 422 and not PaymentOrder.objects.exists()


def test_a_payment_the_bank_refused_says_why_and_takes_nothing(loan):
    client = browser(loan.customer)
    client.post(page("pay", loan), {"amount": "100", "key": new_key()})
    order = PaymentOrder.objects.get()
    word(order, succeeded=False, reason="No funds")
    shown = text(client.get(reverse("portal:payment", args=[order.key])))
    assert "No funds" in shown and "No money was taken" in shown
    assert client.get(page("pay", loan)).status_code == 200 and not Repayment.objects.exists()


def test_a_slip_of_the_finger_takes_no_more_than_is_owed(loan):
    answer = browser(loan.customer).post(page("pay", loan), {"amount": "12000.01", "key": new_key()})
    assert answer.status_code == 422 and "12,000" in str(answer.context["form"].errors["amount"])
    assert not PaymentOrder.objects.exists()


def test_paying_everything_closes_the_loan_and_what_arrives_beyond_is_kept(loan):
    client = browser(loan.customer)
    client.post(page("pay", loan), {"amount": "12000", "key": new_key()})
    word(PaymentOrder.objects.get())
    post_repayment(
        loan,
        amount_minor=50_000,
        currency="CNY",
        received_on=TODAY,
        channel="bank",
        key="t1",
        by=None,
        on=TODAY,
        even_if_closed=True,
    )
    loan.refresh_from_db()
    assert loan.status == Loan.Status.PAID_OFF and loan.credit_balance_minor == 50_000
    shown = text(client.get(page("loan", loan)))
    assert "Nothing is owed" in shown and "¥500.00" in shown
    assert client.get(page("pay", loan)).url == page("loan", loan)
    again = client.post(page("pay", loan), {"amount": "1", "key": new_key()})
    assert again.status_code == 422 and PaymentOrder.objects.count() == 1


def test_a_late_loan_says_so_everywhere(loan, today):  # noqa: F811
    today.shift(dt.timedelta(days=40))
    client = browser(loan.customer)
    for address in (reverse("portal:home"), reverse("portal:loans"), reverse("portal:payments"), page("loan", loan)):
        assert "10 days past due" in text(client.get(address)), address


def test_empty_pages_say_what_will_stand_there():
    client = browser(builders.identified_person())
    for name, words in (("loans", "no loan with us"), ("payments", "No payments yet"), ("home", "no loan with us")):
        assert words in text(client.get(reverse(f"portal:{name}"))), name


def test_the_payments_page_lists_what_arrived_by_whatever_way(loan):
    words = {"amount_minor": 12_345, "currency": "CNY", "received_on": TODAY, "by": None, "on": TODAY}
    post_repayment(loan, channel="bank", key="by-transfer", **words)
    shown = text(browser(loan.customer).get(reverse("portal:payments")))
    assert "¥123.45" in shown and "What we received" in shown and "No payments yet" not in shown
