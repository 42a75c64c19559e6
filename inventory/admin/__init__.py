from inventory.admin import files, ledgers, masters, matrix, purchasing, shelves, stocktakes, transfers

__all__ = ["files", "ledgers", "masters", "matrix", "purchasing", "shelves", "stocktakes", "transfers"]
