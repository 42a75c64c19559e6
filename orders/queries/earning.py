"""What orders earn in points: which order counts for which, what of it left and was kept, and what is still to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.db import rows
from core.tax import TaxBasis
from customers.queries import earned_points, point_terms
from customers.rules import PointTerms, TermsAsk, points_for
from orders.rules import EarningLine, agreed_worth

# An order sent in exchange for goods counts for the one they were bought with. What was brought in from elsewhere earned there.
_HEADS = """
WITH RECURSIVE up AS (
    SELECT unnest(%s::bigint[]) AS id
    UNION SELECT x.order_id FROM up JOIN orders_returncase x ON x.exchange_order_id = up.id
)
SELECT o.id, o.public_id, o.number, o.company_id, o.brand_id, o.customer_id, o.placed_at, o.origin = 'placed'
    AND (o.payment_method <> 'marketplace' OR h.earns_points) AS is_new
FROM orders_order o JOIN core_saleschannel h ON h.id = o.channel_id
WHERE o.id IN (SELECT id FROM up) AND NOT EXISTS (SELECT FROM orders_returncase x WHERE x.exchange_order_id = o.id) ORDER BY o.id
"""
TREE = """
tree AS (
    SELECT a.head, a.head AS id, false AS instead FROM asked a
    UNION ALL SELECT t.head, x.exchange_order_id, true FROM tree t JOIN orders_returncase x ON x.order_id = t.id AND x.exchange_order_id IS NOT NULL
)
"""
"""The orders of every ``asked.head``: itself, and whatever was sent in exchange for goods of it or of such an order."""
_LINES = f"""
WITH RECURSIVE asked AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS a (head, before)), {TREE}
SELECT t.head, t.instead, o.tax_basis, l.tax_rate_bp, l.quantity, l.amount, l.total, l.quantity - l.cancelled_quantity AS agreed,
    l.shipped_quantity AS shipped, CASE WHEN a.before IS NULL THEN l.shipped_quantity ELSE coalesce((
        SELECT sum(p.units) FROM (SELECT max(n.quantity) AS units FROM orders_shipmentline n JOIN orders_shipment s ON s.id = n.shipment_id
            WHERE n.line_id = l.id AND s.shipped_at <= a.before GROUP BY s.id) p), 0)::int END AS due,
    coalesce(back.undelivered, 0)::int AS undelivered,
    (coalesce(back.credited, 0) + coalesce((SELECT sum(p.amount) FROM orders_partreturn p WHERE p.line_id = l.id), 0))::bigint AS credited
FROM tree t JOIN asked a ON a.head = t.head JOIN orders_order o ON o.id = t.id JOIN orders_line l ON l.order_id = t.id
LEFT JOIN LATERAL (
    SELECT sum(r.quantity) FILTER (WHERE c.kind = 'undelivered' AND c.status NOT IN ('refused', 'withdrawn')) AS undelivered,
        sum(r.credited) FILTER (WHERE c.kind <> 'undelivered') AS credited
    FROM orders_returnline r JOIN orders_returncase c ON c.id = r.case_id WHERE r.line_id = l.id
) back ON true
ORDER BY t.head, t.id, l.position
"""
_UNDER_WAY = """
SELECT o.id FROM orders_order o WHERE o.customer_id = ANY(%(ids)s::bigint[])
    AND EXISTS (SELECT FROM customers_pointprogramme p WHERE p.company_id = o.company_id) AND (o.status IN ('pending', 'confirmed')
    OR EXISTS (SELECT FROM orders_pointsdue d WHERE d.order_id = o.id)) ORDER BY o.placed_at DESC, o.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPoints:
    """What an order has earned, less what went back, and what comes when the rest has left, ``after_days`` later."""

    earned: int
    to_come: int
    after_days: int


def earning_heads(order_ids: Sequence[int]) -> list[Any]:
    """The orders that earn: these, or those for whose goods they were sent in exchange; one statement."""
    return rows(_HEADS, (list(order_ids),)) if order_ids else []


def terms_of(heads: Sequence[Any]) -> dict[int, PointTerms]:
    """By which programme each of them earns, by its id; one statement."""
    asks = [
        TermsAsk(
            company_id=o.company_id, brand_id=o.brand_id, customer_id=o.customer_id, reference=o.number, placed_at=o.placed_at, is_new=o.is_new
        )
        for o in heads
    ]  # fmt: skip
    return {o.id: terms for o, terms in zip(heads, point_terms(asks), strict=True) if terms is not None}


def earning_lines(terms: Mapping[int, PointTerms], *, at: datetime) -> dict[int, list[EarningLine]]:
    """The lines that count for each order, as they are now; one statement."""
    before = [at - timedelta(days=one.after_days) if one.after_days else None for one in terms.values()]
    found: dict[int, list[EarningLine]] = {head: [] for head in terms}
    for row in rows(_LINES, (list(terms), before)) if terms else ():
        told = row._asdict()
        found[told.pop("head")].append(EarningLine(**{**told, "tax_basis": TaxBasis(row.tax_basis)}))
    return found


def points_of_orders(order_ids: Sequence[int], *, at: datetime) -> dict[int, OrderPoints]:
    """What each of these orders earns, those that earn nothing left out; four statements, one where no programme is.

    An order that was sent in exchange is not told of: it counts for the one whose goods it replaces.
    """
    asked = set(order_ids)
    heads = [o for o in earning_heads(order_ids) if o.id in asked]
    terms = terms_of(heads)
    lines = earning_lines(terms, at=at)
    earning = [o for o in heads if o.id in terms]
    found = {}
    for o, earned in zip(earning, earned_points([(o.company_id, o.number) for o in earning]), strict=True):
        one = terms[o.id]
        in_all = points_for(agreed_worth(lines[o.id], with_tax=one.with_tax), rate_bp=one.rate_bp)
        found[o.id] = OrderPoints(earned=earned, to_come=max(0, in_all - earned), after_days=one.after_days)
    return found


def points_to_come(customer_ids: Sequence[int], *, at: datetime, most: int = 200) -> int:
    """What the latest orders under way of a group will earn when their parcels have left."""
    found = rows(_UNDER_WAY, {"ids": list(customer_ids), "most": most}) if customer_ids else []
    return sum(one.to_come for one in points_of_orders([row.id for row in found], at=at).values()) if found else 0
