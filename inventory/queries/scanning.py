"""What a scanner or a person means by a code: a stock item's own, a SKU or a JAN code."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """The item that a code stands for, and how many pieces of it: a case that is sold under its own JAN holds a dozen."""

    stock_item_id: int
    item: str
    name: str
    is_lot_tracked: bool
    pieces: int


# A variant made of several items stands for none of them.
_SOLD_AS = """
SELECT {code} AS typed, i.id AS stock_item_id, i.code AS item, i.name, i.is_lot_tracked, c.quantity AS pieces, {rank} AS rank
FROM catalog_variant v JOIN inventory_component c ON c.variant_id = v.id JOIN inventory_stockitem i ON i.id = c.stock_item_id
WHERE v.company_id = %(company)s AND i.ended_at IS NULL AND {wanted}
  AND NOT EXISTS (SELECT FROM inventory_component o WHERE o.variant_id = v.id AND o.id <> c.id)
"""
_SAME = "SELECT i.code AS typed, i.id AS stock_item_id, i.code AS item, i.name, i.is_lot_tracked, 1 AS pieces, 1 AS rank FROM inventory_stockitem i"
_CODES = "ANY(%(codes)s::text[])"
_ITEMS = "c.stock_item_id = ANY(%(items)s::bigint[])"


def scanned_items(codes: Sequence[str], *, company_id: int) -> dict[str, Scanned]:
    """The items that codes stand for, by code as given; unknown ones and those of ended items are left out. One statement."""
    return _read(
        f"""
        SELECT DISTINCT ON (typed) * FROM (
            {_SAME} WHERE i.company_id = %(company)s AND i.ended_at IS NULL AND i.code = {_CODES}
            UNION ALL {_SOLD_AS.format(code="v.sku", rank=2, wanted=f"v.sku = {_CODES}")}
            UNION ALL {_SOLD_AS.format(code="v.jan", rank=3, wanted=f"v.jan = {_CODES} AND v.jan <> ''")}
        ) meant ORDER BY typed, rank, stock_item_id
        """,
        {"codes": list(codes), "company": company_id},
    )


def scan_codes(stock_item_ids: Sequence[int], *, company_id: int) -> dict[str, Scanned]:
    """Every code that stands for one of the items, so that a screen can tell without asking again. One statement."""
    return _read(
        f"""
        SELECT DISTINCT ON (typed) * FROM (
            {_SAME} WHERE i.company_id = %(company)s AND i.id = ANY(%(items)s::bigint[])
            UNION ALL {_SOLD_AS.format(code="v.sku", rank=2, wanted=_ITEMS)}
            UNION ALL {_SOLD_AS.format(code="v.jan", rank=3, wanted=f"{_ITEMS} AND v.jan <> ''")}
        ) meant ORDER BY typed, rank, stock_item_id
        """,
        {"items": sorted(set(stock_item_ids)), "company": company_id},
    )


def _read(sql: str, params: dict[str, object]) -> dict[str, Scanned]:
    return {
        row.typed: Scanned(
            stock_item_id=row.stock_item_id, item=row.item, name=row.name, is_lot_tracked=row.is_lot_tracked, pieces=row.pieces
        )
        for row in rows(sql, params)
    }
