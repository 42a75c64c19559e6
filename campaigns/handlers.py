"""What campaigns do when orders announce something."""

from datetime import datetime

from campaigns.operations import give_coupons_back
from core.actor import SYSTEM
from orders.events import OrderCancelled, ReturnSettled
from orders.queries import undone_orders


def give_back_coupon(event: OrderCancelled | ReturnSettled, *, at: datetime) -> None:
    """An order of which nothing is left gives back what coupon it used."""
    if event.order_ref is not None:
        give_coupons_back(undone_orders(event.order_ref), actor=SYSTEM, at=at)
