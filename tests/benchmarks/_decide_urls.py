"""The lender's addresses, and the yardstick of the decision: the same view, writing one row only."""

from contextlib import nullcontext
from datetime import date
from typing import Any

from django.urls import include, path

from lending.api.applying import Applications


class OneRow(Applications):
    """The same token, permission, throttle, shape and idempotency; the one row is the answer kept under the key."""

    def _prepare(self, request: Any, wanted: dict[str, Any], on: date) -> Any:
        return nullcontext(wanted)

    def _place(self, request: Any, placement: Any, on: date) -> dict[str, Any]:
        return {"status": "noted", "product": placement["product"], "amount": str(placement["amount"])}


urlpatterns = [path("one-row", OneRow.as_view()), path("", include("lending.urls"))]
