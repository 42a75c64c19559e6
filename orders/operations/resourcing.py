"""A picker finds fewer than was planned: the rest comes from another location, or the operator is told what is missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal, Refused
from core.words import gettext_noop as _
from inventory.operations import Cut, allocate, cut_allocations
from inventory.queries import supply_for
from inventory.rules import Allocated, Demand
from orders.operations.filling import put_in_parcels
from orders.operations.holding import HoldAsk, hold
from orders.operations.inserting import give_back_inserts
from orders.operations.noting import Remark, note
from orders.operations.statuses import refresh_statuses
from orders.rules import HoldKind, InsertEnd, OrderStatus, ShipmentStatus

_ORDERS = """
SELECT o.id, o.number, o.status FROM orders_order o
WHERE o.id IN (SELECT order_id FROM orders_shipment WHERE id = ANY(%s::bigint[])) ORDER BY o.id FOR UPDATE
"""
_PARCELS = "SELECT id, order_id, number, status, not_before_on FROM orders_shipment WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"
# What the parcels hold, piece by piece; units are those of the line, of which a kit has one row for every part.
_CONTENTS = """
SELECT sl.shipment_id, sl.line_id, sl.quantity AS units, a.id AS allocation_id, a.quantity, a.stock_id, i.code AS item,
    l.public_id AS line_ref
FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id JOIN inventory_allocation a ON a.id = sl.allocation_id
JOIN inventory_stockitem i ON i.id = a.stock_item_id
WHERE sl.shipment_id = ANY(%s::bigint[]) AND a.status = 'open' ORDER BY sl.shipment_id, l.position, a.id
"""
_KEEP = """
WITH kept AS (
    SELECT * FROM unnest(%(parcels)s::bigint[], %(lines)s::bigint[], %(units)s::int[]) AS k (shipment_id, line_id, units)
), gone AS (
    DELETE FROM orders_shipmentline sl USING kept k WHERE sl.shipment_id = k.shipment_id AND sl.line_id = k.line_id AND k.units = 0
)
UPDATE orders_shipmentline sl SET quantity = k.units FROM kept k
WHERE sl.shipment_id = k.shipment_id AND sl.line_id = k.line_id AND k.units > 0
"""
_EMPTY = """
WITH gone AS (
    UPDATE orders_shipment s SET status = 'cancelled', version = s.version + 1
    WHERE s.id = ANY(%(ids)s::bigint[]) AND NOT EXISTS (SELECT FROM orders_shipmentline sl WHERE sl.shipment_id = s.id)
    RETURNING s.id, s.insert_count
), unfetched AS (
    UPDATE orders_pickup p SET state = 'cancelled', ended_at = %(at)s FROM gone WHERE p.shipment_id = gone.id AND p.state = 'ready'
)
SELECT id, insert_count FROM gone
"""
_LINES = """
SELECT l.id, l.public_id, l.order_id, l.destination_id, l.variant_id, l.sku, o.company_id, o.channel_id, o.number, d.wished_on,
    coalesce(d.prefecture, '') AS prefecture, d.pickup_at_id,
    p.temperature_zone = 'frozen' AND EXISTS (SELECT FROM orders_deliveryservice ds WHERE ds.company_id = o.company_id
        AND ds.ended_at IS NULL) AS travels_alone,
    ARRAY(SELECT a.id FROM inventory_allocation a WHERE a.demand_id = l.public_id AND a.status <> 'released') AS allocations,
    ARRAY(SELECT a.stock_id FROM inventory_allocation a WHERE a.demand_id = l.public_id AND a.status = 'open') AS shelves
FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN catalog_variant v ON v.id = l.variant_id
JOIN catalog_product p ON p.id = v.product_id LEFT JOIN orders_destination d ON d.id = l.destination_id
WHERE l.public_id = ANY(%s::uuid[]) ORDER BY l.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortPick:
    """Of what a parcel wants of each stock item, by code, only so many pieces were found; items not named are all there."""

    shipment_id: int
    found: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resourced:
    """The parcel keeps what was found: ``elsewhere`` units come from other locations, ``missing`` are nowhere to be had.

    ``repeated`` when the parcel wanted no more than was found already.
    """

    shipment_id: int
    order_id: int
    elsewhere: int = 0
    missing: int = 0
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Lost:
    """So many units of a line that a parcel cannot bring, and the shelves (ids of stock) on which they were looked for."""

    shipment_id: int
    line_ref: Any
    units: int
    shelves: tuple[int, ...]


@operation
def report_short_picks(picks: Sequence[ShortPick], *, reason: str, actor: Actor, at: datetime) -> list[Resourced | Refusal]:
    """Parcels keep what was found, and the rest is planned anew by the rules of routing from other locations: a result per pick.

    Pieces that were not found go into quarantine there, so that nobody is promised them before somebody counted. What comes from
    elsewhere joins a planned parcel of the order or gets one of its own; a parcel with nothing left is cancelled. Where nobody has the
    rest, the order is held and says what is missing. As many statements for many parcels as for one. Refuses "order.not_found",
    "order.already_shipped", "order.cancelled", "order.instructed", "order.not_in_parcel", "order.item_twice", "order.parcel_twice" (the
    parcel was named before in this call), and what ``cut_allocations`` raises. Saying the same again changes nothing. Locks orders,
    parcels, allocations, then stock, each by id.
    """
    ids = sorted({pick.shipment_id for pick in picks})
    orders = {o.id: o for o in rows(_ORDERS, (ids,))}
    parcels = {p.id: p for p in rows(_PARCELS, (ids,))}
    contents: dict[int, list[Any]] = {}
    for row in rows(_CONTENTS, (ids,)):
        contents.setdefault(row.shipment_id, []).append(row)
    answers: dict[int, Resourced | Refusal] = {}
    lost: list[_Lost] = []
    cuts: list[Cut] = []
    for pick in picks:
        if pick.shipment_id in answers:
            continue
        parcel = parcels.get(pick.shipment_id)
        held = contents.get(pick.shipment_id, [])
        refusal = _refused(pick, parcel, orders.get(parcel.order_id) if parcel else None, held)
        if refusal is not None or parcel is None:
            answers[pick.shipment_id] = refusal or Refusal("order.not_found", _("There is no such shipment."))
            continue
        own_cuts, own_lost = _shares(pick, held)
        cuts += own_cuts
        lost += own_lost
        answers[pick.shipment_id] = Resourced(shipment_id=parcel.id, order_id=parcel.order_id, repeated=not own_cuts)
    if cuts:
        try:
            cut_allocations(cuts, reason=reason, actor=actor, at=at)
        except Refused as no:
            raise ShortPickRefused(no.code, no.message, params=no.params) from no
        _shrink(lost, contents, actor=actor, at=at)
        _source(lost, answers, parcels, actor=actor, at=at)
        refresh_statuses(sorted({parcels[one.shipment_id].order_id for one in lost}), actor=actor, at=at)
    return _in_order(picks, answers, parcels)


def _in_order(
    picks: Sequence[ShortPick], answers: Mapping[int, Resourced | Refusal], parcels: Mapping[int, Any]
) -> list[Resourced | Refusal]:
    """The answer to each pick; whoever names a parcel again is refused, since nobody knows which of the two figures holds."""
    told: list[Resourced | Refusal] = []
    seen: set[int] = set()
    for pick in picks:
        answer = answers[pick.shipment_id]
        if pick.shipment_id in seen and isinstance(answer, Resourced):
            about = {"number": parcels[pick.shipment_id].number}
            answer = Refusal("order.parcel_twice", _("Parcel %(number)s is named twice. Say in one report what was found for it."), about)
        seen.add(pick.shipment_id)
        told.append(answer)
    return told


class ShortPickRefused(Refused):
    """The shelf cannot do without the missing pieces; nothing was changed."""


def _refused(pick: ShortPick, parcel: Any, order: Any, held: Sequence[Any]) -> Refusal | None:
    if parcel is None or order is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    about = {"number": parcel.number}
    wanted = {row.item for row in held}
    if order.status == OrderStatus.CANCELLED or (parcel.status == ShipmentStatus.CANCELLED and any(found for _item, found in pick.found)):
        return Refusal("order.cancelled", _("Order %(number)s is cancelled; nothing of it may be shipped."), about)
    if parcel.status == ShipmentStatus.INSTRUCTED:
        return Refusal("order.instructed", _("A warehouse has the instruction for parcel %(number)s. Take it back first."), about)
    if parcel.status not in (ShipmentStatus.PLANNED, ShipmentStatus.CANCELLED):
        return Refusal("order.already_shipped", _("Order %(number)s has left already. Register a return instead."), about)
    counts = Counter(item for item, _found in pick.found)
    for item, found in pick.found:
        if counts[item] > 1:
            words = _("%(item)s is named twice. Say once how many of it were found in all.")
            return Refusal("order.item_twice", words, {**about, "item": item}, "/found")
        if found < 0 or (found > 0 and item not in wanted):
            return Refusal("order.not_in_parcel", _("Nothing of %(item)s is in this parcel."), {**about, "item": item}, "/found")
    return None


def _shares(pick: ShortPick, held: Sequence[Any]) -> tuple[list[Cut], list[_Lost]]:
    """What of each allocation stays, and the units that the parcel loses. What was found serves the lines in their order."""
    left = dict(pick.found)
    found: dict[int, int] = {}
    for row in held:
        found[row.allocation_id] = min(row.quantity, left.get(row.item, row.quantity))
        if row.item in left:
            left[row.item] -= found[row.allocation_id]
    lines: dict[int, list[Any]] = {}
    for row in held:
        lines.setdefault(row.line_id, []).append(row)
    cuts, lost = [], []
    for parts in lines.values():
        units = parts[0].units
        kept = min(found[row.allocation_id] // (row.quantity // units) for row in parts)
        if kept == units:
            continue
        cuts += [
            Cut(
                allocation_id=row.allocation_id,
                keep=kept * (row.quantity // units),
                missing=row.quantity - found[row.allocation_id],
            )
            for row in parts
        ]
        lost.append(
            _Lost(
                shipment_id=pick.shipment_id,
                line_ref=parts[0].line_ref,
                units=units - kept,
                shelves=tuple(row.stock_id for row in parts if found[row.allocation_id] < row.quantity),
            )
        )
    return cuts, lost


def _shrink(lost: Sequence[_Lost], contents: Mapping[int, Sequence[Any]], *, actor: Actor, at: datetime) -> None:
    """The parcels hold what is left of the lines; those that hold nothing are cancelled."""
    places = {(row.shipment_id, row.line_ref): row for held in contents.values() for row in held}
    kept = [(places[one.shipment_id, one.line_ref], one.units) for one in lost]
    keep_in_parcels([(row.shipment_id, row.line_id, row.units - units) for row, units in kept])
    cancel_empty_parcels([one.shipment_id for one in lost], actor=actor, at=at)


def keep_in_parcels(kept: Sequence[tuple[int, int, int]]) -> None:
    """Each parcel (by id) holds so many units of a line (by id) and no more; none takes the line out of it. The parcels are held."""
    run(_KEEP, dict(zip(("parcels", "lines", "units"), map(list, zip(*kept, strict=True)), strict=True)) if kept else _NOTHING)


_NOTHING: dict[str, list[int]] = {"parcels": [], "lines": [], "units": []}


def cancel_empty_parcels(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Of these parcels, those that hold nothing (but inserts) are cancelled, and wait for nobody in a store."""
    gone = rows(_EMPTY, {"ids": sorted(set(shipment_ids)), "at": at})
    give_back_inserts([row.id for row in gone if row.insert_count], end=InsertEnd.CANCELLED, actor=actor, at=at)


def _source(
    lost: Sequence[_Lost], answers: dict[int, Resourced | Refusal], parcels: Mapping[int, Any], *, actor: Actor, at: datetime
) -> None:
    """The lost units come from elsewhere, each line whole or not, and leave no earlier than before; of the others the operator is told."""
    units, shelves = Counter[Any](), dict[Any, set[int]]()
    not_before = {one.line_ref: day for one in lost if (day := parcels[one.shipment_id].not_before_on) is not None}
    for one in lost:
        units[one.line_ref] += one.units
        shelves.setdefault(one.line_ref, set()).update(one.shelves)
    lines = {line.public_id: line for line in rows(_LINES, (list(units),))}
    found: list[Allocated] = []
    missing: list[Any] = []
    for (company_id, channel_id, store), own in _by_channel(lines.values()).items():
        supply = supply_for([line.variant_id for line in own], company_id=company_id, channel_id=channel_id, pickup_at=store, at=at)
        demands = [
            Demand(
                order_key=place,
                demand_id=line.public_id,
                variant_id=line.variant_id,
                quantity=units[line.public_id],
                prefecture=line.prefecture,
                not_from=frozenset(shelves[line.public_id]).union(line.shelves),
            )
            for place, line in enumerate(own)
        ]
        kept = [allocation_id for line in own for allocation_id in line.allocations]
        taken = allocate(demands, supply=supply, company_id=company_id, channel_id=channel_id, actor=actor, at=at, beside=kept)
        for place, line in enumerate(own):
            got = taken[place]
            if isinstance(got, Refusal):
                missing.append(line)
            else:
                found += got
    if found:
        put_in_parcels(found, lines, not_before, at=at)
        note([Remark(lines[ref].order_id, words) for ref, words in _told(found, lines, units)], actor=actor, at=at)
    if missing:
        reasons = [HoldAsk(line.order_id, f"{line.sku} × {units[line.public_id]}") for line in missing]
        hold(reasons, kind=HoldKind.SHORT, actor=actor, at=at)
    nowhere = {line.public_id for line in missing}
    for one in lost:
        answer = answers[one.shipment_id]
        assert isinstance(answer, Resourced)
        gone = one.units if one.line_ref in nowhere else 0
        answers[one.shipment_id] = replace(answer, missing=answer.missing + gone, elsewhere=answer.elsewhere + one.units - gone)


def _by_channel(lines: Iterable[Any]) -> dict[tuple[int, int, int | None], list[Any]]:
    """Lines that the same places may serve; what is fetched comes from its own store or not at all."""
    found: dict[tuple[int, int, int | None], list[Any]] = {}
    for line in sorted(lines, key=lambda one: (one.company_id, one.channel_id, one.pickup_at_id or 0)):
        found.setdefault((line.company_id, line.channel_id, line.pickup_at_id), []).append(line)
    return found


def _told(found: Sequence[Allocated], lines: Mapping[Any, Any], units: Mapping[Any, int]) -> list[tuple[Any, str]]:
    """Of every line from where its rest comes, in no language."""
    places: dict[Any, set[int]] = {}
    for part in found:
        places.setdefault(part.demand_id, set()).add(part.location_id)
    ids = sorted(set().union(*places.values()))
    names = {row.id: row.name for row in rows("SELECT id, name FROM inventory_location WHERE id = ANY(%s::bigint[])", (ids,))}
    return [(ref, f"{lines[ref].sku} × {units[ref]} → {'、'.join(names[one] for one in sorted(own))}") for ref, own in places.items()]
