"""Every page of the portal on a small screen, in both languages, from our own host alone."""

import pytest

from tests.browser.conftest import Sit
from tests.browser.lender import ADA_PHONE, Lender

pytestmark = pytest.mark.browser

OPEN_TO_ALL = ("/", "/help/", "/accounts/login/", "/accounts/signup/", "/accounts/login/code/")
OF_ADA = (
    "/home/", "/loans/", "/payments/", "/notices/", "/profile/", "/consents/", "/your-data/", "/help/", "/apply/",
    "/apply/consumer-installment/", "/accounts/password/change/",
)  # fmt: skip
OF_HER_LOAN = ("", "pay/", "payoff/", "contract/")


def test_every_page_fits_a_phone_in_both_languages(lender: Lender, sit: Sit) -> None:
    ada = sit()
    loan = f"/loans/{lender.facts['adas_loan_id']}/"

    def look(path: str, language: str) -> None:
        page = ada.go(path)  # whether it fits, `Seat` sees to on every page of every journey
        assert ada.path == path and page.locator("html").get_attribute("lang") == language, path

    def switch(language: str) -> None:
        ada.go("/help/")
        ada.press(f"button[name=language][value='{language}']")

    for path in OPEN_TO_ALL:
        look(path, "zh-hans")
    switch("en")
    for path in OPEN_TO_ALL:
        look(path, "en")
    ada.sign_in(ADA_PHONE)
    for language in ("en", "zh-hans"):
        if language != "en":
            switch(language)
        notice = ada.go("/notices/").locator(".notice-item").first.get_attribute("href") or ""
        for path in (*OF_ADA, *(loan + page for page in OF_HER_LOAN), notice):
            look(path, language)
    ada.go(loan)
    ada.picture("portal")
