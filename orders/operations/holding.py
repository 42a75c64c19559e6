"""Holds: how they are raised and ticked off. Which an order is placed with is asked in ``hold_asking``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor, ActorKind
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from orders.events import HoldRaised, HoldReleased
from orders.queries import roles_of
from orders.rules import HoldKind, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TickedOff:
    """A hold that no longer stops its order; `repeated` when it was released before."""

    hold_id: int
    order_id: int
    repeated: bool = False


_LOCK = """
SELECT id, public_id, company_id, customer_id, status FROM orders_order WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE
"""
# Asked once the orders are locked.
_OPEN = """
SELECT h.id, h.order_id, h.kind, h.role_id, h.released_at, coalesce(g.name, '') AS role
FROM orders_hold h LEFT JOIN auth_group g ON g.id = h.role_id WHERE h.id = ANY(%s::bigint[]) ORDER BY h.id
"""
_OPEN_OF_ORDERS = "SELECT id FROM orders_hold WHERE order_id = ANY(%s::bigint[]) AND released_at IS NULL"
_RAISE = """
WITH h AS (
    INSERT INTO orders_hold (order_id, kind, reason, raised_at, actor_kind, actor_id, actor_label)
    SELECT id, %(kind)s, reason, %(at)s, %(actor_kind)s, %(actor_id)s, %(actor_label)s
    FROM unnest(%(ids)s::bigint[], %(reasons)s::text[]) AS u (id, reason) RETURNING order_id
), n AS (SELECT order_id, count(*)::int AS count FROM h GROUP BY order_id)
UPDATE orders_order o SET open_holds = o.open_holds + n.count FROM n WHERE n.order_id = o.id
RETURNING o.id, o.public_id, o.company_id, o.customer_id
"""
_RELEASE = """
WITH h AS (
    UPDATE orders_hold SET released_at = %(at)s, released_by = %(by)s
    WHERE id = ANY(%(ids)s::bigint[]) AND released_at IS NULL RETURNING order_id, kind
), n AS (SELECT order_id, count(*)::int AS count FROM h GROUP BY order_id)
UPDATE orders_order o SET open_holds = o.open_holds - n.count FROM n WHERE n.order_id = o.id
RETURNING o.id, o.public_id, o.company_id, o.customer_id, (SELECT array_agg(h.kind::text) FROM h WHERE h.order_id = o.id) AS kinds
"""


@dataclass(frozen=True, slots=True)
class HoldAsk:
    """An order that is to be held, and why."""

    order_id: int
    reason: str


@operation
def raise_holds(
    order_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime, kind: HoldKind = HoldKind.MANUAL
) -> list[Refusal | None]:
    """Stop orders from shipping until somebody looked at them. Refuses "order.not_open"."""
    done = hold([HoldAsk(i, reason) for i in sorted(set(order_ids))], kind=kind, actor=actor, at=at)
    return [None if i in done else Refusal("order.not_open", _("The order is no longer open.")) for i in order_ids]


def hold(asks: Sequence[HoldAsk], *, kind: HoldKind, actor: Actor, at: datetime) -> set[int]:
    """A hold stands for every ask whose order is open, in two statements; answers with these orders. Announces HoldRaised for each."""
    locked = rows(_LOCK, (sorted({ask.order_id for ask in asks}),))
    standing = {o.id for o in locked if o.status not in (OrderStatus.CANCELLED, OrderStatus.COMPLETED)}
    due = [ask for ask in asks if ask.order_id in standing]
    who = {"actor_kind": actor.kind, "actor_id": actor.id, "actor_label": actor.label}
    what = {"ids": [ask.order_id for ask in due], "reasons": [ask.reason for ask in due], "kind": kind, "at": at}
    raised = rows(_RAISE, {**what, **who}) if due else []
    announce(
        *(HoldRaised(order_id=o.id, order_ref=o.public_id, company_id=o.company_id, customer_id=o.customer_id, kind=kind) for o in raised)
    )
    return {o.id for o in raised}


@operation
def tick_off_holds(hold_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[TickedOff | Refusal]:
    """Release single holds; an order goes on when its last one is. Announces HoldReleased.

    Refuses "order.hold_not_found", "order.hold_of_another_role" where only a role that the actor hasn't may release it, and
    "order.approval_awaited": a deferred payment is approved or declined, not waved through.
    Whoever may change the rules may release every hold, the house itself too. Repeating it changes nothing.
    """
    wanted = sorted(set(hold_ids))
    rows(_LOCK, (sorted({h.order_id for h in rows(_OPEN, (wanted,))}),))
    found = {h.id: h for h in rows(_OPEN, (wanted,))}
    barred = _barred(list(found.values()), actor)
    going = [h.id for h in found.values() if h.released_at is None and h.id not in barred]
    release(going, reason=reason, actor=actor, at=at)
    return [_ticked(found.get(i), barred.get(i)) for i in hold_ids]


def _ticked(hold: Any, refusal: Refusal | None) -> TickedOff | Refusal:
    if hold is None:
        return Refusal("order.hold_not_found", _("There is no such hold."))
    return refusal or TickedOff(hold_id=hold.id, order_id=hold.order_id, repeated=hold.released_at is not None)


@operation
def release_holds(order_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Refusal | None]:
    """Let held orders go on; each open hold notes who released it. Repeating it changes nothing. Announces HoldReleased.

    Refuses "order.not_found", "order.hold_of_another_role" and "order.approval_awaited": then none of the order's holds is released.
    """
    known = {o.id for o in rows(_LOCK, (sorted(set(order_ids)),))}
    found = rows(_OPEN, ([h.id for h in rows(_OPEN_OF_ORDERS, (sorted(known),))],))
    barred = _barred(found, actor)
    refused = {h.order_id: barred[h.id] for h in found if h.id in barred}
    release([h.id for h in found if h.order_id not in refused], reason=reason, actor=actor, at=at)
    return [refused.get(i) if i in known else Refusal("order.not_found", _("There is no such order.")) for i in order_ids]


def _barred(holds: Sequence[Any], actor: Actor) -> dict[int, Refusal]:
    """The open holds that this actor may not release, with the role that may or what to do instead."""
    if actor.kind in (ActorKind.SYSTEM, ActorKind.RULE):
        return {}
    words = _("Approve or decline the payment after delivery instead; approved, the order goes on.")
    waiting = {h.id: Refusal("order.approval_awaited", words) for h in holds if h.kind == HoldKind.APPROVAL and h.released_at is None}
    guarded = [h for h in holds if h.role_id is not None and h.released_at is None and h.id not in waiting]
    if not guarded:
        return waiting
    roles = roles_of(actor)
    return waiting | {
        h.id: Refusal("order.hold_of_another_role", _("Only %(role)s may release this hold."), {"role": h.role})
        for h in guarded
        if not roles.all_holds and h.role_id not in roles.ids
    }


def release(hold_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> None:
    """These holds are over; call it with their orders locked. Announces HoldReleased for those that were open."""
    if not hold_ids:
        return
    released = rows(_RELEASE, {"ids": list(hold_ids), "at": at, "by": f"{actor.label or actor.id}: {reason}"[:128]})
    announce(
        *(
            HoldReleased(order_id=o.id, order_ref=o.public_id, company_id=o.company_id, customer_id=o.customer_id, kind=kind)
            for o in released
            for kind in o.kinds
        )
    )
