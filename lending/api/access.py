"""Who may ask what: staff by permission, a customer about what is hers, anybody else nothing.

What is not hers is not there: 404, so that numbers cannot be tried out.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from customers.models import Customer, User
from lending.applications.models import Application
from lending.loans.models import Loan


def user_of(request: Request) -> User:
    """Whoever the token belongs to: every page that asks is closed to strangers."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def customer_of(request: Request) -> Customer | None:
    """The customer who is signed in, or None for staff."""
    return Customer.objects.filter(user=request.user.pk).first() if not request.user.is_staff else None


class StaffWithPermissionOrCustomer(BasePermission):
    """`needed` of the view maps a method to the permission that staff need; customers pass, to their own rows alone."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        if not hasattr(view, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        if not request.user.is_staff:
            return request.method in getattr(view, "customer_methods", ("GET",)) and customer_of(request) is not None
        needed: str = getattr(view, "needed", {}).get(request.method, "")
        return bool(needed) and request.user.has_perm(needed)


def applications_of(request: Request) -> QuerySet[Application]:
    rows = Application.objects.select_related("product_version__product", "customer")
    customer = customer_of(request)
    return rows.filter(customer=customer) if customer or not request.user.is_staff else rows


def loans_of(request: Request) -> QuerySet[Loan]:
    rows = Loan.objects.select_related("product_version__product", "customer")
    customer = customer_of(request)
    return rows.filter(customer=customer) if customer or not request.user.is_staff else rows


def loan_or_404(request: Request, number: str) -> Loan:
    loan = loans_of(request).filter(number=number).first()
    if loan is None:
        raise Http404
    return loan


def found_or_404(row: Any) -> Any:
    if row is None:
        raise Http404
    return row
