from inventory.admin import files, forecasts, ledgers, masters, matrix, purchasing, shelves, stocktakes, transfers, virtual

__all__ = ["files", "forecasts", "ledgers", "masters", "matrix", "purchasing", "shelves", "stocktakes", "transfers", "virtual"]
