"""Whose language a page speaks: what this browser chose, or else what its signed-in user chose before."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from customers.models import Language


class SavedLanguage:
    """After authentication: a browser that has chosen no language yet speaks the user's own, and keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or user is None or not user.is_authenticated:
            return self.get_response(request)
        language = user.language if user.language in Language.values else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        response = self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in response.cookies:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
        return response
