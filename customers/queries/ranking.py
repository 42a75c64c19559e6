"""Which rank a customer holds."""

from collections.abc import Sequence

from core.db import rows

_RANKS = """
SELECT c.id, r.code FROM customers_customer c
JOIN customers_rankassignment a ON a.customer_id = COALESCE(c.principal_id, c.id) AND a.until_at IS NULL
JOIN customers_customerrank r ON r.id = a.rank_id
WHERE c.id = ANY(%s::bigint[]) AND a.brand_id IS NOT DISTINCT FROM %s::bigint
"""


def rank_codes(customer_ids: Sequence[int], *, brand_id: int | None = None) -> dict[int, str]:
    """The code of the open rank of each customer who holds one, for a brand or for the company as a whole."""
    return {r.id: r.code for r in rows(_RANKS, (list(customer_ids), brand_id))} if customer_ids else {}
