"""Whose papers a member of staff sees: those of the company they work for, and of their own locations where they are named for any."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from inventory.admin.sight import seen_places
from inventory.models import Location
from inventory.queries import locations_of_staff


def own_locations(request: HttpRequest) -> frozenset[int]:
    """The locations this member of staff is named for; none means every one. Asked once a request."""
    kept: frozenset[int] | None = getattr(request, "_own_locations", None)
    if kept is None:
        kept = locations_of_staff(int(request.user.pk or 0))
        request._own_locations = kept  # type: ignore[attr-defined]
    return kept


def of_own(rows: "QuerySet[Any]", request: HttpRequest, *paths: str, company: str = "company") -> "QuerySet[Any]":
    """The rows of the company and of the locations that are theirs, by any of the paths to a location."""
    company_id = getattr(request.user, "company_id", None)
    if company_id:
        rows = rows.filter(**{company: company_id})
    seen = seen_places(request)
    return rows if seen is None else rows.filter(reduce(or_, (Q(**{f"{path}__in": seen}) for path in paths)))


def places_of(request: HttpRequest, *, company_id: int) -> "QuerySet[Location]":
    """The company's warehouses and stores in use, in the order they are drawn from."""
    return Location.objects.filter(company_id=company_id, ended_at=None, kind__in=("warehouse", "store")).order_by("priority", "pk")
