"""What whoever waits for a parcel sees of its way, and which parcels a source should be asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db import rows
from orders.queries.boxes import SPOKEN_OF
from orders.rules import DeliveryNews, TrackingState

_STEPS = f"""
SELECT s.id, e.number, e.at, coalesce(e.state, c.state, a.state) AS state, e.place
FROM orders_shipment s JOIN orders_trackingevent e ON e.shipment_id = {SPOKEN_OF}
LEFT JOIN orders_trackingcode c ON e.state IS NULL AND c.company_id = s.company_id AND c.carrier = s.carrier AND c.code = e.code
LEFT JOIN orders_trackingcode a ON e.state IS NULL AND a.company_id = s.company_id AND a.carrier = '' AND a.code = e.code
WHERE s.id = ANY(%s::bigint[]) AND coalesce(e.state, c.state, a.state) IS NOT NULL ORDER BY s.id, e.at DESC, e.id DESC
"""
_PROGRESS = f"""
SELECT s.id, p.state FROM orders_shipment s JOIN orders_parcelprogress p ON p.shipment_id = {SPOKEN_OF}
WHERE s.id = ANY(%s::bigint[]) AND p.state IS NOT NULL
"""
_COMPANIES = """
SELECT c.id, c.code FROM core_company c
WHERE EXISTS (SELECT 1 FROM orders_shipment s WHERE s.company_id = c.id AND s.status = 'shipped') ORDER BY c.id
"""
_TELLS = """
SELECT 1 AS tells FROM orders_deliverymail
WHERE is_sent AND news = %s AND site_id = coalesce(%s::bigint, (SELECT site_id FROM core_saleschannel WHERE id = %s))
"""
MOST_STEPS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStep:
    """Where a parcel was at a time."""

    at: datetime
    state: TrackingState
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The way of a parcel, the latest step first, and where it is by all of them."""

    state: TrackingState | None
    steps: tuple[TrackStep, ...]


def parcel_tracks(shipment_ids: Sequence[int]) -> dict[int, Track]:
    """The ways of parcels by their keys; one of which nothing is known is left out. What is said of a box is said of
    all in it. A step said of several pieces stands once."""
    if not shipment_ids:
        return {}
    steps: dict[int, dict[TrackStep, None]] = {}
    for row in rows(_STEPS, (list(shipment_ids),)):
        step = TrackStep(at=row.at, state=TrackingState(row.state), place=row.place)
        steps.setdefault(row.id, {})[step] = None
    states = {row.id: TrackingState(row.state) for row in rows(_PROGRESS, (list(shipment_ids),))} if steps else {}
    return {key: Track(state=states.get(key), steps=tuple(told)[:MOST_STEPS]) for key, told in steps.items()}


def companies_under_way() -> dict[int, str]:
    """Companies with parcels on their way: their keys and codes."""
    return {row.id: row.code for row in rows(_COMPANIES)}


def site_tells(site_id: int | None, news: DeliveryNews, *, channel_id: int) -> bool:
    """Whether a site writes to its buyers about this; an order of no site counts with the site of its channel."""
    return bool(rows(_TELLS, (str(news), site_id, channel_id)))
