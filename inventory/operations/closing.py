"""Allocations end: the goods leave, or they may be sold again. Each once, however often it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import AvailabilityChanged, StockReleased, StockShipped
from inventory.operations.picking import ship_by_lot, unpick
from inventory.queries import share_sql
from inventory.rules import STATES_OF_LOCKED, ShipAsk

# Locks: allocations by id, then stock by id, and all of them before the first write: `ready` waits for the last lock (ADR 0005).
# What leaves takes its share of the locked shelf's value along: the difference of two shares, so that the last piece takes the rest (ADR 0020).
# A parcel with goods that are counted by lot only gets its locks here; its lots are read and taken by later statements (ADR 0015).
_SHIP = f"""
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(ids)s::bigint[], %(causes)s::text[]) AS q (id, cause)
), held AS MATERIALIZED (
    SELECT a.id, a.stock_id, a.stock_item_id, a.location_id, a.quantity, a.status
    FROM inventory_allocation a WHERE a.id = ANY(%(ids)s::bigint[]) ORDER BY a.id FOR UPDATE
), due AS MATERIALIZED (
    SELECT DISTINCT ON (held.id) held.*, asked.cause FROM held JOIN asked ON asked.id = held.id
    WHERE held.status = 'open' ORDER BY held.id
), locked AS MATERIALIZED (
    SELECT s.* FROM inventory_stock s WHERE s.id = ANY(ARRAY(SELECT stock_id FROM due)) ORDER BY s.id FOR UPDATE
), by_lot AS MATERIALIZED (
    SELECT DISTINCT due.cause FROM locked JOIN due ON due.stock_id = locked.id WHERE locked.has_lots
), ready AS MATERIALIZED (
    SELECT d.*, l.value AS shelf_value, l.on_hand AS shelf_quantity, sum(d.quantity) OVER (PARTITION BY d.stock_id ORDER BY d.id) AS through
    FROM due d JOIN locked l ON l.id = d.stock_id WHERE (SELECT count(*) FROM locked) > 0 AND d.cause NOT IN (SELECT cause FROM by_lot)
), priced AS MATERIALIZED (
    SELECT *, {share_sql("shelf_value", "through", "shelf_quantity")} - {share_sql("shelf_value", "through - quantity", "shelf_quantity")} AS cost
    FROM ready
), gone AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand - d.quantity, sellable = l.sellable - d.quantity, allocated = l.allocated - d.quantity, reserved = l.reserved,
        value = l.value - d.cost, {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity, sum(cost)::bigint AS cost FROM priced GROUP BY stock_id) d
    JOIN locked l ON l.id = d.stock_id
    WHERE s.id = d.stock_id
), moved AS (
    INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, kind, quantity, sellable_quantity, value, cause, reason,
        once_key, at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT stock_id, stock_item_id, location_id, 'shipment', -quantity, -quantity, -cost, cause, %(reason)s,
        'allocation:' || id, %(at)s::timestamptz, %(kind)s, %(id)s, %(label)s, %(for)s
    FROM priced ORDER BY id
), closed AS (
    UPDATE inventory_allocation a SET status = 'shipped', closed_at = %(at)s::timestamptz FROM ready WHERE a.id = ready.id
)
SELECT held.id, held.stock_item_id, held.location_id, held.quantity, held.status, l.company_id,
    held.status = 'open' AND held.id NOT IN (SELECT id FROM ready) AS waits_for_lots
FROM held JOIN inventory_location l ON l.id = held.location_id
"""

_RELEASE = f"""
WITH held AS MATERIALIZED (
    SELECT a.id, a.demand_id, a.stock_id, a.quantity, a.status, a.quota_id, a.quota_quantity
    FROM inventory_allocation a
    WHERE a.id = ANY(%(ids)s::bigint[]) OR (a.demand_id = ANY(%(demands)s::uuid[]) AND a.status = 'open')
    ORDER BY a.id FOR UPDATE
), due AS MATERIALIZED (
    SELECT * FROM held WHERE status = 'open'
), quota AS MATERIALIZED (
    SELECT q.id, q.quantity, q.remaining FROM inventory_stockquota q
    WHERE q.id = ANY(ARRAY(SELECT quota_id FROM due WHERE quota_id IS NOT NULL)) AND q.ended_at IS NULL ORDER BY q.id FOR UPDATE
), locked AS MATERIALIZED (
    SELECT s.*, s.sellable - s.allocated - s.reserved AS free
    FROM inventory_stock s
    WHERE s.id = ANY(ARRAY(SELECT stock_id FROM due)) AND (SELECT count(*) FROM quota) >= 0 ORDER BY s.id FOR UPDATE
), ready AS MATERIALIZED (
    SELECT due.*, CASE WHEN quota.id IS NULL THEN 0 ELSE due.quota_quantity END AS back FROM due LEFT JOIN quota ON quota.id = due.quota_id
    WHERE (SELECT count(*) FROM locked) > 0
), returned AS (
    UPDATE inventory_stockquota q SET quantity = k.quantity, remaining = k.remaining + d.back
    FROM (SELECT quota_id, sum(back)::int AS back FROM ready GROUP BY quota_id) d JOIN quota k ON k.id = d.quota_id
    WHERE q.id = k.id
), given AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated - d.quantity, reserved = l.reserved + d.back,
        {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity, sum(back)::int AS back FROM ready GROUP BY stock_id) d
    JOIN locked l ON l.id = d.stock_id
    WHERE s.id = d.stock_id
    RETURNING s.id AS stock_id, s.stock_item_id, s.location_id, s.has_lots, l.free, s.sellable - s.allocated - s.reserved AS free_after
), closed AS (
    UPDATE inventory_allocation a SET status = 'released', closed_at = %(at)s::timestamptz FROM ready WHERE a.id = ready.id
)
SELECT held.id, held.demand_id, held.quantity, held.status, g.stock_item_id, g.location_id, g.has_lots, g.free, g.free_after, l.company_id
FROM held LEFT JOIN given g ON g.stock_id = held.stock_id AND held.status = 'open' LEFT JOIN inventory_location l ON l.id = g.location_id
ORDER BY held.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """The allocation has left; ``is_new`` is False when it had left before."""

    allocation_id: int
    stock_item_id: int
    location_id: int
    quantity: int
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What a demand (or one allocation) had open and gave back now; nothing when it had nothing open."""

    allocation_ids: tuple[int, ...] = ()
    quantity: int = 0
    demand_id: UUID | None = None


@operation
def ship_allocations(asks: Sequence[ShipAsk], *, actor: Actor, at: datetime, reason: str = "") -> list[Shipped | Refusal]:
    """The goods of each allocation leave: a movement out, less on hand, less allocated; one result per ask.

    One statement for the batch, and one to announce. Locks allocations, then stock, each by id. Shipping twice changes
    nothing. Refuses with "inventory.allocation_not_found", "inventory.allocation_released". Announces StockShipped for
    each cause and location.

    Goods that are counted by lot leave in the lots that were picked for them, else in those that expire first and keep long
    enough, four statements more for the batch. A cause of which a lot is lacking is refused as a whole with "inventory.no_such_lot".
    """
    if not asks:
        return []
    found = rows(
        _SHIP,
        {
            "ids": [ask.allocation_id for ask in asks],
            "causes": [ask.cause for ask in asks],
            "at": at,
            "reason": reason,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )
    by_id = {row.id: row for row in found}
    causes = {ask.allocation_id: ask.cause for ask in reversed(asks)}
    waiting = {row.id: causes[row.id] for row in found if row.waits_for_lots}
    lacking = ship_by_lot(waiting, actor=actor, at=at, reason=reason) if waiting else {}
    parcels: dict[tuple[int, int, str], list[int]] = {}
    for allocation_id, cause in causes.items():
        row = by_id.get(allocation_id)
        if row is not None and row.status == "open" and allocation_id not in lacking:
            parcels.setdefault((row.company_id, row.location_id, cause), []).append(allocation_id)
    announce(
        *(
            StockShipped(company_id=company, location_id=location, cause=cause, allocation_ids=tuple(sorted(ids)), at=at)
            for (company, location, cause), ids in sorted(parcels.items())
        )
    )
    return [lacking.get(ask.allocation_id) or _shipped(ask, by_id.get(ask.allocation_id)) for ask in asks]


def _shipped(ask: ShipAsk, row: Any) -> Shipped | Refusal:
    if row is None:
        return Refusal("inventory.allocation_not_found", gettext_noop("There is no such allocation."), {"allocation": ask.allocation_id})
    if row.status == "released":
        return Refusal(
            "inventory.allocation_released",
            gettext_noop("The stock was given back before it could be shipped. Allocate it again first."),
            {"allocation": ask.allocation_id},
        )
    return Shipped(
        allocation_id=row.id,
        stock_item_id=row.stock_item_id,
        location_id=row.location_id,
        quantity=row.quantity,
        is_new=row.status == "open",
    )


@operation
def release_allocations(
    demand_ids: Sequence[UUID] = (), *, allocation_ids: Sequence[int] = (), actor: Actor, at: datetime
) -> list[Released]:
    """What the demands (or single allocations) still have open may be sold again: demands' results first, in order.

    One statement for the batch, and one to announce; one more where lots are counted. What came from a quota that still lives
    goes back to it. Locks allocations, quotas, then stock, each by id. What has shipped stays shipped; releasing twice changes nothing. Announces StockReleased, and AvailabilityChanged where nothing was free.
    """
    if not demand_ids and not allocation_ids:
        return []
    held = rows(_RELEASE, {"demands": list(demand_ids), "ids": list(allocation_ids), "at": at})
    given = [row for row in held if row.status == "open"]
    if counted := [row.id for row in given if row.has_lots]:
        unpick(counted)
    _announce_released(given, at=at)
    by_demand: dict[UUID, list[Any]] = {}
    for row in given:
        by_demand.setdefault(row.demand_id, []).append(row)
    by_id = {row.id: row for row in given}
    return [
        *(_released(by_demand.get(demand_id, ()), demand_id) for demand_id in demand_ids),
        *(_released([by_id[found]] if found in by_id else (), None) for found in allocation_ids),
    ]


def _released(found: Sequence[Any], demand_id: UUID | None) -> Released:
    return Released(
        allocation_ids=tuple(row.id for row in found),
        quantity=sum(row.quantity for row in found),
        demand_id=demand_id or (found[0].demand_id if found else None),
    )


def _announce_released(given: Sequence[Any], *, at: datetime) -> None:
    shelves: dict[tuple[int, int, int], int] = {}
    for row in given:
        key = row.company_id, row.stock_item_id, row.location_id
        shelves[key] = shelves.get(key, 0) + row.quantity
    were_empty = sorted({(row.company_id, row.stock_item_id, row.location_id) for row in given if row.free <= 0 < row.free_after})
    announce(
        *(
            StockReleased(company_id=company, stock_item_id=item, location_id=location, quantity=quantity, at=at)
            for (company, item, location), quantity in sorted(shelves.items())
        ),
        *(
            AvailabilityChanged(company_id=company, stock_item_id=item, location_id=location, is_available=True, at=at)
            for company, item, location in were_empty
        ),
    )
