"""Every failure of the machine counter as one problem document (RFC 9457); no view builds an error itself.

The codes are stable and listed in ``docs/problems/``. A document holds no trace, no SQL and no value that was sent.
"""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from rest_framework import exceptions as drf

from core.db import sqlstate
from core.errors import Busy, HouseError, Refusal
from core.words import gettext_noop

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:daifuku:problem:"
log = structlog.get_logger("core.api")

TITLES: Mapping[int, str] = {
    400: gettext_noop("Malformed request"),
    401: gettext_noop("Not signed in"),
    403: gettext_noop("Not allowed"),
    404: gettext_noop("Not found"),
    405: gettext_noop("Method not allowed"),
    406: gettext_noop("No such format"),
    409: gettext_noop("Conflict"),
    412: gettext_noop("Changed meanwhile"),
    413: gettext_noop("Too large"),
    414: gettext_noop("Address too long"),
    415: gettext_noop("Content type not taken"),
    422: gettext_noop("Refused"),
    428: gettext_noop("Version required"),
    429: gettext_noop("Too many requests"),
    500: gettext_noop("Internal error"),
    503: gettext_noop("Unavailable"),
}

# What Django and DRF raise themselves, by status.
OUTSIDE: Mapping[int, Refusal] = {
    400: Refusal("request.malformed", gettext_noop("The request could not be understood.")),
    401: Refusal("auth.missing", gettext_noop("Send a valid access token as Authorization: Bearer.")),
    403: Refusal("forbidden", gettext_noop("You are not allowed to do this.")),
    404: Refusal("not_found", gettext_noop("There is nothing at this address.")),
    405: Refusal("method.not_allowed", gettext_noop("This address does not take this method.")),
    406: Refusal("format.unknown", gettext_noop("Answers are application/json only.")),
    413: Refusal("body.too_large", gettext_noop("The body is too large.")),
    414: Refusal("address.too_long", gettext_noop("The address is too long.")),
    415: Refusal("body.content_type", gettext_noop("Send the body as application/json in UTF-8, without Content-Encoding.")),
    429: Refusal("too_many_requests", gettext_noop("Too many requests. Try again later.")),
    500: Refusal("internal", gettext_noop("Something went wrong on our side. Quote the request id when you ask about it.")),
    503: Refusal("unavailable", gettext_noop("The service is not available for a moment. Nothing is lost; please repeat.")),
}
UNACCEPTABLE = Refusal("value.unacceptable", gettext_noop("A value cannot be stored: it is too large or holds an unknown character."))


class Problem(HttpResponse):
    """The answer that tells of a failure."""

    def __init__(self, request: HttpRequest, status: int, refusal: Refusal, errors: tuple[Refusal, ...] = ()) -> None:
        title = gettext(TITLES.get(status, TITLES[500]))
        document: dict[str, Any] = {
            "type": TYPE + refusal.code,
            "title": title,
            "status": status,
            "detail": refusal.text(gettext),
            "instance": request.path,
            "code": refusal.code,
            "request_id": getattr(request, "request_id", ""),
        }
        told = errors or ((refusal,) if refusal.field else ())
        if told:
            document["errors"] = [{"pointer": each.field, "code": each.code, "detail": each.text(gettext)} for each in told]
        super().__init__(orjson.dumps(document, default=str), status=status, content_type=CONTENT_TYPE)
        self["Cache-Control"] = "no-store"


def of(error: Exception, request: HttpRequest) -> Problem:
    """The problem document of any exception; what nobody foresaw is logged and answered with 500."""
    if isinstance(error, HouseError):
        return _of_the_house(error, request)
    if isinstance(error, drf.APIException):
        return _of_drf(error, request)
    if isinstance(error, Http404):
        return outside(404, request)
    if isinstance(error, PermissionDenied):
        return outside(403, request)
    if isinstance(error, RequestDataTooBig):
        return outside(413, request)
    if isinstance(error, SuspiciousOperation):
        return outside(400, request)
    if isinstance(error, DatabaseError | InterfaceError):
        return _of_the_database(error, request)
    log.error("unforeseen_error", error=type(error).__name__, exc_info=error)
    return outside(500, request)


def outside(status: int, request: HttpRequest) -> Problem:
    """The problem document of a bare status."""
    known = status if status in OUTSIDE else 400 if status < 500 else 500
    problem = Problem(request, status, OUTSIDE[known])
    if status in (429, 503):
        problem["Retry-After"] = "1"
    return problem


def _of_the_house(error: HouseError, request: HttpRequest) -> Problem:
    problem = Problem(request, error.status, error.refusal, error.errors)
    if retry_after := getattr(error, "retry_after_s", 0):
        problem["Retry-After"] = str(retry_after)
    return problem


def _of_drf(error: drf.APIException, request: HttpRequest) -> Problem:
    status = error.status_code
    if isinstance(error, drf.NotAuthenticated | drf.AuthenticationFailed):
        status = 401
    problem = outside(status, request)
    if header := getattr(error, "auth_header", None):
        problem["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        problem["Retry-After"] = str(max(1, int(wait)))
    return problem


def _of_the_database(error: Exception, request: HttpRequest) -> Problem:
    code = sqlstate(error)
    if code in ("40001", "40P01", "55P03"):
        return _of_the_house(Busy(), request)
    if isinstance(error, DataError):
        log.warning("value_unacceptable", sqlstate=code)
        return Problem(request, 422, UNACCEPTABLE)
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database_unavailable", sqlstate=code)
        return outside(503, request)
    log.error("database_error", error=type(error).__name__, sqlstate=code)
    return outside(500, request)


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's EXCEPTION_HANDLER: nothing is left for Django's HTML pages."""
    request = context["request"]
    return of(error, getattr(request, "_request", request))
