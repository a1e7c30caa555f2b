"""The first page of the desk: what waits, what is late, what the book is worth, and whether the house is in order.

Each part is shown to those who may see its rows. Sums over the whole book are computed by the database, once a minute.
"""

from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import ServiceCase
from lending.applications.models import Application
from lending.clock import business_date
from lending.desk.model_work import model_work
from lending.loans.models import Disbursement, Loan
from lending.servicing.models import JobRun, PlanChange, WarningTask
from lending.servicing.warning_tasks import IN_HAND
from scoring.models import ModelVersion, ReviewTask

#: Days past due: first and last day of each bucket.
BUCKETS = ((1, 30), (31, 60), (61, 90), (91, 180), (181, None))
NON_PERFORMING_FROM_DAYS = 91
KEEP_SECONDS = 60


def callback(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """UNFOLD["DASHBOARD_CALLBACK"]. Staff without any permission see nothing at all: 403."""
    user = request.user
    if not user.get_all_permissions() and not user.is_superuser:
        raise PermissionDenied
    on = business_date()
    context["on"] = on
    if user.has_perm("applications.view_application"):
        context["queue"] = _queue(user.pk, on)
    if user.has_perm("loans.view_disbursement"):
        context["disbursements"] = _disbursements(user.pk)
    if user.has_perm("loans.view_loan"):
        context["book"] = cache.get_or_set(f"desk-book-{on}", lambda: _book(on), KEEP_SECONDS)
        context["late_link"] = reverse("admin:loans_loan_changelist") + "?late=any"
    if user.has_perm("servicing.view_jobrun"):
        context["last_close"] = (
            JobRun.objects.filter(status=JobRun.Status.DONE).order_by("-business_date", "-id").first()
        )
        context["failed_runs"] = JobRun.objects.filter(status=JobRun.Status.FAILED).order_by("-business_date")[:3]
    if user.has_perm("scoring.view_reviewtask"):
        tasks = ReviewTask.objects.filter(closed_on=None)
        context["alarms"] = {
            "open": tasks.count(),
            "latest": tasks.select_related("model_version").order_by("-pk").first(),
        }
    context["care"] = _care(user, on)
    context["model_work"] = model_work(user, on)
    context["no_model"] = not ModelVersion.objects.filter(uses_facts=True).deciding(on).exists()
    context["title"] = _("Today")
    return context


def _queue(user_pk: int | None, on: date) -> dict[str, Any]:
    waiting = Application.objects.filter(status=Application.Status.REFERRED)
    counts = waiting.aggregate(
        all=Count("id"),
        mine=Count("id", filter=Q(assigned_to=user_pk)),
        free=Count("id", filter=Q(assigned_to=None)),
    )
    submitted = Application.objects.filter(submitted_on=on).count()
    related = ("product_version__product", "assigned_to", "customer__person", "customer__organisation")
    return {
        **counts,
        "submitted_today": submitted,
        "oldest": list(waiting.select_related(*related).order_by("submitted_at", "id")[:6]),
    }


def _care(user: Any, on: date) -> dict[str, Any]:
    """What customers wait for: cases by their clock, wishes for another plan, and early warnings to act upon."""
    care: dict[str, Any] = {}
    if user.has_perm("customers.view_servicecase"):
        waiting = ServiceCase.objects.open()
        care["cases"] = {
            "open": waiting.count(),
            "overdue": waiting.overdue(on).count(),
            "urgent": waiting.filter(urgent=True).count(),
            "first": list(waiting.in_order_of_work()[:6]),
        }
    if user.has_perm("servicing.view_planchange"):
        mine = PlanChange.objects.filter(status=PlanChange.Status.PROPOSED).exclude(maker=user.pk)
        asked = PlanChange.objects.filter(status=PlanChange.Status.ASKED)
        care["plans"] = {"asked": asked.count(), "to_approve": mine.count()}
    if user.has_perm("servicing.view_warningtask"):
        in_hand = WarningTask.objects.filter(status__in=IN_HAND)
        care["tasks"] = {
            **in_hand.aggregate(
                open=Count("id", filter=Q(status="open")), contacted=Count("id", filter=~Q(status="open"))
            ),
            "first": list(in_hand.select_related("loan").order_by("-status", "opened_on", "id")[:6]),
        }
    return care


def _disbursements(user_pk: int | None) -> dict[str, Any]:
    waiting = Disbursement.objects.filter(status=Disbursement.Status.REQUESTED, needs_checker=True)
    return {
        "waiting": waiting.count(),
        "for_me": waiting.exclude(maker=user_pk).count() if user_pk else 0,
        "failed": Disbursement.objects.filter(status=Disbursement.Status.FAILED).count(),
        "oldest": list(waiting.select_related("loan", "maker").order_by("requested_on", "id")[:6]),
    }


def _book(on: date) -> list[dict[str, Any]]:
    """Per currency: loans, outstanding principal, late loans by bucket, and the share that does not perform.

    NPL ratio = outstanding principal of loans more than 90 days past due / outstanding principal of all active loans.
    """
    late_since = {days: on - timedelta(days=days) for days, _last in BUCKETS}
    whens = [When(oldest_due_on__lte=late_since[first], then=Value(str(first))) for first, _last in reversed(BUCKETS)]
    rows = (
        Loan.objects.filter(status=Loan.Status.ACTIVE)
        .annotate(bucket=Case(*whens, default=Value("0"), output_field=CharField()))
        .values("currency", "bucket")
        .annotate(loans=Count("id"), principal=Sum(F("outstanding_principal_minor")))
    )
    books: dict[str, dict[str, Any]] = {}
    for row in rows:
        book = books.setdefault(
            row["currency"], {"currency": row["currency"], "loans": 0, "principal": 0, "bad": 0, "cells": {}}
        )
        principal = int(row["principal"] or 0)
        book["loans"] += row["loans"]
        book["principal"] += principal
        book["bad"] += principal if int(row["bucket"]) >= NON_PERFORMING_FROM_DAYS else 0
        book["cells"][int(row["bucket"])] = (row["loans"], principal)
    return [_with_buckets(book) for _currency, book in sorted(books.items())]


def _with_buckets(book: dict[str, Any]) -> dict[str, Any]:
    cells = book.pop("cells")
    most = max((cells.get(first, (0, 0))[1] for first, _last in BUCKETS), default=0)
    book["late"] = sum(cells.get(first, (0, 0))[0] for first, _last in BUCKETS)
    book["buckets"] = [
        {
            "name": f"{first}–{last}" if last else f"{first}+",
            "first": first,
            "loans": cells.get(first, (0, 0))[0],
            "principal": cells.get(first, (0, 0))[1],
            "width": cells.get(first, (0, 0))[1] * 100 // most if most else 0,
        }
        for first, last in BUCKETS
    ]
    # Basis points by integer arithmetic, half up, shown as a percentage.
    points = (book["bad"] * 10_000 * 2 + book["principal"]) // (2 * book["principal"]) if book["principal"] else 0
    book["npl"] = f"{points // 100}.{points % 100:02d}%"
    return book
