"""The first middleware: names each request, turns away what no view should see, writes one line per request.

Under /api/ (and where a client of the machine counter gets its token) every failure leaves as a problem document.
"""

import re
import secrets
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import unquote_to_bytes

import structlog
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import resolve
from django.utils import translation

from core.api import problems

MACHINES = ("/api/", "/o/")
RESOURCES = "/api/v1/"
LONGEST_ADDRESS = 8_192
_GIVEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}").fullmatch
_QUIET = frozenset({"/livez", "/readyz"})
log = structlog.get_logger("core.request")


class Gate:
    """The middleware; put it first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # Machines bring a token: sessions, cookies, forms and pages' policies are not theirs, and cost a third of a call.
        self.answer_machine = cast(Callable[[HttpRequest], HttpResponse], SecurityMiddleware(convert_exception_to_response(_called)))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.request_id = given if _GIVEN_ID(given) else secrets.token_hex(12)  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        status = _unfit(request)
        if status:
            response = _turned_away(status, request)
        elif request.path.startswith(RESOURCES):
            response = self.answer_machine(request)
        else:
            response = self.get_response(request)
        if response.status_code >= 400 and request.path.startswith(MACHINES) and not _told(response):
            response = problems.outside(response.status_code, request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        if request.path not in _QUIET:
            _write_down(request, response, started)
        return response


def _called(request: HttpRequest) -> HttpResponse:
    """The resource behind the address, in the caller's language."""
    translation.activate(translation.get_language_from_request(request))
    match = resolve(request.path_info)
    request.resolver_match = match
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    if hasattr(response, "render"):
        response = response.render()
    response["Content-Length"] = str(len(response.content))
    return response


def _unfit(request: HttpRequest) -> int:
    """The status of a request no view should see, or 0: NUL bytes, broken UTF-8, endless addresses."""
    query = request.META.get("QUERY_STRING", "")
    if len(request.path) + len(query) > LONGEST_ADDRESS:
        return 414
    if "\x00" in request.path or "%00" in query or "\x00" in query:
        return 400
    if "%" in query or not query.isascii():
        try:
            unquote_to_bytes(query.encode("latin-1", "replace")).decode()
        except UnicodeDecodeError:
            return 400
    # Django re-quotes the broken bytes of a path instead of refusing them.
    if "%" in request.path:
        try:
            unquote_to_bytes(request.path).decode()
        except UnicodeDecodeError:
            return 400
    return 400 if _nul_in_form(request) else 0


def _nul_in_form(request: HttpRequest) -> bool:
    """A form whose fields hold NUL: the database can't keep it, and not every view asks a Django form."""
    if request.method != "POST" or not request.META.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return False
    try:
        return b"%00" in request.body or b"\x00" in request.body
    except (OSError, SuspiciousOperation):
        return True


def _turned_away(status: int, request: HttpRequest) -> HttpResponse:
    if request.path.startswith(MACHINES):
        return problems.outside(status, request)
    return HttpResponse(status=status, content_type="text/plain")


def _told(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith(("application/problem+json", "application/json"))


def _write_down(request: HttpRequest, response: HttpResponse, started: float) -> None:
    """The route rather than the address: an address may hold a name, a secret or a number."""
    match = request.resolver_match
    log.info(
        "request",
        method=request.method,
        route=match.route if match else "",
        status=response.status_code,
        ms=round((time.monotonic() - started) * 1000),
    )
