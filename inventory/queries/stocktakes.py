"""What stocktakes ask: which item a code means, who may count where, how far they are, what is to be counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.actor import Actor, ActorKind
from core.db import rows
from core.errors import Refusal
from core.words import gettext_noop
from inventory.queries.people import looks_everywhere
from inventory.rules.stocktaking import is_mangled


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A code means so many pieces of an item: a case of twelve counts twelve."""

    stock_item_id: int
    item: str
    name: str
    pieces: int
    is_lot_tracked: bool = False


# Each reading scans its table once, whatever the statistics say: a loop per code took a minute for a sheet of a thousand.
_READ = """
WITH sold AS MATERIALIZED (
    SELECT v.id, v.sku, v.jan FROM catalog_variant v
    WHERE v.company_id = %(company)s AND (v.sku = ANY(%(codes)s::text[]) OR v.jan = ANY(%(codes)s::text[]))
), made AS MATERIALIZED (
    SELECT v.sku, v.jan, c.stock_item_id, c.quantity AS pieces, count(*) OVER (PARTITION BY v.id) AS parts
    FROM sold v JOIN inventory_component c ON c.variant_id = v.id
)
SELECT m.code, m.rank, m.pieces, m.parts, i.id, i.code AS item, i.name, i.is_lot_tracked FROM (
    SELECT i.code, 1 AS rank, i.id AS stock_item_id, 1 AS pieces, 1 AS parts FROM inventory_stockitem i
    WHERE i.company_id = %(company)s AND i.code = ANY(%(codes)s::text[])
    UNION ALL
    SELECT sku, 2, stock_item_id, pieces, parts FROM made WHERE sku = ANY(%(codes)s::text[])
    UNION ALL
    SELECT jan, 3, stock_item_id, pieces, parts FROM made WHERE jan <> '' AND jan = ANY(%(codes)s::text[])
) m
JOIN inventory_stockitem i ON i.id = m.stock_item_id
ORDER BY m.code, m.rank, i.id
"""


def items_read(codes: Sequence[str], *, company_id: int) -> dict[str, Read | Refusal]:
    """What each code read means: an item's own code before a SKU, a SKU before a JAN. One statement."""
    found: dict[str, list[Any]] = {}
    for row in rows(_READ, {"codes": list(dict.fromkeys(codes)), "company": company_id}, prepare=False):
        found.setdefault(row.code, []).append(row)
    return {code: _meaning(code, found.get(code, [])) for code in dict.fromkeys(codes)}


def _meaning(code: str, found: Sequence[Any]) -> Read | Refusal:
    told = {"code": code[:80]}
    if not found:
        if is_mangled(code):
            return Refusal(
                "inventory.unknown_code",
                gettext_noop("A spreadsheet has rounded this code: %(code)s. Keep the column as text, or take the sheet anew."),
                told,
            )
        return Refusal("inventory.unknown_code", gettext_noop("Nothing is stocked under the code “%(code)s”."), told)
    nearest = [row for row in found if row.rank == found[0].rank]
    single = {(row.id, row.pieces): row for row in nearest if row.parts == 1}
    if not single:
        return Refusal("inventory.counts_as_parts", gettext_noop("%(code)s is a set. Count what it is made of."), told)
    if len(single) > 1:
        return Refusal("inventory.ambiguous_code", gettext_noop("%(code)s means several items. Use the item’s own code."), told)
    [row] = single.values()
    return Read(stock_item_id=row.id, item=row.item, name=row.name, pieces=row.pieces, is_lot_tracked=row.is_lot_tracked)


_WORKS = """
SELECT count(*) AS everywhere, count(*) FILTER (WHERE s.location_id = %(location)s) AS here FROM inventory_locationstaff s
WHERE s.account_id = %(account)s
"""


def may_count(actor: Actor, location_id: int) -> bool:
    """Whether somebody counts at a location: staff who are named for places count there only, others where their role looks."""
    if actor.kind is not ActorKind.STAFF or not actor.id.isdecimal():
        return True
    works = rows(_WORKS, {"location": location_id, "account": int(actor.id)})[0]
    return bool(works.here) or (not works.everywhere and looks_everywhere(int(actor.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeSums:
    """How far a stocktake is, and what differs: pieces and value more and less than the books, lot by lot.

    ``lines`` are items, or lots where those are counted (``lots`` of them); ``differing`` counts items.
    """

    lines: int
    lots: int
    counted: int
    pieces: int
    differing: int
    more: int
    fewer: int
    value_more: int
    value_fewer: int
    unvalued: int

    @property
    def net_value(self) -> int:
        return self.value_more - self.value_fewer

    @property
    def left(self) -> int:
        return self.lines - self.counted


_SUMS = """
SELECT count(*) AS lines, count(lot_id) AS lots, count(counted) AS counted, coalesce(sum(counted), 0)::bigint AS pieces,
    count(DISTINCT stock_item_id) FILTER (WHERE difference <> 0) AS differing,
    coalesce(sum(difference) FILTER (WHERE difference > 0), 0)::bigint AS more,
    coalesce(-sum(difference) FILTER (WHERE difference < 0), 0)::bigint AS fewer,
    coalesce(sum(difference_value) FILTER (WHERE difference_value > 0), 0)::bigint AS value_more,
    coalesce(-sum(difference_value) FILTER (WHERE difference_value < 0), 0)::bigint AS value_fewer,
    count(*) FILTER (WHERE difference <> 0 AND difference_value IS NULL) AS unvalued
FROM inventory_stocktakeline WHERE stocktake_id = %s
"""


def stocktake_sums(stocktake_id: int) -> StocktakeSums:
    """The sums over the lines of a stocktake. One statement."""
    return StocktakeSums(**rows(_SUMS, (stocktake_id,))[0]._asdict())


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A row of a count sheet."""

    item: str
    name: str
    sku: str
    jan: str
    mark: str
    lot: str
    expires_on: date | None
    by_lot: bool
    expected: int
    counted: int | None


_SHEET = """
SELECT i.code AS item, i.name, coalesce(v.sku, '') AS sku, coalesce(v.jan, '') AS jan, coalesce(k.mark, '') AS mark,
    coalesce(lot.number, '') AS lot, lot.expires_on, i.is_lot_tracked AND t.counts_lots AS by_lot, n.expected, n.counted
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id JOIN inventory_stockitem i ON i.id = n.stock_item_id
LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
LEFT JOIN inventory_stock s ON s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id
LEFT JOIN inventory_shelfmark k ON k.stock_id = s.id
LEFT JOIN LATERAL (
    SELECT w.sku, w.jan FROM inventory_component c JOIN catalog_variant w ON w.id = c.variant_id
    WHERE c.stock_item_id = i.id AND c.quantity = 1 AND (SELECT count(*) FROM inventory_component o WHERE o.variant_id = w.id) = 1
    ORDER BY w.id LIMIT 1
) v ON true
WHERE n.stocktake_id = %s AND n.round = t.round ORDER BY coalesce(k.mark, ''), i.code, lot.expires_on NULLS LAST, lot.number
"""


def sheet_rows(stocktake_id: int) -> list[SheetRow]:
    """What a count sheet lists, in the order of the shelves, the lots of each by their expiry: everything in the first round, what differs in a second."""
    return [SheetRow(**row._asdict()) for row in rows(_SHEET, (stocktake_id,), prepare=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestCount:
    """An entry on the counting screen."""

    item: str
    name: str
    kind: str
    quantity: int
    counted: int | None
    by: str
    lot: str


_LATEST = """
SELECT i.code AS item, i.name, c.kind, c.quantity, n.counted, c.actor_label AS by, coalesce(lot.number, '') AS lot
FROM inventory_stocktakecount c JOIN inventory_stocktakeline n ON n.id = c.line_id JOIN inventory_stockitem i ON i.id = n.stock_item_id
LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
WHERE c.stocktake_id = %s ORDER BY c.id DESC LIMIT %s
"""


def latest_counts(stocktake_id: int, *, limit: int = 8) -> list[LatestCount]:
    """The newest entries of a stocktake, for whoever stands before the shelf. One statement."""
    return [LatestCount(**row._asdict()) for row in rows(_LATEST, (stocktake_id, limit))]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotToCount:
    """A lot of an item that a counter may find on the shelf; nothing is told of its books."""

    number: str
    expires_on: date | None
    counted: int | None


_LOTS = """
SELECT lot.number, lot.expires_on, n.counted
FROM inventory_stocktake t JOIN inventory_stockitem i ON i.company_id = t.company_id AND i.code = %(item)s
JOIN inventory_lot lot ON lot.stock_item_id = i.id
LEFT JOIN inventory_stocktakeline n ON n.stocktake_id = t.id AND n.stock_item_id = i.id AND n.lot_id = lot.id AND n.round = t.round
WHERE t.id = %(stocktake)s AND (n.id IS NOT NULL OR lot.id IN (
    SELECT sl.lot_id FROM inventory_stocklot sl JOIN inventory_stock s ON s.id = sl.stock_id
    WHERE s.stock_item_id = i.id AND s.location_id = t.location_id AND sl.on_hand > 0))
ORDER BY lot.expires_on NULLS LAST, lot.number LIMIT %(limit)s
"""


def lots_to_count(stocktake_id: int, item: str, *, limit: int = 30) -> list[LotToCount]:
    """The lots of an item (its code) that are to be counted or came since, the first to expire first. One statement."""
    asked = {"stocktake": stocktake_id, "item": item, "limit": limit}
    return [LotToCount(**row._asdict()) for row in rows(_LOTS, asked, prepare=False)]


def category_choices(company_id: int | None) -> list[tuple[int, str]]:
    """The categories of a company (all without one) with their paths, in the order of their trees."""
    found = rows(
        "SELECT c.id, coalesce(nullif(c.full_name, ''), c.name) AS name FROM catalog_category c JOIN catalog_categorytree t ON t.id = c.tree_id"
        " WHERE %s::bigint IS NULL OR t.company_id = %s::bigint ORDER BY t.id DESC, c.path LIMIT 500",
        (company_id, company_id),
    )
    return [(row.id, row.name) for row in found]
