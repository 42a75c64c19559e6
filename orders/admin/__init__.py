from orders.admin.desk import FeeRuleAdmin, PurchaseFactsAdmin
from orders.admin.orders import OrderAdmin
from orders.admin.shipments import ShipmentAdmin

__all__ = ["FeeRuleAdmin", "OrderAdmin", "PurchaseFactsAdmin", "ShipmentAdmin"]
