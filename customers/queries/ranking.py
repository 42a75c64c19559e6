"""Which rank a customer holds."""

from collections.abc import Sequence

from core.db import rows

_RANKS = """
SELECT asked.id, held.code
FROM (SELECT c.id, coalesce(c.principal_id, c.id) AS principal_id FROM customers_customer c WHERE c.id = ANY(%s::bigint[])) asked
JOIN LATERAL (
    SELECT r.code FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id
    WHERE a.customer_id IN (SELECT asked.principal_id UNION ALL
                            SELECT m.id FROM customers_customer m WHERE m.principal_id = asked.principal_id)
      AND a.until_at IS NULL AND (a.brand_id IS NULL OR a.brand_id = %s::bigint)
    ORDER BY a.brand_id IS NULL, r.level DESC LIMIT 1
) held ON true
"""


def rank_codes(customer_ids: Sequence[int], *, brand_id: int | None = None) -> dict[int, str]:
    """The code of the open rank of each customer who holds one: the brand's before the company's, the highest of the whole group.

    The same answer as ``recognise_customers`` gives, so that a quote and its order have one price.
    """
    return {r.id: r.code for r in rows(_RANKS, (list(customer_ids), brand_id))} if customer_ids else {}
