from inventory.queries.invariants import ROWS_OF_SHELVES, invariants, stock_differences
from inventory.queries.stock import (
    MovementRow,
    ShelfKey,
    ShelfRow,
    item_keys,
    location_keys,
    low_shelves,
    movement_page,
    shelf_keys,
    stock_page,
)
from inventory.queries.supply import atp, supply_for

__all__ = [
    "ROWS_OF_SHELVES",
    "MovementRow",
    "ShelfKey",
    "ShelfRow",
    "atp",
    "invariants",
    "item_keys",
    "location_keys",
    "low_shelves",
    "movement_page",
    "shelf_keys",
    "stock_differences",
    "stock_page",
    "supply_for",
]
