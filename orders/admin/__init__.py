from orders.admin.contracts import CarrierContractAdmin
from orders.admin.desk import FeeRuleAdmin, PurchaseFactsAdmin
from orders.admin.holds import HoldAdmin, HoldRuleAdmin
from orders.admin.orders import OrderAdmin
from orders.admin.shipments import ShipmentAdmin

__all__ = [
    "CarrierContractAdmin", "FeeRuleAdmin", "HoldAdmin", "HoldRuleAdmin", "OrderAdmin", "PurchaseFactsAdmin", "ShipmentAdmin",
]  # fmt: skip
