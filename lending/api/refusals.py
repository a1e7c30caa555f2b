"""Every refusal as one shape: {"code", "message", "fields": {name: [sentences]}}, in the caller's language.

400 a value is wrong, 401 who are you, 403 you may not, 404 not there (or not yours), 405 wrong method, 409 the state or an
idempotency key is against it, 413 too large, 415 wrong type, 429 too often.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from customers.refusals import Refusal


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler: what went wrong, as data."""
    if isinstance(error, Refusal):
        return _shaped(
            error.status, error.code, " ".join(error.messages), {error.about: error.messages} if error.about else {}
        )
    if isinstance(error, ValidationError):
        by_field = error.message_dict if hasattr(error, "error_dict") else {}
        return _shaped(status.HTTP_400_BAD_REQUEST, "invalid", " ".join(error.messages), by_field)
    if isinstance(error, Http404):
        return _shaped(
            status.HTTP_404_NOT_FOUND,
            "not_found",
            _("There is nothing here, or it is not yours. Check the number."),
            {},
        )
    if isinstance(error, IntegrityError):
        return _shaped(
            status.HTTP_409_CONFLICT,
            "conflict",
            _("Somebody else changed this at the same moment. Look again, then retry."),
            {},
        )
    response = exception_handler(error, context)
    if response is None:
        return None
    fields: dict[str, Any] = {}
    code = getattr(error, "default_code", "error")
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail
        fields = _flat(detail) if isinstance(detail, dict) else {"": [str(item) for item in detail]}
        message = " ".join(f"{name}: {' '.join(texts)}" if name else " ".join(texts) for name, texts in fields.items())
    else:
        message = str(getattr(error, "detail", error))
    shaped = _shaped(response.status_code, code, message, fields)
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in response:
            shaped[header] = response[header]
    return shaped


def _flat(detail: dict[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Nested errors under dotted names."""
    flat: dict[str, list[str]] = {}
    for name, value in detail.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            flat |= _flat(value, f"{path}.")
        else:
            flat[path] = [str(item) for item in (value if isinstance(value, list) else [value])]
    return flat


def _shaped(status_code: int, code: str, message: str, fields: dict[str, Any]) -> Response:
    return Response({"code": code, "message": message, "fields": fields}, status=status_code)
