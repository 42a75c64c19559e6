"""A product's own page, the tree of shelves, and the operator's one box for articles."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.core.files.storage import default_storage

from catalog.queries.offers import LISTED, OPTION, PRICE
from catalog.queries.shelves import CURRENT_TREE, search_condition, shown_price
from catalog.rules.history import charged_periods, honest_price_before
from catalog.rules.kinds import ProductKind, PurchaseType, TemperatureZone, purchase_types_of
from catalog.rules.prices import PriceQuestion, quantity_steps
from catalog.rules.searching import search_ask
from catalog.rules.views import CategoryPlace, FoundVariant, Picture, ProductPage, ShownPrice, ShownVariant
from core.db import rows
from core.errors import NotFound
from core.text import has_unstorable
from core.words import gettext_noop as _

MOST_HITS: Final = 300
"""An operator who gets more than this types another letter; which ones are shown is then left to the database."""
NO_PRODUCT: Final = _("There is no such product here.")

# The page asks for rows that held before too: what was charged lately decides which price may stand beside the present one.
_ALL_PRICES: Final = PRICE.split("AND (pr.from_at IS NULL")[0]
_PAGE: Final = f"""
SELECT p.id AS product_id, p.public_id, p.code, p.brand_id, p.kind, p.tax_class, p.temperature_zone, p.content_quantity, p.content_unit,
       p.use_days, t.name, t.kana, t.summary, t.description, pictures.list AS pictures, crumbs.list AS crumbs,
       v.id AS variant_id, v.public_id AS variant_public_id, v.sku, v.jan, {OPTION} AS option, v.purchase_types, v.max_quantity, price.*
FROM catalog_product p
JOIN core_company co ON co.id = p.company_id
LEFT JOIN LATERAL (
    SELECT pt.* FROM catalog_producttext pt WHERE pt.product_id = p.id
    ORDER BY pt.language = %(language)s DESC, pt.language = co.language DESC, pt.id LIMIT 1
) t ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(pi.file, pi.alt) ORDER BY pi.position, pi.id) AS list FROM catalog_productimage pi WHERE pi.product_id = p.id
) pictures ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(a.id, a.code, CASE WHEN %(language)s = 'en' AND a.name_en <> '' THEN a.name_en ELSE a.name END) ORDER BY a.path) AS list
    FROM catalog_productcategory pc JOIN catalog_category c ON c.id = pc.category_id AND c.tree_id = ({CURRENT_TREE})
    JOIN catalog_category a ON a.tree_id = c.tree_id AND c.path LIKE a.path || '%%'
    WHERE pc.product_id = p.id AND pc.is_main
) crumbs ON true
JOIN catalog_variant v ON v.product_id = p.id AND (v.ended_at IS NULL OR v.ended_at > %(at)s)
    AND EXISTS (SELECT 1 FROM ({LISTED}) listed WHERE listed.ranks && ARRAY['', %(rank)s]::varchar[])
LEFT JOIN LATERAL ({_ALL_PRICES}) price ON true
WHERE p.company_id = %(company)s AND p.code = %(code)s AND p.status = 'active' AND p.kind <> 'reference'
ORDER BY v.position, v.id
"""
_TREE: Final = f"""
SELECT c.id, c.code, c.depth, CASE WHEN %(language)s = 'en' AND c.name_en <> '' THEN c.name_en ELSE c.name END AS name, up.code AS parent_code
FROM catalog_category c LEFT JOIN catalog_category up ON up.depth = c.depth - 1 AND up.path = substr(c.path, 1, length(c.path) - 4)
WHERE c.tree_id = ({CURRENT_TREE}) ORDER BY c.path
"""


def product_page(*, code: str, company_id: int, channel_id: int, language: str, at: datetime, rank_code: str = "") -> ProductPage:
    """All that a product's page shows on a channel, in ONE statement. Raises NotFound where it can't be bought there.

    A price before is given only where the rules on comparative prices allow it to be shown.
    """
    asked = {"code": code, "company": company_id, "channel": channel_id, "language": language, "at": at, "rank": rank_code}
    found = [] if has_unstorable(code) else rows(_PAGE, asked)
    if not found:
        raise NotFound("catalog.no_such_product", NO_PRODUCT)
    row = found[0]
    question = PriceQuestion(channel_id=channel_id, at=at, rank_code=rank_code)
    return ProductPage(
        product_id=row.product_id,
        public_id=row.public_id,
        code=row.code,
        name=row.name or row.code,
        kana=row.kana or "",
        summary=row.summary or "",
        description=row.description or "",
        brand_id=row.brand_id,
        kind=ProductKind(row.kind),
        tax_class=row.tax_class,
        temperature_zone=TemperatureZone(row.temperature_zone),
        content_quantity=row.content_quantity,
        content_unit=row.content_unit,
        use_days=row.use_days,
        images=tuple(Picture(url=default_storage.url(file), alt=alt) for file, alt in row.pictures or ()),
        breadcrumbs=tuple(
            CategoryPlace(category_id=crumb[0], code=crumb[1], name=crumb[2], depth=depth)
            for depth, crumb in enumerate(row.crumbs or (), start=1)
        ),
        variants=tuple(_variant(list(group), question) for _id, group in groupby(found, key=lambda row: row.variant_id)),
    )


def _variant(found: Sequence[Any], question: PriceQuestion) -> ShownVariant:
    row = found[0]
    forms = purchase_types_of(row.purchase_types)
    price = shown_price(found, question)
    if price is not None:
        before = honest_price_before(charged_periods(found, question), now_charged=price.amount, at=question.at)
        price = shown_price(found, question, before=before)
    return ShownVariant(
        variant_id=row.variant_id,
        public_id=row.variant_public_id,
        sku=row.sku,
        option=row.option,
        jan=row.jan,
        price=price,
        purchase_types=forms,
        max_quantity=row.max_quantity,
        subscription=_subscription(found, question) if PurchaseType.SUBSCRIPTION in forms else (),
        steps=tuple(quantity_steps(found, question)) if price is not None else (),
    )


def _subscription(found: Sequence[Any], question: PriceQuestion) -> tuple[ShownPrice, ...]:
    asked = [
        PriceQuestion(
            channel_id=question.channel_id,
            at=question.at,
            rank_code=question.rank_code,
            purchase_type=PurchaseType.SUBSCRIPTION,
            cycle=cycle,
        )
        for cycle in (1, 2)
    ]
    return tuple(price for one in asked if (price := shown_price(found, one)) is not None)


def category_tree(*, company_id: int, language: str, at: datetime) -> list[CategoryPlace]:
    """The shelves of the tree of the season, in order, parents before children; one statement."""
    return [
        CategoryPlace(category_id=row.id, code=row.code, name=row.name, depth=row.depth, parent_code=row.parent_code or "")
        for row in rows(_TREE, {"company": company_id, "language": language, "at": at})
    ]


def find_variants(typed: str, *, company_id: int, language: str = "ja", limit: int = 20) -> list[FoundVariant]:
    """Articles by any fragment of name, reading, option, SKU, JAN or product code, an exact SKU or JAN first; one statement."""
    asked = search_ask(typed)
    if asked.is_empty:
        return []
    params: dict[str, Any] = {"company": company_id, "language": language, "limit": limit, "typed": typed.replace("\x00", "").strip()}
    hits = f"""
        (SELECT pt.product_id FROM catalog_producttext pt JOIN catalog_product hp ON hp.id = pt.product_id
         WHERE hp.company_id = %(company)s AND {search_condition(asked, params)} LIMIT {MOST_HITS})
        UNION SELECT x.product_id FROM catalog_variant x WHERE x.company_id = %(company)s AND x.sku = %(typed)s"""
    found = rows(
        f"WITH hits AS MATERIALIZED ({hits})"
        f" SELECT v.id, v.product_id, v.sku, v.jan, {OPTION} AS option, v.ended_at, coalesce(t.name, p.code) AS name"
        " FROM hits JOIN catalog_product p ON p.id = hits.product_id JOIN catalog_variant v ON v.product_id = p.id"
        " LEFT JOIN LATERAL (SELECT pt.name FROM catalog_producttext pt WHERE pt.product_id = p.id"
        " ORDER BY pt.language = %(language)s DESC, pt.id LIMIT 1) t ON true"
        " ORDER BY (v.sku = %(typed)s OR v.jan = %(typed)s) DESC, v.ended_at IS NOT NULL, p.position, p.id, v.position, v.id LIMIT %(limit)s",
        params,
        prepare=False,
    )
    return [
        FoundVariant(
            variant_id=row.id, product_id=row.product_id, sku=row.sku, jan=row.jan, name=row.name, option=row.option, ended_at=row.ended_at
        )
        for row in found
    ]
