"""Notes on orders: for colleagues, or for the customer to read."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules import Visibility

LONGEST_NOTE = 2_000

_NOTE = """
INSERT INTO orders_ordernote (order_id, body, visibility, author_kind, author_id, author_label, recorded_at)
SELECT o.id, %(body)s, %(visibility)s, %(kind)s, %(who)s, %(label)s, %(at)s FROM orders_order o WHERE o.id = ANY(%(ids)s::bigint[])
ORDER BY o.id RETURNING order_id
"""


@operation
def add_order_notes(
    order_ids: Sequence[int], *, body: str, actor: Actor, at: datetime, visibility: Visibility = Visibility.STAFF
) -> list[Refusal | None]:
    """Write a note on orders. Refuses "order.not_found", "order.note_blank", "order.note_too_long"."""
    said = body.strip()
    if not said:
        return [Refusal("order.note_blank", _("Write something into the note."), field="/body")] * len(order_ids)
    if len(said) > LONGEST_NOTE:
        return [Refusal("order.note_too_long", _("At most %(limit)s characters fit here."), {"limit": LONGEST_NOTE}, "/body")] * len(
            order_ids
        )
    who = {"kind": actor.kind, "who": actor.id, "label": actor.label}
    noted = {r.order_id for r in rows(_NOTE, {"ids": sorted(set(order_ids)), "body": said, "visibility": visibility, "at": at, **who})}
    return [None if i in noted else Refusal("order.not_found", _("There is no such order.")) for i in order_ids]
