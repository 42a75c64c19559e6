"""Whose papers a member of staff sees: those of the company they work for, and of the locations whose stock they see."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from inventory.admin.sight import seen_places
from inventory.models import Location


def works_at(request: HttpRequest, location_id: int) -> bool:
    """Whether this member of staff sees the location, and so acts for it."""
    seen = seen_places(request)
    return seen is None or location_id in seen


def sees_costs(request: HttpRequest) -> bool:
    """Whether somebody sees what goods cost us: whoever orders or approves them, or reads the worth of stock."""
    account: Any = request.user
    return any(account.has_perm(f"inventory.{deed}") for deed in ("send_purchaseorder", "approve_purchaseorder", "view_value"))


def of_own(rows: "QuerySet[Any]", request: HttpRequest, *paths: str, company: str = "company") -> "QuerySet[Any]":
    """The rows of the company and of the locations that they see, by any of the paths to a location."""
    company_id = getattr(request.user, "company_id", None)
    if company_id:
        rows = rows.filter(**{company: company_id})
    seen = seen_places(request)
    return rows if seen is None else rows.filter(reduce(or_, (Q(**{f"{path}__in": seen}) for path in paths)))


def places_of(request: HttpRequest, *, company_id: int) -> "QuerySet[Location]":
    """The company's warehouses and stores in use, in the order they are drawn from."""
    return Location.objects.filter(company_id=company_id, ended_at=None, kind__in=("warehouse", "store")).order_by("priority", "pk")
