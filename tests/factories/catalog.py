"""Products, prices and listings for tests: valid by default, the arguments are the point."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from catalog.models import Category, CategoryTree, Listing, Price, PriceList, Product, ProductCategory, ProductText, Variant
from catalog.operations.search_keys import write_search_keys
from core.actor import SYSTEM
from core.db import acting
from core.models import Brand, Company, SalesChannel, TaxClass

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
_next = count(1)


def a_tax_class(code: str = "standard") -> TaxClass:
    """The tax class of that code; every installation has the usual ones."""
    return TaxClass.objects.get_or_create(code=code, defaults={"name": code})[0]


def a_category_tree(company: Company, code: str = "main", **fields: Any) -> CategoryTree:
    """A tree without a season."""
    return CategoryTree.objects.get_or_create(company=company, code=code, defaults={"name": code, **fields})[0]


def a_category(
    company: Company, name: str = "お茶", *, under: Category | None = None, tree: CategoryTree | None = None, **fields: Any
) -> Category:
    """A shelf, with its path written out."""
    values = {
        "tree": tree or (under.tree if under else a_category_tree(company)),
        "code": fields.pop("code", f"cat{next(_next)}"),
        "name": name,
        "full_name": f"{under.full_name} > {name}" if under else name,
        **fields,
    }
    return Category.objects.add_child(under, values) if under else Category.objects.add_root(values)


def a_product(
    company: Company, code: str = "", *, name: str = "煎茶", language: str = "ja", category: Category | None = None, **fields: Any
) -> Product:
    """A product on sale, with its words in one language and the keys it is found by."""
    text_fields = {word: fields.pop(word) for word in ("kana", "summary", "description", "keywords") if word in fields}
    fields.setdefault("tax_class", a_tax_class())
    fields.setdefault("status", "active")
    product = Product.objects.create(company=company, code=code or f"P{next(_next):05d}", **fields)
    a_text(product, name, language=language, **text_fields)
    if category is not None:
        ProductCategory.objects.create(product=product, category=category, is_main=True)
    return product


def a_text(product: Product, name: str, *, language: str = "ja", **fields: Any) -> ProductText:
    """The product's words in a language, found by name, reading and code."""
    text = ProductText.objects.create(product=product, language=language, name=name, **fields)
    with acting(SYSTEM):
        write_search_keys([product.pk])
    text.refresh_from_db()
    return text


def a_variant(product: Product, sku: str = "", **fields: Any) -> Variant:
    """A SKU of a product, without price or listing."""
    return Variant.objects.create(company=product.company, product=product, sku=sku or f"SKU-{next(_next):05d}", **fields)


def a_price_list(company: Company, code: str = "standard", **fields: Any) -> PriceList:
    """A price list that holds for everybody, unless told otherwise."""
    return PriceList.objects.get_or_create(company=company, code=code, defaults={"name": code, "currency": company.currency, **fields})[0]


def a_price(variant: Variant, amount: int, *, price_list: PriceList | None = None, **fields: Any) -> Price:
    """A unit price in the standard list, since long ago."""
    fields.setdefault("from_at", LONG_AGO)
    return Price.objects.create(price_list=price_list or a_price_list(variant.company), variant=variant, amount=amount, **fields)


def a_listing(variant: Variant, *, channel: SalesChannel | None = None, **fields: Any) -> Listing:
    """The variant on sale, everywhere unless told otherwise."""
    return Listing.objects.create(variant=variant, channel=channel, **fields)


def a_sellable_variant(
    company: Company,
    sku: str = "",
    *,
    price: int = 1_000,
    name: str = "煎茶",
    tax_class: str = "standard",
    brand: Brand | None = None,
    category: Category | None = None,
    profile: str = "",
    **variant_fields: Any,
) -> Variant:
    """A variant of a product of its own, priced and listed on every channel: ready to be ordered."""
    product = a_product(company, name=name, tax_class=a_tax_class(tax_class), brand=brand, category=category, workflow_profile=profile)
    variant = a_variant(product, sku, **variant_fields)
    a_price(variant, price)
    a_listing(variant)
    return variant


def many_sellable_variants(company: Company, number: int, *, price: int = 1_000, tax_class: str = "standard") -> list[Variant]:
    """Many variants ready to be ordered, in a handful of statements."""
    tax = a_tax_class(tax_class)
    start = next(_next) * 1_000_000
    products = Product.objects.bulk_create(
        [Product(company=company, code=f"P{start + i}", tax_class=tax, status="active", position=i) for i in range(number)]
    )
    ProductText.objects.bulk_create([ProductText(product=p, language="ja", name=f"商品{i}") for i, p in enumerate(products)])
    variants = Variant.objects.bulk_create([Variant(company=company, product=p, sku=f"SKU-{start + i}") for i, p in enumerate(products)])
    prices = a_price_list(company)
    Price.objects.bulk_create([Price(price_list=prices, variant=v, amount=price, from_at=LONG_AGO) for v in variants])
    Listing.objects.bulk_create([Listing(variant=v) for v in variants])
    with acting(SYSTEM):
        write_search_keys([p.pk for p in products])
    return variants
