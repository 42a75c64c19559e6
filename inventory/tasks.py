"""What the clock starts for stock."""

from pathlib import Path

import structlog
from celery import shared_task
from django.conf import settings

from core import clock
from core.actor import SYSTEM
from core.queries import companies
from inventory import operations
from inventory.queries import expired_lots_on_sale, moving_shelves, told_channels

log = structlog.get_logger("inventory.tasks")
CHUNK = 1_000
SERIES = 500


@shared_task(name="inventory.expire_due_reservations")
def expire_due_reservations() -> int:
    """Stock held for carts past its time may be sold again, a chunk per transaction."""
    total = 0
    while done := operations.expire_reservations(actor=SYSTEM, at=clock.now(), limit=CHUNK):
        total += done
    return total


@shared_task(name="inventory.expire_lots")
def expire_lots() -> int:
    """Goods past their last day are taken off sale, so many lots a transaction; what orders were promised stays and is told."""
    at, total = clock.now(), 0
    for company in companies():
        today, after = company.business_date(at), 0
        while ids := expired_lots_on_sale(company.id, today=today, after=after, limit=SERIES):
            total += sum(one.quantity for one in operations.expire_lots(ids, actor=SYSTEM, at=at))
            after = ids[-1]
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


@shared_task(name="inventory.exchange_files")
def exchange_files() -> int:
    """What warehouses have put into their folders is taken in, and what is to go out lies there; the log says what was set aside, and why."""
    count = 0
    for folder in operations.folders():
        for moved in operations.exchange_folder(folder, root=Path(settings.EXCHANGE_ROOT), actor=SYSTEM, at=clock.now()):
            count += 1
            if moved.refusal:
                log.warning(
                    "inventory.file_set_aside", folder=folder.path, file=moved.name, code=moved.refusal.code, why=moved.refusal.text()
                )
    return count


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
