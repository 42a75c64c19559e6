"""Counters are set right from the rows they equal. Look first: ``queries.stock_differences``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import StockRecounted
from inventory.queries import ROWS_OF_SHELVES

# The sums are read by a second statement, when nobody can change the locked shelves' rows any more.
_LOCK = "SELECT id FROM inventory_stock WHERE id = ANY(%(stocks)s::bigint[]) ORDER BY id FOR UPDATE"
_REPAIR = f"""
WITH {ROWS_OF_SHELVES.format(of="WHERE stock_id = ANY(%(stocks)s::bigint[])", and_of="AND stock_id = ANY(%(stocks)s::bigint[])")}, told AS MATERIALIZED (
    SELECT s.id, s.on_hand, s.sellable, s.allocated, s.reserved, s.value, coalesce(m.value, 0) AS true_value,
        coalesce(d.quantity, 0) AS day_quantity, coalesce(d.value, 0) AS day_value, coalesce(m.on_hand, 0) AS true_on_hand,
        coalesce(m.sellable, 0) AS true_sellable, coalesce(a.allocated, 0) AS true_allocated, coalesce(r.reserved, 0) AS true_reserved
    FROM inventory_stock s
    LEFT JOIN moved m ON m.stock_id = s.id LEFT JOIN promised a ON a.stock_id = s.id LEFT JOIN held r ON r.stock_id = s.id
    LEFT JOIN dayed d ON d.stock_id = s.id
    WHERE s.id = ANY(%(stocks)s::bigint[])
), wrong AS MATERIALIZED (
    SELECT *, true_allocated + true_reserved <= true_sellable AND true_sellable <= true_on_hand AND true_value >= 0 AS is_possible FROM told
    WHERE (on_hand, sellable, allocated, reserved, value, day_quantity, day_value)
        IS DISTINCT FROM (true_on_hand, true_sellable, true_allocated, true_reserved, true_value, true_on_hand, true_value)
), repaired AS (
    UPDATE inventory_stock s
    SET on_hand = w.true_on_hand, sellable = w.true_sellable, allocated = w.true_allocated, reserved = w.true_reserved,
        value = w.true_value
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

    Five statements at most. Locks stock by id. A shelf whose rows promise more than there is stays as it is and is refused with
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
    announce(
        *(
            StockRecounted(
                company_id=row.company_id,
                stock_item_id=row.stock_item_id,
                location_id=row.location_id,
                before=(row.on_hand, row.sellable, row.allocated, row.reserved),
                after=(row.true_on_hand, row.true_sellable, row.true_allocated, row.true_reserved),
                value_before=row.value,
                value_after=row.true_value,
                at=at,
            )
            for row in wrong
            if row.is_possible
        )
    )
    return [
        Recounted(
            stock_id=row.id,
            on_hand=row.true_on_hand,
            sellable=row.true_sellable,
            allocated=row.true_allocated,
            reserved=row.true_reserved,
            value=row.true_value,
        )
        if row.is_possible
        else Refusal(
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
        for row in wrong
    ]
