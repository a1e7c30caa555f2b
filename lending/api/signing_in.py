"""Tokens: asked for with user name and password, ended by signing out. Wrong tries are counted and locked out."""

from typing import Any

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework import exceptions, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from customers.encryption import blind_index
from customers.models import User
from lending.api.serializers import RefusalShape, SignInShape, TokenShape


class SignIn(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "sign_in"

    @extend_schema(
        operation_id="sign_in",
        request=SignInShape,
        responses={200: TokenShape, 400: RefusalShape, 401: RefusalShape, 403: RefusalShape, 429: RefusalShape},
        examples=[OpenApiExample("An officer", {"username": "otto", "password": "…"}, request_only=True)],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Ask for a token. Send it as `Authorization: Token <token>`."""
        shape = SignInShape(data=request.data)
        shape.is_valid(raise_exception=True)
        user = authenticate(
            request._request,
            username=_user_name(shape.validated_data["username"]),
            password=shape.validated_data["password"],
        )
        if user is None:
            raise exceptions.AuthenticationFailed(_("User name or password are wrong, or too many tries were made."))
        instance, token = AuthToken.objects.create(user=user)
        return Response({"token": token, "expires_at": instance.expiry}, status=status.HTTP_200_OK)

    def get_authenticate_header(self, request: Request) -> str:
        return "Token"


def _user_name(given: str) -> str:
    """Staff sign in by user name, customers by the phone they confirmed."""
    customer = User.objects.filter(phone_index=blind_index(given), phone_verified=True).first()
    return customer.username if customer else given


class SignOut(APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="sign_out", request=None, responses={204: None, 401: RefusalShape})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """End the token that this request was sent with."""
        token: Any = request.auth
        token.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
