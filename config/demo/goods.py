"""What a demo product is made of."""

from dataclasses import dataclass, field

from catalog.rules import ProductKind, ProductStatus, PurchaseType, TemperatureZone

NORMAL = (PurchaseType.NORMAL,)
ON_CONTRACT = (PurchaseType.NORMAL, PurchaseType.SUBSCRIPTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A product's name, one line and paragraph in one language."""

    name: str
    summary: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What its drawing shows: a shape, three colours and a character on the label."""

    shape: str
    body: str
    accent: str
    ground: str
    mark: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One SKU of a product. ``parts`` are stock item codes × quantity; empty: a stock item of its own."""

    code: str
    price: int
    option: str = ""
    option_en: str = ""
    grams: int = 0
    stock: tuple[int, int, int] = (120, 60, 12)
    """Opening stock in Shizuoka, Osaka and the store."""
    parts: tuple[tuple[str, int], ...] = ()
    most: int | None = None
    b_grade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One product of the demo company."""

    code: str
    brand: str
    shelf: str
    kana: str
    ja: Words
    en: Words
    look: Look
    sizes: tuple[Size, ...]
    keywords: str = ""
    tax: str = "reduced"
    forms: tuple[PurchaseType, ...] = ON_CONTRACT
    content: tuple[int, str] | None = None
    days: int | None = None
    kind: ProductKind = ProductKind.GOODS
    status: ProductStatus = ProductStatus.ACTIVE
    zone: TemperatureZone = TemperatureZone.AMBIENT
    more_shelves: tuple[str, ...] = field(default=())
