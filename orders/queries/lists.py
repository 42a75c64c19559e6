"""Lists of orders and parcels, each gated by what the asker may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.db import rows
from orders.models import Order, Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What an asker may see: the orders of one company, of some customers, or (nothing given) of the whole house.

    A company or customer that is None where the asker should have one must not become "everything": counters pass
    what they know of the asker, and `of_company(None)` sees nothing.
    """

    company_id: int | None = None
    customer_ids: tuple[int, ...] | None = None
    everything: bool = False

    @classmethod
    def of_company(cls, company_id: int | None) -> "Sight":
        return cls(company_id=company_id)

    @classmethod
    def of_customers(cls, customer_ids: Sequence[int]) -> "Sight":
        return cls(customer_ids=tuple(customer_ids))

    def limits(self) -> Q:
        """The limit as a filter on orders."""
        if self.everything:
            return Q()
        if self.customer_ids is not None:
            return Q(customer_id__in=self.customer_ids)
        return Q(company_id=self.company_id) if self.company_id is not None else Q(pk__in=[])

    def where(self, alias: str) -> tuple[str, dict[str, Any]]:
        """The same in SQL with its parameters, of whatever bears a company and a customer."""
        if self.everything:
            return "true", {}
        if self.customer_ids is not None:
            return f"{alias}.customer_id = ANY(%(customers)s::bigint[])", {"customers": list(self.customer_ids)}
        return f"{alias}.company_id = %(company)s::bigint", {"company": self.company_id}


def visible(sight: Sight) -> QuerySet[Order]:
    """The orders somebody may see: the only gate to them."""
    return Order.objects.filter(sight.limits())


def visible_key(ref: UUID, *, sight: Sight) -> int | None:
    """The key of an order by its public id, if the asker may see it."""
    return visible(sight).filter(public_id=ref).values_list("id", flat=True).first()


def visible_shipment_key(ref: UUID, *, sight: Sight) -> int | None:
    """The key of a parcel by its public id, if the asker may see its order."""
    return Shipment.objects.filter(public_id=ref, order__in=visible(sight)).values_list("id", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order in a list."""

    key: int
    id: UUID
    number: str
    outside_number: str
    channel: str
    customer_key: int
    buyer_name: str
    status: str
    payment_status: str
    fulfilment_status: str
    open_holds: int
    placed_at: datetime
    currency: str
    total: int


_ROWS = """
SELECT o.id AS key, o.public_id AS id, o.number, o.outside_number, ch.code AS channel, o.customer_id AS customer_key, o.buyer_name,
    o.status, o.payment_status, o.fulfilment_status, o.open_holds, o.placed_at, o.currency, o.total
FROM orders_order o JOIN core_saleschannel ch ON ch.id = o.channel_id
WHERE {conditions} ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s
"""


def order_rows(
    sight: Sight,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    status: str | None = None,
    fulfilment_status: str | None = None,
    payment_status: str | None = None,
    outside_number: str | None = None,
    placed_from_on: date | None = None,
    placed_until_on: date | None = None,
    among: Sequence[int] | None = None,
) -> list[OrderRow]:
    """Orders, newest first, by keyset; `placed_until_on` is exclusive, `among` limits to these keys. One statement."""
    where, given = sight.where("o")
    conditions, given = [where], {**given, "limit": limit}
    if among is not None:
        conditions.append("o.id = ANY(%(among)s::bigint[])")
        given["among"] = list(among)
    for name, column, value in (
        ("status", "o.status = %(status)s", status),
        ("fulfilment", "o.fulfilment_status = %(fulfilment)s", fulfilment_status),
        ("payment", "o.payment_status = %(payment)s", payment_status),
        ("outside", "o.outside_number = %(outside)s", outside_number),
        ("from", "o.placed_on >= %(from)s", placed_from_on),
        ("until", "o.placed_on < %(until)s", placed_until_on),
    ):
        if value is not None:
            conditions.append(column)
            given[name] = value
    if after is not None:
        conditions.append("(o.placed_at, o.id) < (%(after_at)s, %(after_id)s)")
        given["after_at"], given["after_id"] = after
    return [OrderRow(**r._asdict()) for r in rows(_ROWS.format(conditions=" AND ".join(conditions)), given, prepare=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRow:
    """A parcel in a list."""

    key: int
    id: UUID
    number: str
    order_id: UUID
    order_number: str
    status: str
    location: str
    planned_on: date | None
    carrier: str
    tracking_number: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    open_holds: int
    recorded_at: datetime
    box: UUID | None


_SHIPMENTS = """
SELECT s.id AS key, s.public_id AS id, s.number, o.public_id AS order_id, o.number AS order_number, s.status, lo.code AS location,
    s.planned_on, s.carrier, s.tracking_number, s.shipped_at, s.delivered_at, o.open_holds, s.recorded_at, s.box
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN inventory_location lo ON lo.id = s.location_id
WHERE {conditions} ORDER BY s.id DESC LIMIT %(limit)s
"""


def shipment_rows(
    sight: Sight,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    status: str | None = None,
    location: str | None = None,
    order: UUID | None = None,
) -> list[ShipmentRow]:
    """Parcels, newest first, by keyset over their keys. One statement."""
    conditions = ["true"] if sight.everything else ["s.company_id = %(company)s::bigint"]
    given: dict[str, Any] = {"limit": limit, "company": sight.company_id}
    if sight.customer_ids is not None:
        conditions = ["o.customer_id = ANY(%(customers)s::bigint[])"]
        given["customers"] = list(sight.customer_ids)
    for name, column, value in (
        ("status", "s.status = %(status)s", status),
        ("location", "lo.code = %(location)s", location),
        ("order", "o.public_id = %(order)s::uuid", order),
    ):
        if value is not None:
            conditions.append(column)
            given[name] = value
    if after is not None:
        conditions.append("s.id < %(after_id)s")
        given["after_id"] = after[1]
    return [ShipmentRow(**r._asdict()) for r in rows(_SHIPMENTS.format(conditions=" AND ".join(conditions)), given, prepare=False)]
