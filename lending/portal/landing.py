"""What anybody may see: the products with what they cost, the example that answers as you type, and help."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from customers.models import Customer
from lending.clock import business_date
from lending.portal.access import WRONG, methods
from lending.portal.examples import Example, example, usual
from lending.portal.fields import MoneyField
from lending.products.models import ProductVersion


class ExampleForm(forms.Form):
    """Amount and term of an example, inside the product's bounds; income and expenses where they are known."""

    def __init__(self, *args: Any, version: ProductVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        money: dict[str, Any] = {"currency": version.currency, "decimals": version.decimals}
        self.fields["amount"] = MoneyField(
            label=_("Amount"),
            least_minor=version.min_amount_minor,
            most_minor=version.max_amount_minor,
            **money,
        )
        self.fields["installments"] = forms.TypedChoiceField(
            label=_("Installments"),
            coerce=int,
            choices=[(count, count) for count in sorted(version.installment_choices)],
        )
        for name in ("income_monthly", "expenses_monthly", "debt_service_monthly"):
            self.fields[name] = MoneyField(required=False, **money)


@dataclass(frozen=True, slots=True)
class Shown:
    """A product on the landing page with its example; `example` is None if the engine could not make one."""

    version: ProductVersion
    example: Example | None


def shown(version: ProductVersion) -> Shown:
    amount_minor, installments = usual(version)
    return Shown(version, example(version, amount_minor=amount_minor, installments=installments, on=business_date()))


@methods("GET")
def landing(request: HttpRequest) -> HttpResponse:
    """Products in force for persons, and for organisations; each with the example of a usual loan."""
    products = [shown(version) for version in ProductVersion.objects.in_force(business_date())]
    people = [one for one in products if one.version.product.audience == Customer.Kind.PERSON]
    context = {
        "people": people,
        "organisations": [one for one in products if one not in people],
        "first": next((one for one in [*people, *products] if one.example), None),
    }
    return render(request, "portal/landing.html", context)


@never_cache
@methods("GET")
def example_of(request: HttpRequest, code: str) -> HttpResponse:
    """The example alone, for htmx: what this amount and term would cost. 422 with the reason where it cannot be."""
    version = ProductVersion.objects.in_force(business_date()).filter(product__code=code).first()
    if version is None:
        return render(request, "portal/parts/no_example.html", {"gone": True}, status=404)
    form = ExampleForm(request.GET, version=version)
    if not form.is_valid():
        return render(request, "portal/parts/no_example.html", {"form": form}, status=WRONG)
    asked = form.cleaned_data
    found = example(
        version,
        amount_minor=asked["amount"],
        installments=asked["installments"],
        on=business_date(),
        income_minor=asked["income_monthly"],
        expenses_minor=asked["expenses_monthly"],
        debt_service_minor=asked["debt_service_monthly"],
    )
    if found is None:
        return render(request, "portal/parts/no_example.html", {"form": form}, status=WRONG)
    return render(request, "portal/parts/example.html", {"example": found, "brief": "brief" in request.GET})


@methods("GET")
def organisation(request: HttpRequest) -> HttpResponse:
    """Open an account for a business: the same sign-up, which then asks for the business instead of the person."""
    request.session["account_kind"] = Customer.Kind.ORGANISATION
    return redirect("account_signup")


@methods("GET")
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/help.html")
