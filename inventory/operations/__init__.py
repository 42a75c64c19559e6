from inventory.operations.allocating import allocate

__all__ = ["allocate"]
