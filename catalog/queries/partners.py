"""What partner systems read: products, articles and their prices, newest first, a statement a page."""

from typing import Any, Final
from uuid import UUID

from catalog.rules.kinds import ProductStatus
from core.db import rows
from core.errors import NotFound

_PRODUCTS: Final = """
SELECT p.id, p.recorded_at, p.public_id, p.code, p.kind, p.status, p.tax_class, p.temperature_zone, b.code AS brand, p.version,
       p.content_quantity, p.content_unit, p.use_days, texts.list AS texts, variants.list AS variants
FROM catalog_product p
LEFT JOIN core_brand b ON b.id = p.brand_id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('language', t.language, 'name', t.name, 'kana', t.kana, 'summary', t.summary) ORDER BY t.id) AS list
    FROM catalog_producttext t WHERE t.product_id = p.id
) texts ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', 'var_' || replace(v.public_id::text, '-', ''), 'sku', v.sku, 'jan', v.jan, 'option', v.option,
                                        'ended_at', v.ended_at) ORDER BY v.position, v.id) AS list
    FROM catalog_variant v WHERE v.product_id = p.id
) variants ON true
WHERE p.company_id = %(company)s"""
_VARIANTS: Final = """
SELECT v.id, v.recorded_at, v.public_id, v.sku, v.jan, v.option, v.option_en, v.weight_grams, v.purchase_types, v.max_quantity, v.ended_at, v.version,
       p.public_id AS product_public_id, p.code AS product_code
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
WHERE v.company_id = %(company)s"""
_PRICES: Final = """
SELECT pr.id, pr.recorded_at, pl.code AS list, pl.currency, pl.tax_basis, pl.rank_code, pl.purchase_type, sc.code AS channel, pr.min_quantity, pr.amount,
       pr.from_at, pr.until_at
FROM catalog_price pr JOIN catalog_pricelist pl ON pl.id = pr.price_list_id JOIN catalog_variant v ON v.id = pr.variant_id
LEFT JOIN core_saleschannel sc ON sc.id = pl.channel_id
WHERE v.company_id = %(company)s AND v.public_id = %(public_id)s"""


def products_of(
    company_id: int | None, *, limit: int, before_id: int | None = None, status: ProductStatus | None = None, code: str | None = None
) -> list[Any]:
    """A company's products with texts and articles, newest first; none for a partner without a company."""
    where = "" if before_id is None else " AND p.id < %(before)s"
    where += "" if status is None else " AND p.status = %(status)s"
    where += "" if code is None else " AND p.code = %(code)s"
    asked = {"company": company_id, "limit": limit, "before": before_id, "status": status and str(status), "code": code}
    return rows(f"{_PRODUCTS}{where} ORDER BY p.id DESC LIMIT %(limit)s", _used(asked, where))


def product_of(company_id: int | None, *, public_id: UUID) -> Any:
    """One product of the company; NotFound for any other."""
    return _one(rows(f"{_PRODUCTS} AND p.public_id = %(public_id)s", {"company": company_id, "public_id": public_id}))


def variants_of(
    company_id: int | None, *, limit: int, before_id: int | None = None, sku: str | None = None, jan: str | None = None
) -> list[Any]:
    """A company's articles, newest first."""
    where = "" if before_id is None else " AND v.id < %(before)s"
    where += "" if sku is None else " AND v.sku = %(sku)s"
    where += "" if jan is None else " AND v.jan = %(jan)s AND v.jan <> ''"
    asked = {"company": company_id, "limit": limit, "before": before_id, "sku": sku, "jan": jan}
    return rows(f"{_VARIANTS}{where} ORDER BY v.id DESC LIMIT %(limit)s", _used(asked, where))


def variant_of(company_id: int | None, *, public_id: UUID) -> Any:
    """One article of the company; NotFound for any other."""
    return _one(rows(f"{_VARIANTS} AND v.public_id = %(public_id)s", {"company": company_id, "public_id": public_id}))


def price_rows_of(company_id: int | None, *, variant_public_id: UUID, limit: int, before_id: int | None = None) -> list[Any]:
    """What an article was, is and will be sold for in every list, the latest written first; NotFound for a foreign article."""
    variant_of(company_id, public_id=variant_public_id)
    where = "" if before_id is None else " AND pr.id < %(before)s"
    asked = {"company": company_id, "public_id": variant_public_id, "limit": limit, "before": before_id}
    kept = {name: value for name, value in asked.items() if name != "before" or before_id is not None}
    return rows(f"{_PRICES}{where} ORDER BY pr.id DESC LIMIT %(limit)s", kept)


def _used(asked: dict[str, Any], where: str) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name in ("company", "limit") or f"%({name})s" in where}


def _one(found: list[Any]) -> Any:
    if not found:
        raise NotFound
    return found[0]
