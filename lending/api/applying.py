"""Products, applications and their decisions."""

from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers import introduction
from customers.introduction import Introduction
from customers.refusals import InvalidValue
from lending.api.access import (
    StaffWithPermissionOrCustomer,
    applications_of,
    customer_of,
    found_or_404,
    user_of,
)
from lending.api.idempotency import HEADER, once_prepared
from lending.api.money import minor_of
from lending.api.serializers import (
    ApplicationShape,
    DecisionShape,
    NewApplicationShape,
    ProductShape,
    RefusalShape,
)
from lending.api.standing import Standing
from lending.applications import placing
from lending.applications.in_force import InForce, in_force
from lending.applications.models import Application
from lending.applications.placing import Placement
from lending.clock import business_date
from lending.products.models import ProductVersion

KEY = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, required=True, description="New for every order.")
REFUSED = {400: RefusalShape, 401: RefusalShape, 403: RefusalShape, 404: RefusalShape, 409: RefusalShape}

AN_APPLICATION = OpenApiExample(
    "A channel sends an applicant",
    {
        "product": "consumer-installment",
        "amount": "12000.00",
        "currency": "CNY",
        "installments": 12,
        "purpose": "consumption",
        "facts": {"income_monthly": "9000", "expenses_monthly": "3500", "employment_type": "salaried"},
        "person": {
            "name": "王芳",
            "id_number": "11010519491231002X",
            "phone": "13800138000",
            "consents": ["identity", "credit_report", "automated_decision"],
        },
        "reference": "ORDER-2026-0001",
    },
    request_only=True,
)


class UnknownProduct(InvalidValue):
    code = "unknown_product"
    field = "product"


class NewestFirst(CursorPagination):
    ordering = "-id"
    page_size = 50


class Products(generics.ListAPIView[ProductVersion]):
    """What is lent today: amounts, numbers of installments and the range of nominal yearly rates."""

    permission_classes = (AllowAny,)
    serializer_class = ProductShape
    pagination_class = None

    def get_queryset(self) -> Any:
        return ProductVersion.objects.in_force(business_date()).select_related("product").order_by("product__code")


class Applications(generics.ListAPIView[Application]):
    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "applications.view_application", "POST": "applications.add_application"}
    customer_methods = ("GET", "POST")
    serializer_class = ApplicationShape
    pagination_class = NewestFirst
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Application.objects.none()
        return applications_of(self.request)

    @extend_schema(
        operation_id="apply",
        parameters=[KEY],
        request=NewApplicationShape,
        responses={201: ApplicationShape, **REFUSED},
        examples=[AN_APPLICATION],
    )
    def post(self, request: Request) -> Response:
        """Apply and be decided at once. A channel names the person; a signed-in customer applies for herself."""
        shape = NewApplicationShape(data=request.data)
        shape.is_valid(raise_exception=True)
        wanted, on = shape.validated_data, business_date()
        return once_prepared(
            request,
            lambda: self._prepare(request, wanted, on),
            lambda key, placement: (201, self._place(request, placement, on)),
        )

    def _prepare(self, request: Request, wanted: dict[str, Any], on: date) -> AbstractContextManager[Placement]:
        today = in_force(on)
        version = today.product(wanted["product"])
        if version is None:
            raise UnknownProduct(reason=f"{wanted['product']}: no such product is in force; see /api/v1/products")
        if wanted["currency"] != version.currency:
            raise InvalidValue(field="currency", reason=f"{version.currency} is the currency of this product.")
        placement = placing.prepare(
            applicant=customer_of(request) or _introduced(request, wanted, today),
            product_version=version,
            answers={
                **wanted["facts"],
                "amount_minor": minor_of(wanted["amount"], version.decimals),
                "installments": wanted["installments"],
                "purpose": wanted["purpose"],
            },
            channel=f"api:{request.user.get_username()}"[:40] if request.user.is_staff else "portal",
            reference=wanted.get("reference"),
            by=user_of(request),
            on=on,
            book=today.rules(version),
        )
        return placing.placed_after_asking(placement, on=on)

    def _place(self, request: Request, placement: Placement, on: date) -> dict[str, Any]:
        concluded = placing.place(placement, by=user_of(request), on=on)
        standing = Standing(concluded.decision, concluded.offer, loan_number=None)
        context = {"request": request, "standing": {placement.application.pk: standing}}
        return dict(ApplicationShape(placement.application, context=context).data)


def _introduced(request: Request, wanted: dict[str, Any], today: InForce) -> Introduction:
    """The person a channel applies for, with the consents the channel collected."""
    person = wanted.get("person")
    if person is None:
        raise serializers.ValidationError({"person": ["A channel must say who applies."]})
    return introduction.introduce(
        name=person["name"],
        id_number=person["id_number"],
        phone=person["phone"],
        purposes=person["consents"],
        channel="api",
        by=user_of(request),
        on=today.on,
        texts=today.consent_texts,
    )


class OneApplication(APIView):
    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "applications.view_application"}

    @extend_schema(operation_id="application", responses={200: ApplicationShape, **REFUSED})
    def get(self, request: Request, public_id: str) -> Response:
        """One application with its last decision and offer."""
        application = found_or_404(applications_of(request).filter(public_id=public_id).first())
        return Response(ApplicationShape(application, context={"request": request}).data)


class DecisionOfApplication(APIView):
    permission_classes = (StaffWithPermissionOrCustomer,)
    needed = {"GET": "applications.view_decision"}

    @extend_schema(operation_id="decision", responses={200: DecisionShape, **REFUSED})
    def get(self, request: Request, public_id: str) -> Response:
        """The decision that stands, with its reasons in both languages."""
        application = found_or_404(applications_of(request).filter(public_id=public_id).first())
        decision = found_or_404(application.decisions.select_related("score").order_by("pk").last())
        return Response(DecisionShape(decision, context={"request": request}).data)
