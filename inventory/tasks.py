"""What the clock starts for stock."""

from celery import shared_task

from core import clock
from core.actor import SYSTEM
from inventory import operations

CHUNK = 1_000


@shared_task(name="inventory.expire_due_reservations")
def expire_due_reservations() -> int:
    """Stock held for carts past its time may be sold again, a chunk per transaction."""
    total = 0
    while done := operations.expire_reservations(actor=SYSTEM, at=clock.now(), limit=CHUNK):
        total += done
    return total
