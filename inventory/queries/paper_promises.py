"""What purchasing and transfers promise of their tables."""

_OF_COMPANY = "(%(company)s::bigint IS NULL OR {alias}.company_id = %(company)s)"

RECEIVED = f"""
SELECT l.id AS line, p.number, l.received_quantity, coalesce(t.total, 0) AS receipts_say
FROM inventory_purchaseorderline l JOIN inventory_purchaseorder p ON p.id = l.purchase_order_id
LEFT JOIN (SELECT order_line_id, sum(quantity) AS total FROM inventory_goodsreceiptline GROUP BY order_line_id) t ON t.order_line_id = l.id
WHERE l.received_quantity <> coalesce(t.total, 0) AND {_OF_COMPANY.format(alias="p")}
"""

ON_THE_ROAD = f"""
SELECT road.company_id, road.stock_item_id, road.quantity AS on_the_road, coalesce(lies.on_hand, 0) AS in_transit
FROM (
    SELECT t.company_id, l.stock_item_id, sum(l.quantity - l.received_quantity - l.home_quantity - l.lost_quantity) AS quantity
    FROM inventory_stocktransferline l JOIN inventory_stocktransfer t ON t.id = l.transfer_id
    WHERE t.status IN ('in_transit', 'partly_received') GROUP BY t.company_id, l.stock_item_id
) road LEFT JOIN (
    SELECT p.company_id, s.stock_item_id, sum(s.on_hand) AS on_hand
    FROM inventory_stock s JOIN inventory_location p ON p.id = s.location_id WHERE p.kind = 'in_transit' GROUP BY p.company_id, s.stock_item_id
) lies USING (company_id, stock_item_id)
WHERE road.quantity > coalesce(lies.on_hand, 0) AND {_OF_COMPANY.format(alias="road")}
"""

OPEN_ROADS = f"""
SELECT t.id AS transfer, t.number, t.status
FROM inventory_stocktransfer t
WHERE t.status = 'closed' AND {_OF_COMPANY.format(alias="t")} AND EXISTS (
    SELECT FROM inventory_stocktransferline l
    WHERE l.transfer_id = t.id AND l.quantity <> l.received_quantity + l.home_quantity + l.lost_quantity
)
"""
