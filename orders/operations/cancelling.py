"""Orders are taken back before they ship."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from orders.operations.inserting import give_back_inserts
from orders.operations.instructing import accepted_already, take_back
from orders.operations.shipping import hold_orders, in_box_with
from orders.operations.statuses import refresh_statuses
from orders.rules import InsertEnd, OrderStatus, ShipmentStatus

_HAS_LEFT = (ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """An order that no longer stands; `repeated` when it was cancelled before."""

    order_id: int
    repeated: bool = False


_ACCEPTED = "SELECT shipment_id AS id, number FROM orders_shipmentinstruction WHERE shipment_id = ANY(%s::bigint[]) AND status = 'accepted'"
_CANCEL = """
WITH o AS (
    UPDATE orders_order SET cancelled_at = %(at)s, cancel_reason = %(reason)s WHERE id = ANY(%(ids)s::bigint[]) RETURNING id
),
s AS (UPDATE orders_shipment SET status = 'cancelled', version = version + 1 WHERE order_id IN (SELECT id FROM o) RETURNING id),
p AS (
    UPDATE orders_pickup SET state = 'cancelled', ended_at = %(at)s WHERE shipment_id IN (SELECT id FROM s) AND state = 'ready' RETURNING 1
),
h AS (
    UPDATE orders_hold SET released_at = %(at)s, released_by = %(by)s
    WHERE order_id IN (SELECT id FROM o) AND released_at IS NULL RETURNING id
),
a AS (UPDATE orders_paymentapproval SET ended_at = %(at)s WHERE order_id IN (SELECT id FROM o) AND ended_at IS NULL)
UPDATE orders_line SET cancelled_quantity = quantity WHERE order_id IN (SELECT id FROM o) RETURNING public_id
"""


@operation
def cancel_orders(
    order_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime, declined: bool = False, told: bool = False
) -> list[Cancelled | Refusal]:
    """Cancel orders that have not shipped, giving back their stock; what was paid stays as the customer's deposit.

    What a card holds for them is let go afterwards. ``declined`` says that the card was the reason, ``told`` that the buyer
    saw so. Announces OrderCancelled for each. Refuses "order.already_shipped", "order.not_found",
    "order.instruction_accepted": the warehouse may be packing, this or what is in one box with it. A box that was told to a
    warehouse is taken back whole. Repeating it changes nothing.
    """
    held, parcels = hold_orders(order_ids)
    found = {i: held[i] for i in sorted(set(order_ids)) if i in held}
    left = {s.order_id for s in parcels if s.status in _HAS_LEFT}
    told_to = {i: _instructed(i, parcels) for i in found}
    firm = (
        {row.id: row.number for row in rows(_ACCEPTED, (sorted({i for ids in told_to.values() for i in ids}),))}
        if any(told_to.values())
        else {}
    )
    accepted = {i: next(firm[s] for s in ids if s in firm) for i, ids in told_to.items() if firm.keys() & set(ids)}
    going = [o for o in found.values() if o.status != OrderStatus.CANCELLED and o.id not in left and o.id not in accepted]
    if going:
        ids = [o.id for o in going]
        lines = rows(_CANCEL, {"ids": ids, "at": at, "reason": reason, "by": actor.label or actor.id})
        take_back(sorted({s for i in ids for s in told_to[i]}), at=at)
        run("UPDATE orders_order SET open_holds = 0 WHERE id = ANY(%s::bigint[])", (ids,))
        leave_boxes(ids, actor=actor, at=at)
        demands = [n.public_id for n in lines]
        cancel_back_orders(demands, actor=actor, at=at)
        release_allocations(demand_ids=demands, actor=actor, at=at)
        served = [s.id for s in parcels if s.insert_count and s.order_id in set(ids)]
        give_back_inserts(served, end=InsertEnd.CANCELLED, actor=actor, at=at)
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


def _instructed(order_id: int, parcels: Sequence[Any]) -> list[int]:
    """What of an order, and of the boxes it travels in, a warehouse was told of; its own first."""
    own = [s for s in parcels if s.order_id == order_id and s.status == ShipmentStatus.INSTRUCTED]
    return list(dict.fromkeys([s.id for s in own] + [m.id for s in own for m in in_box_with(s, parcels, (ShipmentStatus.INSTRUCTED,))]))


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
