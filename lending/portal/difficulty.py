"""A borrower in difficulty: what she can pay, the ways that would help, her wish, and the new terms she accepts or not."""

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
from lending.clock import business_date
from lending.finance.money import from_minor
from lending.loans.models import Loan
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, own, put_into, tell
from lending.portal.fields import MoneyField
from lending.portal.templatetags.portal import day
from lending.servicing import plan_accepting, plan_asking
from lending.servicing.models import PlanChange

MONEY = ("income_monthly", "expenses_monthly", "can_pay_monthly")
HELP = {"income_monthly": "", "expenses_monthly": gettext_lazy("Rent, food, school, transport; not this loan.")}


class DifficultyForm(forms.Form):
    """What has changed, and what she can pay now."""

    reason = forms.ChoiceField(
        label=gettext_lazy("What has changed?"), choices=PlanChange.Reason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("Tell us more, if you like"),
        required=False,
        max_length=service_cases.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("reason", *MONEY, "text")

    def __init__(self, *args: Any, loan: Loan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loan = loan
        labels = (
            _("What comes in each month now, after tax?"),
            _("What do you spend each month?"),
            _("What could you pay on this loan each month?"),
        )
        for name, label in zip(MONEY, labels, strict=True):
            self.fields[name] = MoneyField(
                label=label, currency=loan.currency, decimals=loan.decimals, help_text=HELP.get(name, "")
            )
        self.order_fields(self.field_order)

    def told(self) -> plan_asking.Told:
        return plan_asking.Told(*(from_minor(self.cleaned_data[name], self.loan.decimals) for name in MONEY))


@methods("GET", "POST")
@customer_only
def difficulty(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """The questions; once they are answered, the ways that would help. Nothing is kept yet."""
    found = _own(request, public_id)
    if found.status != Loan.Status.ACTIVE or _under_way(found) is not None:
        return redirect("portal:loan", found.public_id)
    form = DifficultyForm(request.POST or None, loan=found, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        return _ways(request, found, form)
    context = {"section": "loans", "loan": found, "form": form, "money": MONEY}
    return render(request, "portal/difficulty.html", context, status=WRONG if form.errors else 200)


@methods("POST")
@customer_only
def ask(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """Ask for one of the ways, or for advice. A second click is the same request."""
    found = _own(request, public_id)
    form = DifficultyForm(request.POST, loan=found)
    if not form.is_valid():
        context = {"section": "loans", "loan": found, "form": form, "money": MONEY, "page_address": _address(found)}
        return render(request, "portal/difficulty.html", context, status=WRONG)
    said = form.cleaned_data
    try:
        change = plan_asking.ask(
            found,
            reason=said["reason"],
            told=form.told(),
            wished=request.POST.get("way", ""),
            text=said["text"],
            by=request.user,
            on=business_date(),
            key=said["key"],
        )
    except ValidationError as refusal:
        put_into(form, refusal)
        return _ways(request, found, form, status=WRONG)
    told = _("We received it. An officer answers by %(day)s. Until then your plan stays as it is.")
    messages.success(request, told % {"day": day(change.case.due_on)})
    return redirect("portal:loan", found.public_id)


@methods("GET", "POST")
@customer_only
def plan(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """The supplementary terms, to be read and accepted; what was shown is what is accepted."""
    found = _own(request, public_id)
    change = _under_way(found)
    if change is None or change.status != PlanChange.Status.OFFERED:
        return redirect("portal:loan", found.public_id)
    today, status, problem = business_date(), 200, ""
    if request.method == "POST":
        status = WRONG
        if request.POST.get("agreed") != "yes":
            problem = _("Read the terms and tick the box to accept them.")
        else:
            try:
                plan_accepting.accept(change, sha256=request.POST.get("sha256", ""), by=request.user, on=today)
            except ValidationError as refusal:
                problem, status = " ".join(refusal.messages), getattr(refusal, "status", WRONG)
            else:
                messages.success(request, _("Your plan is changed. The new schedule stands below."))
                return redirect("portal:loan", found.public_id)
    try:
        text, sha256 = plan_accepting.terms_text(change, on=today)
    except ValidationError as refusal:
        tell(request, refusal)
        return redirect("portal:loan", found.public_id)
    context = {"section": "loans", "loan": found, "change": change, "text": text, "sha256": sha256, "problem": problem}
    return render(request, "portal/plan.html", context, status=status)


@methods("POST")
@customer_only
def decline(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """She keeps her plan as it is."""
    found = _own(request, public_id)
    change = found.plan_changes.order_by("-id").first()
    if change is not None:
        try:
            plan_accepting.decline(change, by=request.user, on=business_date())
        except ValidationError as refusal:
            tell(request, refusal)
        else:
            messages.info(request, _("Your plan stays as it was. You may ask again at any time."))
    return redirect("portal:loan", found.public_id)


def _ways(request: CustomerRequest, loan: Loan, form: DifficultyForm, status: int = 200) -> HttpResponse:
    context = {
        "section": "loans",
        "loan": loan,
        "form": form,
        "found": plan_asking.ways_for(loan, form.told(), on=business_date()),
        "page_address": _address(loan),
        "answers": [(name, form.data.get(name, "")) for name in form.fields],
    }
    return render(request, "portal/ways.html", context, status=status)


def _address(loan: Loan) -> str:
    """The page of the questions, which a refused wish is answered on as well."""
    return reverse("portal:difficulty", args=[loan.public_id])


def _under_way(loan: Loan) -> PlanChange | None:
    return loan.plan_changes.filter(status__in=PlanChange.UNDER_WAY).select_related("case", "customer").first()


def _own(request: CustomerRequest, public_id: UUID) -> Loan:
    rows = Loan.objects.select_related("product_version__product", "customer", "application")
    return own(rows, request.customer, public_id)
