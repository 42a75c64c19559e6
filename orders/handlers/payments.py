"""What orders do when billing announces money."""

from datetime import datetime

from billing.events import PaymentReceived, PaymentReversed
from core.actor import SYSTEM
from orders.operations import refresh_statuses
from orders.queries import keys_of_refs


def note_payment(event: PaymentReceived | PaymentReversed, *, at: datetime) -> None:
    """Bring the order's payment status in line with the money that came or went."""
    if event.order_ref is not None:
        refresh_statuses(list(keys_of_refs([event.order_ref]).values()), actor=SYSTEM, at=at)
