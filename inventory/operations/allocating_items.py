"""Stock items themselves are promised to demands at one location: leaflets, samples and whatever else is not sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows
from core.outbox import announce
from inventory.events import AvailabilityChanged
from inventory.rules import STATES_OF_LOCKED

# As ``allocate``: rows are locked in the order of their ids before anything is written, and every counter is set from the locked row
# (ADR 0005). What a shelf cannot serve any more is left out, in the order of the demands.
_ALLOCATE = f"""
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(demands)s::uuid[], %(items)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[])
        WITH ORDINALITY AS q (demand_id, stock_item_id, location_id, quantity, place)
), known AS MATERIALIZED (
    SELECT a.id, a.demand_id FROM inventory_allocation a WHERE a.demand_id = ANY(%(demands)s::uuid[]) AND a.status <> 'released'
), locked AS MATERIALIZED (
    SELECT s.*, s.sellable - s.allocated - s.reserved AS free FROM inventory_stock s
    WHERE (s.stock_item_id, s.location_id) IN (SELECT stock_item_id, location_id FROM asked) ORDER BY s.id FOR UPDATE
), fitting AS MATERIALIZED (
    SELECT asked.demand_id, asked.quantity, l.id AS stock_id, l.stock_item_id, l.location_id, asked.place,
        sum(asked.quantity) OVER (PARTITION BY l.id ORDER BY asked.place) <= l.free AS fits
    FROM asked JOIN locked l ON l.stock_item_id = asked.stock_item_id AND l.location_id = asked.location_id
    WHERE asked.demand_id NOT IN (SELECT demand_id FROM known)
), made AS (
    INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, allocated_at)
    SELECT demand_id, stock_id, stock_item_id, location_id, quantity, %(at)s::timestamptz FROM fitting WHERE fits ORDER BY place
    ON CONFLICT (demand_id, stock_id, part) WHERE status = 'open' DO NOTHING
    RETURNING id, demand_id, stock_id, quantity
), taken AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated + m.quantity, reserved = l.reserved, {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity FROM made GROUP BY stock_id) m JOIN locked l ON l.id = m.stock_id
    WHERE s.id = m.stock_id
    RETURNING s.stock_item_id, s.location_id, s.sellable - s.allocated - s.reserved AS free
)
SELECT 'made' AS what, id, demand_id, NULL::bigint AS stock_item_id, NULL::bigint AS location_id FROM made
UNION ALL SELECT 'known', id, demand_id, NULL, NULL FROM known
UNION ALL SELECT 'gone', NULL, NULL, stock_item_id, location_id FROM taken WHERE free = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDemand:
    """So many pieces of a stock item at a location, for whoever the demand id means."""

    demand_id: UUID
    stock_item_id: int
    location_id: int
    quantity: int


@operation
def allocate_items(demands: Sequence[ItemDemand], *, company_id: int, actor: Actor, at: datetime) -> dict[UUID, int]:
    """The demands that can be served have their pieces allocated: the allocation by demand; those that are short are missing.

    One statement, and one to announce. Nothing comes from what quotas and checkouts hold. Repeating it answers with the allocations
    there are. Locks stock by id. Announces AvailabilityChanged where the last free piece went.
    """
    if not demands:
        return {}
    found = rows(
        _ALLOCATE,
        {
            "demands": [one.demand_id for one in demands], "items": [one.stock_item_id for one in demands],
            "locations": [one.location_id for one in demands], "quantities": [one.quantity for one in demands], "at": at,
        },
    )  # fmt: skip
    announce(
        *(
            AvailabilityChanged(
                company_id=company_id, stock_item_id=row.stock_item_id, location_id=row.location_id, is_available=False, at=at
            )
            for row in found
            if row.what == "gone"
        )
    )
    return {row.demand_id: row.id for row in found if row.what != "gone"}
