"""By which programme orders earn points, and what they have earned."""

from collections.abc import Sequence

from core.db import rows
from customers.rules import PointTerms, TermsAsk

# The lot that came first says by what; else the brand's programme before the company's, the one that began last.
_TERMS = """
SELECT q.place, p.id AS programme_id, p.brand_id, coalesce(first.rate_bp, own.rate_bp, p.rate_bp) AS rate_bp, p.with_tax, p.after_days,
    p.expires_days, k.timezone
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::boolean[]) WITH ORDINALITY
    AS q (company, brand, customer, reference, placed_at, is_new, place)
JOIN core_company k ON k.id = q.company
LEFT JOIN LATERAL (
    SELECT l.programme_id, l.rate_bp FROM customers_pointentry e JOIN customers_pointlot l ON l.id = e.lot_id
    JOIN customers_customer c ON c.id = e.customer_id AND c.company_id = q.company
    WHERE e.reference = q.reference AND e.kind = 'granted' AND l.programme_id IS NOT NULL ORDER BY l.id LIMIT 1
) first ON true
JOIN LATERAL (
    SELECT p.* FROM customers_pointprogramme p
    WHERE p.id = first.programme_id OR (first.programme_id IS NULL AND q.is_new AND p.company_id = q.company
        AND (p.brand_id IS NULL OR p.brand_id = q.brand) AND p.from_at <= q.placed_at
        AND (p.until_at IS NULL OR q.placed_at < p.until_at) AND (p.ended_at IS NULL OR q.placed_at < p.ended_at))
    ORDER BY p.brand_id IS NULL, p.from_at DESC, p.id DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT t.rate_bp FROM (
        SELECT a.rank_id FROM customers_customer c
        JOIN customers_customer m ON m.id = coalesce(c.principal_id, c.id) OR m.principal_id = coalesce(c.principal_id, c.id)
        JOIN customers_rankassignment a ON a.customer_id = m.id JOIN customers_customerrank r ON r.id = a.rank_id
        WHERE c.id = q.customer AND a.from_at <= q.placed_at AND (a.until_at IS NULL OR q.placed_at < a.until_at)
            AND (a.brand_id IS NULL OR a.brand_id = q.brand)
        ORDER BY a.brand_id IS NULL, r.level DESC LIMIT 1
    ) held JOIN customers_pointrate t ON t.rank_id = held.rank_id AND t.programme_id = p.id
) own ON true
"""
_EARNED = """
SELECT q.place, sum(e.points)::bigint AS points FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS q (company, reference, place)
JOIN customers_pointentry e ON e.reference = q.reference AND e.kind IN ('granted', 'corrected')
JOIN customers_customer c ON c.id = e.customer_id AND c.company_id = q.company
JOIN customers_pointlot l ON l.id = e.lot_id AND l.programme_id IS NOT NULL
GROUP BY q.place
"""


def point_terms(asks: Sequence[TermsAsk]) -> list[PointTerms | None]:
    """By which programme and at which rate each order earns, None for one that earns nothing; one statement.

    The rate of the rank held when it was placed, by the same order as prices take (``rank_codes``).
    """
    if not asks:
        return []
    found = rows(
        _TERMS,
        (
            [ask.company_id for ask in asks], [ask.brand_id for ask in asks], [ask.customer_id for ask in asks],
            [ask.reference for ask in asks], [ask.placed_at for ask in asks], [ask.is_new for ask in asks],
        ),
    )  # fmt: skip
    terms = {row.place - 1: PointTerms(**{k: v for k, v in row._asdict().items() if k != "place"}) for row in found}
    return [terms.get(n) for n in range(len(asks))]


def earned_points(references: Sequence[tuple[int, str]]) -> list[int]:
    """What orders, by company and number, have earned by a programme and not lost again, spent or not; one statement."""
    if not references:
        return []
    found = {row.place - 1: row.points for row in rows(_EARNED, ([c for c, _ in references], [r for _, r in references]))}
    return [found.get(n, 0) for n in range(len(references))]
