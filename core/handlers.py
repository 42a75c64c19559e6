"""What core does when the apps above announce."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import SYSTEM
from core.hooks import Happened
from core.operations import write_webhook_messages


def tell_partners(happened: Sequence[Happened], /, *, at: datetime) -> None:
    """Partners who subscribed to these events are owed a message each; it is sent later, by a worker."""
    write_webhook_messages(happened, actor=SYSTEM)
