"""Members of staff as owners of cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows

_NAME = "coalesce(nullif(display_name, ''), nullif(email, ''), handle)"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff who may look after cases."""

    id: int
    name: str


def staff_names(account_ids: Sequence[int]) -> dict[int, str]:
    """What these members of staff are called; no statement for none."""
    if not account_ids:
        return {}
    found = rows(f"SELECT id, {_NAME} AS name FROM customers_account WHERE id = ANY(%s::bigint[]) AND kind = 'staff'", (list(account_ids),))
    return {row.id: row.name for row in found}


def staff_of(company_id: int | None) -> list[StaffRow]:
    """The staff of a company, and those of the whole house, by name."""
    found = rows(
        f"SELECT id, {_NAME} AS name FROM customers_account WHERE kind = 'staff' AND is_active"
        " AND (company_id IS NULL OR %s::bigint IS NULL OR company_id = %s) ORDER BY 2, 1 LIMIT 500",
        (company_id, company_id),
    )
    return [StaffRow(row.id, row.name) for row in found]
