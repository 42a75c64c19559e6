"""An open complaint pauses offers."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.rules import MessageKind
from contact.queries import complaining


def vetoed(customer_ids: Sequence[int], *, kind: MessageKind, at: datetime) -> set[int]:
    """Who has an unsolved complaint gets no offers; what cares for something they bought still goes out."""
    return complaining(customer_ids, at=at) if kind is MessageKind.OFFER else set()
