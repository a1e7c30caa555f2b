"""What is not yours does not exist, and what is not your work is refused."""

import json

import pytest

from tests.browser.conftest import Sit
from tests.browser.lender import ADA_PHONE, BAO_PHONE, Lender
from tests.browser.seat import DESK

pytestmark = pytest.mark.browser

OF_A_LOAN = ("", "payoff/", "pay/", "contract/", "progress/")


def test_others_see_nothing(lender: Lender, sit: Sit) -> None:
    loan = f"/loans/{lender.facts['adas_loan_id']}/"
    stranger = sit()
    stranger.go(loan)
    assert stranger.path == "/accounts/login/"

    ada = sit().sign_in(ADA_PHONE)
    ada.go(loan)
    assert lender.facts["adas_loan"] in ada.text()
    owed = _state_of(lender)

    bao = sit().sign_in(BAO_PHONE)
    for page in OF_A_LOAN:
        bao.go(loan + page, 404)
        assert lender.facts["adas_loan"] not in bao.text("body")
    bao.go("/home/")
    assert bao.post(f"{loan}pay/", amount="1", key="6a0d5bb4-3f2f-4b0c-9a5f-0d6d3c1f0a11") == 404
    assert bao.post(loan) == 405, "a loan is looked at, not posted to"
    bao.go("/language/", 405)
    bao.go("/admin/")
    assert bao.path == "/admin/login/", "customers have no desk"

    mallory = sit(DESK, "en-US").sign_in_at_the_desk("mallory", let_in=False)
    mallory.go("/admin/", 403)
    assert mallory.page.locator("a[href^='/admin/']").count() == 0, "the desk offers her nothing"
    rows = json.loads(owed)
    for address in (
        f"/admin/loans/loan/{rows['loan']}/change/",
        f"/admin/loans/disbursement/{rows['disbursement']}/change/",
        f"/admin/applications/application/{rows['application']}/change/",
        "/admin/customers/customer/",
        "/admin/compliance/trailexport/export/",
    ):
        mallory.go(address, 403)
        assert lender.facts["adas_loan"] not in mallory.text("body")
    for address in (
        f"/admin/loans/disbursement/{rows['disbursement']}/approve/",
        f"/admin/applications/application/{rows['application']}/decide/",
        f"/admin/applications/application/{rows['application']}/take/",
        "/admin/compliance/trailexport/export/",
    ):
        assert mallory.post(address, outcome="approve", loan=lender.facts["adas_loan"], reason="curiosity") == 403
    mallory.go(loan, 403)
    assert _state_of(lender) == owed, "and nothing has changed"


def _state_of(lender: Lender) -> str:
    """Ada's loan as the database has it: identifiers, balances, and how many rows hang on it."""
    said = lender.manage(
        "shell",
        "-v",
        "0",
        "-c",
        f"""
import json
from lending.loans.models import Loan
from compliance.models import TrailExport
loan = Loan.objects.get(number="{lender.facts["adas_loan"]}")
print(json.dumps({{
    "loan": loan.pk, "application": loan.application_id, "disbursement": loan.disbursements.get().pk,
    "status": loan.status, "outstanding": loan.outstanding_minor, "events": loan.events.count(),
    "payments": loan.payment_orders.count(), "decisions": loan.application.decisions.count(),
    "exports": TrailExport.objects.filter(subject=loan.number).count(),
}}))
""",
    )
    return said[said.index("{") :]
