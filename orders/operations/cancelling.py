"""Orders are taken back before they ship."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing.operations import close_intents
from billing.rules import IntentStatus
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from inventory.operations import cancel_back_orders, release_allocations
from orders.events import OrderCancelled
from orders.operations.combining import leave_boxes
from orders.operations.facts import refresh_facts
from orders.operations.instructing import accepted_already
from orders.operations.statuses import refresh_statuses
from orders.rules import OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """An order that no longer stands; `repeated` when it was cancelled before."""

    order_id: int
    repeated: bool = False


_LOCK = """
SELECT o.id, o.public_id, o.number, o.company_id, o.customer_id, o.status
FROM orders_order o WHERE o.id = ANY(%s::bigint[]) ORDER BY o.id FOR UPDATE
"""
# Asked once the orders are locked: a statement that waited for its lock still sees other tables as they were before.
_LEFT = (
    "SELECT DISTINCT order_id FROM orders_shipment WHERE order_id = ANY(%s::bigint[]) AND status IN ('shipped', 'delivered', 'returned')"
)
_ACCEPTED = """
SELECT s.order_id, min(i.number) AS number FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id
WHERE s.order_id = ANY(%s::bigint[]) AND i.status = 'accepted' AND s.status = 'instructed' GROUP BY s.order_id
"""
_WITHDRAW = """
UPDATE orders_shipmentinstruction i SET status = 'withdrawn', ended_at = %s FROM orders_shipment s
WHERE s.id = i.shipment_id AND s.order_id = ANY(%s::bigint[]) AND i.status = 'sent'
"""
_CANCEL = """
WITH o AS (
    UPDATE orders_order SET cancelled_at = %(at)s, cancel_reason = %(reason)s WHERE id = ANY(%(ids)s::bigint[]) RETURNING id
),
s AS (UPDATE orders_shipment SET status = 'cancelled', version = version + 1 WHERE order_id IN (SELECT id FROM o) RETURNING id),
h AS (
    UPDATE orders_hold SET released_at = %(at)s, released_by = %(by)s
    WHERE order_id IN (SELECT id FROM o) AND released_at IS NULL RETURNING id
)
UPDATE orders_line SET cancelled_quantity = quantity WHERE order_id IN (SELECT id FROM o) RETURNING public_id
"""


@operation
def cancel_orders(
    order_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime, declined: bool = False, told: bool = False
) -> list[Cancelled | Refusal]:
    """Cancel orders that have not shipped, giving back their stock; what was paid stays as the customer's deposit.

    What a card holds for them is let go afterwards. ``declined`` says that the card was the reason, ``told`` that the buyer
    saw so. Announces OrderCancelled for each. Refuses "order.already_shipped", "order.not_found",
    "order.instruction_accepted": the warehouse may be packing. Repeating it changes nothing.
    """
    found = {o.id: o for o in rows(_LOCK, (sorted(set(order_ids)),))}
    left = {s.order_id for s in rows(_LEFT, (list(found),))}
    accepted = {s.order_id: s.number for s in rows(_ACCEPTED, (list(found),))}
    going = [o for o in found.values() if o.status != OrderStatus.CANCELLED and o.id not in left and o.id not in accepted]
    if going:
        ids = [o.id for o in going]
        lines = rows(_CANCEL, {"ids": ids, "at": at, "reason": reason, "by": actor.label or actor.id})
        run(_WITHDRAW, (at, ids))
        run("UPDATE orders_order SET open_holds = 0 WHERE id = ANY(%s::bigint[])", (ids,))
        leave_boxes(ids, actor=actor, at=at)
        demands = [n.public_id for n in lines]
        cancel_back_orders(demands, actor=actor, at=at)
        release_allocations(demand_ids=demands, actor=actor, at=at)
        close_intents([o.public_id for o in going], status=IntentStatus.VOIDED, actor=actor, at=at)
        refresh_statuses(ids, actor=actor, at=at)
        refresh_facts(sorted({o.customer_id for o in going}), actor=actor, at=at)
        announce(
            *(
                OrderCancelled(
                    order_id=o.id,
                    order_ref=o.public_id,
                    company_id=o.company_id,
                    customer_id=o.customer_id,
                    reason=reason,
                    declined=declined,
                    told=told,
                )
                for o in going
            )
        )
    cancelled_now = {o.id for o in going}
    return [
        accepted_already(accepted[i]) if i in accepted and i not in left else _answer(found.get(i), cancelled_now=i in cancelled_now)
        for i in order_ids
    ]


def _answer(order: object, *, cancelled_now: bool) -> Cancelled | Refusal:
    if order is None:
        return Refusal("order.not_found", _("There is no such order."))
    if cancelled_now:
        return Cancelled(order_id=order.id)  # type: ignore[attr-defined]
    if order.status == OrderStatus.CANCELLED:  # type: ignore[attr-defined]
        return Cancelled(order_id=order.id, repeated=True)  # type: ignore[attr-defined]
    return Refusal(
        "order.already_shipped",
        _("Order %(number)s has left already. Register a return instead."),
        {"number": order.number},  # type: ignore[attr-defined]
    )
