from inventory.queries.invariants import ROWS_OF_SHELVES, invariants, stock_differences
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

__all__ = [
    "ROWS_OF_SHELVES",
    "AllocatedGoods",
    "MovementRow",
    "ShelfKey",
    "ShelfRow",
    "allocated_goods",
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
