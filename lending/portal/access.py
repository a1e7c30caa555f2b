"""Who may see a page of the portal: customers their own things, nobody else's, and nothing without signing in."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache

from customers.models import Customer, User
from lending.applications.models import Application, Offer
from lending.loans.models import Loan
from lending.repayments.models import PaymentOrder
from lending.servicing.models import PlanChange

View = Callable[..., HttpResponse]
Row = TypeVar("Row", Application, Offer, Loan, PaymentOrder, PlanChange)

#: What an answer to a wrong form says: understood, but these values cannot be.
WRONG = 422


class CustomerRequest(HttpRequest):
    """A request that `customer_only` has let in."""

    user: User  # type: ignore[assignment]
    customer: Customer


def methods(*allowed: str) -> Callable[[View], View]:
    """Only these HTTP methods; any other is answered 405 with a page that says so. HEAD comes with GET."""
    let_in = {*allowed, *({"HEAD"} if "GET" in allowed else set())}

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in let_in:
                response = render(request, "portal/method.html", status=405)
                response["Allow"] = ", ".join(sorted(let_in))
                return response
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def customer_only(view: View) -> View:
    """Anonymous visitors go to sign-in; staff, who are no customers, get a page that says where their work is."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                # A page that was left open asks for a part of itself: it is the page that must go and sign in.
                return HttpResponse(status=204, headers={"HX-Redirect": resolve_url("account_login")})
            return redirect_to_login(request.get_full_path())
        customer = Customer.objects.filter(user=request.user).select_related("person", "organisation").first()
        if customer is None:
            return render(request, "portal/staff.html", status=403)
        request.customer = customer  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def own(rows: "QuerySet[Row]", customer: Customer, public_id: UUID) -> Row:
    """The customer's own row of this public id; another's, like one that never was, is 404."""
    path = "application__customer" if rows.model is Offer else "customer"
    name = "key" if rows.model is PaymentOrder else "public_id"
    found = rows.filter(**{path: customer, name: public_id}).first()
    if found is None:
        raise Http404
    return found


def put_into(form: forms.BaseForm, refusal: ValidationError, **renamed: str) -> None:
    """Show a refusal on the fields it names, or above the form where the form shows no such field.

    `renamed` maps an act's name of a value to the form's: amount_minor="amount".
    """

    def field_of(name: str | None) -> str | None:
        known = renamed.get(name or "", name)
        return known if known in form.fields and not form.fields[known].widget.is_hidden else None

    if hasattr(refusal, "error_dict"):
        for name, texts in refusal.message_dict.items():
            for text in texts:
                form.add_error(field_of(name), text)
        return
    for text in refusal.messages:
        form.add_error(field_of(getattr(refusal, "about", None)), text)


def tell(request: HttpRequest, refusal: ValidationError) -> None:
    """Show a refusal that belongs to no form at the head of the next page."""
    for text in refusal.messages:
        messages.error(request, text)
