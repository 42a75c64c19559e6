"""The count sheet: what is to be counted, in the order of the shelves, as a file for a spreadsheet or a handy terminal."""

import io
from dataclasses import dataclass

from core.csv import ExportWriter, Replaced
from core.db import rows
from inventory.queries.stocktakes import sheet_rows

HEADER = ("棚卸番号", "拠点コード", "棚番", "在庫品コード", "SKU", "JAN", "品名")
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
    """The sheet in "utf-8" or "cp932"; a blind one does not tell what the books say. Two statements."""
    head = rows(_HEAD, (stocktake_id,))[0]
    file = io.BytesIO()
    writer = ExportWriter(file, header=[*HEADER, *(() if head.is_blind else (BOOK,)), COUNTED], encoding=encoding)
    for row in sheet_rows(stocktake_id):
        books = () if head.is_blind else (row.expected,)
        writer.write([head.number, head.code, row.mark, row.item, row.sku, row.jan, row.name, *books, ""])
    writer.close()
    return CountSheet(file.getvalue(), f"{head.number}-{head.round}.csv", tuple(writer.replaced))
