"""My consents: each purpose with its words, to give, to decline and to take back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers import consents
from customers.models import Customer
from lending.clock import business_date
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, tell
from lending.portal.home import readiness


@methods("GET", "POST")
@customer_only
def give(request: CustomerRequest) -> HttpResponse:
    """All purposes on one page, none ticked beforehand. What is ticked is given, what is not is declined."""
    customer: Customer = request.customer
    today = business_date()
    if request.method == "POST":
        try:
            with transaction.atomic():
                _answer(request, customer)
        except ValidationError as refusal:
            tell(request, refusal)
            return _page(request, customer, status=WRONG)
        if consents.missing(customer, on=today):
            messages.warning(
                request, _("Kept. To apply for a loan, the consents marked as required are needed as well.")
            )
            return redirect("portal:consents")
        messages.success(request, _("Your consents are kept. You can change them at any time under “My details”."))
        return redirect("portal:home" if readiness(customer).identified else "portal:identify")
    return _page(request, customer)


@methods("POST")
@customer_only
def withdraw(request: CustomerRequest, purpose: str) -> HttpResponse:
    """Take one consent back, in one click, as easily as it was given."""
    customer: Customer = request.customer
    try:
        consents.withdraw(customer, purpose=purpose, channel="portal", by=request.user, on=business_date())
    except ValidationError as refusal:
        tell(request, refusal)
    else:
        messages.success(request, _("The consent is withdrawn from today. What was done before stays lawful."))
    return redirect("portal:consents")


def _answer(request: CustomerRequest, customer: Customer) -> None:
    """Give what is ticked, decline what was shown and not ticked. The version shown comes with the form."""
    for one in consents.overview(customer, on=business_date()):
        purpose = one.text.purpose
        shown = request.POST.get(f"version-{purpose}", "")
        if not shown.isdigit() or one.given:
            continue
        act = consents.give if request.POST.get(purpose) == "yes" else consents.refuse
        act(customer, purpose=purpose, channel="portal", by=request.user, on=business_date(), version=int(shown))


def _page(request: CustomerRequest, customer: Customer, status: int = 200) -> HttpResponse:
    every = consents.overview(customer, on=business_date())
    context = {
        "section": "profile",
        "required": [one for one in every if one.text.required],
        "voluntary": [one for one in every if not one.text.required],
        "open": [one for one in every if not one.given],
        "first_time": not any(one.asked for one in every),
    }
    return render(request, "portal/consents.html", context, status=status)
