"""What orders do for outside counters when parcels leave."""

from datetime import datetime

from core.actor import SYSTEM
from orders.events import ShipmentShipped
from orders.operations import queue_notices


def tell_counter(event: ShipmentShipped, *, at: datetime) -> None:
    """The counter the order came from is to hear of the parcel, once."""
    queue_notices([event.shipment_id], actor=SYSTEM, at=at)
