"""Promises follow what is on its way."""

from collections.abc import Sequence
from datetime import date, datetime

from core.actor import Actor
from core.db import operation, rows, run
from core.outbox import announce
from inventory.events import BackOrderPromiseMoved
from inventory.queries import outlooks
from inventory.rules.promising_anew import Place, promises_anew

# Everybody who waits for one of the items, with all they wait for; held, so that nobody is filled or leaves meanwhile.
_LINE = """
WITH held AS MATERIALIZED (
    SELECT b.* FROM inventory_backorder b
    WHERE b.status = 'waiting' AND b.demand_id IN (
        SELECT q.demand_id FROM inventory_backorder q JOIN inventory_stockitem i ON i.id = q.stock_item_id
        WHERE q.status = 'waiting' AND i.company_id = %(company)s AND q.stock_item_id = ANY(%(items)s::bigint[])
    )
    ORDER BY b.id FOR UPDATE
)
SELECT demand_id, stock_item_id, quantity, promised_on FROM held ORDER BY promised_on, rank_level DESC, id
"""

_FREE = """
SELECT s.stock_item_id, sum(s.sellable - s.allocated - s.reserved)::int AS free FROM inventory_stock s
JOIN inventory_location l ON l.id = s.location_id AND l.can_ship AND l.ended_at IS NULL
WHERE s.stock_item_id = ANY(%s::bigint[]) GROUP BY s.stock_item_id
"""

_MOVE = """
UPDATE inventory_backorder b SET promised_on = n.day
FROM unnest(%(demands)s::uuid[], %(days)s::date[]) AS n (demand_id, day) WHERE b.demand_id = n.demand_id AND b.status = 'waiting'
"""


@operation
def repromise_back_orders(stock_item_ids: Sequence[int], *, company_id: int, today: date, actor: Actor, at: datetime) -> int:
    """Everybody who waits for these items is promised the day on which deliveries reach their place in line.

    Answers with how many promises moved, earlier or later. Six statements whatever the number. Announces
    BackOrderPromiseMoved for each; again changes nothing.
    """
    if not stock_item_ids:
        return 0
    line = [Place(**row._asdict()) for row in rows(_LINE, {"items": sorted(set(stock_item_ids)), "company": company_id})]
    if not line:
        return 0
    items = sorted({place.stock_item_id for place in line})
    free = {row.stock_item_id: row.free for row in rows(_FREE, (items,))}
    moved = promises_anew(line, outlooks(items, company_id=company_id, today=today), free=free, today=today)
    if not moved:
        return 0
    run(_MOVE, {"demands": list(moved), "days": list(moved.values())})
    before = {place.demand_id: place.promised_on for place in line}
    announce(
        *(
            BackOrderPromiseMoved(company_id=company_id, demand_id=demand, before_on=before[demand], promised_on=day, at=at)
            for demand, day in moved.items()
        )
    )
    return len(moved)
