"""What is true about orders, shipments and their money: pure values and functions."""

from enum import StrEnum


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class OrderPaymentStatus(StrEnum):
    UNPAID = "unpaid"
    AUTHORISED = "authorised"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    REFUNDED = "refunded"
    VOIDED = "voided"


class FulfilmentStatus(StrEnum):
    PLANNED = "planned"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    NOTHING_TO_SHIP = "nothing_to_ship"


class ShipmentStatus(StrEnum):
    PLANNED = "planned"
    INSTRUCTED = "instructed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class FeeKind(StrEnum):
    SHIPPING = "shipping"
    CASH_ON_DELIVERY = "cash_on_delivery"
    GIFT = "gift"
    OTHER = "other"


class HoldKind(StrEnum):
    REMARK = "remark"
    ADDRESS = "address"
    DUPLICATE = "duplicate"
    AMOUNT = "amount"
    ATTENTION = "attention"
    PAYMENT = "payment"
    MANUAL = "manual"


class Visibility(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class AuthorKind(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"
    RULE = "rule"


class OriginKind(StrEnum):
    PLACED = "placed"
    IMPORTED = "imported"
