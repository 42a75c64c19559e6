"""What the clock starts for orders."""

from celery import shared_task

from core import clock
from core.actor import SYSTEM
from inventory.queries import waited_for
from orders import operations


@shared_task(name="orders.allocate_waiting")
def allocate_waiting() -> int:
    """Whatever lies free and is waited for is given out, company by company: also what no event told of, such as a hold that ended."""
    total = 0
    for company_id, items in waited_for().items():
        while done := operations.allocate_waiting(items, company_id=company_id, actor=SYSTEM, at=clock.now()):
            total += len(done)
    return total
