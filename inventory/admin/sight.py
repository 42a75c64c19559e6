"""Whose stock a member of staff sees: that of the locations they are named for, and of every one where their role looks at all."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from inventory.queries import locations_of_staff

EVERYWHERE = "inventory.view_every_location"


def seen_places(request: HttpRequest) -> frozenset[int] | None:
    """The locations whose stock is shown; None: every one. Who is named for none and may not look everywhere sees nothing.

    Asked once a request.
    """
    if not hasattr(request, "_seen_places"):
        account: Any = request.user
        named = locations_of_staff(int(account.pk or 0))
        everywhere = not named and account.has_perm(EVERYWHERE)
        request._seen_places = None if everywhere else named  # type: ignore[attr-defined]
    seen: frozenset[int] | None = request._seen_places  # type: ignore[attr-defined]
    return seen


def of_seen_places(rows: "QuerySet[Any]", request: HttpRequest, *, path: str = "location") -> "QuerySet[Any]":
    """The rows of the locations that are shown to this member of staff."""
    seen = seen_places(request)
    return rows if seen is None else rows.filter(**{f"{path}__in": seen})
