from inventory.models.exchange import ExchangeFile, ExchangeRow
from inventory.models.forecast import Forecast, ReplenishmentPolicy
from inventory.models.goods import Component, Location, Lot, PoolChannel, PoolSource, StockItem, StockPool
from inventory.models.purchasing import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from inventory.models.routing import RoutingRule
from inventory.models.stock import Allocation, BackOrder, Movement, Reservation, Stock
from inventory.models.stocktake import ShelfMark, Stocktake, StocktakeCount, StocktakeLine
from inventory.models.transfers import LocationStaff, StockTransfer, StockTransferLine, TransferArrival
from inventory.models.value import StockDay
from inventory.models.virtual import ChannelFigure, StockExclusion, StockQuota

__all__ = [
    "Allocation",
    "BackOrder",
    "ChannelFigure",
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
    "PoolChannel",
    "PoolSource",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "ReplenishmentPolicy",
    "Reservation",
    "RoutingRule",
    "ShelfMark",
    "Stock",
    "StockDay",
    "StockExclusion",
    "StockItem",
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
