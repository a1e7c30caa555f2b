"""One application after it was sent: what was decided and why, and what the customer may do about it."""

import uuid
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import service_cases
from customers.models import ServiceCase
from lending.applications import explaining, review, withdrawal
from lending.applications.models import Application, Decision, Offer
from lending.clock import business_date
from lending.loans.models import Loan
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, own, put_into, tell
from lending.portal.questions import REVIEW, unanswered
from lending.portal.templatetags.portal import day

Status = Application.Status


class RequestForm(forms.Form):
    """Ask for an explanation or for a person's review of a decision."""

    kind = forms.ChoiceField(label=gettext_lazy("What would you like?"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("What should we look at?"),
        required=False,
        max_length=service_cases.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For example, something that has changed or that we may have got wrong."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, decision: Decision | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(ServiceCase.Kind.REVIEW.value, _("Have a person review it"))]
        if decision is not None and review.is_reviewed(decision.application):
            choices = []
        at_once = decision is not None and explaining.at_once(decision)
        explained = _("Have it explained, at once") if at_once else _("Have a person explain it")
        self.fields["kind"].choices = [*choices, (ServiceCase.Kind.EXPLANATION.value, explained)]  # type: ignore[attr-defined]


@methods("GET")
@customer_only
def application(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """Where the application stands. Drafts go on where they were left; signed ones show their loan."""
    found = _own(request, public_id)
    if found.status == Status.DRAFT:
        return redirect("portal:fill", found.public_id, next(iter(unanswered(found)), REVIEW))
    loan = Loan.objects.filter(application=found).first()
    if loan is not None:
        return redirect("portal:loan", loan.public_id)
    return _page(request, found)


@methods("POST")
@customer_only
def ask(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """Ask for an explanation of the decision, or for a review by a person. A second click is the same request."""
    found = _own(request, public_id)
    decision = found.decisions.order_by("-id").first()
    if decision is None:
        messages.info(request, _("There is no decision yet."))
        return redirect("portal:application", found.public_id)
    form = RequestForm(request.POST, decision=decision)
    if form.is_valid():
        said = form.cleaned_data
        act = review.ask_for_review if said["kind"] == ServiceCase.Kind.REVIEW else explaining.ask_for_explanation
        try:
            case = act(decision, by=request.user, on=business_date(), text=said["text"], key=said["key"])
        except ValidationError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _received(case))
            return redirect("portal:application", found.public_id)
    return _page(request, found, form, status=WRONG)


def _received(case: ServiceCase) -> str:
    if case.status == ServiceCase.Status.ANSWERED:
        return _("Here is the explanation. It stays under “Your data and requests”, too.")
    told = _("We received it. A person answers by %(day)s. You find it under “Your data and requests”.")
    return told % {"day": day(case.due_on)}


@methods("GET", "POST")
@customer_only
def withdraw(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """Take the application back, after a question whether it is meant."""
    found = _own(request, public_id)
    if request.method == "GET":
        if found.status not in Application.OPEN:
            return redirect("portal:application", found.public_id)
        return render(request, "portal/withdraw.html", {"section": "loans", "application": found})
    try:
        withdrawal.withdraw(found, by=request.user, on=business_date())
    except ValidationError as refusal:
        tell(request, refusal)
        return redirect("portal:application", found.public_id)
    messages.success(request, _("Your application is withdrawn. You can apply again at any time."))
    return redirect("portal:home")


def current_offer(application: Application) -> Offer | None:
    """The offer that stands: the last one made."""
    return application.offers.order_by("-id").first()


def _own(request: CustomerRequest, public_id: UUID) -> Application:
    rows = Application.objects.select_related("product_version__product", "customer")
    return own(rows, request.customer, public_id)


def _page(
    request: CustomerRequest, found: Application, form: RequestForm | None = None, status: int = 200
) -> HttpResponse:
    decision = found.decisions.order_by("-id").first()
    context = {
        "section": "loans",
        "page_address": reverse("portal:application", args=[found.public_id]),
        "application": found,
        "version": found.product_version,
        "decision": decision,
        "offer": current_offer(found) if found.status in (Status.OFFERED, Status.EXPIRED) else None,
        "cases": list(review.cases_of(found)),
        "today": business_date(),
        "form": form or _empty_form(decision),
    }
    return render(request, "portal/application.html", context, status=status)


def _empty_form(decision: Decision | None) -> RequestForm:
    form = RequestForm(decision=decision, initial={"key": uuid.uuid4()})
    form.initial["kind"] = form.fields["kind"].choices[0][0]  # type: ignore[attr-defined]
    return form
