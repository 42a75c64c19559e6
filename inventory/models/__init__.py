from inventory.models.exchange import ExchangeFile, ExchangeRow
from inventory.models.forecast import Forecast, ReplenishmentPolicy
from inventory.models.goods import Component, Location, Lot, PoolChannel, PoolSource, StockItem, StockPool
from inventory.models.lots import Pick, ShelfLife, StockLot
from inventory.models.purchasing import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from inventory.models.stock import Allocation, BackOrder, Movement, Reservation, Stock
from inventory.models.stocktake import ShelfMark, Stocktake, StocktakeCount, StocktakeLine
from inventory.models.transfers import LocationStaff, StockTransfer, StockTransferLine, TransferArrival
from inventory.models.value import StockDay

__all__ = [
    "Allocation",
    "BackOrder",
    "Component",
    "ExchangeFile",
    "ExchangeRow",
    "Forecast",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "Location",
    "LocationStaff",
    "Lot",
    "Movement",
    "Pick",
    "PoolChannel",
    "PoolSource",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "ReplenishmentPolicy",
    "Reservation",
    "ShelfLife",
    "ShelfMark",
    "Stock",
    "StockDay",
    "StockItem",
    "StockLot",
    "StockPool",
    "StockTransfer",
    "StockTransferLine",
    "Stocktake",
    "StocktakeCount",
    "StocktakeLine",
    "Supplier",
    "SupplierItem",
    "TransferArrival",
]
