"""My details, the language of the pages, and what I may ask for about my data."""

import json
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.i18n import set_language

from customers import registration, service_cases
from customers.forms import ReachForm
from customers.models import Customer, ServiceCase
from lending.applications.models import Application
from lending.clock import business_date
from lending.loans.models import Loan
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, put_into
from lending.portal.templatetags.portal import day
from lending.regulation.clocks import answer_due_on
from lending.servicing.models import PlanChange

CASES_PER_PAGE = 20


@methods("POST")
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the pages, and keep it for the signed-in user: her notices come in it, too."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated:
        registration.speak(request.user, language=chosen)
    return set_language(request)


@methods("GET", "POST")
@customer_only
def profile(request: CustomerRequest) -> HttpResponse:
    customer: Customer = request.customer
    form = ReachForm(request.POST or None, initial={"email": customer.email})
    if request.method == "POST" and form.is_valid():
        registration.reach(customer, email=form.cleaned_data["email"])
        messages.success(request, _("Kept."))
        return redirect("portal:profile")
    context = {
        "section": "profile",
        "customer": customer,
        "person": getattr(customer, "person", None),
        "organisation": getattr(customer, "organisation", None),
        "form": form,
    }
    return render(request, "portal/profile.html", context, status=WRONG if form.errors else 200)


class CaseForm(forms.Form):
    """A request in the customer's own words. `key` makes a second click the same request."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=[
            (kind, kind.label)
            for kind in (
                ServiceCase.Kind.COMPLAINT,
                ServiceCase.Kind.QUESTION,
                ServiceCase.Kind.CORRECTION,
                ServiceCase.Kind.ERASURE,
            )
        ],
    )
    text = forms.CharField(
        label=gettext_lazy("Your words"),
        required=False,
        max_length=service_cases.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


@methods("GET", "POST")
@customer_only
def privacy(request: CustomerRequest) -> HttpResponse:
    """What we keep and why, a copy of it, and requests with the day by which they are answered."""
    customer: Customer = request.customer
    form = CaseForm(request.POST or None, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            today = business_date()
            case = service_cases.open_case(
                customer,
                **form.cleaned_data,
                by=request.user,
                on=today,
                due_on=answer_due_on(form.cleaned_data["kind"], on=today),
            )
        except ValidationError as refusal:
            put_into(form, refusal)
        else:
            told = translation.gettext("We received it and answer by %(day)s.") % {"day": day(case.due_on)}
            messages.success(request, told)
            return redirect("portal:privacy")
    context = {
        "section": "profile",
        "form": form,
        "page": Paginator(ServiceCase.objects.filter(customer=customer).order_by("-id"), CASES_PER_PAGE).get_page(
            request.GET.get("page")
        ),
        "today": business_date(),
    }
    return render(request, "portal/privacy.html", context, status=WRONG if form.errors else 200)


@methods("GET")
@customer_only
def copy_of_data(request: CustomerRequest) -> HttpResponse:
    """What the customer may take with her (PIPL art. 45), as one JSON file. Her own data, in plain."""
    content = json.dumps(_everything(request.customer), ensure_ascii=False, indent=2, default=str)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _everything(customer: Customer) -> dict[str, Any]:
    person, organisation = getattr(customer, "person", None), getattr(customer, "organisation", None)
    return {
        "customer": {
            "id": customer.public_id,
            "kind": customer.kind,
            "registered_on": customer.registered_on,
            "language": customer.language,
            "email": customer.email,
        },
        "person": {name: getattr(person, name) for name in ("name", "id_number", "birth_date", "phone")}
        if person
        else None,
        "organisation": {
            name: getattr(organisation, name) for name in ("name", "credit_code", "established_on", "phone")
        }
        if organisation
        else None,
        "consents": list(customer.consents.order_by("id").values("purpose", "given", "on", "channel", "text__version")),
        "applications": list(
            Application.objects.filter(customer=customer)
            .order_by("id")
            .values(
                "public_id",
                "product_version__product__code",
                "status",
                "amount_minor",
                "installments",
                "purpose",
                "answers",
                "submitted_on",
            )
        ),
        "decisions": [
            {
                "application": one.public_id,
                "outcome": decision.outcome,
                "reasons": decision.reasons,
                "on": decision.decided_on,
            }
            for one in Application.objects.filter(customer=customer).prefetch_related("decisions")
            for decision in one.decisions.all()
        ],
        "loans": [
            {
                "number": loan.number,
                "status": loan.status,
                "currency": loan.currency,
                "disbursed_on": loan.disbursed_on,
                "disbursed_minor": loan.disbursed_minor,
                "outstanding_minor": loan.outstanding_minor,
                "repayments": list(loan.repayments.order_by("id").values("received_on", "amount_minor", "currency")),
            }
            for loan in Loan.objects.filter(customer=customer)
        ],
        "notices": list(customer.notices.order_by("id").values("on", "title", "body")),
        "plan_changes": list(
            PlanChange.objects.filter(customer=customer)
            .order_by("id")
            .values(
                "loan__number", "status", "reason", "told", "wished", "way", "installments", "asked_on", "settled_on"
            )
        ),
        "requests": list(customer.service_cases.order_by("id").values("kind", "opened_on", "text", "status", "answer")),
    }
