"""A parcel that nobody took stands in the list of returns: to be sent once more, or closed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.db import rows, run
from core.operations import series_for, take_numbers
from core.queries import company_context
from orders.operations.return_requests import SERIES
from orders.operations.return_states import refresh_cases, refresh_returns

_PARCELS = """
SELECT s.id, s.public_id, s.order_id, s.company_id, s.location_id, o.customer_id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
WHERE s.id = ANY(%s::bigint[]) AND NOT EXISTS (SELECT FROM orders_returncase c WHERE c.shipment_id = s.id) ORDER BY s.company_id, s.id
"""
_OPEN = """
INSERT INTO orders_returncase (company_id, number, kind, order_id, customer_id, shipment_id, exchange_timing, postage_by, decision_reason, once_key,
    requested_at, approved_at, received_at, credited_total, freed_total, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT q.company, q.number, 'undelivered', q.o, q.customer, q.shipment, 'at_once', 'company', %(reason)s, 'undelivered:' || q.shipment,
    %(at)s, %(at)s, %(at)s, q.credited, q.freed, %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(for)s
FROM unnest(%(companies)s::bigint[], %(numbers)s::text[], %(orders)s::bigint[], %(customers)s::bigint[], %(shipments)s::bigint[],
    %(credited)s::bigint[], %(freed)s::bigint[]) AS q (company, number, o, customer, shipment, credited, freed)
RETURNING id
"""
_LINES = """
INSERT INTO orders_returnline (case_id, position, line_id, shipment_id, location_id, quantity, received, restocked, accepted)
SELECT c.id, row_number() OVER (PARTITION BY c.id ORDER BY l.position), l.id, c.shipment_id, s.location_id, max(sl.quantity), max(sl.quantity),
    CASE WHEN %(sellable)s THEN max(sl.quantity) ELSE 0 END, CASE WHEN %(sellable)s THEN max(sl.quantity) ELSE 0 END
FROM orders_returncase c JOIN orders_shipment s ON s.id = c.shipment_id JOIN orders_shipmentline sl ON sl.shipment_id = c.shipment_id
JOIN orders_line l ON l.id = sl.line_id WHERE c.id = ANY(%(ids)s::bigint[]) GROUP BY c.id, s.id, l.id
"""
_IN_CASES = """
SELECT DISTINCT rl.shipment_id, c.number FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id
WHERE rl.shipment_id = ANY(%s::bigint[]) AND c.status NOT IN ('refused', 'withdrawn') AND c.kind <> 'undelivered'
"""


def parcels_in_cases(shipment_ids: Sequence[int]) -> dict[int, str]:
    """The number of a case about pieces of each of these parcels, where there is one that stands."""
    return {row.shipment_id: row.number for row in rows(_IN_CASES, (list(shipment_ids),))}


def open_undelivered(
    shipment_ids: Sequence[int],
    *,
    credited: Mapping[UUID, tuple[int, int]],
    sellable: bool,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Each parcel has its case, once: its goods are here and credited (total, of which freed); what may not be sold is to be inspected."""
    parcels: list[Any] = rows(_PARCELS, (list(shipment_ids),))
    if not parcels:
        return
    numbers: list[str] = []
    for company_id in sorted({p.company_id for p in parcels}):
        count = sum(p.company_id == company_id for p in parcels)
        series = series_for(company_id, kind=SERIES, prefix="R")
        numbers += take_numbers(series, count=count, on=company_context(company_id).business_date(at))
    made = rows(
        _OPEN,
        {
            "companies": [p.company_id for p in parcels],
            "numbers": numbers,
            "orders": [p.order_id for p in parcels],
            "customers": [p.customer_id for p in parcels],
            "shipments": [p.id for p in parcels],
            "credited": [credited.get(p.public_id, (0, 0))[0] for p in parcels],
            "freed": [credited.get(p.public_id, (0, 0))[1] for p in parcels],
            "reason": reason[:200],
            "at": at,
            "actor_kind": str(actor.kind),
            "actor_id": actor.id,
            "actor_label": actor.label,
            "for": actor.on_behalf_of,
        },
    )
    ids = [row.id for row in made]
    run(_LINES, {"ids": ids, "sellable": sellable})
    refresh_cases(ids, at=at)
    refresh_returns([p.order_id for p in parcels], actor=actor, at=at)
