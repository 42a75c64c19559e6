"""What the clock starts for campaigns: nudges for what is due in the database. Losing a nudge loses nothing."""

from celery import shared_task

from campaigns import operations
from campaigns.ports import MAIL_POST
from campaigns.queries import due_sends, running_sends
from core import clock
from core.actor import SYSTEM

ABREAST = 2
"""How many workers may work on one send at once."""
NUDGE_S = 15
"""A nudge that waited longer is thrown away: the next sweep counts anew."""


@shared_task(name="campaigns.sweep")
def sweep() -> dict[str, int]:
    """Own up to letters of dead workers, count what goes out, close what is done, and nudge workers for what is due."""
    at = clock.now()
    unknown = operations.own_up(actor=SYSTEM, at=at)
    running = running_sends()
    operations.recount_sends(running, actor=SYSTEM, at=at)
    closed = operations.close_sends(running, actor=SYSTEM, at=at)
    nudged = 0
    for due in due_sends(at=at, abreast=ABREAST):
        for _worker in range(due.free):
            work_on_send.apply_async((due.send_id,), expires=NUDGE_S)
            nudged += 1
    return {"unknown": unknown, "closed": len(closed), "nudged": nudged}


@shared_task(name="campaigns.work_on_send")
def work_on_send(send_id: int) -> int:
    """One chunk of a send, or the listing of its recipients; then the next one is asked for. Answers with the letters taken."""
    if not any(due.send_id == send_id for due in due_sends(at=clock.now(), abreast=ABREAST)):
        return 0
    if operations.prepare_send(send_id, actor=SYSTEM, at=clock.now()) is not None:
        work_on_send.apply_async((send_id,), expires=NUDGE_S)
        return 0
    (post,) = MAIL_POST.all()
    ran = operations.run_send(send_id, post=post, clock=clock.now, actor=SYSTEM)
    if ran.left:
        work_on_send.apply_async((send_id,), expires=NUDGE_S)
    else:
        operations.close_sends([send_id], actor=SYSTEM, at=clock.now())
    return ran.sent
