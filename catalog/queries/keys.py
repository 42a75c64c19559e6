"""Variants by the codes that people and forms know."""

from collections.abc import Sequence

from core.db import rows


def variant_keys(company_id: int, skus: Sequence[str]) -> dict[str, int]:
    """The keys of a company's variants by SKU, in one statement; unknown ones are left out."""
    found = rows("SELECT id, sku FROM catalog_variant WHERE company_id = %s AND sku = ANY(%s::text[])", (company_id, list(skus)))
    return {r.sku: r.id for r in found}
