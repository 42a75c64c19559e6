"""What warehouses were told: whom a file is about, and what was told of a parcel."""

from uuid import UUID

from core.db import rows

_BUYERS = """
SELECT DISTINCT c.public_id FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id
JOIN orders_order o ON o.id = s.order_id JOIN customers_customer c ON c.id = o.customer_id WHERE i.file_id = %s
"""


def buyers_in_file(file_id: int) -> list[UUID]:
    """The customers whose parcels an instruction file tells of. One statement."""
    return [row.public_id for row in rows(_BUYERS, (file_id,))]
