"""Counters are set right from the rows they equal. Look first: ``queries.stock_differences``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import StockRecounted
from inventory.queries import ROWS_OF_SHELVES
from inventory.rules import UNSELLABLE

COUNTERS = ("on_hand", "sellable", "allocated", "reserved", *(state.value for state in UNSELLABLE))

# The sums are read by a second statement, when nobody can change the locked shelves' rows any more.
_LOCK = "SELECT id FROM inventory_stock WHERE id = ANY(%(stocks)s::bigint[]) ORDER BY id FOR UPDATE"
_REPAIR = f"""
WITH {ROWS_OF_SHELVES.format(of="WHERE stock_id = ANY(%(stocks)s::bigint[])", and_of="AND stock_id = ANY(%(stocks)s::bigint[])")}, told AS MATERIALIZED (
    SELECT s.id, s.on_hand, s.sellable, s.allocated, s.reserved, s.value, coalesce(m.value, 0) AS true_value,
        coalesce(d.quantity, 0) AS day_quantity, coalesce(d.value, 0) AS day_value, coalesce(m.on_hand, 0) AS true_on_hand,
        coalesce(m.sellable, 0) AS true_sellable, coalesce(a.allocated, 0) AS true_allocated, coalesce(r.reserved, 0) AS true_reserved,
        {", ".join(f"s.{state}, coalesce(st.{state}, 0) AS true_{state}" for state in UNSELLABLE)}
    FROM inventory_stock s
    LEFT JOIN moved m ON m.stock_id = s.id LEFT JOIN stated st ON st.stock_id = s.id LEFT JOIN promised a ON a.stock_id = s.id
    LEFT JOIN held r ON r.stock_id = s.id LEFT JOIN dayed d ON d.stock_id = s.id
    WHERE s.id = ANY(%(stocks)s::bigint[])
), wrong AS MATERIALIZED (
    SELECT *, true_allocated + true_reserved <= true_sellable AND true_sellable <= true_on_hand AND true_value >= 0 AS is_possible FROM told
    WHERE ({", ".join(COUNTERS)}, value, day_quantity, day_value)
        IS DISTINCT FROM ({", ".join(f"true_{counter}" for counter in COUNTERS)}, true_value, true_on_hand, true_value)
), repaired AS (
    UPDATE inventory_stock s
    SET {", ".join(f"{counter} = w.true_{counter}" for counter in COUNTERS)}, value = w.true_value
    FROM wrong w WHERE s.id = w.id AND w.is_possible
)
SELECT w.*, s.stock_item_id, s.location_id, i.code AS item, l.name AS location, l.company_id
FROM wrong w JOIN inventory_stock s ON s.id = w.id
JOIN inventory_stockitem i ON i.id = s.stock_item_id JOIN inventory_location l ON l.id = s.location_id
ORDER BY w.id
"""
_FORGET_DAYS = "DELETE FROM inventory_stockday WHERE stock_id = ANY(%(stocks)s::bigint[])"
_COUNT_DAYS = """
INSERT INTO inventory_stockday (stock_id, stock_item_id, location_id, day, kind, quantity, value)
SELECT m.stock_id, m.stock_item_id, m.location_id, (m.at AT TIME ZONE c.timezone)::date, m.kind, sum(m.quantity), sum(m.value)
FROM inventory_movement m JOIN inventory_location l ON l.id = m.location_id JOIN core_company c ON c.id = l.company_id
WHERE m.stock_id = ANY(%(stocks)s::bigint[]) AND (m.quantity <> 0 OR m.value <> 0) GROUP BY 1, 2, 3, 4, 5
"""

# The lots of these shelves, where they are counted, from their movements and from what is picked for open allocations.
_NEW_LOTS = """
INSERT INTO inventory_stocklot (stock_id, lot_id)
SELECT DISTINCT m.stock_id, m.lot_id FROM inventory_movement m JOIN inventory_stock s ON s.id = m.stock_id AND s.has_lots
WHERE m.stock_id = ANY(%(stocks)s::bigint[]) ORDER BY 1, 2 ON CONFLICT (stock_id, lot_id) DO NOTHING
"""
_LOTS = f"""
UPDATE inventory_stocklot sl
SET on_hand = w.on_hand, sellable = w.sellable, picked = w.picked, {", ".join(f"{state} = w.{state}" for state in UNSELLABLE)}
FROM (
    SELECT own.id, coalesce(m.on_hand, 0) AS on_hand, coalesce(m.sellable, 0) AS sellable, coalesce(p.picked, 0) AS picked,
        {", ".join(f"coalesce(m.{state}, 0) AS {state}" for state in UNSELLABLE)}
    FROM inventory_stocklot own LEFT JOIN (
        SELECT stock_id, lot_id, sum(quantity)::int AS on_hand, sum(sellable_quantity)::int AS sellable,
            {", ".join(f"coalesce(sum(quantity - sellable_quantity) FILTER (WHERE state = '{state}'), 0)::int AS {state}" for state in UNSELLABLE)}
        FROM inventory_movement WHERE stock_id = ANY(%(stocks)s::bigint[]) GROUP BY stock_id, lot_id
    ) m ON m.stock_id = own.stock_id AND m.lot_id IS NOT DISTINCT FROM own.lot_id LEFT JOIN (
        SELECT a.stock_id, p.lot_id, sum(p.quantity)::int AS picked FROM inventory_allocation a JOIN inventory_pick p ON p.allocation_id = a.id
        WHERE a.status = 'open' AND a.stock_id = ANY(%(stocks)s::bigint[]) GROUP BY a.stock_id, p.lot_id
    ) p ON p.stock_id = own.stock_id AND p.lot_id IS NOT DISTINCT FROM own.lot_id
    WHERE own.stock_id = ANY(%(stocks)s::bigint[])
) w
WHERE sl.id = w.id AND w.picked <= w.sellable AND w.sellable <= w.on_hand
  AND (sl.on_hand, sl.sellable, sl.picked, {", ".join(f"sl.{state}" for state in UNSELLABLE)})
      IS DISTINCT FROM (w.on_hand, w.sellable, w.picked, {", ".join(f"w.{state}" for state in UNSELLABLE)})
RETURNING sl.stock_id
"""
_COUNTERS = "SELECT id, on_hand, sellable, allocated, reserved, value FROM inventory_stock WHERE id = ANY(%(stocks)s::bigint[]) ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted:
    """The counters of a shelf equal its rows again."""

    stock_id: int
    on_hand: int
    sellable: int
    allocated: int
    reserved: int
    value: int = 0


@operation
def recount_stock(stock_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Recounted | Refusal]:
    """The counters and days of these shelves equal their movements, allocations and reservations; one result per shelf that differed.

    Where lots are counted, they equal their movements and picks too. Eight statements at most. Locks stock by id. A shelf whose
    rows promise more than there is stays as it is and is refused with
    "inventory.cannot_recount": correct the stock or release an allocation first. Announces StockRecounted.
    """
    if not stock_ids:
        return []
    asked = {"stocks": list(stock_ids)}
    rows(_LOCK, asked)
    wrong = rows(_REPAIR, asked)
    if wrong:
        run(_FORGET_DAYS, {"stocks": [row.id for row in wrong]})
        run(_COUNT_DAYS, {"stocks": [row.id for row in wrong]})
    run(_NEW_LOTS, asked)
    by_lot = {row.stock_id for row in rows(_LOTS, asked)} - {row.id for row in wrong}
    announce(
        *(
            StockRecounted(
                company_id=row.company_id,
                stock_item_id=row.stock_item_id,
                location_id=row.location_id,
                before=tuple(getattr(row, counter) for counter in COUNTERS),
                after=tuple(getattr(row, f"true_{counter}") for counter in COUNTERS),
                value_before=row.value,
                value_after=row.true_value,
                at=at,
            )
            for row in wrong
            if row.is_possible
        )
    )
    recounted = rows(_COUNTERS, {"stocks": sorted(by_lot)}) if by_lot else []
    return [
        *(_repaired(row) if row.is_possible else _impossible(row) for row in wrong),
        *(
            Recounted(stock_id=r.id, on_hand=r.on_hand, sellable=r.sellable, allocated=r.allocated, reserved=r.reserved, value=r.value)
            for r in recounted
        ),
    ]


def _repaired(row: Any) -> Recounted:
    return Recounted(
        stock_id=row.id,
        on_hand=row.true_on_hand,
        sellable=row.true_sellable,
        allocated=row.true_allocated,
        reserved=row.true_reserved,
        value=row.true_value,
    )


def _impossible(row: Any) -> Refusal:
    return Refusal(
        "inventory.cannot_recount",
        gettext_noop(
            "%(item)s at %(location)s promises more than its movements hold: %(promised)s of %(sellable)s."
            " Correct the stock or release an allocation, then count again."
        ),
        {
            "item": row.item,
            "location": row.location,
            "promised": row.true_allocated + row.true_reserved,
            "sellable": row.true_sellable,
        },
    )
