"""Apply in five steps: the loan, income, work and home, debts, review. A draft waits where it was left."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers.models import Customer
from lending.applications import filling, submission
from lending.applications.models import Application
from lending.clock import business_date
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, own, put_into, tell
from lending.portal.device import Device, device_of
from lending.portal.examples import Example, example, usual
from lending.portal.home import readiness
from lending.portal.landing import ExampleForm, shown
from lending.portal.questions import (
    ORDER,
    REVIEW,
    STEPS,
    DebtsForm,
    IncomeForm,
    LoanForm,
    StepForm,
    review,
    unanswered,
)
from lending.portal.templatetags.portal import plain_amount
from lending.products.models import ProductVersion


@methods("GET")
@customer_only
def choose(request: CustomerRequest) -> HttpResponse:
    """Which product? An application that is open already is gone on with instead."""
    customer: Customer = request.customer
    opened = _open_application(customer)
    if opened is not None:
        return redirect("portal:application", opened.public_id)
    versions = ProductVersion.objects.in_force(business_date()).filter(product__audience=customer.kind)
    return render(request, "portal/choose.html", {"section": "loans", "people": [shown(one) for one in versions]})


@methods("GET", "POST")
@customer_only
def begin(request: CustomerRequest, code: str) -> HttpResponse:
    """The first step, before there is a draft: sent, it makes one. A second click finds the first one's draft."""
    customer: Customer = request.customer
    version = (
        ProductVersion.objects.in_force(business_date())
        .filter(product__code=code, product__audience=customer.kind)
        .first()
    )
    if version is None:
        messages.error(request, _("This product is not offered to you. Choose one of these."))
        return redirect("portal:apply")
    ready = readiness(customer)
    if not ready.ready:
        messages.info(request, _("Before you apply we need to know who you are, and what we may do with your data."))
        return redirect("portal:identify" if ready.consented else "portal:consents")
    opened = _open_application(customer)
    if opened is not None:
        messages.info(request, _("You have an application under way; only one can be open at a time."))
        return redirect("portal:application", opened.public_id)
    form = _loan_form(request, version)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                application = filling.start(
                    customer=customer, product_version=version, channel="portal", by=request.user, on=business_date()
                )
                filling.answer(application, answers=form.answers(), by=request.user, on=business_date())
        except ValidationError as refusal:
            opened = _open_application(customer)
            if opened is not None:
                return redirect("portal:application", opened.public_id)
            put_into(form, refusal)
        else:
            return redirect("portal:fill", application.public_id, ORDER[1])
    return _page(request, version, "loan", form, None)


@methods("GET", "POST")
@customer_only
def fill(request: CustomerRequest, public_id: UUID, step: str) -> HttpResponse:
    """One step of a draft. Going back keeps what was answered; going on answers this step."""
    if step == REVIEW:
        return _review(request, public_id)
    if step not in STEPS:
        raise Http404
    application = _draft(request, public_id)
    if application.status != Application.Status.DRAFT:
        return redirect("portal:application", application.public_id)
    version = application.product_version
    form = _form(request, step, application)
    if request.method == "POST" and form.is_valid():
        try:
            filling.answer(application, answers=form.answers(), by=request.user, on=business_date())
        except ValidationError as refusal:
            put_into(form, refusal)
        else:
            return redirect("portal:fill", application.public_id, ORDER[ORDER.index(step) + 1])
    return _page(request, version, step, form, application)


def _review(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """Every answer on one page; submitting it brings the decision at once."""
    application = _draft(request, public_id)
    if application.status != Application.Status.DRAFT:
        return redirect("portal:application", application.public_id)
    lacking = unanswered(application)
    status = 200
    if request.method == "POST":
        if lacking:
            messages.warning(request, _("Some questions are still open; answer them first."))
            return redirect("portal:fill", application.public_id, lacking[0])
        try:
            device = _submit(request, application)
        except ValidationError as refusal:
            tell(request, refusal)
            status = getattr(refusal, "status", WRONG)
        else:
            return device.remember(redirect("portal:application", application.public_id))
    parts = [(STEPS[name], lines, name in lacking) for name, lines in review(application).items()]
    context = {**_frame(REVIEW), "application": application, "parts": parts, "lacking": lacking}
    context["example"] = _example(
        application, application.product_version, application.amount_minor, application.installments
    )
    return render(request, "portal/review.html", context, status=status)


def _submit(request: CustomerRequest, application: Application) -> Device:
    """Send it, with the device it was filled in on where she consents to that."""
    device, today = device_of(request, request.customer), business_date()
    if device.name:
        filling.answer(application, answers={"device_id": device.name}, by=request.user, on=today)
    submission.submit(application, by=request.user, on=today, form_seconds=device.seconds_on(application))
    return device


def _page(
    request: CustomerRequest, version: ProductVersion, step: str, form: StepForm, application: Application | None
) -> HttpResponse:
    context: dict[str, Any] = {**_frame(step), "version": version, "form": form, "application": application}
    context["step"] = STEPS[step]
    amount, installments = _asked(application, form, version)
    context |= {"example": _example(application, version, amount, installments)}
    context |= {"amount_minor": amount, "installments": installments}
    context["known"] = _known(application, form, amount, installments)
    return render(request, "portal/step.html", context, status=WRONG if form.errors else 200)


def _frame(step: str) -> dict[str, Any]:
    position = ORDER.index(step)
    return {
        "section": "loans",
        "position": position + 1,
        "count": len(ORDER),
        "positions": range(1, len(ORDER) + 1),
        "previous": ORDER[position - 1] if position else None,
    }


def _draft(request: CustomerRequest, public_id: UUID) -> Application:
    rows = Application.objects.select_related("product_version__product", "customer")
    return own(rows, request.customer, public_id)


def _open_application(customer: Customer) -> Application | None:
    return Application.objects.filter(customer=customer, status__in=Application.OPEN).first()


def _form(request: CustomerRequest, step: str, application: Application) -> StepForm:
    version = application.product_version
    kind = STEPS[step].form
    forbidden = filling.forbidden_purposes(version, business_date()) if step == "loan" else ()
    return kind(request.POST or None, version=version, forbidden=forbidden, initial=kind.initial_of(application))


def _loan_form(request: CustomerRequest, version: ProductVersion) -> LoanForm:
    """An empty first step, begun with the amount and term of the example from which the visitor came."""
    amount, installments = usual(version)
    wished = ExampleForm(request.GET, version=version)
    wished.is_valid()
    initial = {
        "amount": wished.cleaned_data.get("amount") or amount,
        "installments": wished.cleaned_data.get("installments") or installments,
    }
    forbidden = filling.forbidden_purposes(version, business_date())
    return LoanForm(request.POST or None, version=version, forbidden=forbidden, initial=initial)


def _asked(application: Application | None, form: StepForm, version: ProductVersion) -> tuple[int, int]:
    usual_amount, usual_term = usual(version)
    if isinstance(form, LoanForm):
        said = form.cleaned_data if form.is_bound and hasattr(form, "cleaned_data") else form.initial
        return said.get("amount") or usual_amount, said.get("installments") or usual_term
    if application is None:
        return usual_amount, usual_term
    return application.amount_minor or usual_amount, application.installments or usual_term


def _example(
    application: Application | None, version: ProductVersion, amount_minor: int | None, installments: int | None
) -> Example | None:
    """The example with the income and expenses the draft knows."""
    told = _told(application)
    return example(
        version,
        amount_minor=amount_minor,
        installments=int(installments) if installments else None,
        on=business_date(),
        income_minor=told.get("income_monthly"),
        expenses_minor=told.get("expenses_monthly"),
        debt_service_minor=told.get("debt_service_monthly"),
    )


def _told(application: Application | None) -> dict[str, int]:
    """Income, expenses and debt service as the draft knows them, in minor units."""
    if application is None:
        return {}
    income, debts = IncomeForm.initial_of(application), DebtsForm.initial_of(application)
    sums = {
        name: source.get(name) for source, form in ((income, IncomeForm), (debts, DebtsForm)) for name in form.money
    }
    return {name: minor for name, minor in sums.items() if isinstance(minor, int)}


def _known(
    application: Application | None, form: StepForm, amount_minor: int, installments: int
) -> list[tuple[str, str]]:
    """What the example needs and this step does not ask, as bare values for its hidden fields."""
    decimals = form.version.decimals
    sums = _told(application) | {"amount": amount_minor}
    known = {name: plain_amount(minor, decimals) for name, minor in sums.items()} | {"installments": str(installments)}
    return [(name, value) for name, value in known.items() if name not in form.fields]
