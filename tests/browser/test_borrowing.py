"""A customer alone with the portal, on a phone and in Chinese: from nothing to a loan that is being repaid."""

import random
import re

import pytest

from tests.browser import portal_steps as portal
from tests.browser.conftest import Sit
from tests.browser.lender import Lender
from tests.browser.prepare import without_a_blot

pytestmark = pytest.mark.browser

NAME = "陈美"
ACCOUNT = "6222020200112233445"
WISH = portal.Wish(amount="18000", installments="12", income="22000", expenses="6000")


def test_a_loan_from_registration_to_repayment(lender: Lender, sit: Sit) -> None:
    mei, phone = sit(), f"137{random.randrange(10**6, 10**7)}5"
    portal.register(mei, phone)
    portal.consent(mei)
    id_number = without_a_blot(random.Random(phone))
    wrong = id_number[:17] + ("1" if id_number[17] != "1" else "2")
    portal.identify(mei, name=NAME, id_number=id_number, wrong_number=wrong)

    assert portal.apply(mei, WISH) <= 5
    assert mei.path.startswith("/applications/")
    assert mei.page.locator(".reasons li").count() >= 1, "the decision comes at once and with its reasons"
    mei.press("main a[href^='/offers/']")
    offer = mei.text()
    assert "18,000.00" in offer and "IRR" in offer
    assert len(re.findall(r"\d+(?:\.\d+)?\s?%", offer)) >= 3, "the rate, IRR x 12 and the effective rate"
    assert mei.page.locator("table.book tbody tr").count() == 12
    portal.sign(mei, name=NAME, account=ACCOUNT)
    loan = mei.path
    portal.wait_for_payout(mei)

    assert mei.page.locator("progress.bar").get_attribute("value") == "0"
    rows = mei.page.locator("table.book tbody tr")
    assert rows.count() == 12
    due = re.search(r"[\d,]+\.\d\d", mei.text(".figure"))
    assert due
    mei.press("a[href$='/pay/']")
    assert mei.page.input_value("#id_amount") == due.group().replace(",", "")
    mei.press()
    assert mei.path.startswith("/payments/")
    mei.page.locator("[data-print]").wait_for(timeout=120_000)  # the receipt, once the bank has confirmed
    assert due.group() in mei.text() and "SIM" in mei.text()
    mei.go(loan)
    assert int(mei.page.locator("progress.bar").get_attribute("value") or 0) > 0
    assert rows.first.locator(".chip-good").count() == 1
    assert rows.nth(1).locator(".chip-good").count() == 0

    mei.go("/notices/")
    kept = mei.page.locator(".notice-item")
    assert kept.count() >= 4, "approved, signed, paid out, received"
    unread = mei.page.locator(".notice-item.unread").count()
    mei.press(".notice-item")
    assert due.group() in mei.text("article")
    mei.go("/notices/")
    assert mei.page.locator(".notice-item.unread").count() == unread - 1
    assert lender.wait_for_message(phone, re.escape(due.group()), 120), "and by SMS, from the worker's clock"
