"""What is on its way, what may be promised of it, and who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.db import rows
from inventory.queries.incoming import incoming
from inventory.queries.supply import supply_for
from inventory.rules import Coming, Outlook, Supply, WaitKind, WaitOffer, WaitTerms, offer_to_wait

_OUTLOOK = """
WITH waiting AS (
    SELECT stock_item_id, sum(quantity)::int AS quantity FROM inventory_backorder
    WHERE stock_item_id = ANY(%(items)s::bigint[]) AND status = 'waiting' GROUP BY stock_item_id
)
SELECT i.id, coalesce(w.quantity, 0) AS waiting, t.kind, t.cap, t.release_on, t.lead_days
FROM inventory_stockitem i LEFT JOIN waiting w ON w.stock_item_id = i.id
LEFT JOIN inventory_backorderterms t ON t.stock_item_id = i.id AND t.ended_at IS NULL
WHERE i.id = ANY(%(items)s::bigint[]) AND i.company_id = %(company)s
"""


def outlooks(stock_item_ids: Sequence[int], *, company_id: int, today: date) -> dict[int, Outlook]:
    """What is known of the future of stock items, in two statements: what waits, on what terms they may be ordered, what comes.

    Only what a supplier has confirmed or is on the road counts as coming; a delivery that is overdue has no day to be promised.
    """
    if not stock_item_ids:
        return {}
    items = sorted(set(stock_item_ids))
    coming: dict[int, list[Coming]] = {}
    for one in incoming(items, company_id=company_id):
        if one.is_firm and one.expected_on is not None and one.expected_on >= today:
            coming.setdefault(one.stock_item_id, []).append(Coming(on=one.expected_on, quantity=one.quantity))
    found = rows(_OUTLOOK, {"items": items, "company": company_id})
    return {row.id: _outlook(row, coming.get(row.id, ())) for row in found}


def _outlook(row: Any, coming: Sequence[Coming]) -> Outlook:
    terms = None
    if row.kind is not None:
        terms = WaitTerms(kind=WaitKind(row.kind), cap=row.cap, release_on=row.release_on, lead_days=row.lead_days)
    return Outlook(stock_item_id=row.id, waiting=row.waiting, coming=tuple(coming), terms=terms)


def free_of(supply: Supply) -> dict[int, int]:
    """What lies free of every stock item, over all locations a channel draws on."""
    return {item: sum(shelf.free for shelf in shelves) for item, shelves in supply.shelves.items()}


def wait_offers(variant_ids: Sequence[int], *, company_id: int, channel_id: int, today: date, at: datetime) -> dict[int, WaitOffer]:
    """What a page may say of variants that are not here; those that may not be ordered now are left out. Three statements."""
    if not variant_ids:
        return {}
    supply = supply_for(variant_ids, company_id=company_id, channel_id=channel_id, at=at)
    known = outlooks([part.stock_item_id for parts in supply.parts.values() for part in parts], company_id=company_id, today=today)
    free = free_of(supply)
    found = {
        variant: offer_to_wait(variant, parts, known, free=free, today=today)
        for variant, parts in supply.parts.items()
        if parts and variant not in supply.excluded
    }
    return {variant: offer for variant, offer in found.items() if offer is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDemand:
    """A demand in line; the queue is by promised day, then rank, then age."""

    demand_id: UUID
    variant_id: int
    units: int
    promised_on: date
    is_pre_order: bool = False


_QUEUE = """
SELECT b.demand_id, min(b.variant_id) AS variant_id, min(b.units) AS units, min(b.promised_on) AS promised_on,
    bool_or(b.kind = 'pre_order') AS is_pre_order
FROM inventory_backorder b
WHERE b.status = 'waiting' AND b.demand_id IN (
    SELECT q.demand_id FROM inventory_backorder q JOIN inventory_stockitem i ON i.id = q.stock_item_id
    WHERE q.status = 'waiting' AND i.company_id = %(company)s AND q.stock_item_id = ANY(%(items)s::bigint[])
)
GROUP BY b.demand_id ORDER BY min(b.promised_on), max(b.rank_level) DESC, min(b.id)
"""


def queue_for(stock_item_ids: Sequence[int], *, company_id: int) -> list[WaitingDemand]:
    """Who waits for any of these items, whoever comes first ahead."""
    found = rows(_QUEUE, {"items": list(stock_item_ids), "company": company_id}) if stock_item_ids else []
    return [WaitingDemand(**row._asdict()) for row in found]


_WAITED_FOR = """
SELECT i.company_id, array_agg(DISTINCT b.stock_item_id) AS items
FROM inventory_backorder b JOIN inventory_stockitem i ON i.id = b.stock_item_id
WHERE b.status = 'waiting' AND EXISTS (
    SELECT FROM inventory_stock s WHERE s.stock_item_id = b.stock_item_id AND s.sellable > s.allocated + s.reserved
)
GROUP BY i.company_id
"""


def waited_for() -> dict[int, list[int]]:
    """The stock items that somebody waits for while some of them lie free, by company."""
    return {row.company_id: list(row.items) for row in rows(_WAITED_FOR, ())}


def are_waited_for(stock_item_ids: Sequence[int]) -> bool:
    """Whether anybody waits for any of these items."""
    sql = "SELECT EXISTS (SELECT FROM inventory_backorder WHERE stock_item_id = ANY(%s::bigint[]) AND status = 'waiting') AS found"
    return bool(rows(sql, (list(stock_item_ids),))[0].found)
