"""What is still to come to a location, and which papers a warehouse's numbers mean."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.db import rows

_COMING = """
SELECT p.number AS plan, 'purchase' AS source, s.name AS sender, l.expected_on, i.code AS item, i.name, '' AS lot,
    l.quantity - l.received_quantity AS quantity
FROM inventory_purchaseorder p JOIN inventory_purchaseorderline l ON l.purchase_order_id = p.id JOIN inventory_stockitem i ON i.id = l.stock_item_id
JOIN inventory_supplier s ON s.id = p.supplier_id
WHERE p.location_id = %(location)s AND p.status IN ('sent', 'partly_received') AND l.quantity > l.received_quantity
UNION ALL
SELECT t.number, 'transfer', f.name, t.expected_on, i.code, i.name, l.lot_number,
    l.quantity - l.received_quantity - l.home_quantity - l.lost_quantity
FROM inventory_stocktransfer t JOIN inventory_stocktransferline l ON l.transfer_id = t.id JOIN inventory_stockitem i ON i.id = l.stock_item_id
JOIN inventory_location f ON f.id = t.from_location_id
WHERE t.to_location_id = %(location)s AND t.status IN ('in_transit', 'partly_received')
  AND l.quantity > l.received_quantity + l.home_quantity + l.lost_quantity
ORDER BY source, plan, item, lot
"""
_PAPERS = """
SELECT number, id, 'purchase' AS source FROM inventory_purchaseorder WHERE company_id = %(company)s AND location_id = %(location)s AND number = ANY(%(numbers)s::text[])
UNION ALL
SELECT number, id, 'transfer' FROM inventory_stocktransfer
WHERE company_id = %(company)s AND to_location_id = %(location)s AND number = ANY(%(numbers)s::text[])
"""
_BOOKS = """
SELECT i.code AS item, i.name, s.on_hand AS quantity, s.sellable, s.allocated
FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id WHERE s.location_id = %s ORDER BY i.code
"""


def goods_to_come(location_id: int) -> list[dict[str, object]]:
    """Every line that is still expected at a location, by paper. One statement."""
    return [row._asdict() for row in rows(_COMING, {"location": location_id})]


def papers_named(numbers: Sequence[str], *, company_id: int, location_id: int) -> dict[str, Any]:
    """Purchase orders and transfers to a location by their numbers. One statement."""
    asked = {"company": company_id, "location": location_id, "numbers": list(numbers)}
    return {row.number: row for row in rows(_PAPERS, asked, prepare=False)}


def arrival_keys(transfer_ids: Sequence[int]) -> set[str]:
    """Under which keys arrivals of these transfers were taken in."""
    found = rows("SELECT once_key FROM inventory_transferarrival WHERE transfer_id = ANY(%s::bigint[])", (list(transfer_ids),))
    return {row.once_key for row in found}


def books_of(location_id: int, *, at: datetime) -> list[dict[str, object]]:
    """What our books say lies at a location. One statement."""
    return [{**row._asdict(), "taken_at": at.strftime("%Y/%m/%d %H:%M")} for row in rows(_BOOKS, (location_id,))]


def zone_of(company_id: int) -> str:
    """The clock of a company."""
    zone: str = rows("SELECT timezone FROM core_company WHERE id = %s", (company_id,))[0].timezone
    return zone
