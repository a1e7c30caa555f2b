"""The bank's callback: no session and no token, but a signature over the body."""

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending.api.serializers import RefusalShape
from lending.clock import business_date
from lending.repayments import bank_messages


class BankCallbacks(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    parser_classes: tuple[type[BaseParser], ...] = (JSONParser,)

    @extend_schema(
        operation_id="bank_callback",
        request={"application/json": {"type": "object"}},
        responses={200: None, 400: RefusalShape, 401: RefusalShape},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """A payout or a collection came to its end. `X-Signature`: hex HMAC-SHA256 of the body under the shared secret."""
        message = bank_messages.handle(
            request._request.body, request.headers.get("X-Signature", ""), on=business_date()
        )
        return Response({"received": message.event_id})
