from orders.admin.contracts import CarrierContractAdmin
from orders.admin.desk import FeeRuleAdmin, PurchaseFactsAdmin
from orders.admin.holds import HoldAdmin, HoldRuleAdmin
from orders.admin.intake import IntakeDocumentAdmin, IntakeOrderAdmin
from orders.admin.orders import OrderAdmin
from orders.admin.outside import IntakeMapAdmin, NoticeFileAdmin, OutsideNoticeAdmin, OutsideShopAdmin
from orders.admin.return_cases import ReturnCaseAdmin
from orders.admin.return_masters import ReturnPolicyAdmin, ReturnReasonAdmin
from orders.admin.shipments import ShipmentAdmin
from orders.admin.tracking import DeliveryAlertAdmin, DeliveryMailAdmin, DeliveryTermAdmin, TrackingCodeAdmin

__all__ = [
    "CarrierContractAdmin", "DeliveryAlertAdmin", "DeliveryMailAdmin", "DeliveryTermAdmin", "FeeRuleAdmin", "HoldAdmin", "HoldRuleAdmin", "IntakeDocumentAdmin", "IntakeMapAdmin", "IntakeOrderAdmin",
    "NoticeFileAdmin", "OrderAdmin", "OutsideNoticeAdmin", "OutsideShopAdmin", "PurchaseFactsAdmin", "ReturnCaseAdmin", "ReturnPolicyAdmin",
    "ReturnReasonAdmin", "ShipmentAdmin", "TrackingCodeAdmin",
]  # fmt: skip
