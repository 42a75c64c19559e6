from inventory.queries.invariants import ROWS_OF_SHELVES, invariants, stock_differences
from inventory.queries.supply import atp, supply_for

__all__ = ["ROWS_OF_SHELVES", "atp", "invariants", "stock_differences", "supply_for"]
