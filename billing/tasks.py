"""What the clock starts in billing: the gateway is asked what is owed to be asked."""

from celery import shared_task

from billing.operations import work_calls, work_notices
from core import clock
from core.actor import SYSTEM


@shared_task(name="billing.work_gateway")
def work_gateway() -> dict[str, int]:
    """Deal with what the gateway told, then make every call that is due: captures, voids, refunds, what nobody answered."""
    return {"notices": work_notices(actor=SYSTEM, at=clock.now()), "calls": work_calls(actor=SYSTEM, at=clock.now())}
