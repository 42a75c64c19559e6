"""The back office's theme evaluates its attributes as scripts, and the API's pages start inline: only they may."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

LOOSER = {
    "/admin/": {"script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]},
    "/api/docs": {"script-src": ["'self'", "'unsafe-inline'"], "style-src": ["'self'", "'unsafe-inline'"]},
}


class BackOfficePolicy:
    """Pages below a looser prefix say so in their Content-Security-Policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for prefix, directives in LOOSER.items():
            if request.path.startswith(prefix):
                response._csp_update = directives  # type: ignore[attr-defined]
        return response
