"""Loans: what is owed, when, what paying all of it costs, and money that came."""

import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.refusals import InvalidValue
from lending.api.access import StaffWithPermissionOrCustomer, loan_or_404, loans_of, user_of
from lending.api.applying import KEY, REFUSED, NewestFirst
from lending.api.idempotency import once
from lending.api.money import minor_of
from lending.api.serializers import (
    InstallmentShape,
    LoanShape,
    NewRepaymentShape,
    PayoffQuoteShape,
    RepaymentShape,
    ScheduleShape,
)
from lending.clock import business_date
from lending.loans.models import Loan
from lending.repayments import payoff, posting
from lending.repayments.models import Repayment


class Loans(generics.ListAPIView[Loan]):
    """Loans, newest first."""

    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "loans.view_loan"}
    serializer_class = LoanShape
    pagination_class = NewestFirst
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Loan.objects.none()
        return loans_of(self.request)


class OneLoan(APIView):
    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "loans.view_loan"}

    @extend_schema(operation_id="loan", responses={200: LoanShape, **REFUSED})
    def get(self, request: Request, number: str) -> Response:
        """One loan and what is owed on it."""
        return Response(LoanShape(loan_or_404(request, number)).data)


class Schedule(APIView):
    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "loans.view_installment"}

    @extend_schema(operation_id="schedule", responses={200: ScheduleShape, **REFUSED})
    def get(self, request: Request, number: str) -> Response:
        """The installments as they stand after everything that happened."""
        loan = loan_or_404(request, number)
        rows = InstallmentShape(list(loan.installments.all()), many=True, context={"decimals": loan.decimals})
        return Response({"loan": loan.number, "currency": loan.currency, "installments": rows.data})


class Repayments(generics.ListAPIView[Repayment]):
    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "repayments.view_repayment", "POST": "repayments.add_repayment"}
    serializer_class = RepaymentShape
    pagination_class = NewestFirst

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Repayment.objects.none()
        loan = loan_or_404(self.request, self.kwargs["number"])
        rows = Repayment.objects.filter(loan=loan, reverses__isnull=True).select_related("loan", "event", "reversal")
        return rows.prefetch_related("event__allocations")

    @extend_schema(
        operation_id="repay",
        parameters=[KEY],
        request=NewRepaymentShape,
        responses={201: RepaymentShape, **REFUSED},
        examples=[
            OpenApiExample(
                "An installment arrived",
                {"amount": "1066.19", "currency": "CNY", "received_on": "2026-10-14"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, number: str) -> Response:
        """Post money that was received. What is more than owed is kept as the customer's credit balance."""
        loan = loan_or_404(request, number)
        shape = NewRepaymentShape(data=request.data)
        shape.is_valid(raise_exception=True)
        wanted = shape.validated_data
        amount_minor = minor_of(wanted["amount"], loan.decimals)

        def act(key: str) -> tuple[int, dict[str, Any]]:
            repayment = posting.post_repayment(
                loan,
                amount_minor=amount_minor,
                currency=wanted["currency"],
                received_on=wanted["received_on"],
                channel="api",
                key=f"api:{request.user.pk}:{key}"[:100],
                by=user_of(request),
                on=business_date(),
            )
            return 201, dict(RepaymentShape(repayment).data)

        return once(request, act)


class PayoffQuote(APIView):
    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "loans.view_loan"}

    @extend_schema(
        operation_id="payoff_quote",
        parameters=[OpenApiParameter("on", OpenApiTypes.DATE, description="The day of payment; today when left out.")],
        responses={200: PayoffQuoteShape, **REFUSED},
    )
    def get(self, request: Request, number: str) -> Response:
        """What paying the loan off on a day costs, and what makes it up."""
        loan = loan_or_404(request, number)
        on = _day(request.query_params.get("on")) or business_date()
        quote = payoff.quote(loan, on=on)
        names = ("principal", "interest", "fees", "penalties", "prepayment_fee", "credit_applied", "total")
        amounts = {name: str(getattr(quote, name)) for name in names}
        return Response({"loan": loan.number, "on": on.isoformat(), "currency": loan.currency, **amounts})


def _day(text: str | None) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(field="on", reason="A day such as 2026-10-14 is needed.") from None
