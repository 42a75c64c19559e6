"""A company begins with the services, regions and lead times that Japan's carriers publish."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from core.actor import Actor
from core.db import operation, rows, run
from orders.rules.delivery_seed import ISLAND_DAYS, SEED_ISLANDS, SEED_SERVICES, SEED_ZONES, seed_lead, seed_region


@dataclass(frozen=True, slots=True)
class DeliverySeeded:
    """How many rows are new; what was there is as it was."""

    services: int
    zones: int
    lead_times: int


_CARRIERS = "SELECT DISTINCT carrier FROM orders_carriercontract WHERE company_id = %s AND ended_at IS NULL"
_SERVICES = """
INSERT INTO orders_deliveryservice (company_id, carrier, code, name, position, takes_ambient, takes_chilled, takes_frozen, most_size, most_grams,
    most_pieces, bands, takes_day, takes_cash, most_cash, label_kind)
SELECT %(company)s, s.* FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (carrier text, code text, name text, position int, takes_ambient boolean,
    takes_chilled boolean, takes_frozen boolean, most_size text, most_grams int, most_pieces int, bands text, takes_day boolean,
    takes_cash boolean, most_cash bigint, label_kind text)
ON CONFLICT (company_id, code) DO NOTHING RETURNING id
"""
_ZONES = """
INSERT INTO orders_deliveryzone (company_id, code, name, position, is_remote)
SELECT %(company)s, z.* FROM jsonb_to_recordset(%(rows)s::jsonb) AS z (code text, name text, position int, is_remote boolean)
ON CONFLICT (company_id, code) DO NOTHING RETURNING id, code
"""
_AREAS = """
INSERT INTO orders_deliveryarea (zone_id, prefecture, postal_prefix)
SELECT a.zone_id, a.prefecture, a.postal_prefix FROM jsonb_to_recordset(%s::jsonb) AS a (zone_id bigint, prefecture text, postal_prefix text)
"""
_ORIGINS = """
SELECT DISTINCT prefecture FROM inventory_location WHERE company_id = %s AND ended_at IS NULL AND can_ship AND prefecture <> '' ORDER BY prefecture
"""
_LEADS = """
INSERT INTO orders_deliveryleadtime (company_id, origin_prefecture, zone_id, days, first_band)
SELECT %(company)s, l.prefecture, z.id, l.days, l.first_band
FROM jsonb_to_recordset(%(rows)s::jsonb) AS l (prefecture text, zone text, days int, first_band text)
JOIN orders_deliveryzone z ON z.company_id = %(company)s AND z.code = l.zone
ON CONFLICT (company_id, location_id, origin_prefecture, zone_id, service_id) DO NOTHING RETURNING id
"""


@operation
def seed_delivery(company_id: int, *, carriers: Sequence[str] = (), actor: Actor) -> DeliverySeeded:
    """The company has the carriers' published services, twelve regions with the islands, and lead times from its locations' prefectures.

    Of ``carriers``, else of those it has a contract with, else of all. What it has already stays as it is; repeating it changes nothing.
    Fees are the company's own. Seven statements.
    """
    wanted = set(carriers) or {row.carrier for row in rows(_CARRIERS, (company_id,))} or {s.carrier for s in SEED_SERVICES}
    services = [_service(s) for s in SEED_SERVICES if s.carrier in wanted]
    made = rows(_SERVICES, {"company": company_id, "rows": _json(services)})
    zones = [{"code": code, "name": name, "position": n, "is_remote": False} for n, (code, name, _own) in enumerate(SEED_ZONES, 1)]
    zones.append({"code": "islands", "name": "離島", "position": len(zones) + 1, "is_remote": True})
    new = rows(_ZONES, {"company": company_id, "rows": _json(zones)})
    areas = [area for zone in new for area in _areas(zone)]
    if areas:
        run(_AREAS, (_json(areas),))
    origins = [row.prefecture for row in rows(_ORIGINS, (company_id,))]
    leads = rows(_LEADS, {"company": company_id, "rows": _json([lead for origin in origins for lead in _leads(origin)])})
    return DeliverySeeded(services=len(made), zones=len(new), lead_times=len(leads))


def _json(told: object) -> str:
    return orjson.dumps(told).decode()


def _service(seed: Any) -> dict[str, Any]:
    names = (
        "carrier",
        "code",
        "name",
        "position",
        "most_size",
        "most_grams",
        "most_pieces",
        "takes_day",
        "takes_cash",
        "most_cash",
        "label_kind",
    )
    takes = {f"takes_{zone}": zone in seed.temperatures for zone in ("ambient", "chilled", "frozen")}
    return {**{name: getattr(seed, name) for name in names}, **takes, "bands": ",".join(seed.bands)}


def _areas(zone: Any) -> list[dict[str, Any]]:
    if zone.code == "islands":
        return [{"zone_id": zone.id, "prefecture": "", "postal_prefix": prefix} for prefix in SEED_ISLANDS]
    prefectures = next(own for code, _name, own in SEED_ZONES if code == zone.code)
    return [{"zone_id": zone.id, "prefecture": prefecture, "postal_prefix": ""} for prefecture in prefectures]


def _leads(origin: str) -> list[dict[str, Any]]:
    region = seed_region(origin)
    if not region:
        return []
    found = []
    for to, _name, _own in SEED_ZONES:
        days, band = seed_lead(region, to)
        found.append({"prefecture": origin, "zone": to, "days": days, "first_band": band})
    return [*found, {"prefecture": origin, "zone": "islands", "days": ISLAND_DAYS, "first_band": ""}]
