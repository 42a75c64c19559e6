"""What differs in a stocktake, and what that is worth: shelf by shelf, and lot by lot where lots are counted."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class LotVariance:
    """A lot of a shelf that differs; without a number the pieces whose lot nobody named."""

    number: str
    expires_on: date | None
    expected: int
    moved: int
    book: int
    counted: int
    previous: int | None
    difference: int
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """A shelf that differs: the sum of what was counted of it, with its lots where those are counted."""

    item: str
    name: str
    mark: str
    expected: int
    moved: int
    book: int
    counted: int
    previous: int | None
    difference: int
    value: int | None
    lots: tuple[LotVariance, ...] = ()


# A shelf whose lots were only taken for each other differs by nothing on the whole, and is shown all the same.
_VARIANCES = """
WITH shelf AS MATERIALIZED (
    SELECT n.stock_item_id, sum(n.expected) AS expected, sum(n.book) AS book, sum(n.counted) AS counted, sum(n.difference) AS difference,
        CASE WHEN bool_and(n.difference_value IS NOT NULL) THEN sum(n.difference_value) END AS value,
        CASE WHEN bool_and(n.difference_value IS NOT NULL) THEN sum(abs(n.difference_value)) END AS worth, sum(abs(n.difference)) AS pieces
    FROM inventory_stocktakeline n WHERE n.stocktake_id = %(id)s AND n.difference IS NOT NULL
    GROUP BY n.stock_item_id HAVING bool_or(n.difference <> 0)
), shown AS MATERIALIZED (
    SELECT shelf.*, i.code AS item, i.name, row_number() OVER (ORDER BY worth DESC NULLS FIRST, pieces DESC, i.code) AS place
    FROM shelf JOIN inventory_stockitem i ON i.id = shelf.stock_item_id ORDER BY place LIMIT %(limit)s
)
SELECT h.place, h.item, h.name, coalesce(k.mark, '') AS mark, h.expected AS shelf_expected, h.book AS shelf_book, h.counted AS shelf_counted,
    h.difference AS shelf_difference, h.value::bigint AS shelf_value, i.is_lot_tracked AND t.counts_lots AS by_lot,
    coalesce(lot.number, '') AS number, lot.expires_on, n.expected, n.book, n.counted, n.previous_counted AS previous, n.difference,
    n.difference_value AS value
FROM shown h JOIN inventory_stocktakeline n ON n.stocktake_id = %(id)s AND n.stock_item_id = h.stock_item_id AND n.difference IS NOT NULL
JOIN inventory_stocktake t ON t.id = n.stocktake_id JOIN inventory_stockitem i ON i.id = n.stock_item_id
LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
LEFT JOIN inventory_stock s ON s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id
LEFT JOIN inventory_shelfmark k ON k.stock_id = s.id
ORDER BY h.place, lot.expires_on NULLS LAST, lot.number
"""


def variances(stocktake_id: int, *, limit: int = 200) -> list[Variance]:
    """The shelves that differ, the dearest differences first and those without a value before them; of each every lot that was
    counted. One statement.
    """
    shelves: dict[int, list[Any]] = {}
    for row in rows(_VARIANCES, {"id": stocktake_id, "limit": limit}, prepare=False):
        shelves.setdefault(row.place, []).append(row)
    return [_shelf(found) for found in shelves.values()]


def _shelf(found: list[Any]) -> Variance:
    row = found[0]
    return Variance(
        item=row.item, name=row.name, mark=row.mark, expected=int(row.shelf_expected), moved=int(row.shelf_book - row.shelf_expected),
        book=int(row.shelf_book), counted=int(row.shelf_counted), previous=None if row.by_lot else row.previous,
        difference=int(row.shelf_difference), value=row.shelf_value,
        lots=tuple(
            LotVariance(
                number=one.number, expires_on=one.expires_on, expected=one.expected, moved=one.book - one.expected, book=one.book,
                counted=one.counted, previous=one.previous, difference=one.difference, value=one.value,
            )
            for one in found
            if one.by_lot and (one.number or one.expected or one.difference)
        ),
    )  # fmt: skip
