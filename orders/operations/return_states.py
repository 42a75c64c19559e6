"""How cases, lines and orders stand with returns is derived from the rows of the cases, then stored: here is the storing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import rows, run
from orders.operations.facts import refresh_facts
from orders.operations.statuses import refresh_statuses
from orders.rules import OPEN_CASES, OrderReturnStatus, ReturnCount, ReturnStatus, order_return_status, return_status

# Orders first, then cases, by id: the house order. What hangs on them is read by later statements.
_LOCK_ORDERS = """
WITH c AS MATERIALIZED (SELECT order_id, exchange_order_id FROM orders_returncase WHERE id = ANY(%s::bigint[]))
SELECT id FROM orders_order WHERE id IN (SELECT order_id FROM c UNION SELECT exchange_order_id FROM c) ORDER BY id FOR UPDATE
"""
_LOCK = """
SELECT c.*, o.public_id AS order_ref, o.number AS order_number, o.currency, o.payment_method, o.buyer_name, o.language, o.channel_id,
    e.public_id AS exchange_ref, e.status AS exchange_status, e.total AS exchange_total
FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id LEFT JOIN orders_order e ON e.id = c.exchange_order_id
WHERE c.id = ANY(%s::bigint[]) ORDER BY c.id FOR UPDATE OF c
"""
_LINES = """
SELECT rl.*, l.public_id AS line_ref, l.position AS line_position, l.name, l.sku, s.public_id AS shipment_ref, s.location_id AS sent_from,
    s.status AS parcel_status
FROM orders_returnline rl JOIN orders_line l ON l.id = rl.line_id JOIN orders_shipment s ON s.id = rl.shipment_id
WHERE rl.case_id = ANY(%s::bigint[]) ORDER BY rl.case_id, rl.position
"""
_COUNTS = """
SELECT rl.case_id, rl.quantity, rl.received, rl.accepted, rl.declined, rl.comes_back, c.approved_at, c.ended_at, c.status, c.settled_at
FROM orders_returncase c JOIN orders_returnline rl ON rl.case_id = c.id WHERE c.id = ANY(%s::bigint[]) ORDER BY rl.case_id, rl.position
"""
_STORE = """
UPDATE orders_returncase c SET status = n.status, version = c.version + 1,
    received_at = CASE WHEN n.here THEN coalesce(c.received_at, %(at)s) ELSE c.received_at END,
    inspected_at = CASE WHEN n.status IN ('inspected', 'settled') THEN coalesce(c.inspected_at, %(at)s) ELSE c.inspected_at END
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(here)s::boolean[]) AS n (id, status, here)
WHERE c.id = n.id AND (c.status <> n.status OR (n.here AND c.received_at IS NULL))
"""
_TAKEN = """
UPDATE orders_line l SET returning_quantity = n.taken FROM (
    SELECT l.id, coalesce(sum(CASE WHEN c.status IN ('refused', 'withdrawn') THEN 0 WHEN c.status = 'settled' THEN rl.accepted
        ELSE rl.quantity - rl.declined END), 0) AS taken
    FROM orders_line l LEFT JOIN orders_returnline rl ON rl.line_id = l.id LEFT JOIN orders_returncase c ON c.id = rl.case_id
    WHERE l.order_id = ANY(%s::bigint[]) GROUP BY l.id) n
WHERE l.id = n.id AND l.returning_quantity <> n.taken
"""
_ORDERS = """
SELECT o.id, o.customer_id, o.return_status, o.returned_total,
    (SELECT coalesce(sum(l.shipped_quantity), 0) FROM orders_line l WHERE l.order_id = o.id)::bigint AS shipped,
    coalesce(sum(rl.accepted) FILTER (WHERE c.status = 'settled'), 0)::bigint AS taken,
    coalesce(sum(rl.accepted) FILTER (WHERE c.status = 'settled' AND (rl.comes_back OR c.kind = 'undelivered')), 0)::bigint AS accepted,
    coalesce(bool_or(c.status = ANY(%(open)s::text[])), false) AS open_cases,
    coalesce((SELECT sum(x.credited_total) FROM orders_returncase x WHERE x.order_id = o.id), 0)::bigint AS credited,
    (SELECT array_agg(e.customer_id) FROM orders_returncase x JOIN orders_order e ON e.id = x.exchange_order_id WHERE x.order_id = o.id) AS others
FROM orders_order o LEFT JOIN orders_returncase c ON c.order_id = o.id LEFT JOIN orders_returnline rl ON rl.case_id = c.id
WHERE o.id = ANY(%(ids)s::bigint[]) GROUP BY o.id ORDER BY o.id
"""
_STORE_ORDERS = """
UPDATE orders_order o SET return_status = n.status, returned_total = n.credited, version = o.version + 1
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS n (id, status, credited)
WHERE o.id = n.id AND (o.return_status, o.returned_total) IS DISTINCT FROM (n.status, n.credited)
"""


def lock_cases(case_ids: Sequence[int]) -> dict[int, Any]:
    """The cases by id, their orders locked first; the unknown are missing."""
    ids = sorted(set(case_ids))
    rows(_LOCK_ORDERS, (ids,))
    return {row.id: row for row in rows(_LOCK, (ids,))}


def lines_of_cases(case_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The lines of cases, by case, in their order."""
    found: dict[int, list[Any]] = {case_id: [] for case_id in case_ids}
    for row in rows(_LINES, (sorted(set(case_ids)),)):
        found[row.case_id].append(row)
    return found


def refresh_cases(case_ids: Sequence[int], *, at: datetime) -> dict[int, ReturnStatus]:
    """The states of these cases follow from their decisions and lines; answers with them. Two statements."""
    counts: dict[int, list[ReturnCount]] = {}
    heads: dict[int, Any] = {}
    for row in rows(_COUNTS, (sorted(set(case_ids)),)):
        heads[row.case_id] = row
        counts.setdefault(row.case_id, []).append(
            ReturnCount(
                quantity=row.quantity, received=row.received, accepted=row.accepted, declined=row.declined, comes_back=row.comes_back
            )
        )
    states = {
        case_id: return_status(
            counts[case_id],
            approved=head.approved_at is not None,
            refused=head.status == ReturnStatus.REFUSED,
            withdrawn=head.status == ReturnStatus.WITHDRAWN,
            settled=head.settled_at is not None,
        )
        for case_id, head in heads.items()
    }
    if states:
        here = [any(count.received for count in counts[case_id]) for case_id in states]
        run(_STORE, {"ids": list(states), "statuses": [str(state) for state in states.values()], "here": here, "at": at})
    return states


def refresh_returns(order_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Lines know what is in returns, orders how they stand, and purchase facts follow where something was given back."""
    ids = sorted(set(order_ids))
    if not ids:
        return
    run(_TAKEN, (ids,))
    stored: list[tuple[int, OrderReturnStatus, int]] = []
    customers: set[int] = set()
    for row in rows(_ORDERS, {"ids": ids, "open": [str(state) for state in OPEN_CASES]}):
        status = order_return_status(shipped=row.shipped, taken=row.taken, accepted=row.accepted, open_cases=row.open_cases)
        stored.append((row.id, status, row.credited))
        counted = OrderReturnStatus.RETURNED in (status, row.return_status) or row.credited != row.returned_total or row.others
        if counted:
            customers |= {row.customer_id, *(row.others or ())}
    run(_STORE_ORDERS, ([s[0] for s in stored], [str(s[1]) for s in stored], [s[2] for s in stored]))
    refresh_statuses(ids, actor=actor, at=at)
    refresh_facts(sorted(customers), actor=actor, at=at)


def about(case: Any) -> dict[str, Any]:
    """What every event of a case tells of it."""
    return {
        "order_id": case.order_id, "order_ref": case.order_ref, "company_id": case.company_id, "customer_id": case.customer_id,
        "case_id": case.id, "case_ref": case.public_id, "kind": str(case.kind),
    }  # fmt: skip
