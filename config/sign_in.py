"""What the guard against guessing counts a sign-in by, and what it says to whom it stops."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers


def login_word(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The word somebody tried to sign in with, whichever form (back office, shop) it came through."""
    given: Mapping[str, Any] = credentials or (request.POST if request is not None else {})
    for name in ("handle", "username", "email", "login"):
        if word := given.get(name):
            return str(word).strip().casefold()
    return None


def locked_out(request: HttpRequest, _response: object = None, _credentials: object = None) -> HttpResponse:
    """Too many wrong passwords: said in words, with what to do next; the same for an address without an account."""
    response = render(request, "429.html", {"locked": True, "staff": request.path.startswith("/admin/")}, status=429)
    response["Retry-After"] = "900"
    add_never_cache_headers(response)
    return response
