"""Stock is held for carts for some minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from inventory.queries import free_until
from inventory.rules import STATES_OF_LOCKED, Demand, Shortage, Supply, out_of_stock, route

# The holder is the demand: a shelf holds one quantity for it. Rows are locked by id before anything is written.
_RESERVE = f"""
WITH plan AS MATERIALIZED (
    SELECT holder_id, stock_id, sum(quantity)::int AS quantity, max(buffer) AS buffer
    FROM unnest(%(holders)s::uuid[], %(stocks)s::bigint[], %(quantities)s::int[], %(buffers)s::int[])
        AS p (holder_id, stock_id, quantity, buffer)
    GROUP BY holder_id, stock_id
), known AS MATERIALIZED (
    SELECT DISTINCT holder_id FROM inventory_reservation WHERE holder_id = ANY(%(holders)s::uuid[])
), locked AS MATERIALIZED (
    SELECT s.*, {free_until("%(good_until)s::date")} AS free
    FROM inventory_stock s WHERE s.id = ANY(%(stocks)s::bigint[]) ORDER BY s.id FOR UPDATE
), short AS (
    SELECT p.stock_id FROM plan p JOIN locked l ON l.id = p.stock_id
    GROUP BY p.stock_id, l.free HAVING l.free < sum(p.quantity) + max(p.buffer)
), good AS MATERIALIZED (
    SELECT p.* FROM plan p
    WHERE p.holder_id NOT IN (SELECT holder_id FROM plan JOIN short USING (stock_id)) AND p.holder_id NOT IN (SELECT holder_id FROM known)
), held AS (
    INSERT INTO inventory_reservation (holder_id, stock_id, stock_item_id, location_id, quantity, expires_at, good_until)
    SELECT g.holder_id, l.id, l.stock_item_id, l.location_id, g.quantity, %(until)s::timestamptz,
        CASE WHEN l.has_lots THEN %(good_until)s::date END FROM good g JOIN locked l ON l.id = g.stock_id
    ON CONFLICT (holder_id, stock_id) DO NOTHING
    RETURNING holder_id, stock_id, quantity
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated, reserved = l.reserved + h.quantity,
        {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity FROM held GROUP BY stock_id) h JOIN locked l ON l.id = h.stock_id
    WHERE s.id = h.stock_id
)
SELECT DISTINCT holder_id FROM held UNION SELECT holder_id FROM known
"""

_LOCK = "SELECT id FROM inventory_stock WHERE id = ANY(%(stocks)s::bigint[]) ORDER BY id FOR UPDATE"

# A reservation is found by its holder or by its end; nobody waits for one that somebody else is just ending.
_END = """
WITH due AS MATERIALIZED (
    SELECT r.id, r.stock_id, r.quantity FROM inventory_reservation r WHERE {which} ORDER BY r.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), locked AS MATERIALIZED (
    SELECT s.* FROM inventory_stock s WHERE s.id = ANY(ARRAY(SELECT stock_id FROM due)) ORDER BY s.id FOR UPDATE
), ready AS MATERIALIZED (
    SELECT * FROM due WHERE (SELECT count(*) FROM locked) > 0
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated, reserved = l.reserved - d.quantity,
        {states}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity FROM ready GROUP BY stock_id) d JOIN locked l ON l.id = d.stock_id
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
    Refuses with "inventory.out_of_stock". Locks stock by id.
    """
    lines = [
        Demand(order_key=index, demand_id=holder, variant_id=demand.variant_id, quantity=demand.quantity)
        for index, (holder, demands) in enumerate(wants)
        for demand in demands
    ]
    plans = route(lines, supply)
    takes = [take for plan in plans.values() if not isinstance(plan, Shortage) for take in plan]
    buffers = {shelf.stock_id: shelf.buffer for shelves in supply.shelves.values() for shelf in shelves}
    held = set()
    if takes:
        if supply.good_until is not None:  # lots are read by the next statement, when nobody can change them any more
            rows(_LOCK, {"stocks": [take.stock_id for take in takes]})
        answer = rows(
            _RESERVE,
            {
                "holders": [take.demand_id for take in takes],
                "stocks": [take.stock_id for take in takes],
                "quantities": [take.quantity for take in takes],
                "buffers": [buffers[take.stock_id] for take in takes],
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
    """What the holders still have is held until then; answers with the number of reservations. Never shortens one."""
    return run(
        """
        WITH due AS MATERIALIZED (
            SELECT id FROM inventory_reservation
            WHERE holder_id = ANY(%(holders)s::uuid[]) AND expires_at > %(at)s AND expires_at < %(until)s ORDER BY id FOR UPDATE
        )
        UPDATE inventory_reservation r SET expires_at = %(until)s FROM due
        WHERE r.id = due.id AND (SELECT count(*) FROM due) > 0
        """,
        {"holders": list(holder_ids), "at": at, "until": until},
    )


@operation
def end_reservations(holder_ids: Sequence[UUID], *, actor: Actor, at: datetime) -> int:
    """The holders hold nothing any more: bought, emptied or left. Twice changes nothing. Locks reservations, then stock, by id."""
    return len(rows(_END_OF_HOLDERS, {"holders": list(holder_ids), "limit": 2**31 - 1}))


@operation
def expire_reservations(*, actor: Actor, at: datetime, limit: int = 1000) -> int:
    """Reservations past their time end; answers with how many, so that the caller goes on until there are none.

    Several workers may run it at once: each takes what nobody else is ending.
    """
    return len(rows(_END_OF_EXPIRED, {"at": at, "limit": limit}))
