"""What a demand was given of a shelf leaves in several parcels: an allocation is split, and nothing is promised anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from inventory.operations.picking import unpick

# Locks: allocations, then stock, each by id. No counter of the shelf changes: what is allocated of it is the same sum as before.
_SPLIT = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(ids)s::bigint[], %(quantities)s::int[]) AS q (id, quantity)
), held AS MATERIALIZED (
    SELECT a.* FROM inventory_allocation a WHERE a.id = ANY(%(ids)s::bigint[]) AND a.status = 'open' ORDER BY a.id FOR UPDATE
), locked AS MATERIALIZED (
    SELECT s.id, s.has_lots FROM inventory_stock s WHERE s.id = ANY(ARRAY(SELECT stock_id FROM held)) ORDER BY s.id FOR UPDATE
), ready AS MATERIALIZED (
    SELECT held.*, asked.quantity AS off, locked.has_lots, greatest(held.quota_quantity - (held.quantity - asked.quantity), 0) AS drawn,
        (SELECT max(p.part) FROM inventory_allocation p WHERE p.demand_id = held.demand_id AND p.stock_id = held.stock_id)
            + row_number() OVER (PARTITION BY held.demand_id, held.stock_id ORDER BY held.id) AS new_part
    FROM held JOIN asked ON asked.id = held.id JOIN locked ON locked.id = held.stock_id
    WHERE asked.quantity > 0 AND asked.quantity < held.quantity
), less AS (
    UPDATE inventory_allocation a SET quantity = r.quantity - r.off, quota_quantity = r.quota_quantity - r.drawn
    FROM ready r WHERE a.id = r.id
), made AS (
    INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, part, quantity, good_until, quota_id, quota_quantity,
        status, allocated_at)
    SELECT demand_id, stock_id, stock_item_id, location_id, new_part, off, good_until, CASE WHEN drawn > 0 THEN quota_id END, drawn, 'open',
        allocated_at
    FROM ready ORDER BY id RETURNING id, demand_id, stock_id, part
)
SELECT r.id AS of, made.id AS new, r.has_lots FROM ready r
JOIN made ON made.demand_id = r.demand_id AND made.stock_id = r.stock_id AND made.part = r.new_part ORDER BY r.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitAsk:
    """So many pieces of an allocation are to leave in another parcel."""

    allocation_id: int
    quantity: int


@operation
def split_allocations(asks: Sequence[SplitAsk], *, actor: Actor, at: datetime) -> dict[int, int]:
    """Each allocation is made two of the same shelf; answers with the new one by the old one's id.

    What is not open, or has no more than is asked for, is left out and stays as it is. Lots that were picked are chosen anew. One
    statement for the batch, one more where lots are counted. Locks allocations, then stock, each by id.
    """
    if not asks:
        return {}
    found = rows(_SPLIT, {"ids": [ask.allocation_id for ask in asks], "quantities": [ask.quantity for ask in asks]})
    if counted := [row.of for row in found if row.has_lots]:
        unpick(counted)
    return {row.of: row.new for row in found}
