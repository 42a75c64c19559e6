"""A planned parcel is made two: somebody chooses what leaves by itself, or goods of other temperatures do."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.ids import new_id
from core.words import gettext_noop as _
from inventory.operations import SplitAsk, split_allocations
from orders.operations.combining import hold_for_labels
from orders.operations.noting import Remark, note
from orders.operations.replanning import count_pieces
from orders.operations.resourcing import keep_in_parcels
from orders.operations.shipping import hold_parcels
from orders.operations.statuses import refresh_statuses
from orders.rules import OrderStatus, ShipmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitParcel:
    """What of a parcel leaves in a new one: so many units of these lines (by public id); without any, what wants another temperature.

    ``once_key`` says that it is the same wish again; lines want one.
    """

    shipment_id: int
    take: tuple[tuple[UUID, int], ...] = ()
    once_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The parcels that came of it, by number; ``repeated`` when they had before, or when there was nothing to part."""

    shipment_id: int
    order_id: int
    made: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(slots=True)
class _New:
    """A parcel to be made of an old one: so many units of its lines, by their keys."""

    ref: UUID
    of: Any
    units: dict[int, int] = field(default_factory=dict)
    number: str = ""


_CONTENTS = """
SELECT sl.shipment_id, sl.line_id, sl.quantity AS units, a.id AS allocation_id, a.quantity, i.temperature_zone AS zone, l.sku,
    l.public_id AS line_ref
FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id LEFT JOIN inventory_allocation a ON a.id = sl.allocation_id
LEFT JOIN inventory_stockitem i ON i.id = a.stock_item_id
WHERE sl.shipment_id = ANY(%s::bigint[]) ORDER BY sl.shipment_id, l.position, sl.id
"""
_MADE = "SELECT public_id, number FROM orders_shipment WHERE public_id = ANY(%s::uuid[])"
_COUNTS = "SELECT order_id, count(*) AS parcels FROM orders_shipment WHERE order_id = ANY(%s::bigint[]) GROUP BY order_id"
_NEW = """
INSERT INTO orders_shipment (public_id, order_id, destination_id, company_id, location_id, number, planned_on, expected_on, service_id, carrier,
    stays_apart, not_before_on)
SELECT n.ref, s.order_id, s.destination_id, s.company_id, s.location_id, n.number, s.planned_on, s.expected_on, s.service_id, s.carrier,
    s.stays_apart, s.not_before_on
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) WITH ORDINALITY AS n (ref, old, number, place) JOIN orders_shipment s ON s.id = n.old
ORDER BY n.place RETURNING id, public_id
"""
_MOVE = """
UPDATE orders_shipmentline sl SET shipment_id = n.new FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n (old, line_id, new)
WHERE sl.shipment_id = n.old AND sl.line_id = n.line_id
"""
_FILL = """
INSERT INTO orders_shipmentline (shipment_id, line_id, allocation_id, quantity)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[])
"""
_TOUCH = "UPDATE orders_shipment SET version = version + 1 WHERE id = ANY(%s::bigint[])"


@operation
def split_shipments(asks: Sequence[SplitParcel], *, actor: Actor, at: datetime) -> list[Split | Refusal]:
    """Parts of planned parcels leave in parcels of their own, from the same location to the same address; a result per ask.

    No stock is promised anew: what was allocated goes along, split where it must be. Where a label was made, the order is held until it is
    made anew. A fixed number of statements for all parcels. Refuses "order.not_found", "order.cancelled", "order.instructed",
    "order.already_shipped", "order.in_a_box", "order.parcel_twice", "order.line_not_in_parcel", "order.nothing_stays",
    "order.set_of_two_zones". The same ``once_key`` again changes nothing. Locks orders, parcels, allocations, then stock, each by id.
    """
    orders, held = hold_parcels([ask.shipment_id for ask in asks])
    shipments = {s.id: s for s in held}
    contents: dict[int, list[Any]] = {}
    for row in rows(_CONTENTS, (sorted(shipments),)):
        contents.setdefault(row.shipment_id, []).append(row)
    refs = {n: uuid5(shipments[a.shipment_id].public_id, a.once_key) for n, a in enumerate(asks) if a.take and a.shipment_id in shipments}
    known = {row.public_id: row.number for row in rows(_MADE, (list(refs.values()),))} if refs else {}
    answers: dict[int, Split | Refusal] = {}
    wanted: dict[int, list[_New]] = {}
    seen: set[int] = set()
    for n, ask in enumerate(asks):
        shipment = shipments.get(ask.shipment_id)
        if shipment is not None and refs.get(n) in known:
            answers[n] = Split(shipment_id=shipment.id, order_id=shipment.order_id, made=(known[refs[n]],), repeated=True)
            continue
        refusal = _refused(shipment, orders.get(shipment.order_id) if shipment else None, seen)
        found = refusal or _parts(ask, shipment, contents.get(ask.shipment_id, []), ref=refs.get(n))
        if isinstance(found, Refusal):
            answers[n] = found
        else:
            seen.add(ask.shipment_id)
            wanted[n] = found
    new = [one for own in wanted.values() for one in own]
    if new:
        _make(new, orders, contents, actor=actor, at=at)
    for n, own in wanted.items():
        shipment = shipments[asks[n].shipment_id]
        made = tuple(one.number for one in own)
        answers[n] = Split(shipment_id=shipment.id, order_id=shipment.order_id, made=made, repeated=not own)
    return [answers[n] for n in range(len(asks))]


def _refused(shipment: Any, order: Any, seen: set[int]) -> Refusal | None:
    if shipment is None or order is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    about = {"number": shipment.number}
    if order.status == OrderStatus.CANCELLED or shipment.status == ShipmentStatus.CANCELLED:
        return Refusal("order.cancelled", _("Order %(number)s is cancelled; nothing of it may be shipped."), about)
    if shipment.status == ShipmentStatus.INSTRUCTED:
        return Refusal("order.instructed", _("A warehouse has the instruction for parcel %(number)s. Take it back first."), about)
    if shipment.status != ShipmentStatus.PLANNED:
        return Refusal("order.already_shipped", _("Order %(number)s has left already. Register a return instead."), about)
    if shipment.box is not None:
        return Refusal("order.in_a_box", _("Parcel %(number)s is combined with others. Take it out of the box first."), about)
    if shipment.id in seen:
        words = _("Parcel %(number)s is named twice. Split it once, then look at what came of it.")
        return Refusal("order.parcel_twice", words, about)
    return None


def _parts(ask: SplitParcel, shipment: Any, contents: Sequence[Any], *, ref: UUID | None) -> list[_New] | Refusal:
    """The new parcels of an old one."""
    return _chosen(ask, shipment, contents, ref) if ref is not None else _by_zone(shipment, contents)


def _chosen(ask: SplitParcel, shipment: Any, contents: Sequence[Any], ref: UUID) -> list[_New] | Refusal:
    lines = {row.line_ref: row for row in contents}
    wishes = Counter[UUID]()
    for place, (line_ref, units) in enumerate(ask.take):
        row = lines.get(line_ref)
        wishes[line_ref] += units
        if row is None or units < 1 or wishes[line_ref] > row.units:
            words = _("Parcel %(number)s holds %(units)s of this line. Choose from 1 to so many.")
            about = {"number": shipment.number, "units": row.units if row else 0}
            return Refusal("order.line_not_in_parcel", words, about, f"/lines/{place}")
    if all(wishes[line_ref] == row.units for line_ref, row in lines.items()):
        words = _("Everything of parcel %(number)s was chosen. Leave at least one piece in it.")
        return Refusal("order.nothing_stays", words, {"number": shipment.number}, "/lines")
    return [_New(ref=ref, of=shipment, units={lines[line_ref].line_id: units for line_ref, units in wishes.items()})]


def _by_zone(shipment: Any, contents: Sequence[Any]) -> list[_New] | Refusal:
    """Every temperature but that of the first line gets a parcel of its own; what has none stays."""
    zones: dict[int, set[str]] = {}
    for row in contents:
        zones.setdefault(row.line_id, set()).update({row.zone} if row.zone else ())
    if mixed := next((row for row in contents if len(zones[row.line_id]) > 1), None):
        words = _("Set %(sku)s is made of goods of different temperatures. Choose by hand what leaves by itself.")
        return Refusal("order.set_of_two_zones", words, {"number": shipment.number, "sku": mixed.sku})
    stays = next((zone for own in zones.values() for zone in own), "")
    made: dict[str, _New] = {}
    for row in contents:
        zone = next(iter(zones[row.line_id]), stays)
        if zone != stays:
            made.setdefault(zone, _New(ref=new_id(), of=shipment)).units[row.line_id] = row.units
    return list(made.values())


def _make(new: Sequence[_New], orders: Mapping[int, Any], contents: Mapping[int, Sequence[Any]], *, actor: Actor, at: datetime) -> None:
    """The parcels stand, with their lines and the stock that is promised to them."""
    counts = {row.order_id: row.parcels for row in rows(_COUNTS, (sorted({one.of.order_id for one in new}),))}
    for one in new:
        counts[one.of.order_id] += 1
        one.number = f"{orders[one.of.order_id].number}-{counts[one.of.order_id]}"
    made = {r.public_id: r.id for r in rows(_NEW, ([o.ref for o in new], [o.of.id for o in new], [o.number for o in new]))}
    moves: list[tuple[int, int, int]] = []
    shared: list[tuple[_New, Any, int]] = []
    for one in new:
        for row in contents[one.of.id]:
            units = one.units.get(row.line_id, 0)
            if units == row.units:
                moves.append((one.of.id, row.line_id, made[one.ref]))
            elif units:
                shared.append((one, row, units))
    parts = split_allocations(
        [SplitAsk(allocation_id=row.allocation_id, quantity=row.quantity // row.units * units) for _one, row, units in shared if row.allocation_id],
        actor=actor,
        at=at,
    )  # fmt: skip
    if moves:
        run(_MOVE, tuple(list(column) for column in zip(*sorted(set(moves)), strict=True)))
    if shared:
        keep_in_parcels(sorted({(one.of.id, row.line_id, row.units - units) for one, row, units in shared}))
        filled = [
            (made[one.ref], row.line_id, parts[row.allocation_id] if row.allocation_id else None, units) for one, row, units in shared
        ]
        run(_FILL, tuple(list(column) for column in zip(*filled, strict=True)))
    run(_TOUCH, (sorted({one.of.id for one in new}),))
    count_pieces([*made.values(), *{one.of.id for one in new}], at=at)
    hold_for_labels([one.of.id for one in new], actor=actor, at=at)
    refresh_statuses(sorted({one.of.order_id for one in new}), actor=actor, at=at)
    note(list(_remarks(new, contents)), actor=actor, at=at)


def _remarks(new: Sequence[_New], contents: Mapping[int, Sequence[Any]]) -> Iterable[Remark]:
    """On the order what left which parcel, in no language."""
    for one in new:
        skus = {row.line_id: row.sku for row in contents[one.of.id]}
        goods = "、".join(f"{skus[line]} × {units}" for line, units in one.units.items())
        yield Remark(one.of.order_id, f"{one.of.number} → {one.number}: {goods}"[:2000])
