"""Which orders count as a purchase, as SQL over an order ``o``: said once, for the recount and for the promise."""

STANDS = """
(o.status <> 'cancelled'
    AND NOT EXISTS (SELECT FROM orders_returncase x WHERE x.exchange_order_id = o.id)
    AND (o.return_status <> 'returned' OR EXISTS (
        SELECT FROM orders_returncase x JOIN orders_order e ON e.id = x.exchange_order_id
        WHERE x.order_id = o.id AND e.status <> 'cancelled' AND e.return_status <> 'returned')))
"""
"""Not cancelled, not sent in exchange for another, and not all of it sent back for good."""

WORTH = "(CASE WHEN o.status = 'cancelled' THEN 0 ELSE o.total - o.returned_total END)"
"""What was bought and kept; exchanges count with what they cost."""
