from inventory.admin import files, forecasts, kits, ledgers, masters, matrix, purchasing, shelves, stocktakes, transfers, waiting

__all__ = [
    "files",
    "forecasts",
    "kits",
    "ledgers",
    "masters",
    "matrix",
    "purchasing",
    "shelves",
    "stocktakes",
    "transfers",
    "waiting",
]
