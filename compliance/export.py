"""The trail of one loan as a file that proves itself: one JSON object a line, the header first.

header  {"format", "subject", "reason", "by", "exported_at", "rows", "head"}
row     {"table", "key", "sequence", "previous_hash", "hash", "row_sha256", "row": {column: canonical value}}
Rows come in the order of the chain. Personal identifiers stand as keyed digests (see `compliance.canonical`).
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.canonical import key_text, rows_by_key
from compliance.models import Seal, TrailExport
from compliance.sealing import GENESIS, seal_all
from customers.models import User
from customers.refusals import Refusal
from lending.loans.models import Loan

FORMAT = "loanbook trail 1"

#: Model -> lookup from it to the loan's id, or to the application's or the customer's: every row that tells of a loan.
TO_LOAN = {
    "loans.LoanEvent": "loan",
    "loans.Allocation": "loan",
    "loans.Cancellation": "loan",
    "repayments.Repayment": "loan",
    "servicing.ArrearsMove": "loan",
    "servicing.EarlyWarning": "loan",
    "servicing.HistoricalWarningTask": "loan",
    "servicing.HistoricalPlanChange": "loan",
    "collections.ContactAttempt": "case__loan",
    "collections.PromiseToPay": "case__loan",
    "loans.HistoricalDisbursement": "loan",
    "repayments.HistoricalPaymentOrder": "loan",
    "collections.HistoricalCase": "loan",
}
TO_LOAN_NUMBER = {"ledger.Entry": "loan_number", "ledger.Line": "entry__loan_number"}
TO_APPLICATION = {
    "applications.HistoricalApplication": "id",
    "applications.BureauInquiry": "application",
    "applications.SignalInquiry": "application",
    "applications.FactsSnapshot": "application",
    "applications.Decision": "application",
    "applications.Offer": "application",
    "applications.Contract": "offer__application",
    "applications.Signature": "contract__offer__application",
}
TO_CUSTOMER = {
    "customers.HistoricalCustomer": "id",
    "customers.HistoricalPerson": "customer_id",
    "customers.HistoricalOrganisation": "customer_id",
    "customers.IdentityCheck": "customer",
    "customers.Consent": "customer",
    "customers.Notice": "customer",
    "customers.Delivery": "notice__customer",
}


class LoanUnknown(Refusal):
    code = "loan_unknown"
    field = "loan"
    status = 404
    text = _("There is no loan with the number %(number)s. Check the number on the loan's page.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    field = "reason"
    status = 400
    text = _("Say why the trail is exported: the export itself is recorded.")


def export_trail(*, loan_number: str, to: Path, by: User | None, reason: str) -> TrailExport:
    """Seal what is new, write the loan's rows to the file `to`, and record the export.

    Raises LoanUnknown, ReasonMissing. The file appears whole or not at all.
    """
    if not reason.strip():
        raise ReasonMissing()
    loan = Loan.objects.select_related("application", "customer").filter(number=loan_number).first()
    if loan is None:
        raise LoanUnknown(number=loan_number)
    seal_all()
    last = Seal.objects.order_by("-sequence").first()
    head = last.hash if last else GENESIS
    items = sorted(_items(loan), key=lambda item: item["sequence"])
    header = {
        "format": FORMAT,
        "subject": loan.number,
        "reason": reason,
        "by": by.username if by else "system",
        "exported_at": timezone.now().isoformat(),
        "rows": len(items),
        "head": head,
    }
    whole = hashlib.sha256()
    partial = to.with_name(to.name + ".part")
    with partial.open("wb") as file:
        for item in [header, *items]:
            line = (json.dumps(item, ensure_ascii=False, sort_keys=True) + "\n").encode()
            whole.update(line)
            file.write(line)
    partial.replace(to)
    return TrailExport.objects.create(
        by=by, subject=loan.number, reason=reason, rows=len(items), head_hash=head, file_sha256=whole.hexdigest()
    )


def rows_about(loan: Loan) -> Iterator[tuple[type[models.Model], models.QuerySet[Any]]]:
    """(model, rows) for every sealed model that tells of this loan."""
    groups: tuple[tuple[dict[str, str], Any], ...] = (
        (TO_CUSTOMER, loan.customer_id),
        (TO_APPLICATION, loan.application_id),
        (TO_LOAN, loan.pk),
        (TO_LOAN_NUMBER, loan.number),
    )
    for paths, value in groups:
        for label, path in paths.items():
            model = apps.get_model(label)
            yield model, model._base_manager.filter(**{path: value})
    score = apps.get_model("scoring.Score")
    decisions = apps.get_model("applications.Decision")._base_manager.filter(application=loan.application_id)
    scores = score._base_manager.filter(pk__in=decisions.values("score"))
    yield score, scores
    version = apps.get_model("scoring.HistoricalModelVersion")
    yield version, version._base_manager.filter(id__in=scores.values("model_version"))
    product = apps.get_model("products.HistoricalProductVersion")
    yield product, product._base_manager.filter(id=loan.product_version_id)


def _items(loan: Loan) -> Iterator[dict[str, Any]]:
    for model, rows in rows_about(loan):
        keys = [key_text(key) for key in rows.values_list("pk", flat=True)]
        contents = rows_by_key(model, keys)
        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            for link in Seal.objects.filter(table=model._meta.db_table, key__in=some):
                yield {
                    "table": link.table,
                    "key": link.key,
                    "sequence": link.sequence,
                    "previous_hash": link.previous_hash,
                    "hash": link.hash,
                    "row_sha256": link.row_sha256,
                    "row": contents[link.key],
                }
