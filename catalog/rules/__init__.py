from catalog.rules.history import Period, PricePlan, charged_periods, honest_price_before, plan_price
from catalog.rules.kinds import ProductKind, ProductStatus, PurchaseType, ShelfOrder, TemperatureZone, purchase_types_of
from catalog.rules.prices import Offer, PriceAnswer, PriceAsk, PriceQuestion, PriceRow, precedence, quantity_steps, unit_price
from catalog.rules.searching import SearchAsk, SearchDocument, search_ask, search_document

__all__ = [
    "Offer",
    "Period",
    "PriceAnswer",
    "PriceAsk",
    "PricePlan",
    "PriceQuestion",
    "PriceRow",
    "ProductKind",
    "ProductStatus",
    "PurchaseType",
    "SearchAsk",
    "SearchDocument",
    "ShelfOrder",
    "TemperatureZone",
    "charged_periods",
    "honest_price_before",
    "plan_price",
    "precedence",
    "purchase_types_of",
    "quantity_steps",
    "search_ask",
    "search_document",
    "unit_price",
]
