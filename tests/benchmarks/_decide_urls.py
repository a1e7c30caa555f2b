"""The lender's addresses, and the yardstick of the decision: the same view, writing one row only."""

from typing import Any

from django.urls import include, path

from lending.api.applying import Applications


class OneRow(Applications):
    """The same token, permission, throttle, shape and idempotency; the one row is the answer kept under the key."""

    def _apply(self, request: Any, wanted: dict[str, Any]) -> dict[str, Any]:
        return {"status": "noted", "product": wanted["product"], "amount": str(wanted["amount"])}


urlpatterns = [path("one-row", OneRow.as_view()), path("", include("lending.urls"))]
