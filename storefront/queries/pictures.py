"""The pictures of things that were ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.queries import category_tree
from core.db import rows

_PICTURES = """
SELECT v.sku, v.id AS variant_id, p.code AS product_code, p.status = 'active' AND v.ended_at IS NULL AS is_sold,
    COALESCE(i.file, '') AS image
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN LATERAL (SELECT x.file FROM catalog_productimage x WHERE x.product_id = p.id ORDER BY x.position, x.id LIMIT 1) i ON true
WHERE v.company_id = %s AND v.sku = ANY(%s::text[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What stands on the shelf today under a SKU that was bought once."""

    sku: str
    variant_id: int
    product_code: str
    is_sold: bool
    image: str


def articles(company_id: int, skus: Sequence[str]) -> dict[str, Article]:
    """The articles of a company by SKU, in one statement; what is no longer known is left out."""
    found = rows(_PICTURES, (company_id, sorted(set(skus)))) if skus else []
    return {row.sku: Article(**row._asdict()) for row in found}


_TILES = """
SELECT c.code, CASE WHEN %(language)s = 'en' AND c.name_en <> '' THEN c.name_en ELSE c.name END AS name, COALESCE(i.file, '') AS image
FROM catalog_category c
LEFT JOIN LATERAL (
    SELECT x.file FROM catalog_category b JOIN catalog_productcategory pc ON pc.category_id = b.id JOIN catalog_product p ON p.id = pc.product_id
    JOIN catalog_productimage x ON x.product_id = p.id
    WHERE b.tree_id = c.tree_id AND b.path LIKE c.path || '%%' AND p.status = 'active' ORDER BY p.position, p.id, x.position LIMIT 1) i ON true
WHERE c.id = ANY(%(ids)s::bigint[]) ORDER BY c.path
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfTile:
    """A shelf with the picture of its first product."""

    code: str
    name: str
    image: str


def shelf_tiles(company_id: int, *, language: str, at: datetime) -> list[ShelfTile]:
    """The shelves of the first floor with a picture each; two statements."""
    ids = [place.category_id for place in category_tree(company_id=company_id, language=language, at=at) if place.depth == 1]
    found = rows(_TILES, {"language": language, "ids": ids}) if ids else []
    return [ShelfTile(**row._asdict()) for row in found]
