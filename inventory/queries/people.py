"""Which staff may see what, and whether there is somebody else to look at it."""

from django.contrib.auth import get_user_model

from core.db import rows


def somebody_else_may(permission: str, *, besides: str) -> bool:
    """Whether another member of staff, in use, has the permission ("inventory.approve_purchaseorder"). One statement."""
    people = get_user_model()._default_manager.with_perm(permission, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[attr-defined]
    others = people.filter(is_staff=True)
    return bool((others.exclude(pk=int(besides)) if besides.isdecimal() else others).exists())


def locations_of_staff(account_id: int) -> frozenset[int]:
    """The locations a member of staff is named for; none means that all are theirs to see."""
    return frozenset(
        row.location_id for row in rows("SELECT location_id FROM inventory_locationstaff WHERE account_id = %s", (account_id,))
    )
