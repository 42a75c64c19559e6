"""The enumerations of the catalogue and their words."""

from enum import StrEnum
from functools import lru_cache
from typing import Final

from core.words import gettext_noop as _


class ProductKind(StrEnum):
    """What a product is: goods in stock, a service, or something only described (another brand's, a dummy)."""

    GOODS = "goods"
    SERVICE = "service"
    REFERENCE = "reference"

    @classmethod
    def labels(cls) -> dict["ProductKind", str]:
        return {cls.GOODS: _("Goods"), cls.SERVICE: _("Service"), cls.REFERENCE: _("Reference only")}


class ProductStatus(StrEnum):
    """Where a product stands in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"

    @classmethod
    def labels(cls) -> dict["ProductStatus", str]:
        return {cls.DRAFT: _("In preparation"), cls.ACTIVE: _("On sale"), cls.ENDED: _("Sale ended")}


class TemperatureZone(StrEnum):
    """How a product travels."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"

    @classmethod
    def labels(cls) -> dict["TemperatureZone", str]:
        return {cls.AMBIENT: _("Ambient"), cls.CHILLED: _("Chilled"), cls.FROZEN: _("Frozen")}


class PurchaseType(StrEnum):
    """The form of a purchase."""

    NORMAL = "normal"
    SPOT = "spot"
    SUBSCRIPTION = "subscription"
    FREE = "free"

    @classmethod
    def labels(cls) -> dict["PurchaseType", str]:
        return {
            cls.NORMAL: _("Normal purchase"),
            cls.SPOT: _("One-off order"),
            cls.SUBSCRIPTION: _("Subscription"),
            cls.FREE: _("Free of charge"),
        }


class ShelfOrder(StrEnum):
    """How a shelf is sorted."""

    POSITION = "position"
    NEW = "new"
    PRICE = "price"
    PRICE_DOWN = "price_down"

    @classmethod
    def labels(cls) -> dict["ShelfOrder", str]:
        return {
            cls.POSITION: _("Recommended first"),
            cls.NEW: _("Newest first"),
            cls.PRICE: _("Lowest price first"),
            cls.PRICE_DOWN: _("Highest price first"),
        }


NORMAL_ONLY: Final = frozenset({PurchaseType.NORMAL})


@lru_cache(maxsize=256)
def purchase_types_of(listed: str) -> frozenset[PurchaseType]:
    """The forms a variant may be bought in; an empty list means normal purchase only, an unknown word counts for nothing."""
    known = {form.value: form for form in PurchaseType}
    words = (word.strip() for word in listed.split(","))
    return frozenset(known[word] for word in words if word in known) or NORMAL_ONLY
