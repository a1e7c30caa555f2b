"""What is asked of loans, installments and disbursements, as QuerySet methods."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef

if TYPE_CHECKING:
    from customers.models import Customer
    from lending.loans.models import Disbursement, Installment, Loan  # noqa: F401


class LoanQuerySet(models.QuerySet["Loan"]):
    def active(self) -> "LoanQuerySet":
        """Paid out and not yet paid off."""
        return self.filter(status="active")

    def awaiting_disbursement(self) -> "LoanQuerySet":
        return self.filter(status="approved")

    def of(self, customer: "Customer") -> "LoanQuerySet":
        return self.filter(customer=customer)

    def late(self, on: dt.date, *, at_least_days: int = 1) -> "LoanQuerySet":
        """Active loans that are at least so many days past due at the end of a business date.

        `oldest_due_on` is the due date of the first unpaid installment, late or not; days past due is derived from
        it, so a loan turns late without a row being written.
        """
        return self.active().filter(oldest_due_on__lte=on - dt.timedelta(days=at_least_days))

    def due_between(self, first: dt.date, last: dt.date) -> "LoanQuerySet":
        """Active loans with an unpaid installment due from `first` to `last`, both included."""
        from lending.loans.models import Installment

        due = Installment.objects.unpaid().due_between(first, last).filter(loan=OuterRef("pk"))
        return self.active().filter(Exists(due))


class InstallmentQuerySet(models.QuerySet["Installment"]):
    def unpaid(self) -> "InstallmentQuerySet":
        """Something of it is still to be paid."""
        components = ("principal", "interest", "fees", "penalties")
        owed = sum((F(f"{name}_minor") - F(f"paid_{name}_minor") for name in components), start=models.Value(0))
        return self.alias(owed_minor=owed - F("waived_minor")).filter(settled_on__isnull=True, owed_minor__gt=0)

    def due_between(self, first: dt.date, last: dt.date) -> "InstallmentQuerySet":
        return self.filter(due_on__range=(first, last))


class DisbursementQuerySet(models.QuerySet["Disbursement"]):
    def awaiting_second_officer(self) -> "DisbursementQuerySet":
        return self.filter(status="requested")

    def unsettled(self) -> "DisbursementQuerySet":
        """Approved or with the bank: whatever became of the task that was to send it."""
        return self.filter(status__in=["approved", "submitted"])
