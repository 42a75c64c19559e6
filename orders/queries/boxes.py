"""Parcels of one buyer that could travel together, and who travels with whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from core.db import rows
from orders.queries.leaving import may_leave_sql
from orders.rules import BoxParcel, LineInParcel, Proposal, propose

MOST_CANDIDATES = 5_000
"""So many parcels are looked at together, the oldest first; the rest come up when these are packed."""

ON_LABEL = "NOT EXISTS (SELECT FROM orders_shipment m WHERE m.box = s.box AND m.id < s.id AND m.status <> 'cancelled')"
"""Of what is in one box, the parcel s on its label: carriers speak of that one, for all."""
SPOKEN_OF = "coalesce((SELECT min(m.id) FROM orders_shipment m WHERE m.box = s.box AND m.status <> 'cancelled'), s.id)"
"""The parcel on the label of the box in which a parcel s travels; itself where it travels alone."""

_COLUMNS = """
SELECT s.id AS shipment_id, s.number, s.order_id, o.number AS order_number, s.company_id, s.location_id, s.box, s.carrier,
    CASE WHEN s.service_id IS NULL THEN s.planned_on END AS planned_on, d.wished_on, d.time_band, d.is_gift, o.payment_method AS method, d.name || ' ' || d.organisation_name AS name, d.country, d.postal_code,
    d.prefecture || d.city || d.street AS address, d.building, coalesce(c.principal_id, c.id) AS person,
    c.public_id AS buyer_ref, s.tracking_number <> '' OR EXISTS (SELECT FROM orders_shipmentlabel l WHERE l.shipment_id = s.id) AS is_labelled,
    coalesce((SELECT sum(f.total) FROM orders_fee f WHERE f.order_id = o.id AND f.kind IN ('shipping', 'cool', 'remote') AND f.until_revision IS NULL), 0)::bigint
        AS postage,
    ARRAY(SELECT DISTINCT i.temperature_zone FROM orders_shipmentline sl JOIN inventory_allocation a ON a.id = sl.allocation_id
        JOIN inventory_stockitem i ON i.id = a.stock_item_id WHERE sl.shipment_id = s.id) AS zones
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
JOIN customers_customer c ON c.id = o.customer_id
"""
_BY_IDS = f"{_COLUMNS} WHERE s.id = ANY(%s::bigint[]) ORDER BY s.id"
# Buyers with parcels of two orders at one location are few: everything else is read of theirs alone.
_CANDIDATES = f"""
WITH ready AS MATERIALIZED (
    SELECT s.id, s.order_id, s.location_id, coalesce(c.principal_id, c.id) AS person FROM orders_shipment s
    JOIN orders_order o ON o.id = s.order_id JOIN customers_customer c ON c.id = o.customer_id
    WHERE (%(companies)s::bigint[] IS NULL OR s.company_id = ANY(%(companies)s::bigint[])) AND s.status = 'planned' AND {may_leave_sql()}
      AND NOT s.stays_apart
), several AS MATERIALIZED (
    SELECT id FROM (
        SELECT id, min(order_id) OVER same AS first, max(order_id) OVER same AS last FROM ready WINDOW same AS (PARTITION BY location_id, person)
    ) r WHERE first <> last ORDER BY id LIMIT %(most)s
)
{_COLUMNS} WHERE s.id IN (SELECT id FROM several) ORDER BY s.id
"""


def box_parcels(shipment_ids: Sequence[int]) -> list[BoxParcel]:
    """All that decides whether these parcels may share a box. One statement."""
    return [_parcel(row) for row in rows(_BY_IDS, (list(shipment_ids),))]


def proposed_boxes(company_ids: Sequence[int] | None) -> list[Proposal]:
    """Parcels of one buyer and address that could share a box, the oldest first. One statement for all parcels that wait.

    None stands for every company. Only of orders that may leave: not on hold, paid where that is waited for, not told to a warehouse, without a label; and not those that
    somebody left apart.
    """
    asked = {
        "companies": None if company_ids is None else list(company_ids),
        "most": MOST_CANDIDATES,
    }
    return propose(_parcel(row) for row in rows(_CANDIDATES, asked, prepare=False) if not row.is_labelled)


def _parcel(row: Any) -> BoxParcel:
    return BoxParcel(**{**row._asdict(), "zones": frozenset(zone for zone in row.zones if zone)})


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxMate:
    """A parcel that travels in the same box; the first of them stands on the label."""

    shipment_id: int
    ref: UUID
    number: str
    order_number: str
    planned_on: date | None


_MATES = """
SELECT m.id AS shipment_id, m.public_id AS ref, m.number, o.number AS order_number, m.planned_on
FROM orders_shipment s JOIN orders_shipment m ON m.box = s.box AND m.box IS NOT NULL AND m.status <> 'cancelled'
JOIN orders_order o ON o.id = m.order_id WHERE s.id = %s AND s.status <> 'cancelled' ORDER BY m.id
"""


def box_of_shipment(shipment_id: int) -> list[BoxMate]:
    """Everything in the box of a parcel, itself included, the one on the label first; nothing where it travels alone. One statement."""
    found = [BoxMate(**row._asdict()) for row in rows(_MATES, (shipment_id,))]
    return found if len(found) > 1 else []


_LINES = """
SELECT l.public_id AS line_ref, l.sku, max(sl.quantity) AS units FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id
WHERE sl.shipment_id = %s GROUP BY l.id ORDER BY l.position
"""


def lines_of_parcel(shipment_id: int) -> list[LineInParcel]:
    """What a parcel holds, line by line. One statement."""
    return [LineInParcel(**row._asdict()) for row in rows(_LINES, (shipment_id,))]
