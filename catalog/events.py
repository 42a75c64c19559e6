"""What the catalogue announces."""

from dataclasses import dataclass
from datetime import datetime

from core.events import Event


@dataclass(frozen=True)
class ProductChanged(Event):
    """A product, its words or its variants were written."""

    name = "catalog.ProductChanged"
    product_id: int
    company_id: int
    code: str

    @property
    def stream(self) -> str:
        return f"product:{self.product_id}"


@dataclass(frozen=True)
class PriceChanged(Event):
    """From a moment on a variant costs something else in a list; amounts in the currency's minor units."""

    name = "catalog.PriceChanged"
    variant_id: int
    price_list_code: str
    min_quantity: int
    amount: int
    currency: str
    from_at: datetime
    until_at: datetime | None = None

    @property
    def stream(self) -> str:
        return f"variant:{self.variant_id}"


@dataclass(frozen=True)
class VariantEnded(Event):
    """A variant is no longer sold."""

    name = "catalog.VariantEnded"
    variant_id: int
    sku: str

    @property
    def stream(self) -> str:
        return f"variant:{self.variant_id}"
