"""Parcels leave: stock out, sale posted, invoice issued, customer told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing.operations import record_sales
from billing.rules import SaleAsk
from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Busy, Refusal, Refused
from core.outbox import announce
from core.queries import tax_rates_on
from core.words import gettext_noop as _
from inventory.operations import PickAsk, pick_lots, ship_allocations
from inventory.rules import ShipAsk
from orders.events import ShipmentDelivered, ShipmentShipped
from orders.operations.statuses import refresh_statuses
from orders.queries import changed_since_inspected
from orders.rules import OrderStatus, ShipmentStatus, money_lets_it_leave, sold_fee, sold_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A parcel handed to a carrier; what is not named stays as its label has it."""

    shipment_id: int
    carrier: str = ""
    tracking_number: str = ""
    lots: Mapping[int, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """The lots that were taken, by allocation, where they are known; else what expires first."""
    handed: bool = False
    """Handed over in the store against its code; without that, what is fetched stays there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A parcel that has left; `repeated` when it had before."""

    shipment_id: int
    order_id: int
    invoice_number: str = ""
    repeated: bool = False


_ORDERS = """
SELECT o.id, o.public_id, o.number, o.company_id, o.customer_id, o.currency, o.status, o.payment_status, o.payment_method, o.open_holds, o.paid_first,
    o.language, o.buyer_name, c.country, c.timezone
FROM orders_order o JOIN core_company c ON c.id = o.company_id
WHERE o.id = ANY(ARRAY({orders})) ORDER BY o.id FOR UPDATE OF o
"""
# Whether it must have been inspected is the policy of its location, else of its company, or of a profile of its goods; what is sold over the counter was never packed.
_SHIPMENTS = """
SELECT s.id, s.public_id, s.order_id, s.number, s.status, s.box, s.insert_count, s.inspected_at, d.pickup_at_id, (o.inspected_first OR coalesce((
    SELECT p.is_required FROM orders_inspectionpolicy p
    WHERE p.company_id = s.company_id AND (p.location_id = s.location_id OR p.location_id IS NULL) ORDER BY p.location_id NULLS LAST LIMIT 1
), false)) AND NOT EXISTS (SELECT FROM orders_pickup k WHERE k.shipment_id = s.id AND k.is_sale) AS is_inspected_first
FROM orders_shipment s JOIN orders_destination d ON d.id = s.destination_id JOIN orders_order o ON o.id = s.order_id
WHERE s.id = ANY(ARRAY({asked})) ORDER BY s.id FOR UPDATE OF s
"""
# The parcels that are asked for, or all of the orders that are, and whatever travels in one box with them.
_WITH_MATES = """
SELECT b.id FROM orders_shipment b WHERE b.{key} = ANY(%(ids)s::bigint[]) UNION ALL SELECT m.id FROM orders_shipment m
WHERE m.box IS NOT NULL AND m.box = ANY(ARRAY(SELECT b.box FROM orders_shipment b WHERE b.{key} = ANY(%(ids)s::bigint[]) AND b.box IS NOT NULL))
"""
_ASKED, _OF_ORDERS = _WITH_MATES.format(key="id"), _WITH_MATES.format(key="order_id")
_THEIRS = "SELECT order_id FROM orders_shipment WHERE id = ANY(ARRAY({asked}))"
_BY_PARCELS = _ORDERS.format(orders=_THEIRS.format(asked=_ASKED)), _SHIPMENTS.format(asked=_ASKED)
_BY_ORDERS = (
    _ORDERS.format(orders=f"SELECT unnest(%(ids)s::bigint[]) UNION ALL {_THEIRS.format(asked=_OF_ORDERS)}"),
    _SHIPMENTS.format(asked=_OF_ORDERS),
)
TO_SHIP = (ShipmentStatus.PLANNED, ShipmentStatus.INSTRUCTED)
_ROUNDS = 3
_LINES = """
SELECT sl.shipment_id, l.id AS line_id, l.position, l.sku, l.name, l.quantity, l.cancelled_quantity, l.shipped_quantity, l.unit_price, l.total,
    l.tax_class, l.tax_rate_bp, max(sl.quantity) AS now, array_agg(sl.allocation_id) FILTER (WHERE sl.allocation_id IS NOT NULL) AS allocations
FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id
WHERE sl.shipment_id = ANY(%s::bigint[]) GROUP BY sl.shipment_id, l.id ORDER BY sl.shipment_id, l.position
"""
_LEAVE = """
UPDATE orders_shipment s SET status = 'shipped', shipped_at = %(at)s, shipped_on = n.shipped_on,
    carrier = coalesce(nullif(n.carrier, ''), s.carrier), tracking_number = coalesce(nullif(n.tracking_number, ''), s.tracking_number),
    version = s.version + 1
FROM unnest(%(ids)s::bigint[], %(days)s::date[], %(carriers)s::text[], %(numbers)s::text[]) AS n (id, shipped_on, carrier, tracking_number)
WHERE s.id = n.id RETURNING s.id, s.carrier, s.tracking_number
"""
_INSTRUCTED = """
UPDATE orders_shipmentinstruction SET status = 'shipped', ended_at = %s WHERE shipment_id = ANY(%s::bigint[]) AND status IN ('sent', 'accepted')
"""
_COUNT_LINES = """
UPDATE orders_line l SET shipped_quantity = l.shipped_quantity + n.quantity
FROM (SELECT id, sum(quantity)::int AS quantity FROM unnest(%s::bigint[], %s::int[]) AS u (id, quantity) GROUP BY id) n WHERE l.id = n.id
"""
_TAKE_FEES = """
UPDATE orders_fee SET invoiced = true WHERE order_id = ANY(%s::bigint[]) AND NOT invoiced AND until_revision IS NULL
RETURNING order_id, kind, label, total, tax_class
"""


def lock_parcels(shipment_ids: Sequence[int]) -> list[Any]:
    """The parcels and what travels with them, held with their orders until the transaction ends; the order is always locked first."""
    return hold_parcels(shipment_ids)[1]


def hold_parcels(shipment_ids: Sequence[int]) -> tuple[dict[int, Any], list[Any]]:
    """The same, with the orders by their ids. Raises Busy where others combine and part them all the time."""
    return _hold(_BY_PARCELS, shipment_ids)


def hold_orders(order_ids: Sequence[int]) -> tuple[dict[int, Any], list[Any]]:
    """Orders with all their parcels, and whatever travels with those, held alike: whose parcels leave a box changes the others in it."""
    return _hold(_BY_ORDERS, order_ids)


def _hold(statements: tuple[str, str], ids: Sequence[int]) -> tuple[dict[int, Any], list[Any]]:
    asked = {"ids": sorted(set(ids))}
    for _round in range(_ROUNDS):
        orders = {o.id: o for o in rows(statements[0], asked)}
        shipments = rows(statements[1], asked)
        # Somebody combined them with others while this waited: those orders are locked too.
        if all(s.order_id in orders for s in shipments):
            return orders, shipments
    raise Busy


def in_box_with(shipment: Any, shipments: Iterable[Any], statuses: Collection[str] = TO_SHIP) -> list[Any]:
    """Of held parcels, those that share the fate of this one: its whole box as far as it is in one of these statuses; else itself."""
    if shipment.box is None or shipment.status not in statuses:
        return [shipment]
    return [s for s in shipments if s.box == shipment.box and s.status in statuses]


@operation
def ship_shipments(leaving: Sequence[Leaving], *, actor: Actor, at: datetime) -> list[Shipped | Refusal]:
    """Let parcels leave: take their stock out, post the sale, issue the invoice, derive statuses, announce ShipmentShipped.

    What is in one box leaves together, with one carrier and number, or not at all. Refuses "order.not_found", "order.cancelled",
    "order.on_hold", "order.awaiting_payment", "order.not_inspected" and "order.changed_since_inspected" (where the location wants it
    inspected first), "order.box_stays" (another in its box may not leave), and what ``ship_allocations``
    refuses, such as goods that have expired ("inventory.no_such_lot"). A parcel that has left already is answered as repeated
    and nothing changes.
    """
    orders, held = hold_parcels([one.shipment_id for one in leaving])
    shipments = {s.id: s for s in held}
    answers: dict[int, Shipped | Refusal] = {}
    going: dict[int, Leaving] = {}
    for one in _with_mates(leaving, shipments):
        shipment = shipments.get(one.shipment_id)
        answer = may_leave(shipment, orders.get(shipment.order_id) if shipment else None, handed=one.handed)
        if answer is None:
            going.setdefault(one.shipment_id, one)
        else:
            answers[one.shipment_id] = answer
    # Lots that are named say what is in the parcel: whether that was seen is asked once they are taken down.
    told = [i for i, one in going.items() if one.lots and shipments[i].inspected_at]
    answers.update(uninspected([shipments[i] for i in going if i not in told]))
    _keep_boxes_whole(going, answers, shipments)
    if going:
        lines = rows(_LINES, (sorted(going),))
        contents = [*lines, *_inserts([shipments[i] for i in going])]
        named = {allocation: lots for one in going.values() for allocation, lots in one.lots.items()}
        boxed = {shipment_id for shipment_id in going if shipments[shipment_id].box is not None}
        # Lots of a box are chosen before anything leaves: it goes as a whole.
        first = contents if named else [n for n in contents if n.shipment_id in boxed]
        unfit = _pick(first, named, actor=actor, at=at) if first else {}
        _drop(unfit, going, answers, shipments)
        if told:  # other lots than were scanned are other contents
            _drop(uninspected([shipments[i] for i in told if i in going]), going, answers, shipments)
        left_behind = _take_out([n for n in contents if n.shipment_id in going], shipments, actor=actor, at=at)
        if any(shipments[shipment_id].box is not None for shipment_id in left_behind):
            raise BoxNotWhole(
                "order.box_not_whole", _("The goods of a box could not all be taken out. Nothing has left; look at its parcels.")
            )
        _drop(left_behind, going, answers, shipments)
    if going:
        invoices = _leave(going, [n for n in lines if n.shipment_id in going], orders, shipments, actor=actor, at=at)
        for shipment_id in going:
            shipment = shipments[shipment_id]
            answers[shipment_id] = Shipped(
                shipment_id=shipment_id, order_id=shipment.order_id, invoice_number=invoices.get(shipment.public_id, "")
            )
    return [answers[one.shipment_id] for one in leaving]


_INSERTS = """
SELECT n.shipment_id, ARRAY[n.allocation_id] AS allocations FROM orders_shipmentinsert n
WHERE n.shipment_id = ANY(%s::bigint[]) AND n.ended_at IS NULL ORDER BY n.shipment_id, n.id
"""


def _inserts(going: Sequence[Any]) -> list[Any]:
    """What goes along at no price: its stock leaves like that of lines, and no invoice knows of it. No statement where there is none."""
    having = [s.id for s in going if s.insert_count]
    return rows(_INSERTS, (having,)) if having else []


def uninspected(parcels: Sequence[Any]) -> dict[int, Refusal]:
    """Of held parcels, those whose location wants them inspected by scan and that were not, or were before their contents changed."""
    asked = [s for s in parcels if s.is_inspected_first]
    changed = changed_since_inspected([s.id for s in asked if s.inspected_at]) if asked else set()
    found: dict[int, Refusal] = {}
    for s in asked:
        if not s.inspected_at:
            words = _("Parcel %(number)s must be inspected by scan before it leaves this location. Inspect it first.")
            found[s.id] = Refusal("order.not_inspected", words, {"number": s.number})
        elif s.id in changed:
            words = _("The contents of parcel %(number)s have changed since it was inspected. Inspect it again.")
            found[s.id] = Refusal("order.changed_since_inspected", words, {"number": s.number})
    return found


class BoxNotWhole(Refused):
    """A part of a box could not leave; nothing of this call was kept."""


def _with_mates(leaving: Sequence[Leaving], shipments: Mapping[int, Any]) -> list[Leaving]:
    """Whoever ships one parcel of a box ships the box: its other parcels leave with the carrier and number that were said first."""
    boxes: dict[UUID, tuple[str, str]] = {}
    named = {one.shipment_id for one in leaving}
    found: list[Leaving] = []
    for one in leaving:
        shipment = shipments.get(one.shipment_id)
        if shipment is None or shipment.box is None or shipment.status not in TO_SHIP:
            found.append(one)
            continue
        mates = in_box_with(shipment, shipments.values())
        if shipment.box not in boxes:
            said = [other for other in leaving if other.shipment_id in {mate.id for mate in mates}]
            carrier = next((other.carrier for other in said if other.carrier), "")
            boxes[shipment.box] = (carrier, next((other.tracking_number for other in said if other.tracking_number), ""))
            found += [Leaving(shipment_id=mate.id) for mate in mates if mate.id not in named]
        found.append(one)
    return [_of_box(one, shipments.get(one.shipment_id), boxes) for one in found]


def _of_box(one: Leaving, shipment: Any, boxes: Mapping[UUID, tuple[str, str]]) -> Leaving:
    if shipment is None or shipment.box not in boxes or shipment.status not in TO_SHIP:
        return one
    carrier, number = boxes[shipment.box]
    return replace(one, carrier=carrier, tracking_number=number)


def _keep_boxes_whole(going: dict[int, Leaving], answers: dict[int, Shipped | Refusal], shipments: Mapping[int, Any]) -> None:
    """Where a parcel of a box may not leave, the others of the box stay with it."""
    _drop({i: answer for i, answer in answers.items() if isinstance(answer, Refusal)}, going, answers, shipments)


def _drop(
    refused: Mapping[int, Refusal], going: dict[int, Leaving], answers: dict[int, Shipped | Refusal], shipments: Mapping[int, Any]
) -> None:
    """These do not leave, and neither does whatever is in a box with them."""
    for shipment_id, refusal in refused.items():
        answers[shipment_id] = refusal
        going.pop(shipment_id, None)
    for shipment_id in refused:
        stays = shipments.get(shipment_id)
        if stays is None:
            continue
        for mate in in_box_with(stays, shipments.values()):
            if mate.id in going:
                del going[mate.id]
                words = _("Parcel %(number)s is in one box with %(other)s, which may not leave yet. Settle that first, or take them apart.")
                answers[mate.id] = Refusal("order.box_stays", words, {"number": mate.number, "other": stays.number})


def may_be_prepared(shipment: Any, order: Any) -> Shipped | Refusal | None:
    """None when work on the parcel may begin, whoever takes it away in the end; both as ``hold_parcels`` gives them."""
    if shipment is None or order is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    about = {"number": order.number}
    if shipment.status in (ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED):
        return Shipped(shipment_id=shipment.id, order_id=order.id, repeated=True)
    if shipment.status == ShipmentStatus.CANCELLED or order.status == OrderStatus.CANCELLED:
        return Refusal("order.cancelled", _("Order %(number)s is cancelled; nothing of it may be shipped."), about)
    if order.open_holds:
        return Refusal("order.on_hold", _("Order %(number)s is on hold. Release its holds first."), about)
    if order.status == OrderStatus.PENDING:
        return Refusal("order.pending", _("The payment of order %(number)s is still being confirmed."), about)
    if not money_lets_it_leave(method=order.payment_method, payment_status=order.payment_status, paid_first=order.paid_first):
        return Refusal("order.awaiting_payment", _("Order %(number)s ships when its payment has come. Record the payment first."), about)
    return None


def may_leave(shipment: Any, order: Any, *, handed: bool = False) -> Shipped | Refusal | None:
    """None when the parcel may leave: it may be prepared, and what is fetched leaves only ``handed`` over in its store."""
    answer = may_be_prepared(shipment, order)
    if answer is None and shipment.pickup_at_id is not None and not handed:
        words = _("Parcel %(number)s is fetched in its store. Hand it over there, against the buyer’s code.")
        return Refusal("order.is_fetched", words, {"number": shipment.number})
    return answer


def _pick(lines: Sequence[Any], named: Mapping[int, tuple[tuple[str, int], ...]], *, actor: Actor, at: datetime) -> dict[int, Refusal]:
    """The lots that were taken serve the parcels; answers with the parcels whose lots cannot be. Locks all allocations at once."""
    asks = [(n.shipment_id, PickAsk(allocation_id=a, lots=named.get(a, ()))) for n in lines for a in n.allocations or ()]
    results = pick_lots([ask for _, ask in asks], actor=actor, at=at)
    return {shipment_id: found for (shipment_id, _), found in zip(asks, results, strict=True) if isinstance(found, Refusal)}


def _take_out(lines: Sequence[Any], shipments: Mapping[int, Any], *, actor: Actor, at: datetime) -> dict[int, Refusal]:
    """The goods of every parcel leave its location, or none of a parcel; answers with the parcels that cannot go."""
    asks = [
        (n.shipment_id, ShipAsk(allocation_id=a, cause=f"shipment:{shipments[n.shipment_id].public_id}"))
        for n in lines
        for a in n.allocations or ()
    ]
    results = ship_allocations([ask for _, ask in asks], actor=actor, at=at)
    return {shipment_id: found for (shipment_id, _), found in zip(asks, results, strict=True) if isinstance(found, Refusal)}


def _leave(
    going: Mapping[int, Leaving],
    lines: Sequence[Any],
    orders: Mapping[int, Any],
    shipments: Mapping[int, Any],
    *,
    actor: Actor,
    at: datetime,
) -> dict[UUID, str]:
    ids = sorted(going)
    order_of = {i: orders[shipments[i].order_id] for i in ids}
    days = {i: business_date(at, order_of[i].timezone) for i in ids}
    left = rows(
        _LEAVE,
        {
            "at": at,
            "ids": ids,
            "days": [days[i] for i in ids],
            "carriers": [going[i].carrier for i in ids],
            "numbers": [going[i].tracking_number for i in ids],
        },
    )
    labelled = {parcel.id: parcel for parcel in left}
    run(_INSTRUCTED, (at, ids))
    run(_COUNT_LINES, ([n.line_id for n in lines], [n.now for n in lines]))
    invoices = _post_sales(ids, lines, order_of, shipments, days, actor=actor, at=at)
    refresh_statuses(sorted({o.id for o in order_of.values()}), actor=actor, at=at)
    announce(
        *(
            ShipmentShipped(
                order_id=order_of[i].id,
                order_ref=order_of[i].public_id,
                company_id=order_of[i].company_id,
                customer_id=order_of[i].customer_id,
                shipment_id=i,
                shipment_ref=shipments[i].public_id,
                carrier=labelled[i].carrier,
                tracking_number=labelled[i].tracking_number,
            )
            for i in ids
        )
    )
    return invoices


def _post_sales(
    ids: Sequence[int],
    lines: Sequence[Any],
    order_of: Mapping[int, Any],
    shipments: Mapping[int, Any],
    days: Mapping[int, date],
    *,
    actor: Actor,
    at: datetime,
) -> dict[UUID, str]:
    """One invoice per parcel, in agreed tax-included amounts at the rates of the day of supply; fees go with the first."""
    fees: dict[int, list[Any]] = {}
    for fee in rows(_TAKE_FEES, (sorted({o.id for o in order_of.values()}),)):
        fees.setdefault(fee.order_id, []).append(fee)
    rates = {(days[i], order_of[i].country): dict(tax_rates_on(days[i], order_of[i].country)) for i in ids}
    before: dict[int, int] = {}
    asks = []
    for i in ids:
        order, rate = order_of[i], rates[(days[i], order_of[i].country)]
        sold = [sold_line(n, rates_bp=rate, before=before) for n in lines if n.shipment_id == i]
        sold += [sold_fee(fee, rates_bp=rate) for fee in fees.pop(order.id, ())]
        asks.append(
            SaleAsk(
                shipment_ref=shipments[i].public_id,
                order_ref=order.public_id,
                order_number=order.number,
                company_id=order.company_id,
                customer_id=order.customer_id,
                method=order.payment_method,
                currency=order.currency,
                recipient_name=order.buyer_name,
                language=order.language,
                supplied_on=days[i],
                lines=tuple(sold),
            )
        )
    invoiced = record_sales(asks, actor=actor, at=at)
    return {ask.shipment_ref: done.number for ask, done in zip(asks, invoiced, strict=True)}


_ARRIVE = """
UPDATE orders_shipment s SET status = 'delivered', delivered_at = greatest(n.at, s.shipped_at), version = s.version + 1
FROM unnest(%(ids)s::bigint[], %(times)s::timestamptz[]) AS n (id, at) WHERE s.id = n.id AND s.status = 'shipped' RETURNING s.id, s.public_id, s.order_id
"""
_FOLLOWED_UP = """
UPDATE orders_deliveryalert SET settled_at = %s, settled_by = %s WHERE shipment_id = ANY(%s::bigint[]) AND settled_at IS NULL
"""


def settle_ended(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Parcels that arrived or came back need no following up."""
    run(_FOLLOWED_UP, (at, actor.label, list(shipment_ids)))


@operation
def mark_delivered(
    shipment_ids: Sequence[int], *, actor: Actor, at: datetime, times: Mapping[int, datetime] | None = None
) -> list[Refusal | None]:
    """Record that parcels arrived, a box with all that is in it, each at its time where ``times`` names one.

    Refuses "order.not_shipped"; repeating it changes nothing. Announces ShipmentDelivered.
    """
    orders, held = hold_parcels(shipment_ids)
    before = {s.id: s for s in held}
    on_its_way = (ShipmentStatus.SHIPPED,)
    going: dict[int, datetime] = {}
    for i in sorted(set(shipment_ids) & before.keys()):
        for mate in in_box_with(before[i], held, on_its_way):
            going.setdefault(mate.id, (times or {}).get(i, at))
    arrived = rows(_ARRIVE, {"ids": sorted(going), "times": [going[i] for i in sorted(going)]})
    settle_ended([s.id for s in arrived], actor=actor, at=at)
    refresh_statuses([s.order_id for s in arrived], actor=actor, at=at)
    announce(
        *(
            ShipmentDelivered(
                order_id=s.order_id,
                order_ref=orders[s.order_id].public_id,
                company_id=orders[s.order_id].company_id,
                customer_id=orders[s.order_id].customer_id,
                shipment_id=s.id,
                shipment_ref=s.public_id,
            )
            for s in arrived
        )
    )
    gone = (ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)
    return [
        None if i in before and before[i].status in gone else Refusal("order.not_shipped", _("The shipment has not left yet."))
        for i in shipment_ids
    ]
