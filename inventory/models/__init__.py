from inventory.models.exchange import ColumnMap, ExchangeFile, ExchangeFolder, ExchangeRow, MappedColumn
from inventory.models.forecast import Forecast, ReplenishmentPolicy
from inventory.models.goods import Component, Location, Lot, PoolChannel, PoolSource, StockItem, StockPool
from inventory.models.kits import Kit, KitPart
from inventory.models.lots import Pick, ShelfLife, StockLot
from inventory.models.purchasing import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from inventory.models.routing import RoutingRule
from inventory.models.stock import Allocation, Movement, Reservation, Stock
from inventory.models.stocktake import ShelfMark, Stocktake, StocktakeCount, StocktakeLine
from inventory.models.transfers import LocationStaff, StockTransfer, StockTransferLine, TransferArrival
from inventory.models.value import StockDay
from inventory.models.virtual import ChannelFigure, StockExclusion, StockQuota
from inventory.models.waiting import BackOrder, BackOrderTerms

__all__ = [
    "Allocation",
    "BackOrder",
    "BackOrderTerms",
    "ChannelFigure",
    "ColumnMap",
    "Component",
    "ExchangeFile",
    "ExchangeFolder",
    "ExchangeRow",
    "Forecast",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "Kit",
    "KitPart",
    "Location",
    "LocationStaff",
    "Lot",
    "MappedColumn",
    "Movement",
    "Pick",
    "PoolChannel",
    "PoolSource",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "ReplenishmentPolicy",
    "Reservation",
    "RoutingRule",
    "ShelfLife",
    "ShelfMark",
    "Stock",
    "StockDay",
    "StockExclusion",
    "StockItem",
    "StockLot",
    "StockPool",
    "StockQuota",
    "StockTransfer",
    "StockTransferLine",
    "Stocktake",
    "StocktakeCount",
    "StocktakeLine",
    "Supplier",
    "SupplierItem",
    "TransferArrival",
]
