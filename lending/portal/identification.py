"""Who are you: the person's card, or the business and who represents it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers import consents, identity
from customers.forms import IdentityForm, OrganisationForm, facts_of
from customers.models import Customer, Purpose
from lending.clock import business_date
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, put_into, tell


@methods("GET", "POST")
@customer_only
def identify(request: CustomerRequest) -> HttpResponse:
    """Checked by number, name, date of birth and phone. Needs the consent for exactly that."""
    customer: Customer = request.customer
    if customer.status != Customer.Status.REGISTERED:
        if request.method == "POST":
            messages.info(request, _("You are identified already."))
        return redirect("portal:home")
    try:
        consents.require(customer, Purpose.IDENTITY, on=business_date())
    except consents.ConsentMissing as refusal:
        tell(request, refusal)
        return redirect("portal:consents")
    person = customer.kind == Customer.Kind.PERSON
    form_class = IdentityForm if person else OrganisationForm
    form = form_class(request.POST or None, on=business_date(), initial={"phone": request.user.phone})
    if request.method == "POST" and form.is_valid():
        act = identity.identify if person else identity.identify_organisation
        try:
            act(customer, **facts_of(form), by=request.user, on=business_date())
        except ValidationError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Thank you, you are identified."))
            return redirect("portal:home")
    status = WRONG if form.errors else 200
    return render(
        request, "portal/identify.html", {"form": form, "person": person, "section": "profile"}, status=status
    )
