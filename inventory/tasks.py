"""What the clock starts for stock."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

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


@shared_task(name="inventory.exchange_files")
def exchange_files() -> int:
    """What warehouses have put into their folders is taken in, and what is to go out lies there."""
    return sum(
        1
        for folder in operations.folders()
        for _moved in operations.exchange_folder(folder, root=Path(settings.EXCHANGE_ROOT), actor=SYSTEM, at=clock.now())
    )
