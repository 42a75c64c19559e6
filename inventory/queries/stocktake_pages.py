"""Stocktakes and their lines as partner systems read them, page by page."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeRow:
    """A stocktake with how far it is."""

    id: int
    public_id: UUID
    number: str
    name: str
    location: str
    status: str
    is_blind: bool
    counts_lots: bool
    round: int
    started_at: datetime
    closed_at: datetime | None
    lines: int
    counted: int


_STOCKTAKES = """
SELECT t.id, t.public_id, t.number, t.name, l.code AS location, t.status, t.is_blind, t.counts_lots, t.round::int AS round, t.started_at, t.closed_at,
    n.lines, n.counted
FROM inventory_stocktake t JOIN inventory_location l ON l.id = t.location_id
CROSS JOIN LATERAL (SELECT count(*) AS lines, count(counted) AS counted FROM inventory_stocktakeline WHERE stocktake_id = t.id) n
WHERE t.company_id = %(company)s AND (%(status)s::text IS NULL OR t.status = %(status)s)
  AND (%(location)s::text IS NULL OR l.code = %(location)s) AND (%(public)s::uuid IS NULL OR t.public_id = %(public)s)
  AND (%(before)s::bigint IS NULL OR t.id < %(before)s) ORDER BY t.id DESC LIMIT %(limit)s
"""


def stocktake_page(
    company_id: int | None, *, limit: int, before_id: int | None = None, status: str | None = None, location: str | None = None
) -> list[StocktakeRow]:
    """A company's stocktakes, the newest first, below an id. One statement."""
    asked = {"company": company_id, "status": status, "location": location, "public": None, "before": before_id, "limit": limit}
    return [StocktakeRow(**row._asdict()) for row in rows(_STOCKTAKES, asked, prepare=False)]


def stocktake_named(public_id: UUID, *, company_id: int | None) -> StocktakeRow | None:
    """The company's stocktake of a public id; None for a foreign one."""
    asked = {"company": company_id, "status": None, "location": None, "public": public_id, "before": None, "limit": 1}
    return next((StocktakeRow(**row._asdict()) for row in rows(_STOCKTAKES, asked, prepare=False)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeLineRow:
    """An item of a stocktake, or a lot of it; ``expected``, ``book`` and ``difference`` are None where a blind count goes on."""

    id: int
    item: str
    name: str
    lot: str
    expires_on: date | None
    is_found: bool
    round: int
    expected: int | None
    counted: int | None
    book: int | None
    difference: int | None
    counted_at: datetime | None


_LINES = """
SELECT n.id, i.code AS item, i.name, coalesce(lot.number, '') AS lot, lot.expires_on, n.is_found, n.round::int AS round,
    CASE WHEN b.is_open THEN NULL ELSE n.expected END AS expected, n.counted, CASE WHEN b.is_open THEN NULL ELSE n.book END AS book,
    n.difference, n.counted_at
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id JOIN inventory_stockitem i ON i.id = n.stock_item_id
LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
CROSS JOIN LATERAL (SELECT t.is_blind AND t.status = 'counting' AS is_open) b
WHERE n.stocktake_id = %(stocktake)s AND (%(before)s::bigint IS NULL OR n.id < %(before)s) AND (%(item)s::text IS NULL OR i.code = %(item)s)
ORDER BY n.id DESC LIMIT %(limit)s
"""


def stocktake_line_page(stocktake_id: int, *, limit: int, before_id: int | None = None, item: str | None = None) -> list[StocktakeLineRow]:
    """The lines of a stocktake below an id. One statement."""
    asked = {"stocktake": stocktake_id, "item": item, "before": before_id, "limit": limit}
    return [StocktakeLineRow(**row._asdict()) for row in rows(_LINES, asked, prepare=False)]
