"""The loan that a customer's case is about, for the desk; a wish for another plan is answered by deciding on it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from customers.case_subjects import Subject
from customers.models import ServiceCase
from lending.loans.models import Loan
from lending.servicing.models import PlanChange


def plan_of(case: ServiceCase) -> Subject | None:
    """The request to change the plan that the case came with, or the loan."""
    change = PlanChange.objects.filter(case=case).first()
    if change is not None:
        waiting = change.status in (PlanChange.Status.ASKED, PlanChange.Status.PROPOSED)
        act = _("Decide on %(change)s.") % {"change": change} if waiting else ""
        return Subject(str(change), reverse("admin:servicing_planchange_change", args=[change.pk]), act)
    loan = Loan.objects.filter(number=case.subject_id, customer=case.customer_id).first()
    return Subject(loan.number, reverse("admin:loans_loan_change", args=[loan.pk])) if loan else None
