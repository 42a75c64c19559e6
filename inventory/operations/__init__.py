from inventory.operations.allocating import allocate
from inventory.operations.closing import Released, Shipped, release_allocations, ship_allocations

__all__ = ["Released", "Shipped", "allocate", "release_allocations", "ship_allocations"]
