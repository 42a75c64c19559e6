"""Orders earn points: for goods that left, less what came back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from customers.operations import hold_customers, settle_earned_points
from customers.rules import Earned, PointTerms, points_for
from orders.queries import earning_heads, earning_lines, terms_of
from orders.rules import kept_worth

# When the next parcel of each has been away long enough; a parcel that was given up on brings nothing more.
_NEXT = """
WITH n AS MATERIALIZED (
    SELECT q.o, make_interval(days => q.days) + (SELECT min(s.shipped_at) FROM orders_shipment s
        WHERE s.order_id IN (SELECT q.o UNION ALL SELECT x.exchange_order_id FROM orders_returncase x WHERE x.order_id = q.o)
            AND s.status <> 'returned' AND s.shipped_at > %(at)s - make_interval(days => q.days)) AS due_at
    FROM unnest(%(orders)s::bigint[], %(days)s::int[]) AS q (o, days)
),
gone AS (DELETE FROM orders_pointsdue d USING n WHERE d.order_id = n.o AND n.due_at IS NULL)
INSERT INTO orders_pointsdue (order_id, due_at) SELECT o, due_at FROM n WHERE due_at IS NOT NULL
ON CONFLICT (order_id) DO UPDATE SET due_at = excluded.due_at
"""
_DUE = "SELECT order_id AS id FROM orders_pointsdue WHERE due_at <= %s ORDER BY due_at, order_id LIMIT %s"
_DONE = "DELETE FROM orders_pointsdue WHERE order_id = ANY(%s::bigint[]) AND due_at <= %s"


@operation
def earn_points(order_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """The points of these orders are what their programme gives for what has left and was kept; answers how many orders earn at all.

    Worked out from what stands, so that telling it twice, late or in another order changes nothing, and parts add up to the whole. An order
    sent in exchange counts for the one whose goods it replaces. Where a programme gives later, the moment is noted (``earn_due_points``).
    Locks the customers before it reads what left, then their lots; constant statements, two where no programme is.
    """
    heads = earning_heads(order_ids)
    terms = terms_of(heads)
    if not terms:
        return 0
    earning = [o for o in heads if o.id in terms]
    hold_customers([o.customer_id for o in earning])
    lines = earning_lines(terms, at=at)
    asks = [
        Earned(
            company_id=o.company_id,
            customer_id=o.customer_id,
            reference=o.number,
            key=str(o.public_id),
            points=points_for(kept_worth(lines[o.id], with_tax=terms[o.id].with_tax), rate_bp=terms[o.id].rate_bp),
            terms=terms[o.id],
        )
        for o in earning
    ]
    settle_earned_points(asks, actor=actor, at=at)
    _note_next([o for o in earning if terms[o.id].after_days], terms, at=at)
    return len(earning)


def _note_next(later: Sequence[Any], terms: dict[int, PointTerms], *, at: datetime) -> None:
    if later:
        run(_NEXT, {"orders": [o.id for o in later], "days": [terms[o.id].after_days for o in later], "at": at})


@operation
def earn_due_points(*, actor: Actor, at: datetime, limit: int = 500) -> int:
    """Up to ``limit`` orders whose parcels have been away long enough have their points; answers how many. Repeat until zero; workers may share."""
    due = [row.id for row in rows(_DUE, (at, limit))]
    if due:
        earn_points(due, actor=actor, at=at)
        run(_DONE, (due, at))
    return len(due)
