from orders.admin.contracts import CarrierContractAdmin
from orders.admin.delivery import (
    DeliveryClosureAdmin,
    DeliveryLeadTimeAdmin,
    DeliveryServiceAdmin,
    DeliveryZoneAdmin,
    FeeRuleAdmin,
    FreeDeliveryAdmin,
)
from orders.admin.desk import PurchaseFactsAdmin
from orders.admin.estimates import EstimateAdmin
from orders.admin.gift_masters import GiftExclusionAdmin, MessageCardAdmin, NoshiKindAdmin, NoshiPairingAdmin, WrappingAdmin
from orders.admin.holds import HoldAdmin, HoldRuleAdmin
from orders.admin.inserts import InsertRuleAdmin, ShipmentInsertAdmin
from orders.admin.inspection_desk import InspectionAdmin, InspectionPolicyAdmin
from orders.admin.intake import IntakeDocumentAdmin, IntakeOrderAdmin
from orders.admin.order_forms import OrderFormAdmin
from orders.admin.orders import OrderAdmin
from orders.admin.outside import IntakeMapAdmin, NoticeFileAdmin, OutsideNoticeAdmin, OutsideShopAdmin
from orders.admin.picking import NoteLetterAdmin, PaperFileAdmin, PickingBatchAdmin
from orders.admin.pickup import PickupTermsAdmin
from orders.admin.profiles import PaymentApprovalAdmin, WorkflowProfileAdmin
from orders.admin.received import ReceivedPaperAdmin
from orders.admin.return_cases import ReturnCaseAdmin
from orders.admin.return_masters import ReturnPolicyAdmin, ReturnReasonAdmin
from orders.admin.scripts import TalkScriptAdmin
from orders.admin.services import ServiceRequestAdmin
from orders.admin.shipments import ShipmentAdmin
from orders.admin.tracking import DeliveryAlertAdmin, DeliveryMailAdmin, DeliveryTermAdmin, TrackingCodeAdmin

__all__ = [
    "CarrierContractAdmin",
    "DeliveryAlertAdmin",
    "DeliveryClosureAdmin",
    "DeliveryLeadTimeAdmin",
    "DeliveryMailAdmin",
    "DeliveryServiceAdmin",
    "DeliveryTermAdmin",
    "DeliveryZoneAdmin",
    "EstimateAdmin",
    "FeeRuleAdmin",
    "FreeDeliveryAdmin",
    "GiftExclusionAdmin",
    "HoldAdmin",
    "HoldRuleAdmin",
    "InsertRuleAdmin",
    "InspectionAdmin",
    "InspectionPolicyAdmin",
    "IntakeDocumentAdmin",
    "IntakeMapAdmin",
    "IntakeOrderAdmin",
    "MessageCardAdmin",
    "NoshiKindAdmin",
    "NoshiPairingAdmin",
    "NoteLetterAdmin",
    "NoticeFileAdmin",
    "OrderAdmin",
    "OrderFormAdmin",
    "OutsideNoticeAdmin",
    "OutsideShopAdmin",
    "PaperFileAdmin",
    "PaymentApprovalAdmin",
    "PickingBatchAdmin",
    "PickupTermsAdmin",
    "PurchaseFactsAdmin",
    "ReceivedPaperAdmin",
    "ReturnCaseAdmin",
    "ReturnPolicyAdmin",
    "ReturnReasonAdmin",
    "ServiceRequestAdmin",
    "ShipmentAdmin",
    "ShipmentInsertAdmin",
    "TalkScriptAdmin",
    "TrackingCodeAdmin",
    "WorkflowProfileAdmin",
    "WrappingAdmin",
]
