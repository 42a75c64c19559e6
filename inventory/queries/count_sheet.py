"""The count sheet: what is to be counted, in the order of the shelves, as a file for a spreadsheet or a handy terminal."""

import io
from dataclasses import dataclass

from core.csv import ExportWriter, Replaced
from core.db import rows
from inventory.queries.stocktakes import sheet_rows
from inventory.rules import UNNAMED
from inventory.rules.maps import STANDARD_DATE

HEADER = ("棚卸番号", "拠点コード", "棚番", "在庫品コード", "SKU", "JAN", "品名")
LOTS = ("ロット番号", "有効期限")
BOOK, COUNTED = "帳簿数", "実棚数"


@dataclass(frozen=True, slots=True)
class CountSheet:
    """The file, and what cp932 could not hold of it."""

    content: bytes
    name: str
    replaced: tuple[Replaced, ...]


_HEAD = """
SELECT t.number, t.is_blind, t.round, l.code FROM inventory_stocktake t JOIN inventory_location l ON l.id = t.location_id WHERE t.id = %s
"""


def count_sheet(stocktake_id: int, *, encoding: str) -> CountSheet:
    """The sheet in "utf-8" or "cp932"; a blind one does not tell what the books say, one without goods counted by lot has no
    columns of lots. Two statements.
    """
    head = rows(_HEAD, (stocktake_id,))[0]
    listed = sheet_rows(stocktake_id)
    with_lots = any(row.by_lot for row in listed)
    file = io.BytesIO()
    header = [*HEADER, *(LOTS if with_lots else ()), *(() if head.is_blind else (BOOK,)), COUNTED]
    writer = ExportWriter(file, header=header, encoding=encoding)
    for row in listed:
        lot = (
            (row.lot or (UNNAMED if row.by_lot and row.expected else ""), row.expires_on.strftime(STANDARD_DATE) if row.expires_on else "")
            if with_lots
            else ()
        )
        books = () if head.is_blind else (row.expected,)
        writer.write([head.number, head.code, row.mark, row.item, row.sku, row.jan, row.name, *lot, *books, ""])
    writer.close()
    return CountSheet(file.getvalue(), f"{head.number}-{head.round}.csv", tuple(writer.replaced))
