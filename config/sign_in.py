"""What the guard against guessing counts a sign-in by."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


def login_word(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The word somebody tried to sign in with, whichever form (back office, shop) it came through."""
    given: Mapping[str, Any] = credentials or (request.POST if request is not None else {})
    for name in ("handle", "username", "email", "login"):
        if word := given.get(name):
            return str(word).strip().casefold()
    return None
