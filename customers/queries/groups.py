"""Merged customers are read together: the principal and everybody merged into it."""

from collections.abc import Sequence

from core.db import rows

_GROUPS = """
SELECT asked.id AS asked_id, member.id AS member_id
FROM (SELECT c.id, coalesce(c.principal_id, c.id) AS principal_id
      FROM customers_customer c WHERE c.id = ANY(%s::bigint[])) asked
JOIN LATERAL (
    SELECT asked.principal_id AS id
    UNION ALL
    SELECT m.id FROM customers_customer m WHERE m.principal_id = asked.principal_id
) member ON true
ORDER BY asked.id, member.id <> asked.principal_id, member.id
"""


def groups_of(customer_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """For each customer asked about, everybody read together with it, the principal first. Unknown ids are left out."""
    groups: dict[int, list[int]] = {}
    for row in rows(_GROUPS, (list(customer_ids),)):
        groups.setdefault(row.asked_id, []).append(row.member_id)
    return {asked: tuple(members) for asked, members in groups.items()}


def group_of(customer_id: int) -> tuple[int, ...]:
    """Everybody read together with the customer, the principal first; empty for an unknown id."""
    return groups_of([customer_id]).get(customer_id, ())
