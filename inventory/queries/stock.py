"""Stock as people and partner systems read it: shelves, movements and what runs low."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfKey:
    """Which stock row means which item at which location of which company."""

    stock_id: int
    stock_item_id: int
    location_id: int
    company_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    """One stock item at one location, with what may be sold of it and in which SKUs."""

    stock_id: int
    item: str
    name: str
    condition: str
    location: str
    skus: tuple[str, ...]
    on_hand: int
    sellable: int
    allocated: int
    reserved: int
    free: int
    quality_check: int = 0
    damaged: int = 0
    quarantine: int = 0
    expired: int = 0
    in_repair: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """One line of the stock ledger."""

    id: int
    item: str
    location: str
    lot: str
    kind: str
    quantity: int
    sellable_quantity: int
    cause: str
    reason: str
    at: datetime
    recorded_at: datetime


def shelf_keys(stock_ids: Sequence[int]) -> dict[int, ShelfKey]:
    """What the stock rows are about, by their id."""
    found = rows(
        """
        SELECT s.id AS stock_id, s.stock_item_id, s.location_id, l.company_id
        FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id WHERE s.id = ANY(%s::bigint[])
        """,
        (list(stock_ids),),
    )
    return {row.stock_id: ShelfKey(**row._asdict()) for row in found}


def item_keys(codes: Sequence[str], *, company_id: int | None) -> dict[str, int]:
    """The ids of a company's stock items by code; an unknown code is left out."""
    found = rows("SELECT code, id FROM inventory_stockitem WHERE company_id = %s AND code = ANY(%s::text[])", (company_id, list(codes)))
    return {row.code: row.id for row in found}


def location_keys(codes: Sequence[str], *, company_id: int | None) -> dict[str, int]:
    """The ids of a company's locations by code; an unknown code is left out."""
    found = rows("SELECT code, id FROM inventory_location WHERE company_id = %s AND code = ANY(%s::text[])", (company_id, list(codes)))
    return {row.code: row.id for row in found}


def stock_page(
    company_id: int | None,
    *,
    limit: int,
    before_id: int | None = None,
    sku: str | None = None,
    item: str | None = None,
    location: str | None = None,
) -> list[ShelfRow]:
    """A company's shelves, the newest first, below an id; filters are exact codes.

    Each location gives its own newest shelves from its index, so that a page costs the same however many there are.
    """
    wanted = "" if before_id is None else " AND s.id < %(before)s"
    if item is not None:
        wanted += " AND s.stock_item_id = (SELECT id FROM inventory_stockitem WHERE company_id = %(company)s AND code = %(item)s)"
    if sku is not None:
        wanted += """ AND s.stock_item_id = ANY(ARRAY(SELECT c.stock_item_id FROM inventory_component c
            JOIN catalog_variant v ON v.id = c.variant_id WHERE v.company_id = %(company)s AND v.sku = %(sku)s))"""
    found = rows(
        f"""
        SELECT s.id AS stock_id, i.code AS item, i.name, i.condition, l.code AS location,
            ARRAY(SELECT v.sku FROM inventory_component c JOIN catalog_variant v ON v.id = c.variant_id
                  WHERE c.stock_item_id = i.id ORDER BY v.id LIMIT 20) AS skus,
            s.on_hand, s.sellable, s.allocated, s.reserved, s.sellable - s.allocated - s.reserved AS free,
            s.quality_check, s.damaged, s.quarantine, s.expired, s.in_repair
        FROM (
            SELECT newest.* FROM ({_PLACES}) source CROSS JOIN LATERAL (
                SELECT * FROM inventory_stock s WHERE s.location_id = source.id {wanted} ORDER BY s.id DESC LIMIT %(limit)s
            ) newest ORDER BY newest.id DESC LIMIT %(limit)s
        ) s
        JOIN inventory_location l ON l.id = s.location_id
        JOIN inventory_stockitem i ON i.id = s.stock_item_id
        ORDER BY s.id DESC
        """,
        {"company": company_id, "item": item, "location": location, "sku": sku, "before": before_id, "limit": limit},
        prepare=False,
    )
    return [ShelfRow(**row._asdict() | {"skus": tuple(row.skus)}) for row in found]


_SHELVES_OF_ITEM = """
SELECT s.id FROM inventory_stock s JOIN inventory_stockitem si ON si.id = s.stock_item_id JOIN inventory_location sl ON sl.id = s.location_id
WHERE sl.company_id = %(company)s AND si.code = %(item)s AND (%(location)s::text IS NULL OR sl.code = %(location)s)
"""
_PLACES = """
SELECT sl.id FROM inventory_location sl WHERE sl.company_id = %(company)s AND (%(location)s::text IS NULL OR sl.code = %(location)s)
"""


def movement_page(
    company_id: int | None, *, limit: int, before_id: int | None = None, item: str | None = None, location: str | None = None
) -> list[MovementRow]:
    """A company's stock ledger, the newest line first, below an id; filters are exact codes.

    Each shelf (or location) gives its own newest lines from its index, so that a page costs the same however long the ledger is.
    """
    found = rows(
        f"""
        SELECT m.id, i.code AS item, l.code AS location, coalesce(lot.number, '') AS lot, m.kind, m.quantity, m.sellable_quantity,
            m.cause, m.reason, m.at, m.recorded_at
        FROM (
            SELECT newest.* FROM ({_PLACES if item is None else _SHELVES_OF_ITEM}) source CROSS JOIN LATERAL (
                SELECT * FROM inventory_movement WHERE {"location_id" if item is None else "stock_id"} = source.id
                {"" if before_id is None else "AND id < %(before)s"} ORDER BY id DESC LIMIT %(limit)s
            ) newest ORDER BY newest.id DESC LIMIT %(limit)s
        ) m
        JOIN inventory_location l ON l.id = m.location_id
        JOIN inventory_stockitem i ON i.id = m.stock_item_id
        LEFT JOIN inventory_lot lot ON lot.id = m.lot_id
        ORDER BY m.id DESC
        """,
        {"company": company_id, "item": item, "location": location, "before": before_id, "limit": limit},
        prepare=False,
    )
    return [MovementRow(**row._asdict()) for row in found]


def low_shelves(*, limit: int, places: Collection[int] | None = None) -> list[ShelfRow]:
    """Shelves with as few free pieces as their item calls low, the emptiest first; items that name no figure are left out.

    ``places`` narrows to these locations; None is every one.
    """
    found = rows(
        """
        SELECT s.id AS stock_id, i.code AS item, i.name, i.condition, l.name AS location, ARRAY[]::text[] AS skus,
            s.on_hand, s.sellable, s.allocated, s.reserved, s.sellable - s.allocated - s.reserved AS free
        FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id JOIN inventory_location l ON l.id = s.location_id
        WHERE i.low_at > 0 AND s.sellable - s.allocated - s.reserved <= i.low_at
          AND i.ended_at IS NULL AND l.ended_at IS NULL AND l.can_ship
          AND (%(places)s::bigint[] IS NULL OR s.location_id = ANY(%(places)s::bigint[]))
        ORDER BY s.sellable - s.allocated - s.reserved, s.id LIMIT %(limit)s
        """,
        {"limit": limit, "places": None if places is None else sorted(places)},
        prepare=False,
    )
    return [ShelfRow(**row._asdict() | {"skus": ()}) for row in found]


@dataclass(frozen=True, slots=True)
class AllocatedGoods:
    """What an allocation promised, and where: also once it has left."""

    allocation_id: int
    stock_item_id: int
    location_id: int
    quantity: int


def allocated_goods(allocation_ids: Sequence[int]) -> dict[int, AllocatedGoods]:
    """The goods behind allocations, by allocation. One statement."""
    found = rows(
        "SELECT a.id, st.stock_item_id, st.location_id, a.quantity FROM inventory_allocation a JOIN inventory_stock st ON st.id = a.stock_id"
        " WHERE a.id = ANY (%s::bigint[]) ORDER BY a.id",
        (list(allocation_ids),),
    )
    return {row.id: AllocatedGoods(*row) for row in found}
