from inventory.models.exchange import ColumnMap, ExchangeFile, ExchangeFolder, ExchangeRow, MappedColumn
from inventory.models.goods import Component, Location, Lot, PoolChannel, PoolSource, StockItem, StockPool
from inventory.models.purchasing import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from inventory.models.stock import Allocation, BackOrder, Movement, Reservation, Stock
from inventory.models.stocktake import ShelfMark, Stocktake, StocktakeCount, StocktakeLine
from inventory.models.transfers import LocationStaff, StockTransfer, StockTransferLine, TransferArrival
from inventory.models.value import StockDay

__all__ = [
    "Allocation",
    "BackOrder",
    "ColumnMap",
    "Component",
    "ExchangeFile",
    "ExchangeFolder",
    "ExchangeRow",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "Location",
    "LocationStaff",
    "Lot",
    "MappedColumn",
    "Movement",
    "PoolChannel",
    "PoolSource",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Reservation",
    "ShelfMark",
    "Stock",
    "StockDay",
    "StockItem",
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
