"""What is true about products, listings and prices: pure values and functions."""

from enum import StrEnum


class ProductKind(StrEnum):
    GOODS = "goods"
    SERVICE = "service"
    REFERENCE = "reference"


class ProductStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"


class TemperatureZone(StrEnum):
    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


class PurchaseType(StrEnum):
    NORMAL = "normal"
    SPOT = "spot"
    SUBSCRIPTION = "subscription"
    FREE = "free"
