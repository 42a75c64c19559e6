"""Orders as they stand before a change, the sets of changes there are, and what was agreed at every revision."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing.rules import PaymentMethod
from core.db import rows
from core.tax import Rounding, TaxBasis
from orders.rules import (
    Attribution,
    ChangeItem,
    ChangeKind,
    ChangeState,
    DraftDiscount,
    FeeKind,
    GiftWish,
    StandingFee,
    StandingLine,
    StandingOrder,
    StandingPlace,
    wish_of_text,
)

_ORDER = """
SELECT o.id AS order_id, o.public_id AS ref, o.number, o.company_id, o.channel_id, o.brand_id, ch.kind AS channel_kind, o.customer_id, o.origin, o.status,
    o.version, o.revision, o.language, o.currency, o.tax_basis, c.tax_rounding AS rounding, c.country, c.timezone, o.payment_method, o.placed_on,
    o.goods_total, o.discount_total, o.fee_total, o.tax_total, o.total, o.paid_total,
    ARRAY(SELECT s.number FROM orders_shipment s WHERE s.order_id = o.id AND s.status = 'instructed' ORDER BY s.id) AS instructed,
    ARRAY(SELECT s.number FROM orders_shipment s WHERE s.order_id = o.id AND s.status = 'planned'
        AND (s.tracking_number <> '' OR EXISTS (SELECT FROM orders_shipmentlabel b WHERE b.shipment_id = s.id)) ORDER BY s.id) AS labelled,
    EXISTS (SELECT FROM orders_shipment s WHERE s.order_id = o.id AND s.status IN ('shipped', 'delivered', 'returned')) AS has_left,
    EXISTS (SELECT FROM orders_shipment s JOIN orders_pickingparcel p ON p.shipment_id = s.id AND p.ended_at IS NULL
        WHERE s.order_id = o.id AND s.status = 'planned') AS is_picked,
    EXISTS (SELECT FROM orders_shipment s JOIN orders_pickup p ON p.shipment_id = s.id AND p.state = 'ready' WHERE s.order_id = o.id) AS is_laid_ready
FROM orders_order o JOIN core_company c ON c.id = o.company_id JOIN core_saleschannel ch ON ch.id = o.channel_id WHERE o.id = %s
"""
_LINES = """
SELECT l.id AS line_id, l.public_id AS ref, l.position, l.variant_id, l.sku, l.name, l.category_path, l.purchase_type, l.cycle,
    coalesce(de.position, 1) AS destination, l.outside_line, l.quantity, l.cancelled_quantity, l.shipped_quantity, l.list_price, l.unit_price,
    l.price_reason, l.discount, l.amount, l.total, l.tax_class, l.tax_rate_bp, l.until_revision,
    l.campaign_ref, l.campaign_name, l.route_medium, l.outbound_at, l.offer_from_at, l.offer_until_at, l.ad_code, l.referral_code,
    l.recommendation_ref, l.profile,
    p.kind, p.temperature_zone, v.parcel_size, v.weight_grams,
    coalesce((SELECT max(b.units) FROM inventory_backorder b WHERE b.demand_id = l.public_id AND b.status = 'waiting'), 0) AS waiting,
    greatest((SELECT max(b.promised_on) FROM inventory_backorder b WHERE b.demand_id = l.public_id AND b.status = 'waiting'), (
        SELECT max(s.not_before_on) FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
        WHERE sl.line_id = l.id AND s.status = 'planned')) AS ready_on,
    coalesce((SELECT jsonb_agg(jsonb_build_array(d.amount, d.source, d.reason) ORDER BY d.id) FROM orders_linediscount d
        WHERE d.line_id = l.id), '[]') AS discounts
FROM orders_line l JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN orders_destination de ON de.id = l.destination_id WHERE l.order_id = %s ORDER BY l.position
"""
_FEES = """
SELECT f.id AS fee_id, f.kind, f.label, f.amount, f.total, f.tax_class, f.tax_rate_bp, f.invoiced, d.position AS destination
FROM orders_fee f LEFT JOIN orders_destination d ON d.id = f.destination_id
WHERE f.order_id = %s AND f.until_revision IS NULL ORDER BY f.id
"""
_PLACES = """
SELECT d.id AS destination_id, d.position, d.name, d.kana, d.organisation_name, d.country, d.postal_code, d.prefecture, d.city, d.street,
    d.building, d.phone, d.wished_on, d.time_band, d.service, EXISTS (SELECT FROM orders_shipment s WHERE s.destination_id = d.id
        AND s.status IN ('shipped', 'delivered', 'returned')) AS has_left, d.gift_message AS message, d.pickup_at_id IS NOT NULL AS is_fetched,
    (SELECT jsonb_build_object('noshi', n.code, 'title', CASE WHEN g.title <> g.noshi_name THEN g.title END,
        'knot', CASE WHEN g.knot <> n.knot THEN g.knot END, 'placement', g.placement, 'names', g.names, 'wrapping', w.code, 'card', c.code,
        'sender_name', g.sender_name, 'hides_prices', CASE WHEN g.hides_prices THEN '1' ELSE '0' END)
        FROM orders_gift g LEFT JOIN orders_noshikind n ON n.id = g.noshi_id LEFT JOIN orders_wrapping w ON w.id = g.wrapping_id
        LEFT JOIN orders_messagecard c ON c.id = g.card_id WHERE g.destination_id = d.id) AS gift,
    ARRAY(SELECT DISTINCT s.location_id FROM orders_shipment s WHERE s.destination_id = d.id AND s.status = 'planned') AS locations
FROM orders_destination d WHERE d.order_id = %s ORDER BY d.position
"""
_ORIGIN = (
    "campaign_ref", "campaign_name", "route_medium", "outbound_at", "offer_from_at", "offer_until_at", "ad_code", "referral_code",
    "recommendation_ref",
)  # fmt: skip


def standing_order(order_id: int) -> StandingOrder | None:
    """The order as far as a change of it asks. Four statements; once it is locked, they see what nobody else can move any more."""
    found = rows(_ORDER, (order_id,))
    if not found:
        return None
    told = found[0]._asdict()
    kinds = {"tax_basis": TaxBasis, "rounding": Rounding, "payment_method": PaymentMethod, "instructed": tuple, "labelled": tuple}
    return StandingOrder(
        **{name: kinds[name](value) if name in kinds else value for name, value in told.items()},
        lines=tuple(_line(row._asdict()) for row in rows(_LINES, (order_id,))),
        fees=tuple(StandingFee(**{**row._asdict(), "kind": FeeKind(row.kind)}) for row in rows(_FEES, (order_id,))),
        destinations=tuple(
            StandingPlace(**{**row._asdict(), "gift": _wish(row.gift), "locations": tuple(row.locations)})
            for row in rows(_PLACES, (order_id,))
        ),
    )


def _wish(told: dict[str, str] | None) -> GiftWish | None:
    return wish_of_text(told)[0] if told is not None else None


def _line(told: dict[str, Any]) -> StandingLine:
    origin = Attribution(**{name: told.pop(name) for name in _ORIGIN})
    discounts = tuple(DraftDiscount(amount=amount, source=source, reason=reason) for amount, source, reason in told.pop("discounts"))
    return StandingLine(**told, attribution=origin, discounts=discounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A set of changes, with who opened it and what came of it; sums in minor units, once it is confirmed."""

    key: int
    id: UUID
    order_key: int
    order_ref: UUID
    order_number: str
    state: ChangeState
    version: int
    base_version: int
    revision: int | None
    reason: str
    opened_at: datetime
    opened_by: str
    opener_kind: str
    opener_id: str
    closed_at: datetime | None
    closed_by: str
    currency: str
    goods_before: int | None
    goods_after: int | None
    discount_before: int | None
    discount_after: int | None
    fee_before: int | None
    fee_after: int | None
    tax_before: int | None
    tax_after: int | None
    total_before: int | None
    total_after: int | None
    items: tuple[ChangeItem, ...]


_CHANGES = """
SELECT c.id AS key, c.public_id AS id, c.order_id AS order_key, o.public_id AS order_ref, o.number AS order_number, c.state, c.version,
    c.base_version, c.revision, c.reason, c.opened_at, coalesce(nullif(c.actor_label, ''), c.actor_id) AS opened_by, c.actor_kind AS opener_kind,
    c.actor_id AS opener_id, c.closed_at, c.closed_by, o.currency, c.goods_before, c.goods_after, c.discount_before, c.discount_after,
    c.fee_before, c.fee_after, c.tax_before, c.tax_after, c.total_before, c.total_after,
    coalesce((SELECT jsonb_agg(to_jsonb(i) ORDER BY i.position) FROM orders_changeitem i WHERE i.change_id = c.id), '[]') AS items
FROM orders_orderchange c JOIN orders_order o ON o.id = c.order_id
"""


def change_view(change_id: int) -> ChangeView | None:
    """One set of changes, or None."""
    return next((_change(row) for row in rows(_CHANGES + "WHERE c.id = %s", (change_id,))), None)


def change_by_ref(ref: UUID, *, order_id: int) -> ChangeView | None:
    """An order's set of changes by its public id, or None."""
    return next((_change(row) for row in rows(_CHANGES + "WHERE c.public_id = %s AND c.order_id = %s", (ref, order_id))), None)


def open_change_of(order_id: int) -> ChangeView | None:
    """The set that is open on an order, or None."""
    return next((_change(row) for row in rows(_CHANGES + "WHERE c.order_id = %s AND c.state = 'open'", (order_id,))), None)


def changes_of(order_id: int, *, limit: int = 50) -> list[ChangeView]:
    """The sets of changes of an order, the newest first."""
    return [_change(row) for row in rows(_CHANGES + "WHERE c.order_id = %s ORDER BY c.id DESC LIMIT %s", (order_id, limit))]


def _change(row: Any) -> ChangeView:
    return ChangeView(**{**row._asdict(), "state": ChangeState(row.state), "items": tuple(_item(i) for i in row.items)})


def _item(told: dict[str, Any]) -> ChangeItem:
    day = told["waits_until"]
    return ChangeItem(
        kind=ChangeKind(told["kind"]), target=told["target"], field=told["field"], before=told["before"], after=told["after"],
        price=told["price"], waits_until=date.fromisoformat(day) if day else None, reason=told["reason"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedLine:
    """A line or fee as it was agreed at a revision; a fee has no SKU and no quantity of its own."""

    name: str
    sku: str
    quantity: int
    unit_price: int
    price_reason: str
    discount: int
    total: int
    is_fee: bool


# A line whose place was taken by another counts from then on for what had left of it.
_AGREED = """
SELECT name, sku, units AS quantity, unit_price, price_reason,
    CASE WHEN units = quantity THEN discount ELSE unit_price * units - amount * units / quantity END AS discount,
    total * units / quantity AS total, false AS is_fee
FROM (
    SELECT l.*, CASE WHEN l.until_revision IS NULL OR l.until_revision > %(revision)s THEN l.quantity
        ELSE l.quantity - l.cancelled_quantity END AS units
    FROM orders_line l WHERE l.order_id = %(order)s AND l.from_revision <= %(revision)s
) l WHERE units > 0
UNION ALL
SELECT f.label, '', 1, f.amount, '', 0, f.total, true FROM orders_fee f
WHERE f.order_id = %(order)s AND f.from_revision <= %(revision)s AND (f.until_revision IS NULL OR f.until_revision > %(revision)s)
"""


def agreed_at(order_id: int, *, revision: int) -> list[AgreedLine]:
    """What had been agreed at a revision of an order: its lines, then its fees. One statement."""
    found = [AgreedLine(**row._asdict()) for row in rows(_AGREED, {"order": order_id, "revision": revision})]
    return sorted(found, key=lambda line: line.is_fee)
