from orders.models.approvals import PaymentApproval
from orders.models.changes import ChangeItem, OrderChange
from orders.models.delivery import (
    DeliveryArea,
    DeliveryClosure,
    DeliveryLeadTime,
    DeliveryService,
    DeliveryServiceArea,
    DeliveryZone,
    FreeDelivery,
)
from orders.models.estimates import Estimate
from orders.models.facts import FeeRule, PointsDue, PurchaseFacts
from orders.models.fulfilment import Shipment, ShipmentLine, TrackingEvent
from orders.models.gifts import Gift, GiftExclusion, MessageCard, NoshiKind, NoshiPairing, Wrapping
from orders.models.holds import HoldRule
from orders.models.inserts import InsertRule, ShipmentInsert
from orders.models.instructions import ShipmentActual, ShipmentInstruction
from orders.models.intake import (
    IntakeDocument,
    IntakeFetch,
    IntakeMap,
    IntakeOrder,
    IntakeRow,
    NoticeFile,
    OutsideArticle,
    OutsideCode,
    OutsideNotice,
    OutsideShop,
)
from orders.models.labels import CarrierContract, ShipmentLabel, TrackingNumber
from orders.models.order import Destination, Fee, FinalConfirmation, Hold, Line, LineDiscount, Order, OrderNote, OrderTax
from orders.models.photos import CasePhoto
from orders.models.pickup import Pickup, PickupTerms
from orders.models.profiles import OrderWorkflow, WorkflowProfile
from orders.models.received import OrderForm, PaperScan, ReceivedPaper
from orders.models.return_cases import ExchangeLine, ReturnCase, ReturnLine, ReturnPolicy, ReturnReason
from orders.models.returns import PartReturn
from orders.models.scripts import ScriptSaid, TalkScript
from orders.models.service import ServiceRequest
from orders.models.tracking import DeliveryAlert, DeliveryMail, DeliveryTerm, ParcelProgress, TrackingCode
from orders.models.warehouse import (
    Inspection,
    InspectionPolicy,
    InspectionScan,
    NoteLetter,
    PaperFile,
    ParcelInspected,
    PickingBatch,
    PickingParcel,
    PrintedPaper,
)
from orders.models.words import OrderWords

__all__ = [
    "CarrierContract",
    "CasePhoto",
    "ChangeItem",
    "DeliveryAlert",
    "DeliveryArea",
    "DeliveryClosure",
    "DeliveryLeadTime",
    "DeliveryMail",
    "DeliveryService",
    "DeliveryServiceArea",
    "DeliveryTerm",
    "DeliveryZone",
    "Destination",
    "Estimate",
    "ExchangeLine",
    "Fee",
    "FeeRule",
    "FinalConfirmation",
    "FreeDelivery",
    "Gift",
    "GiftExclusion",
    "Hold",
    "HoldRule",
    "InsertRule",
    "Inspection",
    "InspectionPolicy",
    "InspectionScan",
    "IntakeDocument",
    "IntakeFetch",
    "IntakeMap",
    "IntakeOrder",
    "IntakeRow",
    "Line",
    "LineDiscount",
    "MessageCard",
    "NoshiKind",
    "NoshiPairing",
    "NoteLetter",
    "NoticeFile",
    "Order",
    "OrderChange",
    "OrderForm",
    "OrderNote",
    "OrderTax",
    "OrderWords",
    "OrderWorkflow",
    "OutsideArticle",
    "OutsideCode",
    "OutsideNotice",
    "OutsideShop",
    "PaperFile",
    "PaperScan",
    "ParcelInspected",
    "ParcelProgress",
    "PartReturn",
    "PaymentApproval",
    "PickingBatch",
    "PickingParcel",
    "Pickup",
    "PickupTerms",
    "PointsDue",
    "PrintedPaper",
    "PurchaseFacts",
    "ReceivedPaper",
    "ReturnCase",
    "ReturnLine",
    "ReturnPolicy",
    "ReturnReason",
    "ScriptSaid",
    "ServiceRequest",
    "Shipment",
    "ShipmentActual",
    "ShipmentInsert",
    "ShipmentInstruction",
    "ShipmentLabel",
    "ShipmentLine",
    "TalkScript",
    "TrackingCode",
    "TrackingEvent",
    "TrackingNumber",
    "WorkflowProfile",
    "Wrapping",
]
