"""What the staff see of one loan: its schedule, its events, where every cent went. Reads only."""

from datetime import date
from typing import Any

from django.db.models import Sum

from lending.ledger.models import Entry
from lending.loans.models import Allocation, Loan

MOST_ROWS = 200


def days_past_due(loan: Loan, on: date) -> int:
    """Days since the oldest unpaid due date; zero when nothing is late."""
    if loan.oldest_due_on is None or loan.oldest_due_on >= on:
        return 0
    return (on - loan.oldest_due_on).days


def page_of(loan: Loan, on: date) -> dict[str, Any]:
    """The whole page as the template's context. Allocations are the sums that hold, not every correction."""
    allocations = (
        loan.allocations.values("event__sequence", "event__on", "installment_number", "component")
        .annotate(total=Sum("amount_minor"))
        .exclude(total=0)
        .order_by("-event__sequence", "installment_number", "component")[:MOST_ROWS]
    )
    entries = (
        Entry.objects.filter(loan_number=loan.number).prefetch_related("lines__account").order_by("-on", "-created_at")
    )
    return {
        "loan": loan,
        "on": on,
        "days_past_due": days_past_due(loan, on),
        "installments": list(loan.installments.order_by("number")),
        "events": list(loan.events.select_related("by").order_by("-sequence")[:MOST_ROWS]),
        "allocations": [{**row, "component": Allocation.Component(row["component"]).label} for row in allocations],
        "entries": list(entries[:50]),
        "disbursements": list(loan.disbursements.select_related("maker", "checker").order_by("-id")),
        "repayments": list(loan.repayments.select_related("by", "reversal").order_by("-id")[:MOST_ROWS]),
        "moves": list(loan.arrears_moves.order_by("-id")[:20]),
        "cases": list(loan.collection_cases.order_by("-id")[:5]),
    }
