"""Customers by the ids that the world knows them by."""

from collections.abc import Sequence
from uuid import UUID

from core.db import rows


def customer_keys(refs: Sequence[UUID], *, company_id: int) -> dict[UUID, int]:
    """The keys of a company's customers by public id; foreign and unknown ones are left out. One statement."""
    found = rows(
        "SELECT id, public_id FROM customers_customer WHERE company_id = %s AND public_id = ANY(%s::uuid[])", (company_id, list(refs))
    )
    return {r.public_id: r.id for r in found}
