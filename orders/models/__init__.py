from orders.models.changes import ChangeItem, OrderChange
from orders.models.facts import FeeRule, PurchaseFacts
from orders.models.fulfilment import Shipment, ShipmentLine, TrackingEvent
from orders.models.holds import HoldRule
from orders.models.instructions import ShipmentActual, ShipmentInstruction
from orders.models.intake import (
    IntakeDocument,
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
from orders.models.return_cases import ExchangeLine, ReturnCase, ReturnLine, ReturnPolicy, ReturnReason
from orders.models.returns import PartReturn
from orders.models.tracking import DeliveryAlert, DeliveryMail, DeliveryTerm, ParcelProgress, TrackingCode
from orders.models.words import OrderWords

__all__ = [
    "CarrierContract",
    "ChangeItem",
    "DeliveryAlert",
    "DeliveryMail",
    "DeliveryTerm",
    "Destination",
    "ExchangeLine",
    "Fee",
    "FeeRule",
    "FinalConfirmation",
    "Hold",
    "HoldRule",
    "IntakeDocument",
    "IntakeMap",
    "IntakeOrder",
    "IntakeRow",
    "Line",
    "LineDiscount",
    "NoticeFile",
    "Order",
    "OrderChange",
    "OrderNote",
    "OrderTax",
    "OrderWords",
    "OutsideArticle",
    "OutsideCode",
    "OutsideNotice",
    "OutsideShop",
    "ParcelProgress",
    "PartReturn",
    "PurchaseFacts",
    "ReturnCase",
    "ReturnLine",
    "ReturnPolicy",
    "ReturnReason",
    "Shipment",
    "ShipmentActual",
    "ShipmentInstruction",
    "ShipmentLabel",
    "ShipmentLine",
    "TrackingCode",
    "TrackingEvent",
    "TrackingNumber",
]
