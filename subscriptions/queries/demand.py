"""What running contracts will take from the shelves, and what they took."""

from datetime import date
from typing import Any

from core.db import rows
from inventory.ports import PlannedPieces, TakenPieces
from subscriptions.queries.plans import PlanRow, plan_rows
from subscriptions.rules import Rhythm, read_interval, slots

_OPEN = """
SELECT s.plan_id, s.interval, s.anchor_on, s.anchor_number, s.last_number, c.number, c.delivery,
    ARRAY(SELECT k.number FROM subscriptions_cycle k WHERE k.subscription_id = s.id AND k.status = 'skipped' AND k.number > c.number) AS skipped,
    ARRAY(SELECT i.variant_id FROM subscriptions_subscriptionitem i WHERE i.subscription_id = s.id ORDER BY i.position) AS variants,
    ARRAY(SELECT i.quantity FROM subscriptions_subscriptionitem i WHERE i.subscription_id = s.id ORDER BY i.position) AS quantities
FROM subscriptions_subscription s JOIN subscriptions_cycle c ON c.subscription_id = s.id AND c.status IN ('planned', 'failed')
WHERE s.company_id = %s AND s.status = 'active'
"""
_TAKEN = """
SELECT a.stock_item_id, a.location_id, (a.closed_at AT TIME ZONE k.timezone)::date AS day, sum(a.quantity)::int AS quantity
FROM subscriptions_cycle c JOIN subscriptions_subscription s ON s.id = c.subscription_id JOIN core_company k ON k.id = s.company_id
JOIN orders_line l ON l.order_id = c.order_id AND l.purchase_type = 'subscription'
JOIN orders_shipmentline sl ON sl.line_id = l.id JOIN inventory_allocation a ON a.id = sl.allocation_id AND a.status = 'shipped'
WHERE s.company_id = %(company)s AND c.status = 'generated' AND c.number > 1 AND c.planned_on >= %(since)s::date - 60
  AND (a.closed_at AT TIME ZONE k.timezone)::date >= %(since)s::date
GROUP BY 1, 2, 3
"""


def planned_pieces(company_id: int, *, today: date, until: date) -> list[PlannedPieces]:
    """The articles of every delivery whose order is to be made before ``until``; an overdue one counts as today. Two statements."""
    found = rows(_OPEN, (company_id,))
    plans = plan_rows(sorted({row.plan_id for row in found}))
    wanted: dict[tuple[int, date], int] = {}
    for row in found:
        for day in _order_days(row, plans[row.plan_id], until=until):
            for variant_id, quantity in zip(row.variants, row.quantities, strict=True):
                key = variant_id, max(day, today)
                wanted[key] = wanted.get(key, 0) + quantity
    return [PlannedPieces(variant_id=variant, day=day, quantity=quantity) for (variant, day), quantity in sorted(wanted.items())]


def _order_days(row: Any, plan: PlanRow, *, until: date) -> list[date]:
    found = slots(
        Rhythm(interval=read_interval(row.interval), anchor_on=row.anchor_on, anchor_number=row.anchor_number),
        number=row.number,
        delivery=row.delivery,
        skipped=set(row.skipped),
        ahead=plan.ahead(),
        until=until,
        last_number=row.last_number,
        maximum=plan.maximum_cycles,
    )
    return [slot.order_on for slot in found if not slot.skipped and slot.order_on < until]


def taken_pieces(company_id: int, *, since: date) -> list[TakenPieces]:
    """What renewals took from the shelves since a day. One statement."""
    return [TakenPieces(**row._asdict()) for row in rows(_TAKEN, {"company": company_id, "since": since}, prepare=False)]
