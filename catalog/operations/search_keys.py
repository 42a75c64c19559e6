"""The one writer of what products are found by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from catalog.events import ProductChanged
from catalog.rules.searching import search_document
from core.actor import Actor
from core.db import operation, rows, run
from core.outbox import announce

_WORDS: Final = """
SELECT t.id, t.name, t.kana, t.summary, t.keywords, p.code, codes.skus, codes.jans, codes.options
FROM catalog_producttext t
JOIN catalog_product p ON p.id = t.product_id
LEFT JOIN LATERAL (
    SELECT array_agg(v.sku) AS skus, array_agg(v.jan) AS jans, array_agg(CASE t.language WHEN 'en' THEN v.option_en ELSE v.option END) AS options
    FROM catalog_variant v WHERE v.product_id = p.id
) codes ON true
WHERE t.product_id = ANY(%s::bigint[])
ORDER BY t.id
"""
_WRITE: Final = """
UPDATE catalog_producttext t SET search_key = k.key, bigrams = array_to_tsvector(k.tokens)
FROM (SELECT (k ->> 'id')::bigint AS id, k ->> 'key' AS key, ARRAY(SELECT jsonb_array_elements_text(k -> 'tokens')) AS tokens
      FROM unnest(%s::jsonb[]) k) k
WHERE t.id = k.id AND (t.search_key, t.bigrams) IS DISTINCT FROM (k.key, array_to_tsvector(k.tokens))
"""


def write_search_keys(product_ids: Sequence[int]) -> None:
    """The texts of the products can be found by name, reading, summary, search words, options, product code, SKU and JAN.

    Two statements whatever their number; part of a running operation.
    """
    keys = []
    for text in rows(_WORDS, (list(product_ids),)):
        pieces = [
            text.name,
            text.kana,
            text.summary,
            text.keywords,
            text.code,
            *(text.skus or ()),
            *(text.jans or ()),
            *(text.options or ()),
        ]
        document = search_document(pieces)
        keys.append({"id": text.id, "key": document.key, "tokens": list(document.tokens)})
    if keys:
        run(_WRITE, (keys,))


@operation
def refresh_products(product_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Products edited by hand are found by their new words, and the change is told."""
    ids = sorted(set(product_ids))
    write_search_keys(ids)
    found = rows("UPDATE catalog_product SET version = version + 1 WHERE id = ANY(%s::bigint[]) RETURNING id, company_id, code", (ids,))
    announce(*(ProductChanged(p.id, p.company_id, p.code) for p in sorted(found)))
