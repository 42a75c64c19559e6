"""Stores where goods can be fetched, and what lies there for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from core.db import rows
from core.queries import working_days
from customers.rules import PlaceOfDelivery
from orders.queries.leaving import may_leave_sql
from orders.rules import MOST_WRONG_CODES, USUAL_TERMS, PickupState, PickupTermsRow, ready_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupStore:
    """A store of the company where orders can be fetched, with its own terms, else the company's, else the usual ones."""

    id: int
    company_id: int
    code: str
    name: str
    postal_code: str
    prefecture: str
    address: str
    phone: str
    timezone: str
    cutoff_at: time | None
    calendar_id: int | None
    terms: PickupTermsRow

    @property
    def nobody(self) -> PlaceOfDelivery:
        """Its address in nobody's name."""
        return self.address_for(PlaceOfDelivery(family_name=self.name))

    def address_for(self, place: PlaceOfDelivery) -> PlaceOfDelivery:
        """Its address, in the name of who fetches something there."""
        return replace(place, postal_code=self.postal_code, prefecture=self.prefecture, city="", street=self.address, building=self.name)

    def ready_on(self, at: datetime) -> date:
        """From which day an order of this moment can be fetched."""
        local = at.astimezone(ZoneInfo(self.timezone))
        return ready_on(local, cutoff_at=self.cutoff_at, terms=self.terms, days=working_days(self.calendar_id))


_STORES = """
SELECT l.id, l.company_id, l.code, l.name, l.postal_code, l.prefecture, l.address, l.phone, c.timezone, l.cutoff_at, l.calendar_id,
    t.ready_days, t.keep_days, t.remind_days, t.pays_at_store
FROM inventory_location l JOIN core_company c ON c.id = l.company_id LEFT JOIN LATERAL (
    SELECT * FROM orders_pickupterms t WHERE t.company_id = l.company_id AND t.ended_at IS NULL AND (t.location_id = l.id OR t.location_id IS NULL)
    ORDER BY t.location_id NULLS LAST LIMIT 1
) t ON true
WHERE {which} ORDER BY l.priority, l.id
"""
_TO_CHOOSE = (
    "l.company_id = %(company)s AND l.can_pick_up AND l.ended_at IS NULL AND (%(ids)s::bigint[] IS NULL OR l.id = ANY(%(ids)s::bigint[]))"
)
_SELLS = "l.company_id = %(company)s AND l.kind = 'store' AND l.ended_at IS NULL AND (%(ids)s::bigint[] IS NULL OR l.id = ANY(%(ids)s::bigint[]))"
_AT_WORK = """l.id = ANY(%(ids)s::bigint[]) AND (l.can_pick_up AND l.ended_at IS NULL
    OR EXISTS (SELECT FROM orders_pickup p WHERE p.location_id = l.id AND p.state = 'ready')
    OR EXISTS (SELECT FROM orders_shipment s JOIN orders_destination d ON d.id = s.destination_id AND d.pickup_at_id = l.id
        WHERE s.location_id = l.id AND s.status = 'planned'))"""


def pickup_stores(company_id: int, *, ids: Sequence[int] | None = None) -> list[PickupStore]:
    """The stores of a company that can be chosen now, the preferred one first. One statement.

    Only for choosing: a store that hands over nothing new still has what was ordered there (``stores_by_id``, ``stores_at_work``).
    """
    asked = {"company": company_id, "ids": None if ids is None else list(ids)}
    return [_store(row) for row in rows(_STORES.format(which=_TO_CHOOSE), asked, prepare=False)]


def selling_stores(company_id: int, *, ids: Collection[int] | None = None) -> list[PickupStore]:
    """The stores of a company that sell over their counter, the preferred one first. One statement."""
    asked = {"company": company_id, "ids": None if ids is None else sorted(ids)}
    return [_store(row) for row in rows(_STORES.format(which=_SELLS), asked, prepare=False)]


def stores_by_id(ids: Collection[int]) -> dict[int, PickupStore]:
    """These stores with their terms, whether or not something new can be fetched there. One statement."""
    found = rows(_STORES.format(which="l.id = ANY(%(ids)s::bigint[])"), {"ids": sorted(ids)}, prepare=False)
    return {row.id: _store(row) for row in found}


def stores_at_work(ids: Collection[int]) -> list[PickupStore]:
    """Of these places, those that can be chosen now or still have to prepare or hand over something. One statement."""
    return [_store(row) for row in rows(_STORES.format(which=_AT_WORK), {"ids": sorted(ids)}, prepare=False)]


def _store(row: Any) -> PickupStore:
    told = row._asdict()
    terms = {name: told.pop(name) for name in ("ready_days", "keep_days", "remind_days", "pays_at_store")}
    return PickupStore(**told, terms=PickupTermsRow(**terms) if terms["keep_days"] is not None else USUAL_TERMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupRow:
    """A parcel that a store is to prepare, holds ready, or has handed over."""

    shipment_id: int
    number: str
    order_id: int
    order_number: str
    company_id: int
    location_id: int
    location: str
    buyer: str
    buyer_ref: Any
    placed_at: datetime
    state: PickupState | None
    """None: it is to be prepared."""
    until_on: date | None
    handed_at: datetime | None
    on_hold: bool
    owed: int
    currency: str
    goods: tuple[tuple[str, str, int], ...]
    """(SKU, name, pieces)"""
    is_locked: bool = False
    """Its code was typed wrong too often: it needs a new one."""


_ROWS = """
SELECT s.id AS shipment_id, s.number, o.id AS order_id, o.number AS order_number, s.company_id, s.location_id, l.name AS location,
    d.name AS buyer, c.public_id AS buyer_ref, o.placed_at, p.state, p.until_on, p.handed_at,
    coalesce(p.wrong_codes >= %(wrong)s, false) AS is_locked, o.open_holds > 0 OR o.status = 'pending' AS on_hold,
    CASE WHEN o.payment_method = 'cash_at_store' THEN o.total - o.paid_total ELSE 0 END AS owed, o.currency,
    (SELECT jsonb_agg(jsonb_build_array(x.sku, x.name, x.quantity) ORDER BY x.position) FROM (
        SELECT n.position, n.sku, n.name, max(sl.quantity) AS quantity FROM orders_shipmentline sl JOIN orders_line n ON n.id = sl.line_id
        WHERE sl.shipment_id = s.id GROUP BY n.id) x) AS goods
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
JOIN inventory_location l ON l.id = s.location_id JOIN customers_customer c ON c.id = o.customer_id
LEFT JOIN orders_pickup p ON p.shipment_id = s.id
WHERE d.pickup_at_id = s.location_id AND {which}
ORDER BY {order} LIMIT %(most)s
"""
_WAITING = "s.status = 'planned' AND o.status IN ('confirmed', 'pending') AND p.shipment_id IS NULL"
_LISTS = {
    "to_prepare": (f"s.location_id = ANY(%(places)s::bigint[]) AND {_WAITING}", "s.id"),
    "ready": ("p.location_id = ANY(%(places)s::bigint[]) AND p.state = 'ready'", "p.until_on, s.id"),
    "ended": ("p.location_id = ANY(%(places)s::bigint[]) AND p.state IN ('handed_over', 'lapsed')", "p.until_on DESC, s.id DESC"),
}
MOST_SHOWN = 200


def pickup_rows(which: str, *, location_ids: Collection[int], limit: int = MOST_SHOWN) -> list[PickupRow]:
    """The parcels of some stores "to_prepare", "ready", or "ended" (the latest first). One statement."""
    where, order = _LISTS[which]
    asked = {"places": sorted(location_ids), "most": limit, "wrong": MOST_WRONG_CODES}
    return [_row(row) for row in rows(_ROWS.format(which=where, order=order), asked, prepare=False)]


def pickup_by_code(code: str, *, location_ids: Collection[int]) -> PickupRow | None:
    """The parcel that lies ready under a code in one of these stores."""
    which = "p.location_id = ANY(%(places)s::bigint[]) AND p.state = 'ready' AND p.code = %(code)s"
    asked = {"places": sorted(location_ids), "code": code, "most": 1, "wrong": MOST_WRONG_CODES}
    found = rows(_ROWS.format(which=which, order="s.id"), asked, prepare=False)
    return _row(found[0]) if found else None


def _row(row: Any) -> PickupRow:
    goods = tuple((sku, name, quantity) for sku, name, quantity in row.goods or ())
    return PickupRow(**{**row._asdict(), "state": PickupState(row.state) if row.state else None, "goods": goods})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelToSend:
    """A parcel that a store is to send."""

    id: int
    number: str
    prefecture: str
    planned_on: date | None


_TO_SEND = f"""
SELECT s.id, s.number, d.prefecture, s.planned_on FROM orders_shipment s JOIN orders_destination d ON d.id = s.destination_id
JOIN orders_order o ON o.id = s.order_id
WHERE s.location_id = ANY(%s::bigint[]) AND s.status = 'planned' AND {may_leave_sql()}
ORDER BY s.id LIMIT %s
"""


def shipments_to_send(location_ids: Collection[int], *, limit: int = MOST_SHOWN) -> list[ParcelToSend]:
    """The parcels that may leave these places by carrier, the oldest first. One statement."""
    return [ParcelToSend(**row._asdict()) for row in rows(_TO_SEND, (sorted(location_ids), limit), prepare=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupView:
    """What the buyer is told of a parcel they fetch; the code once it lies ready."""

    shipment_id: int
    store: str
    address: str
    phone: str
    state: PickupState | None
    code: str
    until_on: date | None
    ready_on: date | None


_OF_ORDER = """
SELECT s.id AS shipment_id, l.id AS location_id, l.name AS store, l.prefecture || l.address AS address, l.phone, p.state,
    CASE WHEN p.state = 'ready' THEN p.code ELSE '' END AS code, p.until_on, o.placed_at, o.company_id
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
JOIN inventory_location l ON l.id = d.pickup_at_id LEFT JOIN orders_pickup p ON p.shipment_id = s.id
WHERE s.order_id = %s AND s.status <> 'cancelled' ORDER BY s.id
"""


def pickups_of_order(order_id: int) -> dict[int, PickupView]:
    """The parcels of an order that are fetched in a store, by parcel; two statements, one where there is none."""
    found = rows(_OF_ORDER, (order_id,))
    if not found:
        return {}
    stores = stores_by_id({row.location_id for row in found})
    return {
        row.shipment_id: PickupView(
            shipment_id=row.shipment_id, store=row.store, address=row.address, phone=row.phone,
            state=PickupState(row.state) if row.state else None, code=row.code, until_on=row.until_on,
            ready_on=stores[row.location_id].ready_on(row.placed_at),
        )
        for row in found
    }  # fmt: skip
