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
# Units that are nowhere: of a line that had stock once, more than its parcels hold; a kit has a row there for every part.
_PARTS = """
SELECT o.id, o.public_id, o.company_id, o.customer_id, o.currency, o.total, o.paid_total, o.status, o.payment_status, o.fulfilment_status,
    o.return_status, CASE WHEN o.return_status = 'none' THEN 0 ELSE
        coalesce((SELECT sum(c.charged_total) FROM orders_returncase c WHERE c.order_id = o.id), 0) END AS charged,
    COALESCE((SELECT array_agg(s.status::text) FROM orders_shipment s WHERE s.order_id = o.id), '{}') AS shipments,
    (SELECT count(*) FROM orders_line l WHERE l.order_id = o.id) AS lines,
    (SELECT count(*) FROM orders_line l WHERE l.order_id = o.id AND l.cancelled_quantity = l.quantity) AS cancelled_lines,
    EXISTS (SELECT FROM orders_line l JOIN inventory_backorder b ON b.demand_id = l.public_id AND b.status = 'waiting'
        WHERE l.order_id = o.id) AS waits,
    EXISTS (SELECT FROM orders_line l WHERE l.order_id = o.id AND EXISTS (SELECT FROM inventory_allocation a WHERE a.demand_id = l.public_id)
        AND l.quantity - l.cancelled_quantity - l.shipped_quantity > coalesce((SELECT sum(p.units) FROM (
            SELECT max(sl.quantity) AS units FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
            WHERE sl.line_id = l.id AND s.status IN ('planned', 'instructed') GROUP BY s.id) p), 0)) AS lacks
FROM orders_order o WHERE o.id = ANY(%s::bigint[]) ORDER BY o.id
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
