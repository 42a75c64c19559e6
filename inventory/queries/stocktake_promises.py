"""What stocktakes promise of their tables, as statements that find what breaks it."""

from inventory.rules import UNSELLABLE

_OF_COMPANY = "(%(company)s::bigint IS NULL OR t.company_id = %(company)s)"
COUNTS_EQUAL_ENTRIES = f"""
SELECT n.id AS line, n.lot_id AS lot, n.counted, coalesce(c.total, 0) AS entries_say
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id
LEFT JOIN (SELECT line_id, round, sum(quantity) AS total FROM inventory_stocktakecount GROUP BY line_id, round) c
    ON c.line_id = n.id AND c.round = n.round
WHERE n.counted IS NOT NULL AND n.counted <> coalesce(c.total, 0) AND {_OF_COMPANY}
"""
# A difference may be several movements: one for each state it is taken from, and for each lot. All were written after the books
# were read, so only the end of a shelf's ledger is looked through.
CLOSED_DIFFERENCES_ARE_BOOKED = f"""
SELECT n.id AS line, n.difference, m.quantity AS booked
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id
LEFT JOIN LATERAL (
    SELECT sum(m.quantity) AS quantity FROM inventory_stock s JOIN inventory_movement m ON m.stock_id = s.id
    WHERE s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id AND m.id > coalesce(n.book_movement_id, 0)
      AND m.kind = 'adjustment' AND (m.once_key = 'stocktake:' || n.id
        OR starts_with(m.once_key, 'stocktake:' || n.id || ':') OR starts_with(m.once_key, 'stocktake:' || n.id || '/'))
) m ON true
WHERE coalesce(m.quantity, 0) <> CASE WHEN t.status = 'closed' THEN coalesce(n.difference, 0) ELSE 0 END AND {_OF_COMPANY}
"""
_KEYS = ", ".join(["'stocktake:' || n.id", *(f"'stocktake:' || n.id || ':{state}'" for state in UNSELLABLE)])
# A line without a lot, where lots are counted, is of the pieces that nobody named: its movements have none either.
LOTS_ARE_COUNTED_APART = f"""
SELECT n.id AS line, n.lot_id AS lot, NULL::bigint AS movement, NULL::bigint AS moved_lot
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id JOIN inventory_lot lot ON lot.id = n.lot_id
JOIN inventory_stockitem i ON i.id = n.stock_item_id
WHERE (lot.stock_item_id <> n.stock_item_id OR NOT i.is_lot_tracked OR NOT t.counts_lots) AND {_OF_COMPANY}
UNION ALL
SELECT n.id, n.lot_id, m.id, m.lot_id
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id
JOIN inventory_stock s ON s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id
JOIN inventory_movement m ON m.once_key = ANY(ARRAY[{_KEYS}])
WHERE t.status = 'closed' AND t.counts_lots AND n.difference <> 0 AND (m.lot_id, m.stock_id) IS DISTINCT FROM (n.lot_id, s.id) AND {_OF_COMPANY}
"""
NOBODY_APPROVES_OWN_COUNT = f"""
SELECT t.id AS stocktake, t.approved_by FROM inventory_stocktake t
WHERE t.status = 'closed' AND {_OF_COMPANY} AND (t.approved_by = t.submitted_by OR EXISTS (
    SELECT FROM inventory_stocktakecount c WHERE c.stocktake_id = t.id AND c.actor_kind || ':' || c.actor_id = t.approved_by))
"""
