"""What the clock starts in core."""

from celery import shared_task

from core import operations
from core.actor import SYSTEM


@shared_task(name="core.tidy_up")
def tidy_up() -> dict[str, int]:
    """Remove delivered events and stored answers that have had their time."""
    return {"events": operations.prune_outbox(actor=SYSTEM), "answers": operations.prune_answers(actor=SYSTEM)}
