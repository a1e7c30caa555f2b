"""From an offer to a signature: the whole cost, less if she likes, the cost sheet that must be read, the contract."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lending.applications import contracting, offering
from lending.applications.models import Application, Contract, Offer
from lending.clock import business_date
from lending.finance.annual_rate import RateUndefined
from lending.finance.terms import InvalidTerms
from lending.loans import opening
from lending.loans.models import Loan
from lending.loans.refusals import InvalidAccount
from lending.portal.access import WRONG, CustomerRequest, customer_only, methods, own, put_into, tell
from lending.portal.application import current_offer
from lending.portal.fields import MoneyField
from lending.products.costs import quote

#: Nobody reads a cost sheet faster than this; before, a confirmation is not taken.
SECONDS_TO_READ = 5


class LessForm(forms.Form):
    """Take less than was approved, or pay it back sooner or later within what was approved."""

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = offer.product_version
        longest = offer.decision.installments or offer.installments
        self.fields["amount"] = MoneyField(
            label=gettext_lazy("Amount"),
            least_minor=version.min_amount_minor,
            most_minor=most_of(offer),
            currency=offer.currency,
            decimals=version.decimals,
        )
        self.fields["installments"] = forms.TypedChoiceField(
            label=gettext_lazy("Installments"),
            coerce=int,
            choices=[(count, count) for count in sorted(version.installment_choices) if count <= longest],
            widget=forms.RadioSelect,
        )


def most_of(offer: Offer) -> int:
    """The largest amount she may take: what she asked for, within what was approved."""
    return min(offer.application.amount_minor or offer.amount_minor, offer.decision.limit_minor or offer.amount_minor)


class SignForm(forms.Form):
    """The signature: her own name, typed, under the digest of the text she was shown."""

    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    account_number = forms.CharField(
        label=gettext_lazy("Bank account for the payout"),
        max_length=40,
        help_text=gettext_lazy("Your own account, 8 to 30 digits. Installments are collected from it, too."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    read = forms.BooleanField(
        label=gettext_lazy("I have read the contract and agree to it."),
        error_messages={"required": gettext_lazy("Read the contract and tick this box to sign it.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Sign with your full name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, signer: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signer = signer

    def clean_name(self) -> str:
        typed = " ".join(self.cleaned_data["name"].split())
        if typed.casefold() != self.signer.casefold():
            raise ValidationError(_("This is not the name under which you were identified."), code="other_name")
        return typed

    def clean_account_number(self) -> str:
        number = "".join(self.cleaned_data["account_number"].split())
        if not re.fullmatch(r"[0-9]{8,30}", number):
            raise InvalidAccount
        return number


@methods("GET")
@customer_only
def offer(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)
    return _elsewhere(request, found) or _offer_page(request, found)


@methods("POST")
@customer_only
def less(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """Another amount or term within what was approved: a new offer takes this one's place."""
    found = _own(request, public_id)
    elsewhere = _elsewhere(request, found)
    if elsewhere is not None:
        return elsewhere
    form = LessForm(request.POST, offer=found)
    if form.is_valid():
        try:
            newer = offering.reduce(
                found,
                amount_minor=form.cleaned_data["amount"],
                installments=form.cleaned_data["installments"],
                by=request.user,
                on=business_date(),
            )
        except ValidationError as refusal:
            put_into(form, refusal, amount_minor="amount")
        else:
            messages.success(request, _("The offer is changed. Look at its new cost and schedule."))
            return redirect("portal:offer", newer.public_id)
    return _offer_page(request, found, form, status=WRONG)


@never_cache
@methods("GET")
@customer_only
def example_of(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """What another amount or term of this offer would cost, at its own rate, for htmx."""
    found = _own(request, public_id)
    form = LessForm(request.GET, offer=found)
    if not form.is_valid():
        return render(request, "portal/parts/no_example.html", {"form": form}, status=WRONG)
    try:
        cost = quote(
            found.product_version,
            amount_minor=form.cleaned_data["amount"],
            installments=form.cleaned_data["installments"],
            yearly_rate_percent=found.yearly_rate_percent,
            starts_on=business_date(),
        ).disclosure_json()
    except (InvalidTerms, RateUndefined):
        return render(request, "portal/parts/no_example.html", {"form": form}, status=WRONG)
    return render(request, "portal/parts/costs.html", {"cost": cost, "currency": found.currency})


@methods("GET", "POST")
@customer_only
def costs(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """The cost disclosure sheet: read it to its end, then confirm. The server, too, minds the time it was open."""
    found = _own(request, public_id)
    elsewhere = _elsewhere(request, found)
    if elsewhere is not None:
        return elsewhere
    opened = request.session.get("cost_sheets", {})
    name = str(found.public_id)
    now = int(timezone.now().timestamp())
    if request.method == "POST":
        if request.POST.get("confirmed") == "yes" and now - opened.get(name, now) >= SECONDS_TO_READ:
            request.session["costs_confirmed"] = [*request.session.get("costs_confirmed", [])[-9:], name]
            return redirect("portal:contract", found.public_id)
        messages.warning(request, _("Please read the sheet to its end, tick the box and confirm."))
    if name not in opened:
        request.session["cost_sheets"] = {**dict(list(opened.items())[-9:]), name: now}
    context = _figures(found) | {"section": "loans", "seconds": SECONDS_TO_READ}
    return render(request, "portal/costs.html", context, status=WRONG if request.method == "POST" else 200)


@methods("GET", "POST")
@customer_only
def contract(request: CustomerRequest, public_id: UUID) -> HttpResponse:
    """The contract to read and to sign. It opens only after the cost sheet was confirmed."""
    found = _own(request, public_id)
    elsewhere = _elsewhere(request, found)
    if elsewhere is not None:
        return elsewhere
    confirmed = str(found.public_id) in request.session.get("costs_confirmed", [])
    if not confirmed:
        messages.info(request, _("Read and confirm the cost sheet first."))
        return redirect("portal:costs", found.public_id)
    try:
        drawn = _drawn_up(found)
    except ValidationError as refusal:
        tell(request, refusal)
        return redirect("portal:offer", found.public_id)
    form = SignForm(request.POST or None, signer=_signer(found), initial={"sha256": drawn.sha256})
    if request.method == "POST" and form.is_valid():
        try:
            loan = opening.sign_and_open(
                drawn,
                sha256=form.cleaned_data["sha256"],
                disclosure_confirmed=confirmed,
                by=request.user,
                on=business_date(),
                account_number=form.cleaned_data["account_number"],
            )
        except ValidationError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Signed. The payout is ordered; you can watch it here."))
            return redirect("portal:loan", loan.public_id)
    context = {"section": "loans", "offer": found, "contract": drawn, "form": form}
    return render(request, "portal/contract.html", context, status=WRONG if form.errors else 200)


def _drawn_up(found: Offer) -> Contract:
    return contracting.draw_up(found, language=get_language() or "zh-hans", on=business_date())


def _signer(found: Offer) -> str:
    customer = found.application.customer
    person, organisation = getattr(customer, "person", None), getattr(customer, "organisation", None)
    return person.name if person else organisation.representative_name if organisation else ""


def _own(request: CustomerRequest, public_id: UUID) -> Offer:
    rows = Offer.objects.select_related("application__customer", "decision", "product_version__product")
    return own(rows, request.customer, public_id)


def _elsewhere(request: CustomerRequest, found: Offer) -> HttpResponse | None:
    """Where to go when this offer cannot be taken up: its loan, a newer offer, or its application."""
    loan = Loan.objects.filter(application=found.application_id).first()
    if loan is not None:
        return redirect("portal:loan", loan.public_id)
    newest = current_offer(found.application)
    if newest is not None and newest.pk != found.pk:
        messages.info(request, _("This offer was replaced; here is the one that stands."))
        return redirect("portal:offer", newest.public_id)
    if found.application.status != Application.Status.OFFERED:
        return redirect("portal:application", found.application.public_id)
    return None


def _offer_page(
    request: CustomerRequest, found: Offer, form: LessForm | None = None, status: int = 200
) -> HttpResponse:
    version = found.product_version
    initial = {"amount": found.amount_minor, "installments": found.installments}
    context = _figures(found) | {
        "section": "loans",
        "page_address": reverse("portal:offer", args=[found.public_id]),
        "form": form or LessForm(offer=found, initial=initial),
        "can_change": found.amount_minor > version.min_amount_minor or len(version.installment_choices) > 1,
        "days_left": (found.expires_on - business_date()).days,
        "least": version.min_amount_minor,
        "most": most_of(found),
    }
    return render(request, "portal/offer.html", context, status=status)


def _figures(found: Offer) -> dict[str, Any]:
    rows = found.schedule if isinstance(found.schedule, list) else found.schedule.get("installments", [])
    return {
        "offer": found,
        "version": found.product_version,
        "cost": found.disclosure,
        "rows": rows,
        "currency": found.currency,
        "chart": {
            "labels": ["0", *[str(row["number"]) for row in rows]],
            "planned_label": _("Balance after each installment"),
            "planned": [found.disclosure.get("amount"), *[row["balance"] for row in rows]],
        },
    }
