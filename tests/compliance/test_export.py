"""The export of one loan holds all that tells of it, and proves itself."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from compliance import export
from compliance.export import export_trail
from compliance.models import TrailExport
from compliance.sealing import sealed_models
from compliance.verification import verify_chain, verify_file
from lending.repayments.posting import post_repayment
from tests.cast import TODAY, Staff
from tests.lending.loan_builders import active_loan

#: Rows that are not about one loan: what everybody shares, who works here, and what the trail says of itself.
NOT_ABOUT_ONE_LOAN = {
    "customers.HistoricalUser", "customers.ConsentText", "customers.HistoricalServiceCase",
    "regulation.HistoricalRuleParameter", "products.HistoricalProduct", "ledger.HistoricalAccount", "loans.BankCallback",
    "servicing.HistoricalJobRun", "api.IdempotentAnswer",
    "compliance.TrailExport", "compliance.PersonalDataView",
}  # fmt: skip


def test_every_sealed_table_is_either_exported_or_said_not_to_be_about_a_loan() -> None:
    exported = set(export.TO_LOAN) | set(export.TO_LOAN_NUMBER) | set(export.TO_APPLICATION) | set(export.TO_CUSTOMER)
    exported |= {"scoring.Score", "scoring.HistoricalModelVersion", "products.HistoricalProductVersion"}
    ours = {"customers", "regulation", "products", "applications", "ledger", "loans", "repayments", "servicing",
            "collections", "api", "compliance"}  # fmt: skip
    sealed = {model._meta.label for model in sealed_models() if model._meta.app_label in ours}
    assert sealed - exported - NOT_ABOUT_ONE_LOAN == set()


@pytest.mark.django_db
def test_cora_exports_a_loan_and_a_changed_file_does_not_hold(staff: Staff, tmp_path: Path) -> None:
    loan = active_loan()
    post_repayment(
        loan, amount_minor=100, currency=loan.currency, received_on=TODAY, channel="bank", key="k1", by=None, on=TODAY
    )
    path = tmp_path / "trail.jsonl"
    made = export_trail(loan_number=loan.number, to=path, by=staff.cora, reason="An inquiry of the regulator")
    assert verify_chain().sound
    assert verify_file(path).sound
    assert verify_file(path, against_database=False).sound
    lines = path.read_text(encoding="utf-8").splitlines()
    header, rows = json.loads(lines[0]), [json.loads(line) for line in lines[1:]]
    assert header["rows"] == len(rows) == made.rows
    tables = {row["table"] for row in rows}
    assert {"loans_loanevent", "loans_allocation", "repayments_repayment", "ledger_entry", "ledger_line"} <= tables
    call_command("verify_trail", str(path))

    at = next(number for number, row in enumerate(rows) if row["table"] == "repayments_repayment")
    rows[at]["row"]["amount_minor"] = 100_000
    path.write_text("\n".join([lines[0], *(json.dumps(row) for row in rows)]) + "\n", encoding="utf-8")
    assert {finding.kind for finding in verify_file(path, against_database=False).findings} == {"row changed"}
    with pytest.raises(CommandError, match="does not hold"):
        call_command("verify_trail", str(path))


@pytest.mark.django_db
def test_an_export_needs_a_reason_and_leaves_nothing_without_one(staff: Staff, tmp_path: Path) -> None:
    loan = active_loan()
    path = tmp_path / "trail.jsonl"
    with pytest.raises(export.ReasonMissing), translation.override("en"):
        export_trail(loan_number=loan.number, to=path, by=staff.cora, reason="  ")
    assert not path.exists()
    assert not TrailExport.objects.exists()
