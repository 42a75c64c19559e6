"""The trees of kits, and what their parts cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db import rows
from inventory.rules import KitPartAsk, KitPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class KitRow:
    """A kit with its parts and its price rule."""

    variant_id: int
    parts: tuple[KitPartAsk, ...]
    price: KitPrice
    rate_bp: int
    amount: int


_KITS = """
SELECT k.variant_id, k.price, k.rate_bp, k.amount,
    (SELECT jsonb_agg(jsonb_build_array(p.quantity, p.variant_id, p.stock_item_id) ORDER BY p.id) FROM inventory_kitpart p WHERE p.kit_id = k.id)
        AS parts
FROM inventory_kit k JOIN catalog_variant v ON v.id = k.variant_id WHERE v.company_id = %s ORDER BY k.variant_id
"""


def kits_of(company_id: int) -> dict[int, KitRow]:
    """Every kit of a company, by its variant. One statement."""
    return {
        row.variant_id: KitRow(
            variant_id=row.variant_id,
            parts=tuple(KitPartAsk(quantity=q, variant_id=variant, stock_item_id=item) for q, variant, item in row.parts or ()),
            price=KitPrice(row.price),
            rate_bp=row.rate_bp,
            amount=row.amount,
        )
        for row in rows(_KITS, (company_id,))
    }


def components_of(variant_ids: Sequence[int], *, company_id: int) -> dict[int, dict[int, int]]:
    """Of what variants are made: quantities by stock item, by variant. One statement."""
    found = rows(
        "SELECT c.variant_id, c.stock_item_id, c.quantity FROM inventory_component c JOIN catalog_variant v ON v.id = c.variant_id"
        " WHERE v.company_id = %s AND c.variant_id = ANY(%s::bigint[])",
        (company_id, sorted(set(variant_ids))),
    )
    parts: dict[int, dict[int, int]] = {}
    for row in found:
        parts.setdefault(row.variant_id, {})[row.stock_item_id] = row.quantity
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPrice:
    """What one piece of a variant costs by a price list at a moment."""

    list_code: str
    variant_id: int
    amount: int


_PRICES = """
SELECT l.code AS list_code, p.variant_id, p.amount
FROM catalog_price p JOIN catalog_pricelist l ON l.id = p.price_list_id
WHERE l.company_id = %(company)s AND p.variant_id = ANY(%(variants)s::bigint[]) AND p.min_quantity <= 1
  AND (p.from_at IS NULL OR p.from_at <= %(at)s) AND (p.until_at IS NULL OR p.until_at > %(at)s)
ORDER BY l.code, p.variant_id
"""


def part_prices(variant_ids: Sequence[int], *, company_id: int, at: datetime) -> list[PartPrice]:
    """What single pieces cost at a moment, by every list that has a price for them. One statement."""
    found = rows(_PRICES, {"company": company_id, "variants": sorted(set(variant_ids)), "at": at})
    return [PartPrice(**row._asdict()) for row in found]


KITS_THAT_DIFFER = """
WITH RECURSIVE tree AS (
    SELECT k.variant_id AS kit, p.variant_id, p.stock_item_id, p.quantity::bigint AS quantity
    FROM inventory_kit k JOIN inventory_kitpart p ON p.kit_id = k.id
    UNION ALL
    SELECT t.kit, p.variant_id, p.stock_item_id, t.quantity * p.quantity
    FROM tree t JOIN inventory_kit k ON k.variant_id = t.variant_id JOIN inventory_kitpart p ON p.kit_id = k.id
), leaf AS (
    SELECT t.kit, coalesce(t.stock_item_id, c.stock_item_id) AS stock_item_id, sum(t.quantity * coalesce(c.quantity, 1)) AS quantity
    FROM tree t LEFT JOIN inventory_kit inner_kit ON inner_kit.variant_id = t.variant_id
    LEFT JOIN inventory_component c ON c.variant_id = t.variant_id
    WHERE inner_kit.id IS NULL AND (t.stock_item_id IS NOT NULL OR c.id IS NOT NULL)
    GROUP BY 1, 2
)
SELECT coalesce(leaf.kit, c.variant_id) AS variant, coalesce(leaf.stock_item_id, c.stock_item_id) AS stock_item, leaf.quantity AS by_tree, c.quantity
FROM leaf FULL JOIN (
    SELECT c.* FROM inventory_component c JOIN inventory_kit k ON k.variant_id = c.variant_id
) c ON c.variant_id = leaf.kit AND c.stock_item_id = leaf.stock_item_id
JOIN catalog_variant v ON v.id = coalesce(leaf.kit, c.variant_id)
WHERE leaf.quantity IS DISTINCT FROM c.quantity AND (%(company)s::bigint IS NULL OR v.company_id = %(company)s)
"""
"""Selects every component of a kit that is not what its tree comes to."""


def company_of_part(variant_id: int) -> int | None:
    """The company of a variant that is part of a kit; None where it is in none."""
    found = rows(
        "SELECT v.company_id FROM catalog_variant v WHERE v.id = %s AND EXISTS (SELECT FROM inventory_kitpart p WHERE p.variant_id = v.id)",
        (variant_id,),
    )
    return found[0].company_id if found else None
