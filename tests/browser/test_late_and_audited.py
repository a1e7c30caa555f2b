"""A loan turns late, its borrower is reminded, and Cora takes its trail home and proves it true."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import Sit
from tests.browser.lender import Lender
from tests.browser.prepare import LIN_PHONE
from tests.browser.seat import DESK, Seat

pytestmark = pytest.mark.browser


def test_a_late_loan_is_reminded_and_cora_exports_and_verifies_its_trail(
    lender: Lender, sit: Sit, tmp_path: Path
) -> None:
    number, days = lender.facts["late_loan"], lender.facts["late_by"]
    lin = sit().sign_in(LIN_PHONE)
    assert lin.page.locator(".chip-bad").count() == 1 and days in lin.text(".chip-bad")
    notices = lin.page.locator(".notice-item", has_text=f"{number} 第1期已逾期{days}天")
    before = _come(lin, notices)  # the clock's own doing: nobody has closed the day by hand
    assert "remind" in lender.manage("close_business_day")
    lin.go("/notices/")
    assert notices.all_inner_texts() == before, "closing the day again reminds nobody again"
    lin.go(f"/loans/{lender.facts['late_loan_id']}/")
    assert lin.page.locator("tr.is-late").count() == 1

    cora = sit(DESK, "en-US").sign_in_at_the_desk("cora")
    cora.go("/admin/loans/loan/?late=any")
    row = cora.page.locator("#result_list tbody tr", has_text=number)
    assert row.locator(".field-past_due").inner_text().strip() == days
    cora.press(f"#result_list a:text-is('{number}')")
    assert f"{days} day" in cora.text(".desk-badge.bad")
    assert cora.page.locator("section:has(h2:text-is('Arrears')) td.number").first.inner_text() == days
    loan = cora.path
    cora.go(f"/admin/customers/notice/?kind__exact=reminder_after&q={number}")
    told = cora.page.locator("#result_list th a[href*='/change/']").count()
    assert told == 1, "one reminder of one kind for one installment"
    cora.press("#result_list a[href*='/change/']")
    reminder = cora.path
    assert "Inbox" in cora.page.locator(".field-channel").all_inner_texts()

    cora.go(loan)
    cora.press(f"a[href='/admin/compliance/trailexport/export/?loan={number}']")
    assert cora.page.input_value("#id_loan") == number
    cora.page.fill("#id_reason", "Regular audit of late loans")
    with cora.page.expect_download() as downloading:
        cora.page.locator(".desk-form button[type=submit]").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    assert number in file.name and file.read_text(encoding="utf-8").count("\n") > 10
    assert "The trail holds" in lender.manage("verify_trail", str(file))

    assert _verified_at_the_desk(cora, file) == "Sound"
    forged = tmp_path / "forged.jsonl"
    text = file.read_text(encoding="utf-8")
    assert "2026-" in text or number in text
    forged.write_text(text.replace(number, number[:-1] + "x"), encoding="utf-8")
    assert _verified_at_the_desk(cora, forged) == "Broken"
    cora.go("/admin/compliance/trailexport/verify/")
    cora.press("form[action$='/verify/'] button[type=submit]")
    assert cora.text("[role=status] .desk-badge") == "Sound"

    assert " 0 differences" in lender.manage("verify_loans")
    lender.wait_for_message(LIN_PHONE, number, 120)
    cora.go(reminder)
    assert "SMS" in cora.page.locator(".field-channel").all_inner_texts(), "the delivery log knows the message as well"


def _come(lin: Seat, notices: Locator) -> list[str]:
    """The notices about her loan, once there are any; the timetable's next minute may have to come first."""
    for _ in range(60):
        lin.go("/notices/")
        if notices.count():
            return notices.all_inner_texts()
        lin.page.wait_for_timeout(2000)
    raise AssertionError(lin.text())


def _verified_at_the_desk(cora: Seat, file: Path) -> str:
    cora.go("/admin/compliance/trailexport/verify/")
    cora.page.set_input_files("#id_file", file)
    cora.press("form[action$='/verify-file/'] button[type=submit]")
    return cora.text("[role=status] .desk-badge")
