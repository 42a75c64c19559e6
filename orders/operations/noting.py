"""Notes on orders: for colleagues, or for the customer to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules import Visibility

LONGEST_NOTE = 2_000

_NOTE = """
INSERT INTO orders_ordernote (order_id, body, visibility, author_kind, author_id, author_label, recorded_at)
SELECT o.id, n.body, %(visibility)s, %(kind)s, %(who)s, %(label)s, %(at)s
FROM unnest(%(ids)s::bigint[], %(bodies)s::text[]) WITH ORDINALITY AS n (order_id, body, place) JOIN orders_order o ON o.id = n.order_id
ORDER BY n.place RETURNING order_id
"""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be noted on an order."""

    order_id: int
    body: str


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
    noted = note([Remark(order_id, said) for order_id in sorted(set(order_ids))], actor=actor, at=at, visibility=visibility)
    return [None if i in noted else Refusal("order.not_found", _("There is no such order.")) for i in order_ids]


def note(remarks: Sequence[Remark], *, actor: Actor, at: datetime, visibility: Visibility = Visibility.STAFF) -> set[int]:
    """Every remark stands on its order, in one statement; answers with the orders there are."""
    found = rows(
        _NOTE,
        {
            "ids": [one.order_id for one in remarks],
            "bodies": [one.body for one in remarks],
            "visibility": visibility,
            "at": at,
            "kind": actor.kind,
            "who": actor.id,
            "label": actor.label,
        },
    )
    return {row.order_id for row in found}
