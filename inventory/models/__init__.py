from inventory.models.goods import Component, Location, Lot, PoolChannel, PoolSource, StockItem, StockPool
from inventory.models.stock import Allocation, BackOrder, Movement, Reservation, Stock

__all__ = [
    "Allocation",
    "BackOrder",
    "Component",
    "Location",
    "Lot",
    "Movement",
    "PoolChannel",
    "PoolSource",
    "Reservation",
    "Stock",
    "StockItem",
    "StockPool",
]
