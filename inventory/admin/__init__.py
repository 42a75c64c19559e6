from inventory.admin import ledgers, masters, matrix, shelves

__all__ = ["ledgers", "masters", "matrix", "shelves"]
