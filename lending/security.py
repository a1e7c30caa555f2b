"""What every request passes: the content policy of the officers' desk, and a log that names no person."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware


class AdminContentPolicy:
    """Relax the policy under /admin/ alone; the portal and the API keep the strict one.

    Scripts come from our own host only, but may evaluate the attributes of the toolkit's templates. Styles may stand in
    the page (the theme's colours, the widths of bars): that is said without a nonce, because a browser that sees a
    nonce ignores 'unsafe-inline'.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_replace = {  # type: ignore[attr-defined]
                "script-src": [SELF, UNSAFE_EVAL],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        elif request.path == "/api/docs/":
            # The reader of the API's description makes its styles in the page.
            response._csp_replace = {"style-src": [SELF, UNSAFE_INLINE]}  # type: ignore[attr-defined]
        return response


class RequestLog(RequestMiddleware):
    """Each request in the log by its path alone: what is searched for may be somebody's number."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
