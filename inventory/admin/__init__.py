from inventory.admin import ledgers, masters, matrix, purchasing, shelves, transfers

__all__ = ["ledgers", "masters", "matrix", "purchasing", "shelves", "transfers"]
