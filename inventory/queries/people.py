"""Which staff may see what, and whether there is somebody else to look at it."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db.models import Q

from core.actor import Actor, ActorKind
from core.db import rows

EVERYWHERE = "inventory.view_every_location"


def somebody_else_may(permission: str, *, company_id: int, besides: Actor) -> bool:
    """Whether a member of the company's staff, in use, other than ``besides`` has the permission ("inventory.approve_purchaseorder").

    Staff of no company serve every one. One statement.
    """
    people = ModelBackend().with_perm(permission).filter(Q(company=None) | Q(company_id=company_id), is_staff=True)
    is_one_of_them = besides.kind is ActorKind.STAFF and besides.id.isdecimal()
    return bool((people.exclude(pk=int(besides.id)) if is_one_of_them else people).exists())


def looks_everywhere(account_id: int) -> bool:
    """Whether somebody who is named for no location looks at every one: it is a permission of their role.

    Whoever has no account here (an import that names its people) is not held back.
    """
    account: Any = get_user_model()._default_manager.filter(pk=account_id).first()
    return account is None or account.has_perm(EVERYWHERE)


def locations_of_staff(account_id: int) -> frozenset[int]:
    """The locations a member of staff is named for; who is named for none sees every one, or nothing, as their role says."""
    return frozenset(
        row.location_id for row in rows("SELECT location_id FROM inventory_locationstaff WHERE account_id = %s", (account_id,))
    )


def locations_of_company(company_id: int) -> frozenset[int] | None:
    """The company's locations; None where no other company has any, so that nothing need be compared."""
    found = rows("SELECT id, company_id = %s AS is_own FROM inventory_location", (company_id,))
    return frozenset(row.id for row in found if row.is_own) if any(not row.is_own for row in found) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShown:
    """A location that sends and receives files."""

    id: int
    company_id: int
    code: str
    name: str


_PLACES = """
SELECT l.id, l.company_id, l.code, l.name FROM inventory_location l
WHERE l.ended_at IS NULL AND l.kind IN ('warehouse', 'store') AND (%(company)s::bigint IS NULL OR l.company_id = %(company)s)
  AND (%(everywhere)s OR l.id IN (SELECT location_id FROM inventory_locationstaff WHERE account_id = %(account)s))
ORDER BY l.company_id, l.priority, l.id
"""


def places_of_staff(account_id: int, *, company_id: int | None) -> list[PlaceShown]:
    """The warehouses and stores that a member of staff acts for, the preferred one first."""
    everywhere = not locations_of_staff(account_id) and looks_everywhere(account_id)
    found = rows(_PLACES, {"company": company_id, "account": account_id, "everywhere": everywhere}, prepare=False)
    return [PlaceShown(**row._asdict()) for row in found]
