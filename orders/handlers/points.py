"""Points follow what gave or took them: an order, by its number."""

from datetime import datetime

from core.actor import SYSTEM
from customers.operations import undo_points
from orders.events import OrderCancelled, ReturnSettled, ShipmentReturned, ShipmentShipped
from orders.operations import earn_points
from orders.queries import undone_of


def earn_points_of(event: ShipmentShipped | ShipmentReturned, *, at: datetime) -> None:
    """What left and was not refused at the door has earned its points, by the programme in force when it was ordered."""
    earn_points([event.order_id], actor=SYSTEM, at=at)


def undo_points_of(event: OrderCancelled | ReturnSettled, *, at: datetime) -> None:
    """The order keeps the points of what was kept; others granted for it go back in proportion; those spent on it once all is undone."""
    if event.order_ref is not None:
        undo_points(undone_of(event.order_ref), actor=SYSTEM, at=at)
        earn_points([event.order_id], actor=SYSTEM, at=at)
