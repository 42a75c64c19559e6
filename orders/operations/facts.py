"""Purchase facts are recounted from the orders: after a cancellation, a return, a merge, an import."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, run
from orders.queries.purchases import STANDS, WORTH

# Locking comes first, as a statement of its own: the recount must see every order that was placed before the lock was had.
_LOCK = """
INSERT INTO orders_purchasefacts (customer_id, company_id, currency)
SELECT c.id, c.company_id, co.currency FROM customers_customer c JOIN core_company co ON co.id = c.company_id
WHERE c.id IN (SELECT COALESCE(principal_id, id) FROM customers_customer WHERE id = ANY(%(ids)s::bigint[])
    UNION SELECT unnest(%(ids)s::bigint[]))
ORDER BY c.id
ON CONFLICT (customer_id) DO UPDATE SET currency = orders_purchasefacts.currency
"""

_RECOUNT = f"""
WITH touched AS (
    SELECT id FROM customers_customer WHERE id IN (SELECT COALESCE(principal_id, id) FROM customers_customer WHERE id = ANY(%(ids)s::bigint[])
        UNION SELECT unnest(%(ids)s::bigint[]))
), member AS (
    SELECT c.id AS customer_id, c.id FROM customers_customer c WHERE c.id IN (SELECT id FROM touched) AND c.principal_id IS NULL
    UNION ALL
    SELECT c.principal_id, c.id FROM customers_customer c WHERE c.principal_id IN (SELECT id FROM touched)
), bought AS (
    SELECT m.customer_id, o.id, o.placed_at, o.placed_on, {WORTH} AS worth, o.currency, o.channel_id, {STANDS} AS stands
    FROM member m JOIN orders_order o ON o.customer_id = m.id WHERE o.status <> 'cancelled'
), first AS (
    SELECT DISTINCT ON (customer_id) customer_id, id, channel_id FROM bought WHERE stands ORDER BY customer_id, placed_at, id
), counted AS (
    SELECT customer_id, count(DISTINCT placed_on) FILTER (WHERE stands) AS f_number, min(placed_on) FILTER (WHERE stands) AS first_on,
        max(placed_on) FILTER (WHERE stands) AS last_on, count(*) FILTER (WHERE stands) AS order_count, sum(worth) AS amount_total,
        min(currency) AS currency
    FROM bought GROUP BY customer_id
), fact AS (
    SELECT t.id AS customer_id, n.f_number, n.first_on, n.last_on, n.order_count, n.amount_total, n.currency, f.id AS entry_order_id,
        f.channel_id AS entry_channel_id,
        (SELECT l.sku FROM orders_line l WHERE l.order_id = f.id ORDER BY l.position LIMIT 1) AS entry_sku
    FROM touched t LEFT JOIN counted n ON n.customer_id = t.id LEFT JOIN first f ON f.customer_id = t.id
)
UPDATE orders_purchasefacts p SET f_number = COALESCE(fact.f_number, 0), first_on = fact.first_on, last_on = fact.last_on,
    order_count = COALESCE(fact.order_count, 0), amount_total = COALESCE(fact.amount_total, 0),
    currency = COALESCE(fact.currency, p.currency), entry_order_id = fact.entry_order_id,
    entry_channel_id = fact.entry_channel_id, entry_sku = COALESCE(fact.entry_sku, '')
FROM fact WHERE p.customer_id = fact.customer_id
    AND (p.f_number, p.first_on, p.last_on, p.order_count, p.amount_total, p.entry_order_id, p.entry_channel_id, p.entry_sku)
        IS DISTINCT FROM (COALESCE(fact.f_number, 0)::int, fact.first_on, fact.last_on, COALESCE(fact.order_count, 0)::int,
            COALESCE(fact.amount_total, 0)::bigint, fact.entry_order_id, fact.entry_channel_id, COALESCE(fact.entry_sku, ''))
"""


@operation
def refresh_facts(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Recount the purchase facts of these customers' groups from their orders; answers with the number that changed.

    Cancelled orders don't count, nor those that all came back for good, nor what was sent in exchange; several orders of one
    day are one purchase (F-number). What was bought is less what was credited for returns. A merged customer's orders
    count for its principal, and its own facts are empty. Two statements, whatever the number of customers.
    """
    if not customer_ids:
        return 0
    ids = sorted(set(customer_ids))
    run(_LOCK, {"ids": ids})
    return run(_RECOUNT, {"ids": ids})
