"""Changes of placed orders: a set is opened by one person, shows what it comes to, and is discarded or confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from billing.rules import PaymentMethod
from catalog.queries import offers
from catalog.rules import Offer, PriceAsk
from core.actor import Actor, ActorKind
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import HouseError, Refusal
from core.queries import tax_rates_on
from core.words import gettext_noop as _
from customers.queries import rank_codes
from orders.operations.delivering import Route, wish_faults
from orders.operations.gating_changes import GatedChange, gate_faults, gates_of_change
from orders.operations.gifting import GiftChange, changed_gifts
from orders.queries import delivery_masters, standing_order
from orders.rules import (
    AgreedGift,
    ChangeItem,
    ChangeKind,
    DeliveryMasters,
    Differing,
    MoneyDifference,
    Recalculated,
    Refused,
    StandingOrder,
    asks_anew,
    destinations_of,
    difference,
    differing,
    effective,
    item_faults,
    own_item_faults,
    own_order_faults,
    recalculate,
    standing_faults,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOpened:
    """A set that is open now; `repeated` when it was the actor's already."""

    change_id: int
    change_ref: UUID
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicted:
    """Somebody else changed the same values meanwhile: each with what it was, theirs and mine. Nothing was done."""

    fields: tuple[Differing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated:
    """A change as it would be: the order before, the items that make a difference, its money, and today's offers of what is added."""

    order: StandingOrder
    items: tuple[ChangeItem, ...]
    result: Recalculated
    money: MoneyDifference
    offers: Mapping[str, Offer] = field(default_factory=dict)
    rank_code: str = ""
    gifts: tuple[GiftChange, ...] = ()
    gates: GatedChange | None = None


def calculate(
    order: StandingOrder, items: Sequence[ChangeItem], *, at: datetime, expected_total: int | None = None
) -> Calculated | Refused:
    """What the items would make of the order, or every reason why not. Reads prices, fee rules and tax rates; writes nothing."""
    if faults := standing_faults(order):
        return Refused(tuple(faults))
    places = {item.key: n for n, item in enumerate(items)}
    doing = effective(order, items)
    if faults := item_faults(order, doing, today=business_date(at, order.timezone)):
        return Refused(tuple(_at_place(fault, doing, places) for fault in faults))
    added = [item for item in doing if item.kind is ChangeKind.ADDED]
    rank = rank_codes([order.customer_id]).get(order.customer_id, "")
    offered: dict[str, Offer] = {}
    if added:
        asks = [PriceAsk(sku=item.target, quantity=int(item.after), rank_code=rank) for item in added]
        found = offers(asks, company_id=order.company_id, channel_id=order.channel_id, language=order.language, at=at)
        wrong = [a.at(f"/items/{places[i.key]}/target") for i, a in zip(added, found, strict=True) if isinstance(a, Refusal)]
        if wrong:
            return Refused(tuple(wrong))
        offered = {item.target: offer for item, offer in zip(added, found, strict=True) if isinstance(offer, Offer)}
    masters = delivery_masters(order.company_id, on=business_date(at, order.timezone))
    gates = gates_of_change(order, doing, offered, profiles=masters.profiles)
    if faults := gate_faults(gates, doing):
        return Refused(tuple(_at_place(fault, doing, places) for fault in faults))
    gifts = changed_gifts(order, doing, offered, profiles=masters.profiles, on=business_date(at, order.timezone))
    if isinstance(gifts, Refused):
        return Refused(tuple(_at_place(fault, doing, places) for fault in gifts.reasons))
    result = recalculate(
        order,
        doing,
        offers=offered,
        masters=masters,
        rates_bp=tax_rates_on(order.placed_on, order.country),
        gifts=[one.gift or AgreedGift(destination=one.position) for one in gifts],
    )
    if isinstance(result, Refusal):
        return Refused.because(_at_item(result, items))
    if faults := _wishes(order, doing, result, masters=masters, at=at):
        return Refused(tuple(_at_item(fault, items) for fault in faults))
    if order.payment_method is PaymentMethod.MARKETPLACE and result.sums.total != order.total:
        words = _("Order %(number)s is settled by its marketplace. Change what it costs there; here the address and the day.")
        return Refused.because(Refusal("order.settled_elsewhere", words, {"number": order.number}, "/items"))
    if expected_total is not None and expected_total != result.sums.total:
        words = _("The total is now %(total)s, not %(expected)s. Please look at the order again before confirming.")
        return Refused.because(
            Refusal("order.total_changed", words, {"total": result.sums.total, "expected": expected_total}, "/expected_total")
        )
    return Calculated(
        order=order, items=tuple(doing), result=result, money=difference(order, result.sums), offers=offered, rank_code=rank,
        gifts=tuple(gifts), gates=gates,
    )  # fmt: skip


def _wishes(
    order: StandingOrder, doing: Sequence[ChangeItem], result: Recalculated, *, masters: DeliveryMasters, at: datetime
) -> list[Refusal]:
    """Whether what is still here, or still to come, can be there when it shall, from where it lies."""
    carried = result.sums.carriage
    if not asks_anew(doing) or not carried.consignments:
        return []
    here = {d.position for d in order.destinations if not d.has_left}
    lying = {d.position: frozenset(d.locations) for d in order.destinations if d.locations and d.position in here}
    # A promise that slipped past the wish stands in the way of another wish or address, not of another way to pay.
    asked = here & {int(item.target) for item in doing if item.kind is ChangeKind.DESTINATION}
    ready = {n: p.line.ready_on for n, p in enumerate(result.pieces) if p.line and p.line.ready_on and p.line.destination in asked}
    judged = {*lying, *(part.destination for part in carried.consignments if ready.keys() & set(part.lines))}
    places = {n: lying[part.destination] for part in carried.consignments for n in part.lines if part.destination in lying}
    wished = [to if n in judged else replace(to, wished_on=None, time_band="") for n, to in enumerate(destinations_of(order, doing), 1)]
    route = Route(masters=masters, carriage=carried, places=places, ready=ready)
    return wish_faults(wished, route, now=at.astimezone(ZoneInfo(order.timezone)))


_FIELDS = {"wished_on": ("wished_on",), "time_band": ("time_band",), "place": ("postal_code", "prefecture")}


def _at_item(fault: Refusal, items: Sequence[ChangeItem]) -> Refusal:
    """A fault of delivery beside the item that brought it about, else beside all of them."""
    parts = fault.field.strip("/").split("/")
    if parts[0] == "payment_method":
        fitting = [n for n, i in enumerate(items) if i.kind is ChangeKind.PAYMENT]
    elif parts[0] == "destinations" and len(parts) > 2:
        own = [(n, i) for n, i in enumerate(items) if i.kind is ChangeKind.DESTINATION and i.target == str(int(parts[1]) + 1)]
        named = [n for n, i in own if i.field in _FIELDS.get(parts[2], ())]
        fitting = named or [n for n, _i in own]
    else:
        fitting = []
    return fault.at(f"/items/{fitting[0]}/after" if fitting else "/items")


def _at_place(fault: Refusal, doing: Sequence[ChangeItem], places: Mapping[tuple[str, str, str], int]) -> Refusal:
    """The fault where the counter sent it: items that make no difference were left out before."""
    parts = fault.field.split("/", 3)
    if len(parts) < 3 or not parts[2].isdigit():
        return fault
    parts[2] = str(places[doing[int(parts[2])].key])
    return fault.at("/".join(parts))


_LOCK = "SELECT id, version FROM orders_order WHERE id = %s FOR UPDATE"
_STANDS = """
SELECT id, public_id, actor_kind, actor_id, coalesce(nullif(actor_label, ''), actor_id) AS who, opened_at FROM orders_orderchange
WHERE order_id = %s AND state = 'open'
"""
_OPEN = """
INSERT INTO orders_orderchange (order_id, base_version, reason, opened_at, actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(order)s, %(version)s, %(reason)s, %(at)s, %(kind)s, %(who)s, %(label)s, %(for)s) RETURNING id, public_id
"""
_DISCARD = """
UPDATE orders_orderchange SET state = 'discarded', closed_at = %(at)s, closed_by = %(by)s, version = version + 1
WHERE id = ANY(%(ids)s::bigint[]) AND state = 'open' RETURNING id
"""
_KEEP_ITEMS = """
INSERT INTO orders_changeitem (change_id, position, kind, target, field, before, after, price, waits_until, reason)
SELECT %(change)s, n.position, n.kind, n.target, n.field, n.before, n.after, n.price, n.waits_until, n.reason
FROM jsonb_to_recordset(%(items)s::jsonb) AS n (position int, kind text, target text, field text, before text, after text, price text,
    waits_until date, reason text)
"""
LONGEST_WHY = 200


def _named(actor: Actor) -> str:
    return (actor.label or actor.id)[:128]


@operation
def open_change(
    order_id: int, *, actor: Actor, at: datetime, items: Sequence[ChangeItem] = (), reason: str = "", take_over: bool = False
) -> ChangeOpened | Conflicted | Refused:
    """A set of changes of the order is open, in the actor's name, with these items; it changes nothing of the order.

    One is open per order: whoever opened it gets it again, anybody else is refused with "order.change_open" and the name, unless they
    ``take_over``: then the other's is discarded. Refuses "order.not_found", what keeps an order from being changed at all, and items that
    are wrong; then nothing is opened. Buyers open only what is theirs to change (``rules/own_changes.py``). Values that are others by now are a conflict. Locks the order.
    """
    if not rows(_LOCK, (order_id,)):
        return Refused.because(Refusal("order.not_found", _("There is no such order.")))
    order = standing_order(order_id)
    assert order is not None
    if actor.kind is ActorKind.CUSTOMER and (faults := buyers_faults(order, items, at=at)):
        return Refused(tuple(faults))
    if faults := standing_faults(order):
        return Refused(tuple(faults))
    if len(reason) > LONGEST_WHY:
        return Refused.because(
            Refusal("order.reason_too_long", _("At most %(limit)s characters fit here."), {"limit": LONGEST_WHY}, "/reason")
        )
    if items and isinstance(moved := rebased(order, items), Conflicted):
        return moved
    if items and isinstance(wrong := calculate(order, items, at=at), Refused):
        return wrong
    standing = next(iter(rows(_STANDS, (order_id,))), None)
    if standing is not None:
        if (standing.actor_kind, standing.actor_id) == (actor.kind, actor.id) and not items:
            return ChangeOpened(change_id=standing.id, change_ref=standing.public_id, repeated=True)
        if not take_over:
            about = {"who": standing.who, "since": f"{standing.opened_at:%Y-%m-%d %H:%M}Z"}
            return Refused.because(
                Refusal("order.change_open", _("%(who)s is changing this order since %(since)s. Wait, or take over."), about)
            )
        run(_DISCARD, {"ids": [standing.id], "at": at, "by": _named(actor)})
    who = {"kind": actor.kind, "who": actor.id, "label": actor.label, "for": actor.on_behalf_of}
    (made,) = rows(_OPEN, {"order": order_id, "version": order.version, "reason": reason.strip(), "at": at, **who})
    keep_items(made.id, effective(order, items))
    return ChangeOpened(change_id=made.id, change_ref=made.public_id)


def buyers_faults(order: StandingOrder, items: Sequence[ChangeItem], *, at: datetime) -> list[Refusal]:
    """What of a change a buyer has no say in, and why nothing may be changed by her any more."""
    return own_order_faults(order) or own_item_faults(order, items, today=business_date(at, order.timezone))


def keep_items(change_id: int, items: Sequence[ChangeItem]) -> None:
    """The set says these items. Call it inside an operation."""
    if items:
        run(_KEEP_ITEMS, {"change": change_id, "items": _as_json(items)})


def _as_json(items: Sequence[ChangeItem]) -> str:
    return orjson.dumps(
        [
            {
                "position": n, "kind": i.kind, "target": i.target, "field": i.field, "before": i.before or "", "after": i.after,
                "price": i.price, "waits_until": i.waits_until, "reason": i.reason,
            }
            for n, i in enumerate(items, 1)
        ]
    ).decode()  # fmt: skip


_LOCK_SETS = """
SELECT id, state, actor_kind, actor_id, coalesce(nullif(actor_label, ''), actor_id) AS who FROM orders_orderchange
WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE
"""


@operation
def discard_changes(change_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Refusal | None]:
    """Sets of the actor's own are discarded; their orders stay as they are. Repeating it changes nothing.

    Refuses "order.no_such_change", "order.change_confirmed" and "order.change_of_another".
    """
    found = {row.id: row for row in rows(_LOCK_SETS, (sorted(set(change_ids)),))}
    answers = [_undiscarded(found.get(i), actor) for i in change_ids]
    run(_DISCARD, {"ids": [i for i, no in zip(change_ids, answers, strict=True) if no is None], "at": at, "by": _named(actor)})
    return answers


def _undiscarded(row: Any, actor: Actor) -> Refusal | None:
    if row is None:
        return Refusal("order.no_such_change", _("There is no such set of changes."))
    if row.state == "confirmed":
        return Refusal("order.change_confirmed", _("These changes have been confirmed already. Change the order again instead."))
    if row.state == "open" and (row.actor_kind, row.actor_id) != (actor.kind, actor.id):
        return of_another(row.who)
    return None


def of_another(who: str) -> Refusal:
    """Why only whoever opened a set confirms or discards it."""
    return Refusal("order.change_of_another", _("%(who)s opened these changes. Take over first: open changes of your own."), {"who": who})


class CannotChange(HouseError):
    """The order stays as it was; every reason names its field."""

    status = 422
    code = "order.not_changed"
    message = _("The order was not changed.")

    @classmethod
    def because(cls, *reasons: Refusal) -> "CannotChange":
        first = reasons[0]
        return cls(first.code, first.message, params=first.params, field=first.field, errors=reasons)


def rebased(order: StandingOrder, items: Sequence[ChangeItem]) -> Conflicted | tuple[ChangeItem, ...]:
    """The items on the order as it stands now, or where somebody else has made something else of the same values."""
    found = differing(order, items)
    return Conflicted(fields=tuple(found)) if found else tuple(replace(item, before=None) for item in items)
