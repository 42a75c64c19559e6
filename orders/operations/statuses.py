"""Statuses are derived by one function, then stored: here is the storing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.queries import credited_by_order, paid_by_order
from core.actor import Actor
from core.db import operation, rows, run
from core.outbox import announce
from orders.events import OrderPaid
from orders.rules import (
    FulfilmentStatus,
    OrderPaymentStatus,
    OrderReturnStatus,
    OrderStatus,
    ShipmentStatus,
    fulfilment_status,
    order_status,
    payment_status,
)

# A statement of its own: one that has waited for its lock sees the order as it is, but parcels and lines as they were.
_LOCK = "SELECT id FROM orders_order WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"
# Units that are nowhere: of a line that had stock once, more than its parcels hold; a kit has a row there for every part. Parcels and lines
# are read once for all the orders, and what is asked of a line one by one is a scalar: EXISTS may be hashed, which reads the whole table.
_PARTS = """
WITH asked AS MATERIALIZED (SELECT id FROM unnest(%s::bigint[]) AS a (id)),
parcel AS MATERIALIZED (SELECT s.id, s.order_id, s.status FROM asked JOIN orders_shipment s ON s.order_id = asked.id),
going AS (
    SELECT line_id, sum(units) AS units FROM (
        SELECT sl.line_id, max(sl.quantity) AS units FROM parcel p JOIN orders_shipmentline sl ON sl.shipment_id = p.id
        WHERE p.status IN ('planned', 'instructed') GROUP BY p.id, sl.line_id) u
    GROUP BY line_id
), line AS (
    SELECT l.order_id, count(*) AS lines, count(*) FILTER (WHERE l.cancelled_quantity = l.quantity) AS cancelled_lines,
        bool_or((SELECT bool_or(b.status = 'waiting') FROM inventory_backorder b WHERE b.demand_id = l.public_id)) AS waits,
        bool_or(CASE WHEN l.quantity - l.cancelled_quantity - l.shipped_quantity > coalesce(g.units, 0)
            THEN (SELECT true FROM inventory_allocation a WHERE a.demand_id = l.public_id LIMIT 1) END) AS lacks
    FROM asked JOIN orders_line l ON l.order_id = asked.id LEFT JOIN going g ON g.line_id = l.id GROUP BY l.order_id
), state AS (SELECT order_id, array_agg(status::text) AS shipments FROM parcel GROUP BY order_id)
SELECT o.id, o.public_id, o.company_id, o.customer_id, o.currency, o.total, o.paid_total, o.status, o.payment_status, o.fulfilment_status,
    o.return_status, CASE WHEN o.return_status = 'none' THEN 0 ELSE
        coalesce((SELECT sum(c.charged_total) FROM orders_returncase c WHERE c.order_id = o.id), 0) END AS charged,
    coalesce(state.shipments, '{}') AS shipments, coalesce(line.lines, 0) AS lines, coalesce(line.cancelled_lines, 0) AS cancelled_lines,
    coalesce(line.waits, false) AS waits, coalesce(line.lacks, false) AS lacks
FROM asked JOIN orders_order o ON o.id = asked.id LEFT JOIN line ON line.order_id = o.id LEFT JOIN state ON state.order_id = o.id ORDER BY o.id
"""

_STORE = """
UPDATE orders_order o SET status = n.status, payment_status = n.payment_status, fulfilment_status = n.fulfilment_status,
    paid_total = n.paid_total, version = o.version + 1
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS n (id, status, payment_status, fulfilment_status, paid_total)
WHERE o.id = n.id
    AND (o.status, o.payment_status, o.fulfilment_status, o.paid_total)
        IS DISTINCT FROM (n.status, n.payment_status, n.fulfilment_status, n.paid_total)
"""


@operation
def refresh_statuses(
    order_ids: Sequence[int], *, actor: Actor, at: datetime, confirmed: bool = False, authorised: bool | None = None
) -> None:
    """Bring the stored statuses of orders in line with their lines, parcels and payments.

    `confirmed` ends the waiting for a card; `authorised` says whether a card holds what they owe (None: as before). Announces OrderPaid once an order is paid in full.
    Repeating it changes nothing.
    """
    if not order_ids:
        return
    ids = sorted(set(order_ids))
    run(_LOCK, (ids,))
    parts = rows(_PARTS, (ids,))
    paid = paid_by_order([p.public_id for p in parts])
    came_back = [p.public_id for p in parts if ShipmentStatus.RETURNED in p.shipments or p.return_status != OrderReturnStatus.NONE]
    credited = credited_by_order(came_back) if came_back else {}
    stored: list[tuple[int, OrderStatus, OrderPaymentStatus, FulfilmentStatus, int]] = []
    events = []
    for part in parts:
        came = paid.get(_uuid(part.public_id), 0)
        owed = part.total - credited.get(_uuid(part.public_id), 0) + int(part.charged)
        fulfilment = fulfilment_status([ShipmentStatus(s) for s in part.shipments], waits=part.waits or part.lacks)
        status = order_status(
            pending=part.status == OrderStatus.PENDING and not confirmed,
            lines=part.lines,
            cancelled_lines=part.cancelled_lines,
            fulfilment=fulfilment,
            owed=owed,
            paid=came,
        )
        payment = payment_status(
            cancelled=status is OrderStatus.CANCELLED or fulfilment is FulfilmentStatus.RETURNED or _all_given_back(part, owed),
            owed=owed,
            paid=came,
            authorised=part.payment_status == OrderPaymentStatus.AUTHORISED if authorised is None else authorised,
        )
        stored.append((part.id, status, payment, fulfilment, came))
        if payment is OrderPaymentStatus.PAID and part.payment_status != OrderPaymentStatus.PAID:
            events.append(
                OrderPaid(
                    order_id=part.id,
                    order_ref=part.public_id,
                    company_id=part.company_id,
                    customer_id=part.customer_id,
                    amount=came,
                    currency=part.currency,
                )
            )
    run(_STORE, tuple(list(column) for column in zip(*stored, strict=True)))
    announce(*events)


def _all_given_back(part: Any, owed: int) -> bool:
    return bool(part.return_status == OrderReturnStatus.RETURNED and owed == 0)


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
