"""What is on its way to us and when it should be here: from suppliers and between our own locations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.db import rows
from inventory.rules import ON_THE_ROAD, OPEN


class IncomingKind(StrEnum):
    """From where goods come."""

    PURCHASE_ORDER = "purchase_order"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Pieces of an item that a location waits for.

    ``is_firm`` tells that they were sent or that the supplier has the order; drafts and approved orders are only meant. Pieces
    of a transfer are already on hand, at the location "in transit": who counts a whole company's stock leaves them out.
    """

    stock_item_id: int
    location_id: int
    quantity: int
    expected_on: date | None
    is_firm: bool
    kind: IncomingKind
    number: str


_INCOMING = f"""
SELECT l.stock_item_id, p.location_id, l.quantity - l.received_quantity AS quantity, l.expected_on,
    p.status IN ('sent', 'partly_received') AS is_firm, 'purchase_order' AS kind, p.number
FROM inventory_purchaseorderline l JOIN inventory_purchaseorder p ON p.id = l.purchase_order_id
WHERE l.stock_item_id = ANY(%(items)s::bigint[]) AND l.received_quantity < l.quantity
  AND p.company_id = %(company)s AND p.status IN ({", ".join(f"'{status}'" for status in OPEN)})
UNION ALL
SELECT l.stock_item_id, t.to_location_id, l.quantity - l.received_quantity - l.home_quantity - l.lost_quantity, t.expected_on,
    true, 'transfer', t.number
FROM inventory_stocktransferline l JOIN inventory_stocktransfer t ON t.id = l.transfer_id
WHERE l.stock_item_id = ANY(%(items)s::bigint[]) AND l.received_quantity + l.home_quantity + l.lost_quantity < l.quantity
  AND t.company_id = %(company)s AND t.status IN ({", ".join(f"'{status}'" for status in ON_THE_ROAD)})
ORDER BY stock_item_id, expected_on NULLS LAST, number
"""


def incoming(stock_item_ids: Sequence[int], *, company_id: int) -> list[Incoming]:
    """What a company waits for of these items, the soonest first, by item. One statement."""
    found = rows(_INCOMING, {"items": sorted(set(stock_item_ids)), "company": company_id})
    return [Incoming(**row._asdict() | {"kind": IncomingKind(row.kind)}) for row in found]
