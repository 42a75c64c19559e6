"""Orders as rows of a file: one per order or one per line, each page of them in one statement."""

from collections.abc import Sequence
from typing import Any

from core.db import rows

# One destination is written as it is; of several, the first, and how many there are.
_ORDERS = """
SELECT o.number, o.outside_number, o.placed_at, o.placed_on, c.name AS channel, u.number AS customer_number, o.buyer_name, o.buyer_email,
    o.buyer_phone, o.status, o.payment_status, o.fulfilment_status, o.return_status, o.open_holds, o.payment_method, o.currency, o.goods_total,
    o.discount_total, o.fee_total, o.tax_total, o.total, o.paid_total, o.returned_total, o.remark, o.cancelled_at, o.cancel_reason, z.timezone,
    d.name AS recipient, d.postal_code, d.prefecture, d.city, d.street, d.building, d.phone, d.wished_on, d.time_band, n.destinations, n.tracking,
    n.lines, n.pieces
FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place) JOIN orders_order o ON o.id = wanted.id
JOIN core_company z ON z.id = o.company_id JOIN core_saleschannel c ON c.id = o.channel_id JOIN customers_customer u ON u.id = o.customer_id
LEFT JOIN LATERAL (SELECT * FROM orders_destination d WHERE d.order_id = o.id ORDER BY d.position LIMIT 1) d ON true
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM orders_destination x WHERE x.order_id = o.id) AS destinations,
        (SELECT string_agg(DISTINCT s.tracking_number, ' ') FROM orders_shipment s WHERE s.order_id = o.id AND s.tracking_number <> '') AS tracking,
        count(*) AS lines, coalesce(sum(l.quantity - l.cancelled_quantity), 0) AS pieces
    FROM orders_line l WHERE l.order_id = o.id AND l.until_revision IS NULL
) n
ORDER BY wanted.place
"""
_LINES = """
SELECT o.number, o.outside_number, o.placed_at, o.placed_on, z.timezone, c.name AS channel, u.number AS customer_number, o.buyer_name, o.status,
    o.fulfilment_status, o.currency, l.position, l.sku, l.name, l.category_path, l.purchase_type, l.cycle, l.quantity, l.cancelled_quantity,
    l.shipped_quantity, l.returning_quantity, l.unit_price, l.discount, l.amount, l.total, l.tax_rate_bp, l.campaign_ref, l.campaign_name,
    l.route_medium, l.ad_code, l.referral_code, d.prefecture, d.name AS recipient
FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place) JOIN orders_order o ON o.id = wanted.id
JOIN core_company z ON z.id = o.company_id JOIN core_saleschannel c ON c.id = o.channel_id JOIN customers_customer u ON u.id = o.customer_id
JOIN orders_line l ON l.order_id = o.id AND l.until_revision IS NULL LEFT JOIN orders_destination d ON d.id = l.destination_id
ORDER BY wanted.place, l.position
"""


def orders_written(order_ids: Sequence[int]) -> list[Any]:
    """A row per order, in the order given. Personal: the caller writes down whose."""
    return rows(_ORDERS, (list(order_ids),), prepare=False)


def order_lines_written(order_ids: Sequence[int]) -> list[Any]:
    """A row per line as it is agreed now, in the order of the orders given. Personal: the caller writes down whose."""
    return rows(_LINES, (list(order_ids),), prepare=False)
