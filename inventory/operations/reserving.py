"""Stock is held for carts for some minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from inventory.queries import drawable, keeps_until, planned
from inventory.rules import STATES_OF_LOCKED, Demand, Shortage, Supply, out_of_stock

# The holder is the demand: a shelf holds one quantity for it. Locks: quotas, then stock, each by id, before anything is written.
# A channel's own quota is drawn on first (ADR 0016).
_RESERVE = f"""
WITH plan AS MATERIALIZED (
    SELECT holder_id, stock_id, sum(quantity)::int AS quantity, max(buffer) AS buffer
    FROM unnest(%(holders)s::uuid[], %(stocks)s::bigint[], %(quantities)s::int[], %(buffers)s::int[])
        AS p (holder_id, stock_id, quantity, buffer)
    GROUP BY holder_id, stock_id
), known AS MATERIALIZED (
    SELECT DISTINCT holder_id FROM inventory_reservation WHERE holder_id = ANY(%(holders)s::uuid[])
), quota AS MATERIALIZED (
    SELECT q.id, q.stock_id, q.quantity, q.remaining FROM inventory_stockquota q
    WHERE q.id = ANY(%(quotas)s::bigint[]) AND q.ended_at IS NULL ORDER BY q.id FOR UPDATE
), locked AS MATERIALIZED (
    SELECT s.*, s.sellable - s.allocated - s.reserved AS free, {keeps_until("%(good_until)s::date")} AS keeps
    FROM inventory_stock s WHERE s.id = ANY(%(stocks)s::bigint[]) AND (SELECT count(*) FROM quota) >= 0 ORDER BY s.id FOR UPDATE
), shelf AS MATERIALIZED (
    SELECT l.*, q.id AS quota_id, coalesce(q.remaining, 0) AS remaining FROM locked l LEFT JOIN quota q ON q.stock_id = l.id
), short AS (
    SELECT l.id AS stock_id FROM (SELECT stock_id, sum(quantity) AS quantity, max(buffer) AS buffer FROM plan GROUP BY stock_id) p
    JOIN shelf l ON l.id = p.stock_id WHERE {drawable("l.free", "l.keeps", "p.buffer", "l.remaining")} < p.quantity
), good AS MATERIALIZED (
    SELECT p.*, sum(p.quantity) OVER (PARTITION BY p.stock_id ORDER BY p.holder_id) - p.quantity AS before FROM plan p
    WHERE p.holder_id NOT IN (SELECT holder_id FROM plan JOIN short USING (stock_id)) AND p.holder_id NOT IN (SELECT holder_id FROM known)
), held AS (
    INSERT INTO inventory_reservation (holder_id, stock_id, stock_item_id, location_id, quantity, quota_id, quota_quantity, expires_at,
        good_until)
    SELECT g.holder_id, l.id, l.stock_item_id, l.location_id, g.quantity, CASE WHEN l.remaining > g.before THEN l.quota_id END,
        greatest(0, least(g.quantity, l.remaining - g.before)), %(until)s::timestamptz, CASE WHEN l.has_lots THEN %(good_until)s::date END
    FROM good g JOIN shelf l ON l.id = g.stock_id
    ON CONFLICT (holder_id, stock_id) DO NOTHING
    RETURNING holder_id, stock_id, quantity, quota_id, quota_quantity
), drawn AS (
    UPDATE inventory_stockquota q SET quantity = k.quantity, remaining = k.remaining - h.quantity
    FROM (SELECT quota_id, sum(quota_quantity)::int AS quantity FROM held GROUP BY quota_id) h JOIN quota k ON k.id = h.quota_id
    WHERE q.id = k.id
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated, reserved = l.reserved + h.quantity,
        {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(quantity - quota_quantity)::int AS quantity FROM held GROUP BY stock_id) h JOIN locked l ON l.id = h.stock_id
    WHERE s.id = h.stock_id
)
SELECT DISTINCT holder_id FROM held UNION SELECT holder_id FROM known
"""

_LOCK = """
WITH quota AS MATERIALIZED (
    SELECT q.id FROM inventory_stockquota q WHERE q.id = ANY(%(quotas)s::bigint[]) AND q.ended_at IS NULL ORDER BY q.id FOR UPDATE
)
SELECT id FROM inventory_stock WHERE id = ANY(%(stocks)s::bigint[]) AND (SELECT count(*) FROM quota) >= 0 ORDER BY id FOR UPDATE
"""

# A reservation is found by its holder or by its end; nobody waits for one that somebody else is just ending. What came from a
# quota that still lives goes back to it. Locks: reservations, quotas, then stock, each by id.
_END = """
WITH due AS MATERIALIZED (
    SELECT r.id, r.stock_id, r.quantity, r.quota_id, r.quota_quantity
    FROM inventory_reservation r WHERE {which} ORDER BY r.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), quota AS MATERIALIZED (
    SELECT q.id, q.quantity, q.remaining FROM inventory_stockquota q
    WHERE q.id = ANY(ARRAY(SELECT quota_id FROM due WHERE quota_id IS NOT NULL)) AND q.ended_at IS NULL ORDER BY q.id FOR UPDATE
), locked AS MATERIALIZED (
    SELECT s.* FROM inventory_stock s
    WHERE s.id = ANY(ARRAY(SELECT stock_id FROM due)) AND (SELECT count(*) FROM quota) >= 0 ORDER BY s.id FOR UPDATE
), ready AS MATERIALIZED (
    SELECT due.*, CASE WHEN quota.id IS NULL THEN 0 ELSE due.quota_quantity END AS back FROM due LEFT JOIN quota ON quota.id = due.quota_id
    WHERE (SELECT count(*) FROM locked) > 0
), returned AS (
    UPDATE inventory_stockquota q SET quantity = k.quantity, remaining = k.remaining + d.back
    FROM (SELECT quota_id, sum(back)::int AS back FROM ready GROUP BY quota_id) d JOIN quota k ON k.id = d.quota_id
    WHERE q.id = k.id
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated, reserved = l.reserved - d.quantity,
        {states}
    FROM (SELECT stock_id, sum(quantity - back)::int AS quantity FROM ready GROUP BY stock_id) d JOIN locked l ON l.id = d.stock_id
    WHERE s.id = d.stock_id
)
DELETE FROM inventory_reservation r USING ready WHERE r.id = ready.id RETURNING r.id
"""
_END_OF_HOLDERS = _END.format(which="r.holder_id = ANY(%(holders)s::uuid[])", states=STATES_OF_LOCKED).replace(" SKIP LOCKED", "")
_END_OF_EXPIRED = _END.format(which="r.expires_at <= %(at)s::timestamptz", states=STATES_OF_LOCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The holder has its stock until then."""

    holder_id: UUID
    until: datetime


@operation
def reserve_stock(
    wants: Sequence[tuple[UUID, Sequence[Demand]]], *, supply: Supply, until: datetime, actor: Actor, at: datetime
) -> list[Reserved | Refusal]:
    """Every holder has all it wants held until then, or nothing; one result per holder, in one statement (two
    where the channel wants goods to keep until a day).

    ``supply`` as for ``allocate``. A holder that has reservations already keeps them as they are (extend or end them).
    A quota of the channel is drawn on first. Refuses with "inventory.out_of_stock". Locks quotas, then stock, by id.
    """
    lines = [replace(demand, order_key=index, demand_id=holder) for index, (holder, demands) in enumerate(wants) for demand in demands]
    plans = planned(lines, supply)
    takes = [take for plan in plans.values() if not isinstance(plan, Shortage) for take in plan]
    shelves = {shelf.stock_id: shelf for row in supply.shelves.values() for shelf in row}
    quotas = list({quota for take in takes if (quota := shelves[take.stock_id].quota_id) is not None})
    held = set()
    if takes:
        if supply.good_until is not None:  # lots are read by the next statement, when nobody can change them any more
            rows(_LOCK, {"stocks": [take.stock_id for take in takes], "quotas": quotas})
        answer = rows(
            _RESERVE,
            {
                "holders": [take.demand_id for take in takes],
                "stocks": [take.stock_id for take in takes],
                "quantities": [take.quantity for take in takes],
                "buffers": [shelves[take.stock_id].buffer for take in takes],
                "quotas": quotas,
                "until": until,
                "good_until": supply.good_until,
            },
        )
        held = {row.holder_id for row in answer}
    results: list[Reserved | Refusal] = []
    for index, (holder, demands) in enumerate(wants):
        plan = plans.get(index, ())
        if holder in held or plan == ():
            results.append(Reserved(holder_id=holder, until=until))
            continue
        short = plan if isinstance(plan, Shortage) else Shortage(variant_id=demands[0].variant_id, wanted=demands[0].quantity, available=0)
        results.append(out_of_stock(short, supply=supply))
    return results


@operation
def extend_reservations(holder_ids: Sequence[UUID], *, until: datetime, actor: Actor, at: datetime) -> int:
    """What the holders still have is held until then; answers with the number of reservations. Never shortens one.

    One past its time that nobody has ended yet is still there to be extended. How long a holder may go on so is up to the caller.
    """
    return run(
        """
        WITH due AS MATERIALIZED (
            SELECT id FROM inventory_reservation
            WHERE holder_id = ANY(%(holders)s::uuid[]) AND expires_at < %(until)s ORDER BY id FOR UPDATE
        )
        UPDATE inventory_reservation r SET expires_at = %(until)s FROM due
        WHERE r.id = due.id AND (SELECT count(*) FROM due) > 0
        """,
        {"holders": list(holder_ids), "until": until},
    )


@operation
def end_reservations(holder_ids: Sequence[UUID], *, actor: Actor, at: datetime) -> int:
    """The holders hold nothing any more: bought, emptied or left. Twice changes nothing. Locks reservations, quotas, stock, by id."""
    return len(rows(_END_OF_HOLDERS, {"holders": list(holder_ids), "limit": 2**31 - 1}))


@operation
def expire_reservations(*, actor: Actor, at: datetime, limit: int = 1000) -> int:
    """Reservations past their time end; answers with how many, so that the caller goes on until there are none.

    Several workers may run it at once: each takes what nobody else is ending.
    """
    return len(rows(_END_OF_EXPIRED, {"at": at, "limit": limit}))
