from inventory.queries.board import DayOfGoods, OldPromise, PlaceLevel, goods_by_day, levels_by_place, oldest_promises
from inventory.queries.incoming import Incoming, IncomingKind, incoming
from inventory.queries.invariants import ROWS_OF_SHELVES, invariants, shelf_ranges, stock_differences
from inventory.queries.papers import PurchaseRow, TransferRow, purchase_page, purchase_rows, transfer_by_id, transfer_page, transfer_rows
from inventory.queries.people import locations_of_staff, somebody_else_may
from inventory.queries.purchasing import NamedItem, PurchaseLineRow, SupplierTerms, named_items, purchase_lines, supplier_terms
from inventory.queries.scanning import Scanned, scan_codes, scanned_items
from inventory.queries.stock import (
    AllocatedGoods,
    MovementRow,
    ShelfKey,
    ShelfRow,
    allocated_goods,
    item_keys,
    location_keys,
    low_shelves,
    movement_page,
    shelf_keys,
    stock_page,
)
from inventory.queries.supply import atp, supply_for
from inventory.queries.transfers import TransferLineRow, transfer_lines
from inventory.queries.value import AVERAGE_SQL, By, ValueLine, share_sql, total_of, value_at_end_of, value_report

__all__ = [
    "AVERAGE_SQL",
    "ROWS_OF_SHELVES",
    "AllocatedGoods",
    "By",
    "DayOfGoods",
    "Incoming",
    "IncomingKind",
    "MovementRow",
    "NamedItem",
    "OldPromise",
    "PlaceLevel",
    "PurchaseLineRow",
    "PurchaseRow",
    "Scanned",
    "ShelfKey",
    "ShelfRow",
    "SupplierTerms",
    "TransferLineRow",
    "TransferRow",
    "ValueLine",
    "allocated_goods",
    "atp",
    "goods_by_day",
    "incoming",
    "invariants",
    "item_keys",
    "levels_by_place",
    "location_keys",
    "locations_of_staff",
    "low_shelves",
    "movement_page",
    "named_items",
    "oldest_promises",
    "purchase_lines",
    "purchase_page",
    "purchase_rows",
    "scan_codes",
    "scanned_items",
    "share_sql",
    "shelf_keys",
    "shelf_ranges",
    "somebody_else_may",
    "stock_differences",
    "stock_page",
    "supplier_terms",
    "supply_for",
    "total_of",
    "transfer_by_id",
    "transfer_lines",
    "transfer_page",
    "transfer_rows",
    "value_at_end_of",
    "value_report",
]
