"""The inbox: every notice, newest first; opening one marks it read."""

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from customers.models import Customer, Delivery, Notice
from customers.notices import mark_read
from lending.loans.models import Loan
from lending.portal.access import CustomerRequest, customer_only, methods

PER_PAGE = 20


def inbox(customer: Customer) -> "QuerySet[Notice]":
    """Her notices, each knowing whether it `was_read`."""
    read = Delivery.objects.filter(notice=OuterRef("pk"), channel=Delivery.Channel.INBOX, result=Delivery.Result.READ)
    return Notice.objects.filter(customer=customer).annotate(was_read=Exists(read)).order_by("-id")


@methods("GET")
@customer_only
def notices(request: CustomerRequest) -> HttpResponse:
    page = Paginator(inbox(request.customer), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/notices.html", {"section": "notices", "page": page})


@methods("GET")
@customer_only
def notice(request: CustomerRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Notice, pk=pk, customer=request.customer)
    if request.method == "GET":
        mark_read(found)
    loan = None
    if found.subject_type == "loan":
        loan = Loan.objects.filter(customer=found.customer, number=found.subject_id).first()
    return render(request, "portal/notice.html", {"section": "notices", "notice": found, "loan": loan})


@methods("POST")
@customer_only
def read_all(request: CustomerRequest) -> HttpResponse:
    for one in inbox(request.customer)[:500]:
        if not getattr(one, "was_read", False):
            mark_read(one)
    return redirect("portal:notices")
