from orders.models.facts import FeeRule, PurchaseFacts
from orders.models.fulfilment import Shipment, ShipmentLine, TrackingEvent
from orders.models.holds import HoldRule
from orders.models.instructions import ShipmentActual, ShipmentInstruction
from orders.models.labels import CarrierContract, ShipmentLabel, TrackingNumber
from orders.models.order import Destination, Fee, FinalConfirmation, Hold, Line, LineDiscount, Order, OrderNote, OrderTax
from orders.models.returns import PartReturn

__all__ = [
    "CarrierContract",
    "Destination",
    "Fee",
    "FeeRule",
    "FinalConfirmation",
    "Hold",
    "HoldRule",
    "Line",
    "LineDiscount",
    "Order",
    "OrderNote",
    "OrderTax",
    "PartReturn",
    "PurchaseFacts",
    "Shipment",
    "ShipmentActual",
    "ShipmentInstruction",
    "ShipmentLabel",
    "ShipmentLine",
    "TrackingEvent",
    "TrackingNumber",
]
