"""Stock is promised to demands whose checkout holds it already, or whose channel has a quota of its own: the rarer way of ``allocate``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import rows
from core.errors import Conflict, Refusal
from inventory.queries import drawable as drawable_sql
from inventory.queries import keeps_until, planned
from inventory.rules import (
    STATES_OF_LOCKED,
    Allocated,
    Demand,
    Shortage,
    Supply,
    Take,
    drawable,
    out_of_stock,
    shelves_to_lock,
)

PLENTY = 50
"""A shelf holding so many more than planned is locked alone, without its alternatives."""
ALTERNATIVES = 12
"""So many alternatives per stock item are locked beside a shelf that might run short."""
TRIES = 3

# All orders or none. Locks: reservations, quotas, then stock, each by id and all before the first write (ADR 0016). What a
# checkout of these orders holds goes back first, to the quota it came from or to everybody; then each taking draws on the
# channel's quota before it draws on what everybody may have. The counter on the locked shelf already leaves out every quota, so
# nobody can eat another channel's, whatever was read before. Where the channel wants goods to keep until a day, no more is taken
# than keeps so long: a quota sets pieces aside, not lots. What the checkouts hold is not counted as promised to somebody else.
_DRAW = """
WITH plan AS MATERIALIZED (
    SELECT p.*, sum(quantity) OVER (PARTITION BY stock_id ORDER BY place) - quantity AS before
    FROM unnest(%(demands)s::uuid[], %(stocks)s::bigint[], %(items)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[],
        %(buffers)s::int[]) WITH ORDINALITY AS p (demand_id, stock_id, stock_item_id, location_id, quantity, buffer, place)
), known AS MATERIALIZED (
    SELECT a.id, a.demand_id, a.stock_item_id, a.location_id, a.quantity
    FROM inventory_allocation a WHERE a.demand_id = ANY(%(demands)s::uuid[]) AND a.status <> 'released' AND a.id <> ALL(%(beside)s::bigint[])
), held AS MATERIALIZED (
    SELECT r.id, r.stock_id, r.quantity, r.quota_id, r.quota_quantity
    FROM inventory_reservation r WHERE r.holder_id = ANY(%(holders)s::uuid[]) ORDER BY r.id FOR UPDATE {patience}
), quota AS MATERIALIZED (
    SELECT q.id, q.stock_id, q.channel_id, q.quantity, q.remaining FROM inventory_stockquota q
    WHERE q.ended_at IS NULL AND q.id = ANY(ARRAY(SELECT unnest(%(quotas)s::bigint[]) UNION SELECT quota_id FROM held))
    ORDER BY q.id FOR UPDATE {patience}
), locked AS MATERIALIZED (
    SELECT s.*, {keeps} AS keeps FROM inventory_stock s
    WHERE s.id = ANY(ARRAY(SELECT unnest(%(locks)s::bigint[]) UNION SELECT stock_id FROM held)) AND (SELECT count(*) FROM quota) >= 0
    ORDER BY s.id FOR UPDATE {patience}
), back AS MATERIALIZED (
    SELECT held.stock_id, quota.id AS quota_id, held.quantity, CASE WHEN quota.id IS NULL THEN 0 ELSE held.quota_quantity END AS drawn
    FROM held LEFT JOIN quota ON quota.id = held.quota_id
), shelf AS MATERIALIZED (
    SELECT l.*, l.sellable - l.allocated - l.reserved AS free, q.id AS quota_id, coalesce(q.remaining, 0) AS remaining,
        coalesce((SELECT sum(quantity) FROM back WHERE back.stock_id = l.id), 0)::int AS held,
        coalesce((SELECT sum(drawn) FROM back WHERE back.stock_id = l.id), 0)::int AS back,
        coalesce((SELECT sum(drawn) FROM back WHERE back.quota_id = q.id), 0)::int AS quota_back
    FROM locked l LEFT JOIN quota q ON q.stock_id = l.id AND q.channel_id = %(channel)s::bigint
), verdict AS MATERIALIZED (
    SELECT NOT EXISTS (SELECT FROM known) AND NOT EXISTS (
        SELECT FROM (SELECT stock_id, sum(quantity) AS wanted, max(buffer) AS buffer FROM plan GROUP BY stock_id) n
        LEFT JOIN shelf ON shelf.id = n.stock_id
        WHERE n.wanted > coalesce(least(shelf.held + {drawable}, shelf.keeps), 0)
    ) AS nothing_in_the_way
), made AS (
    INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, quota_id, quota_quantity, allocated_at,
        good_until)
    SELECT p.demand_id, p.stock_id, p.stock_item_id, p.location_id, p.quantity, CASE WHEN t.drawn > 0 THEN shelf.quota_id END, t.drawn,
        %(at)s::timestamptz, CASE WHEN shelf.has_lots THEN %(good_until)s::date END
    FROM verdict, plan p JOIN shelf ON shelf.id = p.stock_id,
        LATERAL (SELECT greatest(0, least(p.quantity, shelf.remaining + shelf.quota_back - p.before))::int AS drawn) t
    WHERE nothing_in_the_way
    ORDER BY p.place
    ON CONFLICT (demand_id, stock_id, part) WHERE status = 'open' DO NOTHING
    RETURNING id, demand_id, stock_id, stock_item_id, location_id, quantity, quota_id, quota_quantity
), freed AS (
    DELETE FROM inventory_reservation r USING held, verdict WHERE r.id = held.id AND nothing_in_the_way
), drawn AS (
    UPDATE inventory_stockquota q
    SET quantity = k.quantity, remaining = k.remaining + coalesce((SELECT sum(drawn) FROM back WHERE back.quota_id = k.id), 0)
        - coalesce((SELECT sum(quota_quantity) FROM made WHERE made.quota_id = k.id), 0)
    FROM quota k, verdict WHERE q.id = k.id AND nothing_in_the_way
), taken AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated + coalesce(m.quantity, 0),
        reserved = l.reserved - l.held + l.back - coalesce(m.drawn, 0), {states}
    FROM shelf l
        LEFT JOIN (SELECT stock_id, sum(quantity)::int AS quantity, sum(quota_quantity)::int AS drawn FROM made GROUP BY stock_id) m
        ON m.stock_id = l.id, verdict
    WHERE s.id = l.id AND nothing_in_the_way AND (m.quantity IS NOT NULL OR l.held > 0)
    RETURNING s.id, s.stock_item_id, s.location_id, s.sellable - s.allocated - s.reserved AS free, l.free AS before
)
SELECT 'made' AS what, id, demand_id, stock_item_id, location_id, quantity, NULL::int AS own, NULL::int AS keeps FROM made
UNION ALL SELECT 'known', id, demand_id, stock_item_id, location_id, quantity, NULL, NULL FROM known
UNION ALL SELECT 'gone', id, NULL, stock_item_id, location_id, free, NULL, NULL FROM taken WHERE free = 0
UNION ALL SELECT 'back', id, NULL, stock_item_id, location_id, free, NULL, NULL FROM taken WHERE free > 0 AND before = 0
UNION ALL SELECT 'shelf', shelf.id, NULL, shelf.stock_item_id, shelf.location_id, coalesce(t.free, shelf.free),
    CASE WHEN t.id IS NULL THEN remaining ELSE remaining + quota_back
        - coalesce((SELECT sum(quota_quantity) FROM made WHERE made.stock_id = shelf.id), 0)::int END,
    keeps - CASE WHEN t.id IS NULL THEN held ELSE coalesce((SELECT sum(quantity) FROM made WHERE made.stock_id = shelf.id), 0)::int END
    FROM shelf LEFT JOIN taken t ON t.id = shelf.id
"""
_OF_SHELF = drawable_sql("shelf.free", "shelf.keeps - shelf.held", "n.buffer", "shelf.remaining")
_ANYBODY = {"keeps": "NULL::int", "drawable": _OF_SHELF, "states": STATES_OF_LOCKED}
_PARTICULAR = {**_ANYBODY, "keeps": keeps_until("%(good_until)s::date", but_held_by="%(holders)s::uuid[]")}
# By whether somebody is particular about the day. They read lots, so they want everything locked by a statement before.
_WAITING = {False: _DRAW.format(**_ANYBODY, patience=""), True: _DRAW.format(**_PARTICULAR, patience="")}
_AT_ONCE = {False: _DRAW.format(**_ANYBODY, patience="NOWAIT"), True: _DRAW.format(**_PARTICULAR, patience="NOWAIT")}
_LOCK_FIRST = """
WITH held AS MATERIALIZED (
    SELECT r.id, r.stock_id, r.quota_id
    FROM inventory_reservation r WHERE r.holder_id = ANY(%(holders)s::uuid[]) ORDER BY r.id FOR UPDATE {patience}
), quota AS MATERIALIZED (
    SELECT q.id FROM inventory_stockquota q
    WHERE q.ended_at IS NULL AND q.id = ANY(ARRAY(SELECT unnest(%(quotas)s::bigint[]) UNION SELECT quota_id FROM held))
    ORDER BY q.id FOR UPDATE {patience}
)
SELECT s.id FROM inventory_stock s
WHERE s.id = ANY(ARRAY(SELECT unnest(%(locks)s::bigint[]) UNION SELECT stock_id FROM held)) AND (SELECT count(*) FROM quota) >= 0
ORDER BY s.id FOR UPDATE {patience}
"""

Result = list[Allocated] | Refusal


@dataclass(frozen=True, slots=True)
class Drawn:
    """The result of every order, and the shelves where the last free piece went or one came back."""

    results: dict[int, Result]
    gone: list[Any]
    back: list[Any]


def draw(demands: Sequence[Demand], *, supply: Supply, channel_id: int, at: datetime, beside: Sequence[int] = ()) -> Drawn:
    """Allocate orders whose shelves have holds or quotas: all together, else, where somebody was quicker, one after the other."""
    done = Drawn({}, [], [])
    rest, supply = _try(demands, done, supply=supply, channel_id=channel_id, at=at, patient=True, beside=beside)
    orders: dict[int, list[Demand]] = {}
    for demand in rest:
        orders.setdefault(demand.order_key, []).append(demand)
    for wanted in orders.values():
        for _attempt in range(TRIES):
            wanted, supply = _try(wanted, done, supply=supply, channel_id=channel_id, at=at, patient=False, beside=beside)
            if not wanted:
                break
        if wanted:
            short = Shortage(variant_id=wanted[0].variant_id, wanted=wanted[0].quantity, available=0)
            done.results[wanted[0].order_key] = out_of_stock(short, supply=supply)
    return done


def _try(
    demands: Sequence[Demand], done: Drawn, *, supply: Supply, channel_id: int, at: datetime, patient: bool, beside: Sequence[int]
) -> tuple[list[Demand], Supply]:
    """Plan and take for all these orders; answers with what still waits, and the supply as it is now."""
    plans = planned(demands, supply)
    for key, plan in plans.items():
        if isinstance(plan, Shortage):
            done.results[key] = out_of_stock(plan, supply=supply)
        else:
            done.results.setdefault(key, [])
    takes = [(key, take) for key, plan in plans.items() if not isinstance(plan, Shortage) for take in plan]
    if not takes:
        return [], supply
    served = {key for key, _ in takes}
    holders = {d.holder_id for d in demands if d.order_key in served and d.holder_id in supply.holds}
    answer = _take(
        takes, [h for h in holders if h is not None], supply=supply, channel_id=channel_id, at=at, patient=patient, beside=beside
    )
    done.gone.extend(row for row in answer if row.what == "gone")
    done.back.extend(row for row in answer if row.what == "back")
    made = {(row.demand_id, row.stock_item_id, row.location_id): row.id for row in answer if row.what == "made"}
    if made:
        if len(made) < len(takes):
            raise Conflict  # somebody else is allocating some of these very demands: nothing is kept
        for key, take in takes:
            found = done.results[key]
            assert isinstance(found, list)
            found.append(newly_allocated(take, made[take.demand_id, take.stock_item_id, take.location_id]))
        kept = {holder: of_holder for holder, of_holder in supply.holds.items() if holder not in holders}
        return [], replace(_refreshed(supply, answer), holds=kept)
    known = _known(takes, answer, done, supply=supply)
    return [d for d in demands if d.order_key in served and d.demand_id not in known], _refreshed(supply, answer)


def _take(
    takes: Sequence[tuple[int, Take]],
    holders: Sequence[UUID],
    *,
    supply: Supply,
    channel_id: int,
    at: datetime,
    patient: bool,
    beside: Sequence[int],
) -> list[Any]:
    shelves = shelves_to_lock([take for _, take in takes], supply=supply, plenty=PLENTY, most=ALTERNATIVES)
    buffers = {shelf.stock_id: shelf.buffer for shelf in shelves}
    plan = {
        "demands": [take.demand_id for _, take in takes],
        "stocks": [take.stock_id for _, take in takes],
        "items": [take.stock_item_id for _, take in takes],
        "locations": [take.location_id for _, take in takes],
        "quantities": [take.quantity for _, take in takes],
        "buffers": [buffers[take.stock_id] for _, take in takes],
        "locks": list(buffers),
        "quotas": [shelf.quota_id for shelf in shelves if shelf.quota_id is not None],
        "holders": list(holders),
        "channel": channel_id,
        "at": at,
        "good_until": supply.good_until,
        "beside": list(beside),
    }
    particular = supply.good_until is not None
    if particular:
        rows(_LOCK_FIRST.format(patience="" if patient else "NOWAIT"), plan)
    return rows((_WAITING if patient else _AT_ONCE)[particular], plan)


def newly_allocated(take: Take, allocation_id: int) -> Allocated:
    """What a demand has got now."""
    return Allocated(
        allocation_id=allocation_id,
        demand_id=take.demand_id,
        variant_id=take.variant_id,
        stock_item_id=take.stock_item_id,
        location_id=take.location_id,
        quantity=take.quantity,
        line_quantity=take.line_quantity,
    )


def found_again(row: Any, take: Take, *, supply: Supply) -> Allocated:
    """What a demand had from before."""
    per_unit = next((part.quantity for part in supply.parts[take.variant_id] if part.stock_item_id == row.stock_item_id), 1)
    return Allocated(
        allocation_id=row.id,
        demand_id=row.demand_id,
        variant_id=take.variant_id,
        stock_item_id=row.stock_item_id,
        location_id=row.location_id,
        quantity=row.quantity,
        line_quantity=row.quantity // per_unit,
    )


def _known(takes: Sequence[tuple[int, Take]], answer: Sequence[Any], done: Drawn, *, supply: Supply) -> set[UUID]:
    """Demands that have their stock from before are answered with it."""
    found: dict[UUID, list[Any]] = {}
    for row in answer:
        if row.what == "known":
            found.setdefault(row.demand_id, []).append(row)
    for key, take in {take.demand_id: (key, take) for key, take in takes if take.demand_id in found}.values():
        result = done.results[key]
        assert isinstance(result, list)
        result += [found_again(row, take, supply=supply) for row in found[take.demand_id]]
    return set(found)


def _refreshed(supply: Supply, answer: Sequence[Any]) -> Supply:
    """The supply with what the locked shelves and quotas really have."""
    now = {row.id: row for row in answer if row.what == "shelf"}
    shelves = {
        item: tuple(
            replace(s, free=drawable(told.quantity, keeps=told.keeps, buffer=s.buffer, own=told.own))
            if (told := now.get(s.stock_id))
            else s
            for s in row
        )
        for item, row in supply.shelves.items()
    }
    return replace(supply, shelves=shelves)
