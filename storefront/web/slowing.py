"""Whoever tries or sends without end is slowed down."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

WINDOW_S = 900


def too_many(request: HttpRequest, deed: str, *, most: int) -> bool:
    """Whether this address did so more than ``most`` times in a quarter of an hour; this time counts.

    The address is the caller's, as for signing in: behind a proxy all would be one else (``ALLAUTH_TRUSTED_PROXY_COUNT``).
    """
    key = f"{deed}:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, WINDOW_S)
    try:
        tries: Any = cache.incr(key)
    except ValueError:
        tries = 1
    return bool(tries > most)
