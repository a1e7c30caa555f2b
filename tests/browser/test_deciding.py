"""Two officers at the desk: one decides what was referred, the other must agree before much money goes out."""

import pytest

from tests.browser import portal_steps as portal
from tests.browser.conftest import Sit
from tests.browser.lender import Lender
from tests.browser.prepare import RUI_PHONE
from tests.browser.seat import DESK

pytestmark = pytest.mark.browser

ACCOUNT = "6222020200445566778"
WISH = portal.Wish(amount="150000", installments="36", income="30000", expenses="9000", assets="500000")


def test_a_referred_application_is_decided_by_otto_and_a_large_disbursement_needs_sun(lender: Lender, sit: Sit) -> None:
    rui = sit().sign_in(RUI_PHONE)
    portal.apply(rui, WISH)
    application, number = rui.path, rui.text(".eyebrow").rsplit("·", 1)[1].strip()
    assert rui.page.locator(".seal-look").count() == 1, rui.text()
    assert rui.page.locator(".reasons li").count() >= 1, "why a person looks at it"
    assert rui.page.locator("main a[href^='/offers/']").count() == 0

    otto = sit(DESK, "en-US").sign_in_at_the_desk("otto")
    otto.press("a[href='/admin/applications/application/']")
    otto.press(f"#result_list a:text-is('{number}')")
    case = otto.path
    page = otto.text("body")
    for heading in ("Who asks", "Credit assessment", "What the rules say", "Facts", "Consents", "History with us"):
        assert heading in page, heading
    assert "Many lenders inquired about you" in page and "150,000.00" in page
    assert RUI_PHONE not in page and "Rui" not in page, "who asks is masked"
    otto.picture("desk", down_to="section:has(h2:text('Credit assessment'))")
    otto.press("form[action$='/take/'] button")
    assert "Taken by otto" in otto.text("body")
    decide = "form[action$='/decide/'] button[type=submit]"
    otto.press(decide)
    assert otto.page.locator("form[action$='/decide/'] [role=alert]").count() >= 2, "no reason, no decision"
    otto.page.locator("input[name=outcome][value=approve]").check()
    otto.page.fill("#id_amount", "150000")
    otto.page.fill("#id_yearly_rate_percent", "14.4")
    otto.page.select_option("#id_installments", "36")
    otto.page.select_option("#id_reason_code", "INCOME_VERIFIED")
    otto.page.fill("#id_note", "Payslips of twelve months were seen; the inquiries were for one car.")
    otto.press(decide)
    assert otto.path == "/admin/applications/application/", otto.text("body")
    otto.go(case)
    assert otto.page.locator(decide).count() == 0 and "Payslips of twelve months" in otto.text("body")

    rui.go(application)
    rui.press("main a[href^='/offers/']")
    assert "150,000.00" in rui.text() and "14.4" in rui.text()
    portal.sign(rui, name="Rui", account=ACCOUNT)
    loan, loan_number = rui.path, rui.text(".eyebrow").rsplit("·", 1)[1].strip()
    assert rui.page.locator("#disbursement .now").count() == 1
    assert rui.page.locator("a[href$='/pay/']").count() == 0

    otto.go("/admin/loans/disbursement/?status__exact=requested")
    otto.press(f"#result_list a:text-is('{loan_number}')")
    order = otto.path
    assert otto.page.locator("form[action$='/approve/']").count() == 0, "whoever decided does not pay out as well"
    assert otto.post(order.replace("/change/", "/approve/")) == 403

    sun = sit(DESK, "en-US").sign_in_at_the_desk("sun")
    sun.press("a[href='/admin/loans/disbursement/?status__exact=requested']")
    sun.go(order)
    assert "otto" in sun.text("body") and "150,000.00" in sun.text("body")
    sun.press("form[action$='/approve/'] button")
    portal.wait_for_payout(rui)
    assert rui.path == loan and "150,000.00" in rui.text()
    sun.go(order)
    assert "Needs a second officer" in sun.text("body") and "SIM" in sun.text("body")
