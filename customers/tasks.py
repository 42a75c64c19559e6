"""What the clock starts for customers."""

from celery import shared_task

from core import clock
from core.actor import SYSTEM
from customers.operations import expire_points


@shared_task(name="customers.expire_due_points")
def expire_due_points() -> int:
    """Points whose time has come are gone, a chunk per transaction."""
    total = 0
    while done := expire_points(actor=SYSTEM, at=clock.now()):
        total += done
    return total
