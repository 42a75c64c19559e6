"""What is true about stock: pure values and functions."""

from enum import StrEnum


class Condition(StrEnum):
    NEW = "new"
    B_GRADE = "b_grade"
    USED = "used"


class OwnerKind(StrEnum):
    OWN = "own"
    CONSIGNMENT = "consignment"
    SELLER = "seller"


class LocationKind(StrEnum):
    WAREHOUSE = "warehouse"
    STORE = "store"
    SUPPLIER = "supplier"
    IN_TRANSIT = "in_transit"
    QUARANTINE = "quarantine"


class MovementKind(StrEnum):
    RECEIPT = "receipt"
    SHIPMENT = "shipment"
    RETURN = "return"
    ADJUSTMENT = "adjustment"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    OPENING = "opening"


class AllocationStatus(StrEnum):
    OPEN = "open"
    SHIPPED = "shipped"
    RELEASED = "released"


class BackOrderStatus(StrEnum):
    WAITING = "waiting"
    FILLED = "filled"
    CANCELLED = "cancelled"
