from catalog.rules.kinds import ProductKind, ProductStatus, PurchaseType, ShelfOrder, TemperatureZone, purchase_types_of
from catalog.rules.prices import Offer, PriceAnswer, PriceAsk, PriceQuestion, PriceRow, quantity_steps, unit_price

__all__ = [
    "Offer", "PriceAnswer", "PriceAsk", "PriceQuestion", "PriceRow", "ProductKind", "ProductStatus", "PurchaseType", "ShelfOrder",
    "TemperatureZone", "purchase_types_of", "quantity_steps", "unit_price",
]
