"""Points follow what gave or took them: an order that is undone, by its number."""

from datetime import datetime

from core.actor import SYSTEM
from customers.operations import undo_points
from orders.events import OrderCancelled, ReturnSettled
from orders.queries import undone_of


def undo_points_of(event: OrderCancelled | ReturnSettled, *, at: datetime) -> None:
    """What was granted for the order is taken back in proportion; what was spent on it comes back once all of it is undone."""
    if event.order_ref is not None:
        undo_points(undone_of(event.order_ref), actor=SYSTEM, at=at)
