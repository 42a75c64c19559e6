"""Goods have come: the lines that waited for them get their stock, in the order of the queue, and a parcel to leave in."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows, run
from core.ids import new_id
from core.outbox import announce
from inventory.operations import allocate, fill_back_orders, hold_back_orders
from inventory.queries import WaitingDemand, queue_for, supply_for
from inventory.rules import Allocated, Demand, Part, Supply, first_served
from orders.events import WaitingAllocated
from orders.operations.replanning import plan_parcels
from orders.operations.statuses import refresh_statuses

ROUNDS = 3
MOST_AT_ONCE = 1_000
"""So many lines are filled in one transaction; the sweep goes on with the rest."""

_LINES = """
SELECT l.id, l.public_id, l.order_id, l.destination_id, l.variant_id, o.public_id AS order_ref, o.company_id, o.customer_id, o.channel_id,
    o.number, d.wished_on, coalesce(d.prefecture, '') AS prefecture,
    p.temperature_zone = 'frozen' AND EXISTS (SELECT FROM orders_deliveryservice ds WHERE ds.company_id = o.company_id
        AND ds.ended_at IS NULL) AS travels_alone
FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN catalog_variant v ON v.id = l.variant_id
JOIN catalog_product p ON p.id = v.product_id LEFT JOIN orders_destination d ON d.id = l.destination_id
WHERE l.public_id = ANY(%s::uuid[]) AND o.status IN ('pending', 'confirmed')
"""
_LOCK = "SELECT id FROM orders_order WHERE id = ANY(%s::bigint[]) AND status IN ('pending', 'confirmed') ORDER BY id FOR UPDATE"
_PARCELS = """
SELECT s.id, s.order_id, s.destination_id, s.location_id, s.status, s.not_before_on,
    s.service_id IS NOT NULL AND EXISTS (SELECT FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id
        JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
        WHERE sl.shipment_id = s.id AND p.temperature_zone = 'frozen') AS travels_alone
FROM orders_shipment s WHERE s.order_id = ANY(%s::bigint[]) ORDER BY s.id FOR UPDATE
"""
_NEW_PARCELS = """
INSERT INTO orders_shipment (public_id, order_id, destination_id, company_id, location_id, number, planned_on, not_before_on)
SELECT n.* FROM unnest(%(refs)s::uuid[], %(orders)s::bigint[], %(destinations)s::bigint[], %(companies)s::bigint[], %(locations)s::bigint[],
    %(numbers)s::text[], %(days)s::date[], %(not_before)s::date[]) AS n
RETURNING id, public_id
"""
_CONTENTS = """
INSERT INTO orders_shipmentline (shipment_id, line_id, allocation_id, quantity)
SELECT * FROM unnest(%(parcels)s::bigint[], %(lines)s::bigint[], %(allocations)s::bigint[], %(quantities)s::int[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A line that waited has its stock now."""

    demand_id: UUID
    order_id: int


@operation
def allocate_waiting(stock_item_ids: Sequence[int], *, company_id: int, actor: Actor, at: datetime) -> list[Filled]:
    """Whoever waits for these items gets what lies free: by promised day, then rank, then age, each line whole or not yet.

    Set-based: a dozen statements for a thousand lines, and one to ask where nobody waits. Never gives more than is free: the
    stock is taken by ``allocate`` like anybody's. The lines join a planned parcel of their order at the same location, or get
    a new one. Locks orders, back-orders, parcels, then stock, each by id. Announces WaitingAllocated for each order. Repeating
    it changes nothing.
    """
    queue = queue_for(stock_item_ids, company_id=company_id)
    if not queue:
        return []
    lines = {line.public_id: line for line in rows(_LINES, ([place.demand_id for place in queue],))}
    queue = [place for place in queue if place.demand_id in lines]
    supplies = _supplies(queue, lines, company_id=company_id, at=at)
    chosen = _chosen(queue, lines, supplies, passed_over=())[:MOST_AT_ONCE]
    if not chosen:
        return []
    standing = {order.id for order in rows(_LOCK, (sorted({lines[demand.demand_id].order_id for demand in chosen}),))}
    # Read again now that nobody can change them: a line that was agreed on anew meanwhile has given its id away.
    lines |= {line.public_id: line for line in rows(_LINES, ([demand.demand_id for demand in chosen],))}
    here = [demand for demand in chosen if lines[demand.demand_id].order_id in standing]
    held = hold_back_orders([demand.demand_id for demand in here], actor=actor, at=at)
    queue = [place for place in queue if place.demand_id in held]
    allocated = _give(queue, lines, supplies, company_id=company_id, actor=actor, at=at)
    if not allocated:
        return []
    filled = sorted({part.demand_id for part in allocated}, key=lambda demand: lines[demand].id)
    put_in_parcels(allocated, lines, _not_before(queue), at=at)
    fill_back_orders(filled, actor=actor, at=at)
    refresh_statuses(sorted({lines[demand].order_id for demand in filled}), actor=actor, at=at)
    announce(*_events(filled, lines))
    return [Filled(demand_id=demand, order_id=lines[demand].order_id) for demand in filled]


def _supplies(queue: Sequence[WaitingDemand], lines: Mapping[UUID, Any], *, company_id: int, at: datetime) -> dict[int, Supply]:
    """What each channel may draw on of what is waited for."""
    wanted: dict[int, set[int]] = {}
    for place in queue:
        wanted.setdefault(lines[place.demand_id].channel_id, set()).add(place.variant_id)
    return {
        channel: supply_for(sorted(variants), company_id=company_id, channel_id=channel, at=at)
        for channel, variants in sorted(wanted.items())
    }


def _chosen(
    queue: Sequence[WaitingDemand], lines: Mapping[UUID, Any], supplies: Mapping[int, Supply], *, passed_over: Collection[UUID]
) -> list[Demand]:
    """Who gets what is free over all channels; the order key is the place in the queue."""
    free: dict[int, dict[int, int]] = {}
    parts: dict[int, Sequence[Part]] = {}
    for supply in supplies.values():
        parts.update(supply.parts)
        for item, shelves in supply.shelves.items():
            for shelf in shelves:
                of_item = free.setdefault(item, {})
                of_item[shelf.stock_id] = max(shelf.free, of_item.get(shelf.stock_id, 0))
    demands = [
        Demand(
            order_key=number,
            demand_id=place.demand_id,
            variant_id=place.variant_id,
            quantity=place.units,
            prefecture=lines[place.demand_id].prefecture,
        )
        for number, place in enumerate(queue)
    ]
    return first_served(demands, parts, {item: sum(of_item.values()) for item, of_item in free.items()}, passed_over=passed_over)


def _give(
    queue: Sequence[WaitingDemand],
    lines: Mapping[UUID, Any],
    supplies: Mapping[int, Supply],
    *,
    company_id: int,
    actor: Actor,
    at: datetime,
) -> list[Allocated]:
    """Take stock for the queue, channel by channel; what a channel may not draw on, or lies apart, goes to the next in line."""
    allocated: list[Allocated] = []
    settled: set[UUID] = set()
    for _round in range(ROUNDS):
        chosen = _chosen(queue, lines, supplies, passed_over=settled)
        if not chosen:
            break
        refused = False
        for channel, supply in supplies.items():
            own = [demand for demand in chosen if lines[demand.demand_id].channel_id == channel]
            answers = allocate(own, supply=supply, company_id=company_id, channel_id=channel, actor=actor, at=at) if own else {}
            for demand in own:
                settled.add(demand.demand_id)
                answer = answers[demand.order_key]
                if isinstance(answer, list):
                    allocated += answer
                else:
                    refused = True
        if not refused:
            break
        supplies = _supplies([place for place in queue if place.demand_id not in settled], lines, company_id=company_id, at=at)
    return allocated


def _not_before(queue: Sequence[WaitingDemand]) -> dict[UUID, date]:
    """Pre-ordered goods leave on their release day, even where they came before it."""
    return {place.demand_id: place.promised_on for place in queue if place.is_pre_order}


def put_in_parcels(allocated: Sequence[Allocated], lines: Mapping[UUID, Any], not_before: Mapping[UUID, date], *, at: datetime) -> None:
    """Every line is in a parcel of its order, from its location, that leaves no earlier: one that is planned already, or a new one.

    Frozen goods travel by themselves where the company has delivery services, and its parcels get their service and day from them.
    """
    known = rows(_PARCELS, (sorted({lines[part.demand_id].order_id for part in allocated}),))
    open_parcels = {
        (p.order_id, p.destination_id, p.location_id, p.not_before_on, p.travels_alone): p.id for p in known if p.status == "planned"
    }
    count = Counter(p.order_id for p in known)
    places: dict[tuple[int, int, int, date | None, bool], UUID] = {}
    columns: dict[str, list[Any]] = {
        name: [] for name in ("refs", "orders", "destinations", "companies", "locations", "numbers", "days", "not_before")
    }
    wanted = []
    for part in allocated:
        line = lines[part.demand_id]
        earliest = not_before.get(part.demand_id)
        day = max((d for d in (line.wished_on, earliest) if d is not None), default=None)
        place = (line.order_id, line.destination_id, part.location_id, earliest, line.travels_alone)
        wanted.append((part, line, place))
        if place in open_parcels or place in places:
            continue
        places[place] = new_id()
        count[line.order_id] += 1
        new = (places[place], *place[:2], line.company_id, part.location_id, f"{line.number}-{count[line.order_id]}", day, earliest)
        for column, value in zip(columns.values(), new, strict=True):
            column.append(value)
    made = {row.public_id: row.id for row in rows(_NEW_PARCELS, columns)} if places else {}
    run(
        _CONTENTS,
        {
            "parcels": [open_parcels[place] if place in open_parcels else made[places[place]] for _part, _line, place in wanted],
            "lines": [line.id for _part, line, _place in wanted],
            "allocations": [part.allocation_id for part, _line, _place in wanted],
            "quantities": [part.line_quantity for part, _line, _place in wanted],
        },
    )
    plan_parcels([open_parcels[place] if place in open_parcels else made[places[place]] for _part, _line, place in wanted], at=at)


def _events(filled: Sequence[UUID], lines: Mapping[UUID, Any]) -> list[WaitingAllocated]:
    by_order: dict[int, list[Any]] = {}
    for demand in filled:
        by_order.setdefault(lines[demand].order_id, []).append(lines[demand])
    return [
        WaitingAllocated(
            order_id=order_id,
            order_ref=own[0].order_ref,
            company_id=own[0].company_id,
            customer_id=own[0].customer_id,
            line_refs=tuple(str(line.public_id) for line in own),
        )
        for order_id, own in sorted(by_order.items())
    ]
