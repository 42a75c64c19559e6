from inventory.rules.kinds import AllocationStatus, BackOrderStatus, Condition, LocationKind, MovementKind, OwnerKind
from inventory.rules.moves import Adjustment, Receipt, Transfer, Turn
from inventory.rules.routing import promisable, route, shelves_to_lock
from inventory.rules.supply import UNLIMITED, Allocated, Demand, Part, Shelf, ShipAsk, Shortage, Supply, Take, out_of_stock

__all__ = [
    "UNLIMITED",
    "Adjustment",
    "Allocated",
    "AllocationStatus",
    "BackOrderStatus",
    "Condition",
    "Demand",
    "LocationKind",
    "MovementKind",
    "OwnerKind",
    "Part",
    "Receipt",
    "Shelf",
    "ShipAsk",
    "Shortage",
    "Supply",
    "Take",
    "Transfer",
    "Turn",
    "out_of_stock",
    "promisable",
    "route",
    "shelves_to_lock",
]
