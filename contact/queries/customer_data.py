"""What contact holds about customers: for their timeline, their erasure, their export, and the pause of offers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from core.db import rows

TABLES: Final = ("contact_case.customer_id",)
"""Every foreign key to a customer that contact answers for."""

# Besides the case itself its later words are told; and the answer it is owed, as something still to come.
_TOLD = """
WITH c AS MATERIALIZED (
    SELECT c.*, r.name AS reason FROM contact_case c JOIN contact_casereason r ON r.id = c.reason_id WHERE c.customer_id = ANY(%(ids)s::bigint[])
)
SELECT * FROM (
    (SELECT c.customer_id, c.due_at AS at, 'due' AS kind, c.id AS case_id, c.number, c.theme AS title, '' AS body, c.reason, c.state,
        c.complaint, NULL AS channel, '' AS direction, '' AS deed, 'staff' AS visibility, '' AS author, '' AS to_whom, 0::bigint AS turn
     FROM c WHERE %(before)s::timestamptz IS NULL AND c.state <> 'solved' AND c.due_at IS NOT NULL ORDER BY c.due_at, c.id LIMIT %(limit)s)
    UNION ALL
    (SELECT c.customer_id, i.at, CASE WHEN i.id = (SELECT min(f.id) FROM contact_interaction f WHERE f.case_id = c.id) THEN 'case' ELSE 'word' END,
        c.id, c.number, c.theme, i.body, c.reason, c.state, c.complaint, i.channel, i.direction, i.deed, i.visibility, i.author_label,
        i.to_whom, i.id
     FROM c JOIN contact_interaction i ON i.case_id = c.id
     WHERE %(before)s::timestamptz IS NULL OR i.at < %(before)s ORDER BY i.at DESC, i.id DESC LIMIT %(limit)s)
) told ORDER BY at DESC, turn DESC, case_id DESC
"""

_OPEN = """
SELECT c.customer_id, c.number FROM contact_case c WHERE c.customer_id = ANY(%s::bigint[]) AND c.state <> 'solved' ORDER BY c.id
"""

_HELD = """
SELECT c.customer_id, 'contact_case' AS table_name, jsonb_build_object('number', c.number, 'reason', r.name, 'theme', c.theme,
    'state', c.state, 'occurred_at', c.occurred_at, 'solved_at', c.solved_at, 'resolution', c.resolution) AS values, c.id AS place
FROM contact_case c JOIN contact_casereason r ON r.id = c.reason_id WHERE c.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT c.customer_id, 'contact_interaction', jsonb_build_object('case', c.number, 'at', i.at, 'channel', i.channel, 'direction', i.direction,
    'said', i.body), i.id
FROM contact_interaction i JOIN contact_case c ON c.id = i.case_id
WHERE c.customer_id = ANY(%(ids)s::bigint[]) AND (i.visibility = 'customer' OR i.direction <> 'internal')
ORDER BY 2, 4
"""

_COMPLAINING = """
SELECT asked.id
FROM (SELECT c.id, coalesce(c.principal_id, c.id) AS principal_id FROM customers_customer c WHERE c.id = ANY(%s::bigint[])) asked
WHERE EXISTS (
    SELECT 1 FROM contact_case k WHERE k.complaint AND k.state <> 'solved' AND k.occurred_at <= %s
    AND k.customer_id IN (SELECT asked.principal_id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = asked.principal_id))
"""


def told(customer_ids: Sequence[int], *, before: datetime | None, limit: int) -> list[Any]:
    """What was said with these customers and what they are owed, newest first; of what is owed the soonest. One statement."""
    return rows(_TOLD, {"ids": list(customer_ids), "before": before, "limit": limit}) if customer_ids else []


def unsolved_of(customer_ids: Sequence[int]) -> list[Any]:
    """Cases of these customers that aren't solved: customer_id, number."""
    return rows(_OPEN, (list(customer_ids),)) if customer_ids else []


def held(customer_ids: Sequence[int]) -> list[Any]:
    """Every case and every word the customer took part in, readable. One statement."""
    return rows(_HELD, {"ids": list(customer_ids)}) if customer_ids else []


def complaining(customer_ids: Sequence[int], *, at: datetime) -> set[int]:
    """Those of the customers who, or whose merged entries, have an unsolved complaint. One statement."""
    return {row.id for row in rows(_COMPLAINING, (list(customer_ids), at))} if customer_ids else set()
