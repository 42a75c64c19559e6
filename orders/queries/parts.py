"""What lay in a parcel, piece by piece, for those who take parts of it back."""

from dataclasses import dataclass
from uuid import UUID

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPart:
    """A stock item that a parcel brought for an order line."""

    line_ref: UUID
    stock_item_id: int
    code: str
    name: str
    quantity: int


_PARTS = """
SELECT l.public_id AS line_ref, a.stock_item_id, i.code, i.name, sum(a.quantity)::int AS quantity
FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id JOIN inventory_allocation a ON a.id = sl.allocation_id
JOIN inventory_stockitem i ON i.id = a.stock_item_id
WHERE sl.shipment_id = %s GROUP BY l.id, a.stock_item_id, i.id ORDER BY l.position, i.code
"""


def parcel_parts(shipment_id: int) -> list[ParcelPart]:
    """The stock items of a parcel by order line. One statement."""
    return [ParcelPart(**row._asdict()) for row in rows(_PARTS, (shipment_id,))]
