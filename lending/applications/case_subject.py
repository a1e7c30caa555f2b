"""The decision that a customer's case is about, for the desk: its application, and that deciding anew is the answer."""

from django.urls import reverse
from django.utils.translation import gettext as _

from customers.case_subjects import Subject
from customers.models import ServiceCase
from lending.applications.models import Application, Decision


def decision_of(case: ServiceCase) -> Subject | None:
    """The application of the decision. A review that reopened it is answered by the officer's decision."""
    if not case.subject_id.isdigit():
        return None
    decision = Decision.objects.select_related("application").filter(pk=int(case.subject_id)).first()
    if decision is None:
        return None
    application = decision.application
    reopened = case.kind == ServiceCase.Kind.REVIEW and application.status == Application.Status.REFERRED
    act = _("Decide application %(application)s.") % {"application": application} if reopened else ""
    return Subject(str(application), reverse("admin:applications_application_change", args=[application.pk]), act)
