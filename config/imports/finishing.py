"""After the last chunk of an orders file: purchase facts are counted anew, unshipped orders claim their stock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext

from config.imports.running import Job, Policy
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.operations import allocate
from inventory.queries import supply_for
from inventory.rules import Allocated, Demand
from orders.operations import refresh_facts

PEOPLE_AT_ONCE: Final = 2_000
ORDERS_AT_ONCE: Final = 200
TOLD: Final = 20
"""So many orders without stock are named in the summary."""

_BUYERS: Final = """
SELECT c.id FROM customers_customer c WHERE c.company_id = %s AND c.id > %s
    AND EXISTS (SELECT 1 FROM orders_order o WHERE o.customer_id = c.id AND o.origin = 'imported') ORDER BY c.id LIMIT %s
"""
_WAITING: Final = """
SELECT o.id, o.channel_id FROM orders_order o
WHERE o.company_id = %s AND o.id > %s AND o.origin = 'imported' AND o.status = 'confirmed' AND o.fulfilment_status = 'planned'
    AND NOT EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id)
ORDER BY o.id LIMIT %s
"""
_PAID_BEFORE: Final = """
SELECT count(*) AS n FROM orders_order o WHERE o.company_id = %s AND o.origin = 'imported' AND o.paid_total > 0
    AND EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id AND s.status = 'planned')
    AND NOT EXISTS (SELECT 1 FROM billing_payment p WHERE p.order_ref = o.public_id)
"""
_LOCK: Final = """
SELECT o.id FROM orders_order o WHERE o.id = ANY(%s::bigint[]) AND o.status = 'confirmed' AND o.fulfilment_status = 'planned'
    AND NOT EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id) ORDER BY o.id FOR UPDATE
"""
_LINES: Final = """
SELECT l.order_id, l.id, l.public_id, l.variant_id, l.quantity, o.number, coalesce(d.prefecture, '') AS prefecture
FROM orders_line l JOIN orders_order o ON o.id = l.order_id LEFT JOIN orders_destination d ON d.id = l.destination_id
WHERE l.order_id = ANY(%s::bigint[]) ORDER BY l.order_id, l.position
"""

# An order without an address of its own goes to its customer's.
_ADDRESSES: Final = """
INSERT INTO orders_destination (order_id, name, kana, organisation_name, country, postal_code, prefecture, city, street, building, phone)
SELECT o.id, btrim(a.organisation_name || ' ' || btrim(a.family_name || ' ' || a.given_name)), btrim(a.family_kana || ' ' || a.given_kana),
    a.organisation_name, a.country, a.postal_code, a.prefecture, a.city, a.street, a.building, a.phone
FROM orders_order o JOIN customers_address a ON a.customer_id = o.customer_id AND a.is_default AND a.ended_at IS NULL
WHERE o.id = ANY(%s::bigint[]) AND NOT EXISTS (SELECT 1 FROM orders_destination d WHERE d.order_id = o.id)
"""
_WITHOUT: Final = "SELECT o.id FROM orders_order o WHERE o.id = ANY(%s::bigint[]) AND NOT EXISTS (SELECT 1 FROM orders_destination d WHERE d.order_id = o.id)"
_PARCELS: Final = """
WITH part AS (
    SELECT * FROM unnest(%(orders)s::bigint[], %(locations)s::bigint[], %(lines)s::bigint[], %(allocations)s::bigint[], %(quantities)s::int[])
        AS p (order_id, location_id, line_id, allocation_id, quantity)
), parcel AS (
    INSERT INTO orders_shipment (order_id, destination_id, company_id, location_id, number)
    SELECT p.order_id, d.id, o.company_id, p.location_id, o.number || '-' || row_number() OVER (PARTITION BY p.order_id ORDER BY p.location_id)
    FROM (SELECT DISTINCT order_id, location_id FROM part) p JOIN orders_order o ON o.id = p.order_id
    JOIN LATERAL (SELECT id FROM orders_destination WHERE order_id = o.id ORDER BY position LIMIT 1) d ON true
    RETURNING id, order_id, location_id, destination_id
), placed AS (
    UPDATE orders_line l SET destination_id = s.destination_id FROM part p JOIN parcel s ON s.order_id = p.order_id WHERE l.id = p.line_id
)
INSERT INTO orders_shipmentline (shipment_id, line_id, allocation_id, quantity)
SELECT s.id, p.line_id, p.allocation_id, p.quantity FROM part p JOIN parcel s ON s.order_id = p.order_id AND s.location_id = p.location_id
"""


def finish(job: Job) -> list[str]:
    """Bring everything that hangs on the orders up to date; answers with lines for the summary. Repeating it changes nothing."""
    said = [gettext("Purchase facts counted for %(people)s customers") % {"people": f"{_count_facts(job):,}"}]
    return [*said, *_claim(job)] if job.policy is Policy.ALLOCATE else said


def _count_facts(job: Job) -> int:
    """Of everybody who has an imported order: a run that was killed before this may have left any of them behind."""
    people, last = 0, 0
    while ids := [row.id for row in rows(_BUYERS, (job.company.id, last, PEOPLE_AT_ONCE))]:
        refresh_facts(ids, actor=job.actor, at=job.at)
        people, last = people + len(ids), ids[-1]
    return people


def _claim(job: Job) -> list[str]:
    claimed, last = 0, 0
    short: list[tuple[str, str]] = []
    while waiting := rows(_WAITING, (job.company.id, last, ORDERS_AT_ONCE)):
        last = waiting[-1].id
        for channel_id in sorted({order.channel_id for order in waiting}):
            ids = [order.id for order in waiting if order.channel_id == channel_id]
            refused = claim_stock(ids, company_id=job.company.id, channel_id=channel_id, actor=job.actor, at=job.at)
            claimed += len(ids) - len(refused)
            short += refused
    said = [gettext("Stock claimed for %(orders)s orders; %(short)s got none") % {"orders": f"{claimed:,}", "short": f"{len(short):,}"}]
    if paid := rows(_PAID_BEFORE, (job.company.id,))[0].n:
        said.append(
            gettext("%(orders)s of them were paid before: record their payments here, else they count as owed once shipped")
            % {"orders": f"{paid:,}"}
        )
    said += [f"  {number}: {reason}" for number, reason in short[:TOLD]]
    return said


@operation
def claim_stock(order_ids: Sequence[int], *, company_id: int, channel_id: int, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """Imported orders of one channel have their stock allocated and their parcels planned, each wholly or not at all.

    Answers with (number, reason) of those that got none. An order with a parcel is left alone, so repeating is harmless.
    """
    ids = [row.id for row in rows(_LOCK, (sorted(order_ids),))]
    if not ids:
        return []
    run(_ADDRESSES, (ids,))
    homeless = {row.id for row in rows(_WITHOUT, (ids,))}
    lines = rows(_LINES, (ids,))
    numbers = {line.order_id: line.number for line in lines}
    reasons: dict[int, str] = {i: gettext(NO_ADDRESS) for i in homeless}
    demands = [
        Demand(
            order_key=line.order_id,
            demand_id=line.public_id,
            variant_id=line.variant_id,
            quantity=line.quantity,
            prefecture=line.prefecture,
        )
        for line in lines
        if line.order_id not in homeless
    ]
    taken: dict[int, list[Allocated]] = {}
    if demands:
        supply = supply_for([d.variant_id for d in demands], company_id=company_id, channel_id=channel_id, at=at)
        for key, answer in allocate(demands, supply=supply, company_id=company_id, channel_id=channel_id, actor=actor, at=at).items():
            if isinstance(answer, Refusal):
                reasons[key] = answer.text(gettext)
            else:
                taken[key] = answer
    _plan_parcels(taken, lines)
    return [(numbers[i], reasons[i]) for i in sorted(reasons)]


NO_ADDRESS: Final = _("The order has no delivery address, and its customer none either.")


def _plan_parcels(taken: dict[int, list[Allocated]], lines: Sequence[Any]) -> None:
    line_of = {line.public_id: line.id for line in lines}
    parts = [(order_id, part) for order_id, found in sorted(taken.items()) for part in found]
    if parts:
        run(
            _PARCELS,
            {
                "orders": [order_id for order_id, _part in parts],
                "locations": [part.location_id for _order, part in parts],
                "lines": [line_of[part.demand_id] for _order, part in parts],
                "allocations": [part.allocation_id for _order, part in parts],
                "quantities": [part.line_quantity for _order, part in parts],
            },
        )
