"""Whose stock a member of staff sees: that of the locations they are named for, and of every one where their role looks at all."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from inventory.queries import EVERYWHERE, locations_of_company, locations_of_staff


def seen_places(request: HttpRequest) -> frozenset[int] | None:
    """The locations whose stock is shown; None: every one. Who is named for none and may not look everywhere sees nothing;
    who works for one company sees that one's.

    Asked once a request.
    """
    if not hasattr(request, "_seen_places"):
        account: Any = request.user
        named = locations_of_staff(int(account.pk or 0))
        if not named and account.has_perm(EVERYWHERE):
            company_id = getattr(account, "company_id", None)
            request._seen_places = locations_of_company(company_id) if company_id else None  # type: ignore[attr-defined]
        else:
            request._seen_places = named  # type: ignore[attr-defined]
    seen: frozenset[int] | None = request._seen_places  # type: ignore[attr-defined]
    return seen


def sees_whole_company(request: HttpRequest) -> bool:
    """Whether every location of a company, or of all, is shown: who is named for some sees those only."""
    account: Any = request.user
    return bool(account.has_perm(EVERYWHERE)) and not locations_of_staff(int(account.pk or 0))


def of_seen_places(rows: "QuerySet[Any]", request: HttpRequest, *, path: str = "location") -> "QuerySet[Any]":
    """The rows of the locations that are shown to this member of staff."""
    seen = seen_places(request)
    return rows if seen is None else rows.filter(**{f"{path}__in": seen})
