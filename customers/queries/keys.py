"""Customers by the ids and numbers that the world knows them by."""

from collections.abc import Sequence
from uuid import UUID

from core.db import rows


def customer_keys(refs: Sequence[UUID], *, company_id: int) -> dict[UUID, int]:
    """The keys of a company's customers by public id; foreign and unknown ones are left out. One statement."""
    found = rows(
        "SELECT id, public_id FROM customers_customer WHERE company_id = %s AND public_id = ANY(%s::uuid[])", (company_id, list(refs))
    )
    return {r.public_id: r.id for r in found}


def customers_by_number(numbers: Sequence[str], *, company_id: int) -> dict[str, int]:
    """The keys of a company's customers by number as written on their letters; unknown ones are left out. One statement."""
    found = rows(
        "SELECT id, number FROM customers_customer WHERE company_id = %s AND number = ANY(%s::text[])", (company_id, list(numbers))
    )
    return {r.number: r.id for r in found}
