"""What the clock starts for orders."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import structlog
from celery import shared_task
from django.conf import settings

from core import clock
from core.actor import SYSTEM
from inventory.queries import waited_for
from orders import operations
from orders.ports import TRACKING_SOURCE, NoticeDoor
from orders.queries import companies_under_way
from orders.tasks.press import set_due_papers

log = structlog.get_logger("orders.tasks")


@shared_task(name="orders.allocate_waiting")
def allocate_waiting() -> int:
    """Whatever lies free and is waited for is given out, company by company: also what no event told of, such as a hold that ended."""
    total = 0
    for company_id, items in waited_for().items():
        while done := operations.allocate_waiting(items, company_id=company_id, actor=SYSTEM, at=clock.now()):
            total += len(done)
    return total


@shared_task(name="orders.drop_photos")
def drop_photos() -> int:
    """Files of photos that ended, and those that belong to nothing, are deleted, until none is left."""
    total = operations.drop_stray_photos(at=clock.now())
    while dropped := operations.drop_ended_photos(actor=SYSTEM, at=clock.now()):
        total += dropped
    return total


@shared_task(name="orders.work_intake")
def work_intake() -> int:
    """What outside counters handed in is read and placed, and what they cancelled is cancelled: also what a dead process left."""
    return operations.work_received(actor=SYSTEM, at=clock.now())


@shared_task(name="orders.tell_counters")
def tell_counters() -> int:
    """Counters with an interface hear of the parcels that left, until none is due."""
    total = 0
    while told := operations.tell_counters(actor=SYSTEM, at=clock.now()):
        total += told
    return total


@shared_task(name="orders.fetch_counters")
def fetch_counters() -> int:
    """Counters that are asked for their orders are asked, until none is due; the log says where a look broke off."""
    total = 0
    while done := operations.fetch_counter(actor=SYSTEM, at=clock.now()):
        total += done.orders
        if done.answer:
            log.warning("orders.fetch_broke_off", shop=done.shop_id, answer=done.answer.split(" ")[0])
    return total


@shared_task(name="orders.exchange_intake")
def exchange_intake() -> int:
    """What lies in the folders of outside shops is taken in, and files about parcels lie there; the log says what was set aside."""
    return _told(operations.exchange_intake(root=Path(settings.EXCHANGE_ROOT), actor=SYSTEM, at=clock.now()))


@shared_task(name="orders.forget_intake")
def forget_intake() -> int:
    """What counters and people handed in long ago is thrown away: it holds names and addresses that stand on the orders anyway, or on none."""
    before = clock.now() - timedelta(days=settings.INTAKE_KEPT_DAYS)
    total = operations.forget_intake(before=before, actor=SYSTEM)
    while done := operations.forget_scans(before=before, limit=200, actor=SYSTEM, at=clock.now()):
        total += done
    return total


@shared_task(name="orders.tidy_words")
def tidy_words() -> None:
    """Move what new orders are found by from the indexes' waiting lists into the indexes, so that no order that is being placed has to."""
    operations.tidy_words()


@shared_task(name="orders.follow_parcels")
def follow_parcels() -> int:
    """Codes that were mapped meanwhile count, and parcels that are not where they should be are listed; company by company."""
    total = 0
    for company_id in companies_under_way():
        last = 0
        while last := operations.follow_tracking(company_id=company_id, after=last, actor=SYSTEM, at=clock.now()):
            pass
        while found := operations.find_delays(company_id=company_id, actor=SYSTEM, at=clock.now()):
            total += found
    return total


@shared_task(name="orders.follow_pickups")
def follow_pickups() -> int:
    """Buyers are reminded of what waits for them in a store, and what nobody fetched is given up."""
    total = 0
    while done := operations.remind_pickups(actor=SYSTEM, at=clock.now()):
        total += done
    while done := operations.lapse_pickups(actor=SYSTEM, at=clock.now()):
        total += done
    return total


@shared_task(name="orders.earn_due_points")
def earn_due_points() -> int:
    """Orders whose parcels have been away long enough have their points, a chunk per transaction."""
    total = 0
    while done := operations.earn_due_points(actor=SYSTEM, at=clock.now()):
        total += done
    return total


@shared_task(name="orders.ask_about_parcels")
def ask_about_parcels() -> int:
    """The sources of companies that have one are asked about their parcels under way."""
    known = {source.code: source for source in TRACKING_SOURCE.all()}
    total = 0
    for company_id, code in companies_under_way().items():
        said = settings.TRACKING_SOURCES.get(code)
        source = known.get(said["source"]) if said else None
        if said and (source is None or any(not said.get(name) for name in source.secrets)):
            log.warning("orders.tracking_source_unusable", company=code)
        elif said and source:
            door = NoticeDoor(base_url=said.get("base_url") or source.base_url, secrets=said)
            total += operations.poll_all(source, door, company_id=company_id, actor=SYSTEM, at=clock.now())
    return total


@shared_task(name="orders.set_papers")
def set_papers() -> int:
    """Delivery notes and picking lists that somebody asked for are set, until none is due: also what a dead worker left."""
    return set_due_papers()


@shared_task(name="orders.forget_papers")
def forget_papers() -> int:
    """Papers past their days are thrown away: they hold names and addresses that stand on the orders anyway."""
    total = 0
    while done := operations.forget_papers(limit=200, actor=SYSTEM, at=clock.now()):
        total += done
    return total


@shared_task(name="orders.take_in_scans")
def take_in_scans() -> int:
    """Scans and faxes that lie in the folders of channels wait to be typed; the log says what was set aside."""
    return _told(operations.take_in_scans(root=Path(settings.EXCHANGE_ROOT), actor=SYSTEM, at=clock.now()))


def _told(files: Iterable[operations.FileMoved]) -> int:
    """How many files were moved; the log says which were set aside."""
    count = 0
    for moved in files:
        count += 1
        if moved.refusal:
            log.warning("orders.file_set_aside", folder=moved.folder, file=moved.name, code=moved.refusal.code)
    return count
