"""What shoppers and operators are shown: plain values, ready for a page, a screen or JSON."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.rules.kinds import ProductKind, PurchaseType, TemperatureZone
from core.tax import TaxBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPrice:
    """A unit price of one piece, with what stands beside it. ``before`` is an earlier price that may honestly be shown."""

    amount: int
    currency: str
    tax_basis: TaxBasis
    list_price: int | None = None
    before: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVariant:
    """A SKU on a shelf or product page. Prices are for one piece in a normal purchase; None: no price here."""

    variant_id: int
    public_id: UUID
    sku: str
    option: str
    price: ShownPrice | None
    purchase_types: frozenset[PurchaseType]
    max_quantity: int | None = None
    jan: str = ""
    subscription: tuple[ShownPrice, ...] = ()
    """The price of the first delivery and of those after it; empty where there is no subscription."""
    steps: tuple[tuple[int, int], ...] = ()
    """(from quantity, unit price) wherever the price changes; one step: no table needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfItem:
    """A product on a shelf. ``price`` is the lowest among its variants."""

    product_id: int
    public_id: UUID
    code: str
    name: str
    summary: str
    brand_id: int | None
    kind: ProductKind
    tax_class: str
    temperature_zone: TemperatureZone
    image_url: str
    image_alt: str
    variants: tuple[ShownVariant, ...]

    @property
    def price(self) -> ShownPrice | None:
        prices = [variant.price for variant in self.variants if variant.price is not None]
        return min(prices, key=lambda price: price.amount) if prices else None

    @property
    def has_several_prices(self) -> bool:
        return len({variant.price.amount for variant in self.variants if variant.price is not None}) > 1

    @property
    def may_subscribe(self) -> bool:
        return any(PurchaseType.SUBSCRIPTION in variant.purchase_types for variant in self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One page of a shelf and the cursor of the next ("" at the end)."""

    items: tuple[ShelfItem, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image with its words."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPlace:
    """A shelf of the current tree; ``depth`` is 1 at the root."""

    category_id: int
    code: str
    name: str
    depth: int = 1
    parent_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """All a product page shows, in one language."""

    product_id: int
    public_id: UUID
    code: str
    name: str
    kana: str
    summary: str
    description: str
    brand_id: int | None
    kind: ProductKind
    tax_class: str
    temperature_zone: TemperatureZone
    content_quantity: int | None
    content_unit: str
    use_days: int | None
    images: tuple[Picture, ...]
    breadcrumbs: tuple[CategoryPlace, ...]
    variants: tuple[ShownVariant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVariant:
    """An article an operator looked for."""

    variant_id: int
    product_id: int
    sku: str
    jan: str
    name: str
    option: str
    ended_at: datetime | None
