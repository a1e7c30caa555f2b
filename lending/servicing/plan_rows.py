"""What every act on a wish for another plan does with its row: lock it, write a way's figures into it, keep it."""

import datetime as dt

from customers.models import User
from lending.finance.money import to_minor
from lending.loans.models import Loan
from lending.servicing.models import PlanChange
from lending.servicing.suggestions import Suggestion


def lock(change: PlanChange) -> PlanChange:
    """The request with its loan, both locked, the loan first as every act does."""
    Loan.objects.select_for_update().get(pk=change.loan_id)
    rows = PlanChange.objects.select_for_update(of=("self",))
    return rows.select_related("loan__application", "loan__product_version", "customer", "case").get(pk=change.pk)


def write_figures(change: PlanChange, found: Suggestion) -> None:
    decimals = change.loan.decimals
    change.installments = found.installments
    change.first_due_on, change.last_due_on = found.first_due_on, found.last_due_on
    change.installment_minor = to_minor(found.installment, decimals)
    change.highest_minor = to_minor(found.highest, decimals)
    change.more_to_pay_minor = to_minor(found.more_to_pay, decimals)


def keep(change: PlanChange, *, by: User | None) -> PlanChange:
    """Save the row, with who did it in its history."""
    change._history_user = by  # type: ignore[attr-defined]  # simple-history reads it
    change.save()
    return change


def settle(change: PlanChange, status: str, *, by: User | None, on: dt.date) -> PlanChange:
    """The last act on it: accepted, declined, refused or lapsed."""
    change.status, change.settled_on = status, on
    return keep(change, by=by)
