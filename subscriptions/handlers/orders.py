"""What subscriptions do when one of their orders comes to nothing."""

from datetime import datetime

from core.actor import SYSTEM
from orders.events import OrderCancelled
from subscriptions.operations import settle_cancelled_orders


def settle_cancelled(event: OrderCancelled, *, at: datetime) -> None:
    """A delivery whose order was cancelled is none: tried again by the rule where the card was declined."""
    settle_cancelled_orders([event.order_id], payment_failed=event.declined, actor=SYSTEM, at=at)
