"""What the clock starts for stock."""

from celery import shared_task

from core import clock
from core.actor import SYSTEM
from core.queries import companies
from inventory import operations
from inventory.queries import moving_shelves, told_channels

CHUNK = 1_000
SERIES = 500


@shared_task(name="inventory.expire_due_reservations")
def expire_due_reservations() -> int:
    """Stock held for carts past its time may be sold again, a chunk per transaction."""
    total = 0
    while done := operations.expire_reservations(actor=SYSTEM, at=clock.now(), limit=CHUNK):
        total += done
    return total


@shared_task(name="inventory.make_forecasts")
def make_forecasts() -> int:
    """What was shipped lately is forecast anew, so many shelves at a time."""
    at, total = clock.now(), 0
    for company in companies():
        shelves = moving_shelves(company.id, today=company.business_date(at))
        for start in range(0, len(shelves), SERIES):
            total += operations.make_forecasts(shelves[start : start + SERIES], company_id=company.id, actor=SYSTEM, at=at)
    return total


@shared_task(name="inventory.expire_due_quotas")
def expire_due_quotas() -> int:
    """What is left of quotas past their day is free for everybody, a chunk per transaction."""
    total = 0
    while done := operations.expire_quotas(actor=SYSTEM, at=clock.now(), limit=CHUNK):
        total += done
    return total


@shared_task(name="inventory.tell_channels")
def tell_channels() -> int:
    """Every channel that wants to know is told which of its figures changed, some thousand variants per transaction."""
    total = 0
    for channel_id in told_channels():
        last: int | None = 0
        while last is not None:
            told = operations.tell_figures(channel_id, after_id=last, actor=SYSTEM, at=clock.now())
            total, last = total + told.changed, told.last_id
    return total
