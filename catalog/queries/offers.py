"""What variants are sold for: one statement for a whole batch of lines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from catalog.rules.kinds import ProductKind, PurchaseType, TemperatureZone, purchase_types_of
from catalog.rules.prices import Offer, PriceAsk, PriceQuestion, unit_price
from core.db import rows
from core.errors import Refusal
from core.tax import TaxBasis
from core.words import gettext_noop as _

# Laterals shared by every statement of the catalogue that shows something for sale. They expect v (variant),
# p (product) and co (company), and the parameters language, channel and at.
TEXT: Final = """
LEFT JOIN LATERAL (
    SELECT pt.name, pt.summary FROM catalog_producttext pt WHERE pt.product_id = p.id
    ORDER BY pt.language = %(language)s DESC, pt.language = co.language DESC, pt.id LIMIT 1
) t ON true"""
PLACE: Final = """
LEFT JOIN LATERAL (
    SELECT c.full_name FROM catalog_productcategory pc
    JOIN catalog_category c ON c.id = pc.category_id
    JOIN catalog_categorytree ct ON ct.id = c.tree_id
    WHERE pc.product_id = p.id AND pc.is_main
      AND (ct.valid_from_on IS NULL OR ct.valid_from_on <= (%(at)s::timestamptz AT TIME ZONE co.timezone)::date)
      AND (ct.valid_until_on IS NULL OR ct.valid_until_on > (%(at)s::timestamptz AT TIME ZONE co.timezone)::date)
    ORDER BY ct.valid_from_on DESC NULLS LAST, pc.id LIMIT 1
) place ON true"""
LISTED: Final = """
    SELECT array_agg(l.rank_code) AS ranks FROM catalog_listing l
    WHERE l.variant_id = v.id AND (l.channel_id IS NULL OR l.channel_id = %(channel)s)
      AND (l.site_id IS NULL OR l.site_id = (SELECT sc.site_id FROM core_saleschannel sc WHERE sc.id = %(channel)s))
      AND (l.from_at IS NULL OR l.from_at <= %(at)s) AND (l.until_at IS NULL OR l.until_at > %(at)s)"""
PRICE: Final = """
    SELECT pr.id AS price_id, pr.min_quantity, pr.amount, pl.code AS list_code, pl.priority, pl.is_list_price, pl.channel_id,
           pl.rank_code, pl.purchase_type, pl.cycle_from, pl.cycle_until, pl.currency, pl.tax_basis,
           greatest(pr.from_at, pl.from_at) AS from_at, least(pr.until_at, pl.until_at) AS until_at
    FROM catalog_price pr JOIN catalog_pricelist pl ON pl.id = pr.price_list_id
    WHERE pr.variant_id = v.id AND (pl.channel_id IS NULL OR pl.channel_id = %(channel)s)
      AND (pr.from_at IS NULL OR pr.from_at <= %(at)s) AND (pr.until_at IS NULL OR pr.until_at > %(at)s)
      AND (pl.from_at IS NULL OR pl.from_at <= %(at)s) AND (pl.until_at IS NULL OR pl.until_at > %(at)s)"""
OPTION: Final = "CASE WHEN %(language)s = 'en' AND v.option_en <> '' THEN v.option_en ELSE v.option END"
ON_SALE: Final = "((v.ended_at IS NULL OR v.ended_at > %(at)s) AND p.status = 'active' AND p.kind <> 'reference')"

_OFFERS: Final = f"""
SELECT v.id AS variant_id, v.product_id, v.sku, {OPTION} AS option, v.purchase_types, v.max_quantity, v.parcel_size, v.weight_grams,
       {ON_SALE} AS on_sale, p.code AS product_code, p.kind, p.temperature_zone, p.tax_class, p.brand_id, p.workflow_profile,
       coalesce(t.name, p.code) AS name, coalesce(place.full_name, '') AS category_path, listed.ranks AS listed_ranks, price.*
FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id
JOIN core_company co ON co.id = v.company_id
{TEXT}
{PLACE}
LEFT JOIN LATERAL ({LISTED}) listed ON true
LEFT JOIN LATERAL ({PRICE}) price ON true
WHERE v.company_id = %(company)s AND """
_BY_ID: Final = _OFFERS + "v.id = ANY(%(ids)s::bigint[])"
_BY_SKU: Final = _OFFERS + "v.sku = ANY(%(skus)s::text[])"
_BY_EITHER: Final = _OFFERS + "(v.id = ANY(%(ids)s::bigint[]) OR v.sku = ANY(%(skus)s::text[]))"

UNKNOWN: Final = _("There is no article “%(sku)s”.")
NOT_FOR_SALE: Final = _("“%(sku)s” is not for sale here.")
NOT_IN_THIS_FORM: Final = _("“%(sku)s” cannot be bought in this form (%(purchase_type)s).")
NO_PRICE: Final = _("“%(sku)s” has no price here.")
TOO_MANY: Final = _("At most %(most)s of “%(sku)s” can be ordered at once.")
TOO_FEW: Final = _("The quantity of “%(sku)s” must be at least 1.")


def offers(asks: Sequence[PriceAsk], *, company_id: int, channel_id: int, language: str, at: datetime) -> list[Offer | Refusal]:
    """What every ask is sold for, in the order asked, by ONE statement whatever their number.

    Refuses item by item with "catalog.unknown_sku", "catalog.not_for_sale", "catalog.no_price", "catalog.too_many" or
    "catalog.bad_quantity". The name is in the language asked, else in the company's. Candidate prices come from SQL,
    ``catalog.rules.unit_price`` decides.
    """
    if not asks:
        return []
    ids = [ask.variant_id for ask in asks if ask.variant_id is not None]
    skus = [ask.sku for ask in asks if ask.variant_id is None]
    keys: dict[str, Sequence[Any]] = {"ids": ids, "skus": skus}
    if not skus:
        sql = _BY_ID
        del keys["skus"]
    elif not ids:
        sql = _BY_SKU
        del keys["ids"]
    else:
        sql = _BY_EITHER
    found = rows(sql, {"company": company_id, "channel": channel_id, "language": language, "at": at, **keys})
    by_id: dict[int, list[Any]] = {}
    by_sku: dict[str, list[Any]] = {}
    for row in found:
        group = by_id.get(row.variant_id)
        if group is None:
            by_id[row.variant_id] = by_sku[row.sku] = [row]
        else:
            group.append(row)
    return [_answer(ask, by_sku.get(ask.sku) if ask.variant_id is None else by_id.get(ask.variant_id), channel_id, at) for ask in asks]


def _answer(ask: PriceAsk, candidates: list[Any] | None, channel_id: int, at: datetime) -> Offer | Refusal:
    if not candidates:
        return Refusal("catalog.unknown_sku", UNKNOWN, {"sku": ask.sku or str(ask.variant_id)}, "sku")
    row = candidates[0]
    refusal = _why_not(ask, row)
    if refusal is not None:
        return refusal
    question = PriceQuestion(
        channel_id=channel_id,
        at=at,
        quantity=ask.quantity,
        purchase_type=ask.purchase_type,
        cycle=ask.cycle,
        rank_code=ask.rank_code,
    )
    price = unit_price(candidates, question) if row.price_id is not None else None
    if price is None:
        return Refusal("catalog.no_price", NO_PRICE, {"sku": row.sku}, "sku")
    return Offer(
        variant_id=row.variant_id,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        option=row.option,
        category_path=row.category_path,
        unit_price=price.amount,
        list_price=price.list_price,
        currency=price.currency,
        tax_basis=TaxBasis(price.tax_basis),
        tax_class=row.tax_class,
        price_reason=price.reason,
        kind=ProductKind(row.kind),
        temperature_zone=TemperatureZone(row.temperature_zone),
        max_quantity=row.max_quantity,
        product_code=row.product_code,
        brand_id=row.brand_id,
        workflow_profile=row.workflow_profile,
        parcel_size=row.parcel_size,
        weight_grams=row.weight_grams,
    )


def _why_not(ask: PriceAsk, row: Any) -> Refusal | None:
    ranks = row.listed_ranks
    if not row.on_sale or not ranks or not ("" in ranks or ask.rank_code in ranks):
        return Refusal("catalog.not_for_sale", NOT_FOR_SALE, {"sku": row.sku}, "sku")
    forms = purchase_types_of(row.purchase_types)
    if ask.purchase_type not in forms and not (ask.purchase_type == PurchaseType.SPOT and PurchaseType.NORMAL in forms):
        said = {"sku": row.sku, "purchase_type": str(ask.purchase_type)}
        return Refusal("catalog.not_for_sale", NOT_IN_THIS_FORM, said, "purchase_type")
    if ask.quantity < 1:
        return Refusal("catalog.bad_quantity", TOO_FEW, {"sku": row.sku}, "quantity")
    if row.max_quantity is not None and ask.quantity > row.max_quantity:
        return Refusal("catalog.too_many", TOO_MANY, {"sku": row.sku, "most": row.max_quantity}, "quantity")
    return None
