"""What else there is of a product: other sizes and flavours, for an exchange."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows

_SIBLINGS = """
SELECT a.id AS of_id, v.sku, coalesce(nullif(CASE WHEN %(language)s LIKE 'ja%%' THEN v.option ELSE coalesce(nullif(v.option_en, ''), v.option) END, ''),
    v.sku) AS word, v.id = a.id AS is_same
FROM catalog_variant a JOIN catalog_variant v ON v.product_id = a.product_id AND v.ended_at IS NULL
WHERE a.id = ANY(%(ids)s::bigint[]) ORDER BY a.id, (v.id = a.id) DESC, v.position, v.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """A variant of the same product; the same one first."""

    sku: str
    word: str
    is_same: bool


def siblings_of(variant_ids: Sequence[int], *, language: str) -> dict[int, list[Sibling]]:
    """The variants on sale of each variant's product, by variant. One statement."""
    found: dict[int, list[Sibling]] = {}
    for row in rows(_SIBLINGS, {"ids": sorted(set(variant_ids)), "language": language}):
        found.setdefault(row.of_id, []).append(Sibling(sku=row.sku, word=row.word, is_same=row.is_same))
    return found
