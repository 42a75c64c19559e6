"""Stock is promised to demands: the one place that raises ``allocated``."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.errors import Conflict, Refusal
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import AvailabilityChanged
from inventory.operations.drawing import ALTERNATIVES, PLENTY, TRIES, draw, found_again, newly_allocated
from inventory.queries import free_until, planned
from inventory.rules import STATES_OF_LOCKED, Allocated, Demand, Shortage, Supply, Take, out_of_stock, shelves_to_lock

# Rows are locked in the order of their ids before anything is written (ADR 0005). An order that meets a short row, or a
# demand that already has its stock, is left out as a whole; what the locked rows really hold then comes back.
# Every counter is set from the locked row: the UPDATE itself first sees the row as it was before the lock was granted, and
# the constraint looks at what comes of that before PostgreSQL takes the newer row.
_ALLOCATE = """
WITH plan AS MATERIALIZED (
    SELECT * FROM unnest(%(orders)s::bigint[], %(demands)s::uuid[], %(stocks)s::bigint[], %(quantities)s::int[], %(buffers)s::int[])
        AS p (order_key, demand_id, stock_id, quantity, buffer)
), known AS MATERIALIZED (
    SELECT a.id, a.demand_id, a.stock_item_id, a.location_id, a.quantity
    FROM inventory_allocation a WHERE a.demand_id = ANY(%(demands)s::uuid[]) AND a.status <> 'released' AND a.id <> ALL(%(beside)s::bigint[])
), locked AS MATERIALIZED (
    SELECT s.*, {free} AS free
    FROM inventory_stock s WHERE s.id = ANY(%(locks)s::bigint[]) ORDER BY s.id FOR UPDATE {patience}
), short AS (
    SELECT p.stock_id FROM plan p LEFT JOIN locked l ON l.id = p.stock_id
    GROUP BY p.stock_id, l.free HAVING coalesce(l.free, 0) < sum(p.quantity) + max(p.buffer)
), refused AS MATERIALIZED (
    SELECT order_key FROM plan WHERE stock_id IN (SELECT stock_id FROM short) OR demand_id IN (SELECT demand_id FROM known)
), good AS MATERIALIZED (
    SELECT * FROM plan WHERE order_key NOT IN (SELECT order_key FROM refused)
), made AS (
    INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, allocated_at, good_until)
    SELECT g.demand_id, l.id, l.stock_item_id, l.location_id, g.quantity, %(at)s::timestamptz, {good_until} FROM good g JOIN locked l ON l.id = g.stock_id
    ON CONFLICT (demand_id, stock_id, part) WHERE status = 'open' DO NOTHING
    RETURNING id, demand_id, stock_id, stock_item_id, location_id, quantity
), taken AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated + m.quantity, reserved = l.reserved,
        {states}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity FROM made GROUP BY stock_id) m JOIN locked l ON l.id = m.stock_id
    WHERE s.id = m.stock_id
    RETURNING s.id, s.stock_item_id, s.location_id, s.sellable - s.allocated - s.reserved AS free
)
SELECT 'made' AS what, id, demand_id, stock_item_id, location_id, quantity FROM made
UNION ALL SELECT 'known', id, demand_id, stock_item_id, location_id, quantity FROM known
UNION ALL SELECT 'gone', id, NULL, stock_item_id, location_id, free FROM taken WHERE free = 0
UNION ALL SELECT 'free', l.id, NULL, l.stock_item_id, l.location_id,
    l.free - coalesce((SELECT sum(m.quantity) FROM made m WHERE m.stock_id = l.id), 0)::int
    FROM locked l WHERE (SELECT count(*) FROM made) < (SELECT count(*) FROM plan)
"""
# What is free for anybody, and what is for a channel that wants goods to keep until a day. The latter reads lots, so it wants the
# shelves locked by a statement before it.
_ANYBODY = {"states": STATES_OF_LOCKED, "free": "s.sellable - s.allocated - s.reserved", "good_until": "NULL::date"}
_PARTICULAR = {
    "states": STATES_OF_LOCKED,
    "free": free_until("%(good_until)s::date"),
    "good_until": "CASE WHEN l.has_lots THEN %(good_until)s::date END",
}
_OF_LOCKED = "(SELECT %(good_until)s::date FROM locked l WHERE l.id = p.stock_id AND l.has_lots)"
_LOCK_FIRST = "SELECT id FROM inventory_stock WHERE id = ANY(%(locks)s::bigint[]) ORDER BY id FOR UPDATE {patience}"

# The same where nothing stands in the way, as nearly always: every shelf holds what all orders together want of it, and no demand
# has stock yet. Else nothing is written, and the locks of these shelves are had.
_ALLOCATE_ALL = """
WITH locked AS MATERIALIZED (
    SELECT s.*, {free} AS free FROM inventory_stock s WHERE s.id = ANY(%(locks)s::bigint[]) ORDER BY s.id FOR UPDATE
), verdict AS MATERIALIZED (
    SELECT (
        SELECT count(*) FROM unnest(%(shelves)s::bigint[], %(needed)s::int[]) AS n (stock_id, quantity) JOIN locked l ON l.id = n.stock_id
        WHERE l.free >= n.quantity
    ) = cardinality(%(shelves)s::bigint[]) AND NOT EXISTS (
        SELECT FROM inventory_allocation a WHERE a.demand_id = ANY(%(demands)s::uuid[]) AND a.status <> 'released' AND a.id <> ALL(%(beside)s::bigint[])
    ) AS nothing_in_the_way
), made AS (
    INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, allocated_at, good_until)
    SELECT p.demand_id, p.stock_id, p.stock_item_id, p.location_id, p.quantity, %(at)s::timestamptz, {good_until}
    FROM verdict, unnest(%(demands)s::uuid[], %(stocks)s::bigint[], %(items)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[])
        AS p (demand_id, stock_id, stock_item_id, location_id, quantity)
    WHERE nothing_in_the_way
    ON CONFLICT (demand_id, stock_id, part) WHERE status = 'open' DO NOTHING
    RETURNING id, demand_id, stock_id, stock_item_id, location_id, quantity
), taken AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated + m.quantity, reserved = l.reserved,
        {states}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity FROM made GROUP BY stock_id) m JOIN locked l ON l.id = m.stock_id
    WHERE s.id = m.stock_id
    RETURNING s.id, s.stock_item_id, s.location_id, s.sellable - s.allocated - s.reserved AS free
)
SELECT 'made' AS what, id, demand_id, stock_item_id, location_id, quantity FROM made
UNION ALL SELECT 'gone', id, NULL, stock_item_id, location_id, free FROM taken WHERE free = 0
"""
# By whether somebody is particular about the day.
_ALL = {False: _ALLOCATE_ALL.format(**_ANYBODY), True: _ALLOCATE_ALL.format(**_PARTICULAR | {"good_until": _OF_LOCKED})}
_WAITING = {False: _ALLOCATE.format(**_ANYBODY, patience=""), True: _ALLOCATE.format(**_PARTICULAR, patience="")}
_AT_ONCE = {False: _ALLOCATE.format(**_ANYBODY, patience="NOWAIT"), True: _ALLOCATE.format(**_PARTICULAR, patience="NOWAIT")}


@operation
def allocate(
    demands: Sequence[Demand],
    *,
    supply: Supply,
    company_id: int,
    channel_id: int,
    actor: Actor,
    at: datetime,
    beside: Sequence[int] = (),
) -> dict[int, list[Allocated] | Refusal]:
    """Every order has all the stock it wants allocated, or none of it: a result per order key.

    ``supply`` is what ``queries.supply_for`` read for the same company and channel, for all variants of the demands.
    An order that it already shows to be short is refused without any lock. Else the planned shelves (and alternatives)
    are locked in the order of their ids and taken from in one statement; an order that meets a shelf emptied meanwhile
    is planned anew from the locked figures. Refuses with "inventory.out_of_stock", "inventory.unknown_variant".
    Repeating it with the same demand ids answers with the allocations they have; where two calls for some of the same
    demands cross, one of them raises Conflict. What the demands' holders have reserved is theirs, and ends with it; a quota
    of the channel is drawn on first. With ``beside`` the demands want more than these allocations, which they keep. Announces AvailabilityChanged where the last free piece went.
    """
    results: dict[int, list[Allocated] | Refusal] = {}
    for demand in demands:
        results.setdefault(demand.order_key, [])
        if demand.variant_id not in supply.parts:
            results[demand.order_key] = Refusal(
                "inventory.unknown_variant", gettext_noop("There is no such variant to take stock for."), {"variant": demand.variant_id}
            )
    waiting = [demand for demand in demands if not isinstance(results[demand.order_key], Refusal)]
    if supply.is_shared:
        drawn = draw(waiting, supply=supply, channel_id=channel_id, at=at, beside=beside)
        _announce(drawn.gone, drawn.back, company_id=company_id, at=at)
        return {key: drawn.results.get(key, found) for key, found in results.items()}
    sold_out: list[Any] = []
    for attempt in range(TRIES):
        plans = planned(waiting, supply)
        results.update((key, out_of_stock(plan, supply=supply)) for key, plan in plans.items() if isinstance(plan, Shortage))
        takes = [(key, take) for key, plan in plans.items() if not isinstance(plan, Shortage) for take in plan]
        if not takes:
            waiting = []
            break
        answer = _take(takes, supply=supply, at=at, patient=attempt == 0, beside=beside)
        settled = _settle(takes, answer, results, supply=supply)
        sold_out += [row for row in answer if row.what == "gone"]
        waiting = [
            demand
            for demand in waiting
            if demand.order_key not in settled
            and demand.demand_id not in settled
            and plans[demand.order_key]
            and not isinstance(plans[demand.order_key], Shortage)
        ]
        if not waiting:
            break
        supply = _refreshed(supply, answer)
    for demand in waiting:
        results[demand.order_key] = out_of_stock(Shortage(variant_id=demand.variant_id, wanted=demand.quantity, available=0), supply=supply)
    _announce(sold_out, (), company_id=company_id, at=at)
    return results


def _announce(gone: Sequence[Any], back: Sequence[Any], *, company_id: int, at: datetime) -> None:
    announce(
        *(
            AvailabilityChanged(
                company_id=company_id, stock_item_id=row.stock_item_id, location_id=row.location_id, is_available=is_available, at=at
            )
            for found, is_available in ((gone, False), (back, True))
            for row in found
        )
    )


def _take(takes: Sequence[tuple[int, Take]], *, supply: Supply, at: datetime, patient: bool, beside: Sequence[int]) -> list[Any]:
    """One statement where nothing stands in the way, else two. Only the first try waits for locks: it holds none yet that a
    later id could follow wrongly.
    """
    shelves = shelves_to_lock([take for _, take in takes], supply=supply, plenty=PLENTY, most=ALTERNATIVES)
    buffers = {shelf.stock_id: shelf.buffer for shelf in shelves}
    plan = {
        "demands": [take.demand_id for _, take in takes],
        "stocks": [take.stock_id for _, take in takes],
        "quantities": [take.quantity for _, take in takes],
        "locks": list(buffers),
        "at": at,
        "good_until": supply.good_until,
        "beside": list(beside),
    }
    particular = supply.good_until is not None
    if particular:
        rows(_LOCK_FIRST.format(patience="" if patient else "NOWAIT"), plan)
    if patient:
        needed: dict[int, int] = {}
        for _, take in takes:
            needed[take.stock_id] = needed.get(take.stock_id, buffers[take.stock_id]) + take.quantity
        done = rows(
            _ALL[particular],
            {
                **plan,
                "items": [take.stock_item_id for _, take in takes],
                "locations": [take.location_id for _, take in takes],
                "shelves": list(needed),
                "needed": list(needed.values()),
            },
        )
        if done:
            return done
    careful = {**plan, "orders": [key for key, _ in takes], "buffers": [buffers[take.stock_id] for _, take in takes]}
    return rows((_WAITING if patient else _AT_ONCE)[particular], careful)


def _settle(
    takes: Sequence[tuple[int, Take]], answer: Sequence[Any], results: dict[int, list[Allocated] | Refusal], *, supply: Supply
) -> set[object]:
    """Write down who has stock now or had it before; answers with the order keys and demand ids that want no more."""
    made = {(row.demand_id, row.stock_item_id, row.location_id): row.id for row in answer if row.what == "made"}
    known: dict[Any, list[Any]] = {}
    for row in answer:
        if row.what == "known":
            known.setdefault(row.demand_id, []).append(row)
    settled: set[object] = set(known)
    left_out: set[int] = set()
    for key, take in takes:
        found = results[key]
        assert isinstance(found, list)
        allocation_id = made.get((take.demand_id, take.stock_item_id, take.location_id))
        if take.demand_id in settled:
            found += [found_again(row, take, supply=supply) for row in known.pop(take.demand_id, ())]
        elif allocation_id is None:
            left_out.add(key)
        else:
            settled.add(key)
            found.append(newly_allocated(take, allocation_id))
    if left_out & settled:
        raise Conflict  # somebody else is allocating some of these very demands: nothing is kept
    return settled


def _refreshed(supply: Supply, answer: Sequence[Any]) -> Supply:
    """The supply with what the locked shelves really hold, less what was just taken from them."""
    free = {row.id: row.quantity for row in answer if row.what == "free"}
    shelves = {
        item: tuple(replace(s, free=max(free[s.stock_id] - s.buffer, 0)) if s.stock_id in free else s for s in row)
        for item, row in supply.shelves.items()
    }
    return replace(supply, shelves=shelves)
