"""Which orders count as a purchase, as SQL over an order ``o``: said once, for the recount and for the promise."""

from dataclasses import dataclass
from uuid import UUID

from core.db import rows
from customers.rules import Undone

UNDONE = """
(o.status = 'cancelled' OR (o.return_status = 'returned' AND NOT EXISTS (
    SELECT FROM orders_returncase x JOIN orders_order e ON e.id = x.exchange_order_id
    WHERE x.order_id = o.id AND e.status <> 'cancelled' AND e.return_status <> 'returned')))
"""
"""Cancelled, or all of it sent back for good."""

STANDS = f"""
(NOT {UNDONE} AND NOT EXISTS (SELECT FROM orders_returncase x WHERE x.exchange_order_id = o.id))
"""
"""Not cancelled, not sent in exchange for another, and not all of it sent back for good."""

# An order sent in exchange for what came back keeps that much of the first one.
_UNDONE = """
SELECT o.company_id, o.number, o.total AS whole, CASE WHEN o.status = 'cancelled' THEN o.total ELSE greatest(0, o.returned_total - coalesce((
    SELECT sum(e.total - e.returned_total) FROM orders_returncase x JOIN orders_order e ON e.id = x.exchange_order_id
    WHERE x.order_id = o.id AND e.status <> 'cancelled'), 0)) END AS part
FROM orders_order o WHERE o.public_id = %(ref)s::uuid OR o.id IN (
    SELECT x.order_id FROM orders_returncase x JOIN orders_order e ON e.id = x.exchange_order_id WHERE e.public_id = %(ref)s::uuid)
"""


def undone_of(order_ref: UUID) -> list[Undone]:
    """How much of an order was cancelled or came back for good, by its number; where it was sent in exchange, of the first one too. One statement."""
    return [Undone(company_id=r.company_id, reference=r.number, part=int(r.part), whole=r.whole) for r in rows(_UNDONE, {"ref": order_ref})]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneOrder:
    """An order of which nothing is left: cancelled, or all of it came back and nothing was sent in its place."""

    order_id: int
    is_cancelled: bool


_UNDONE_WHOLLY = f"""
SELECT o.id, o.status = 'cancelled' AS is_cancelled FROM orders_order o WHERE (o.public_id = %(ref)s::uuid OR o.id IN (
    SELECT x.order_id FROM orders_returncase x JOIN orders_order e ON e.id = x.exchange_order_id WHERE e.public_id = %(ref)s::uuid))
    AND {UNDONE}
"""


def undone_orders(order_ref: UUID) -> list[UndoneOrder]:
    """The order, if nothing is left of it; where it was sent in exchange, the first one too. One statement."""
    return [UndoneOrder(order_id=r.id, is_cancelled=r.is_cancelled) for r in rows(_UNDONE_WHOLLY, {"ref": order_ref})]


WORTH = "(CASE WHEN o.status = 'cancelled' THEN 0 ELSE o.total - o.returned_total END)"
"""What was bought and kept; exchanges count with what they cost."""
