"""Parcels made or changed after the order was placed get the service and the days that the company's masters give them now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import business_date
from core.db import rows, run
from core.errors import Refusal
from orders.queries import delivery_masters
from orders.rules import DeliveryMasters
from orders.rules.delivery import Stop, ThingToSend, consignments
from orders.rules.delivery_days import Leg, plan_leg
from orders.rules.parcel_sizes import Goods, read_size

# Of parcels that nobody has put a label on, chosen another carrier for or combined with others, and of companies that have delivery
# services at all.
_PARCELS = """
SELECT s.id, s.company_id, c.timezone, s.location_id, s.service_id, s.planned_on, s.not_before_on, o.payment_method AS method, o.total, d.prefecture,
    d.postal_code, d.wished_on, d.time_band, d.service,
    (SELECT json_agg(json_build_array(p.temperature_zone, v.parcel_size, v.weight_grams, x.units)) FROM (
        SELECT sl.line_id, max(sl.quantity) AS units FROM orders_shipmentline sl WHERE sl.shipment_id = s.id GROUP BY sl.line_id
    ) x JOIN orders_line l ON l.id = x.line_id JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
        WHERE p.kind = 'goods') AS goods
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
JOIN core_company c ON c.id = s.company_id LEFT JOIN orders_deliveryservice chosen ON chosen.id = s.service_id
WHERE s.id = ANY(%s::bigint[]) AND s.status = 'planned' AND s.tracking_number = '' AND s.box IS NULL AND d.pickup_at_id IS NULL
  AND EXISTS (SELECT FROM orders_deliveryservice ds WHERE ds.company_id = s.company_id AND ds.ended_at IS NULL)
  AND NOT EXISTS (SELECT FROM orders_shipmentlabel b WHERE b.shipment_id = s.id)
  AND s.carrier = coalesce(chosen.carrier, '')
ORDER BY s.id
"""
_PLAN = """
UPDATE orders_shipment s SET service_id = n.service, carrier = n.carrier, pieces = n.pieces, planned_on = n.leaves, expected_on = n.comes,
    version = s.version + 1
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::date[], %s::date[]) AS n (id, service, carrier, pieces, leaves, comes)
WHERE s.id = n.id AND (s.service_id, s.carrier, s.pieces, s.planned_on, s.expected_on)
    IS DISTINCT FROM (n.service, n.carrier, n.pieces, n.leaves, n.comes)
"""
OF_ORDERS = "SELECT id FROM orders_shipment WHERE order_id = ANY(%s::bigint[]) AND status = 'planned'"


def plan_parcels(shipment_ids: Sequence[int], *, at: datetime) -> None:
    """Planned parcels travel by the service, and leave on the day, that the masters give them now; labelled and combined ones stay as they are.

    A service that its buyer chose is kept as long as it can take the parcel, and goods with a release day leave no earlier. A wish that
    cannot be met leaves as soon as it can. Call it inside an operation that holds the parcels: a statement, one per company,
    and one that writes; one alone where a company has no services.
    """
    found = _planned_anew(shipment_ids, at=at)
    if found:
        run(_PLAN, tuple([str(v) if hasattr(v, "isoformat") else v for v in column] for column in zip(*found, strict=True)))


_PIECES = """
UPDATE orders_shipment s SET pieces = n.pieces, version = s.version + 1
FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS n (id, service, pieces)
WHERE s.id = n.id AND s.service_id = n.service AND s.pieces <> n.pieces
"""


def count_pieces(shipment_ids: Sequence[int], *, at: datetime) -> None:
    """Parcels that hold something else now go in as many pieces as that fills; by what and when they travel stays."""
    if found := _planned_anew(shipment_ids, at=at):
        run(_PIECES, tuple([one[n] for one in found] for n in (0, 1, 3)))


def _planned_anew(shipment_ids: Sequence[int], *, at: datetime) -> list[tuple[Any, ...]]:
    if not shipment_ids:
        return []
    found: list[tuple[Any, ...]] = []
    masters: dict[int, DeliveryMasters] = {}
    for row in rows(_PARCELS, (sorted(set(shipment_ids)),)):
        if row.company_id not in masters:
            masters[row.company_id] = delivery_masters(row.company_id, on=business_date(at, row.timezone))
        if planned := _planned(row, masters[row.company_id], now=at.astimezone(ZoneInfo(row.timezone))):
            found.append(planned)
    return found


def _planned(row: Any, masters: DeliveryMasters, *, now: datetime) -> tuple[Any, ...] | None:
    """The columns of a parcel's plan; None where no service takes it."""
    things = [
        ThingToSend(line=n, destination=1, temperature=zone, goods=Goods(quantity=units, size=read_size(size), grams=grams))
        for n, (zone, size, grams, units) in enumerate(row.goods or ())
    ]
    stop = Stop(
        place=1, prefecture=row.prefecture, postal_code=row.postal_code, wished_on=row.wished_on, time_band=row.time_band, service=row.service,
        method=row.method, is_agreed=True,
    )  # fmt: skip
    parts = consignments([stop], things, masters=masters, cash=row.total)
    origin = masters.origins.get(row.location_id)
    if isinstance(parts, Refusal) or origin is None:
        return None
    # What travels together already is one parcel: the coldest part of it says by what.
    part = next(iter(sorted(parts, key=lambda p: p.temperature != "frozen")), None)
    if part is None or part.service is None:
        return None
    leg = Leg(service=part.service, origin=origin, zones=part.zones, ready_on=row.not_before_on)
    plan = plan_leg(leg, wished_on=row.wished_on, band=row.time_band, now=now, masters=masters)
    leaves, comes = (plan.ship_on, plan.deliver_on) if plan else (row.planned_on, None)
    return row.id, part.service.service_id, part.service.carrier, part.packed.pieces, leaves, comes


def plan_parcels_of(order_ids: Sequence[int], *, at: datetime) -> None:
    """The same for all planned parcels of some orders."""
    plan_parcels([row.id for row in rows(OF_ORDERS, (list(order_ids),))], at=at)
