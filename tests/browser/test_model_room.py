"""The model room in a browser: the inventory and a validation report, and a strategy written by one, tried, approved by
another, and taken back, without a line of JSON.
"""

import pytest

from tests.browser.conftest import Sit
from tests.browser.seat import DESK

pytestmark = pytest.mark.browser


def test_a_validator_reads_the_report(sit: Sit) -> None:
    vera = sit(DESK, "en-US").sign_in_at_the_desk("vera")
    vera.press("a[href='/admin/scoring/modelversion/']")
    assert "certificate ends" in vera.text("#result_list").lower()
    vera.press("#result_list a:has-text('consumer-credit v1')")
    page = vera.text("body")
    for words in (
        "Measured on rows it had not seen",
        "Calibration",
        "Lift",
        "Fairness: Sex",
        "Strength of the factors",
    ):
        assert words in page, words
    assert vera.page.locator("svg.desk-plot").count() >= 4
    vera.picture("validation", down_to="section:has(h2:text('Lift'))")
    assert vera.page.locator("form[action$='/act/certify/']").count() == 0


def test_a_strategy_is_written_tried_approved_and_taken_back(sit: Sit) -> None:
    ruth = sit(DESK, "en-US").sign_in_at_the_desk("ruth")
    ruth.go("/admin/scoring/strategy/add/")
    rows = ruth.page.locator("fieldset.desk-rule").count()
    ruth.page.fill("#id_cut_offs-approve_to_pd", "50")
    ruth.press("button[name=add]")
    assert ruth.page.locator("fieldset.desk-rule").count() == rows + 1
    new = f"#id_rules-{rows}-"
    ruth.page.select_option(f"{new}part", "policy")
    ruth.page.select_option(f"{new}fact0", "fact:bureau_open_loans")
    ruth.page.select_option(f"{new}op0", "ge")
    ruth.page.fill(f"{new}value0", "7")
    ruth.page.fill(f"{new}text_zh", "您在其他机构的未结清贷款较多，需人工核实。")
    ruth.page.fill("#id_note", "Too many loans elsewhere are looked at by a person.")
    save = "form:has(fieldset.desk-rule) button:text('Save draft')"
    ruth.press(save)
    wrong = ruth.text("[role=alert]")
    assert f"Rule {rows + 1}, Reason in English" in wrong and "Declined from a probability of default of" in wrong
    ruth.page.fill(f"{new}text_en", "You have many open loans elsewhere; a person will check this.")
    ruth.page.fill("#id_cut_offs-approve_to_pd", "9")
    ruth.press(save)
    draft = ruth.path
    page = ruth.text("body")
    assert "Open loans elsewhere is at least 7 loans" in page and "18% → 9%" in page
    assert ruth.page.locator("form[action$='/approve/']").count() == 0, "its maker does not approve it"
    ruth.press("a[href='?replay#replay']")
    assert "Swapped out" in ruth.text("#replay")
    ruth.press("#replay a:text('Who changes sides')")
    assert "would be decided otherwise" in ruth.text("body")
    ruth.go("/admin/scoring/strategy/1/change/")
    ruth.press("form[action$='/copy/'] button")
    assert ruth.path != draft and "Nothing: the rules are the same." in ruth.text("body")
