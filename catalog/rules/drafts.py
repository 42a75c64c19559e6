"""What somebody wants written into the catalogue, and what of it can be refused without looking anything up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from catalog.rules.kinds import ProductKind, ProductStatus, PurchaseType, TemperatureZone
from core.errors import Refusal
from core.tax import TaxBasis
from core.words import gettext_noop as _

MAIN_TREE: Final = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDraft:
    """A product's words in one language."""

    language: str
    name: str
    kana: str = ""
    summary: str = ""
    description: str = ""
    keywords: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A SKU of a product."""

    sku: str
    jan: str = ""
    option: str = ""
    option_en: str = ""
    weight_grams: int | None = None
    parcel_size: str = ""
    purchase_types: tuple[PurchaseType, ...] = ()
    max_quantity: int | None = None
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product as it is to be: texts and variants named here are written, others stay. ``categories`` are the codes of
    its shelves in one tree, the main one first; None leaves its places alone."""

    code: str
    texts: tuple[TextDraft, ...] = ()
    variants: tuple[VariantDraft, ...] = ()
    tax_class: str = "standard"
    brand_code: str = ""
    kind: ProductKind = ProductKind.GOODS
    status: ProductStatus = ProductStatus.ACTIVE
    temperature_zone: TemperatureZone = TemperatureZone.AMBIENT
    workflow_profile: str = ""
    content_quantity: int | None = None
    content_unit: str = ""
    use_days: int | None = None
    position: int = 0
    tree_code: str = MAIN_TREE
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedProduct:
    """A product written; ``variants`` are (SKU, variant id) of the SKUs named in the draft."""

    product_id: int
    public_id: UUID
    code: str
    is_new: bool
    variants: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDraft:
    """A shelf of a tree, under the shelf with the parent's code."""

    code: str
    name: str
    name_en: str = ""
    parent_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDraft:
    """A picture already in the media storage, for a product."""

    product_id: int
    file: str
    alt: str
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListDraft:
    """A price list as it is to be, by its code."""

    code: str
    name: str
    currency: str = "JPY"
    tax_basis: TaxBasis = TaxBasis.INCLUDED
    channel_id: int | None = None
    rank_code: str = ""
    purchase_type: PurchaseType | None = None
    cycle_from: int | None = None
    cycle_until: int | None = None
    priority: int = 0
    from_at: datetime | None = None
    until_at: datetime | None = None
    is_list_price: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAt:
    """A unit price wanted in a list from a quantity on; from now where ``from_at`` is None, until changed where ``until_at`` is."""

    list_code: str
    variant_id: int
    amount: int
    min_quantity: int = 1
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSet:
    """A price that holds now or will; ``changed`` is False where it already did."""

    list_code: str
    variant_id: int
    amount: int
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingAsk:
    """A variant to be put on sale: on one channel or site, for one rank, for a period; everywhere, for all, from now on by default."""

    variant_id: int
    channel_id: int | None = None
    site_id: int | None = None
    rank_code: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None


NO_CODE: Final = _("A product needs a code of at most 64 characters.")
NO_NAME: Final = _("The product “%(code)s” needs a name in at least one language.")
NO_SKU: Final = _("Every variant of “%(code)s” needs a SKU of at most 64 characters.")
BAD_JAN: Final = _("“%(jan)s” is not a JAN code: its digits or its check digit are wrong.")
TWICE: Final = _("“%(code)s” stands twice in this batch.")


def refusal_of_draft(draft: ProductDraft, *, is_new: bool = True) -> Refusal | None:
    """What is wrong with a draft by itself."""
    if not draft.code.strip() or len(draft.code) > 64:
        return Refusal("catalog.no_code", NO_CODE, {}, "code")
    if (is_new and not draft.texts) or any(not text.name.strip() for text in draft.texts):
        return Refusal("catalog.no_name", NO_NAME, {"code": draft.code}, "texts")
    for place, variant in enumerate(draft.variants):
        if not variant.sku.strip() or len(variant.sku) > 64:
            return Refusal("catalog.no_sku", NO_SKU, {"code": draft.code}, f"variants/{place}/sku")
        if variant.jan and not is_jan(variant.jan):
            return Refusal("catalog.bad_jan", BAD_JAN, {"jan": variant.jan}, f"variants/{place}/jan")
    return None


def repeated(drafts: Sequence[ProductDraft]) -> dict[int, Refusal]:
    """The places of drafts whose code or SKU stood before in the batch, with the reason."""
    codes: set[str] = set()
    skus: set[str] = set()
    said: dict[int, Refusal] = {}
    for place, draft in enumerate(drafts):
        own = [variant.sku for variant in draft.variants]
        twice = [code for code in (draft.code,) if code in codes] + [s for s in own if s in skus or own.count(s) > 1]
        if twice:
            said[place] = Refusal("catalog.twice_in_batch", TWICE, {"code": twice[0]}, "code")
            continue
        codes.add(draft.code)
        skus.update(own)
    return said


def is_jan(text: str) -> bool:
    """Whether the text is a GTIN of 8, 12, 13 or 14 digits with the right check digit."""
    if len(text) not in (8, 12, 13, 14) or not (text.isascii() and text.isdigit()):
        return False
    return jan_check_digit(text[:-1]) == int(text[-1])


def jan_check_digit(digits: Iterable[str]) -> int:
    """The last digit of a JAN whose other digits are given: weights 3 and 1 from the right (JIS X 0507)."""
    return -sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(list(digits)))) % 10
