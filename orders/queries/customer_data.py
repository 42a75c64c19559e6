"""What orders hold about customers, and the figures of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.db import rows

TABLES = (
    "orders_order.customer_id",
    "orders_order.payer_id",
    "orders_purchasefacts.customer_id",
    "orders_estimate.customer_id",
    "orders_returncase.customer_id",
    "orders_casephoto.customer_id",
    "orders_servicerequest.customer_id",
    "orders_shipmentinsert.customer_id",
)

_TOLD = """
SELECT * FROM (
    (SELECT o.customer_id, o.placed_at AS at, 'order' AS kind, o.number AS title, o.status || '/' || o.fulfilment_status AS state,
        o.id AS order_id, o.total AS amount, o.currency
     FROM orders_order o WHERE o.customer_id = ANY(%(ids)s::bigint[]) AND (%(before)s::timestamptz IS NULL OR o.placed_at < %(before)s)
     ORDER BY o.placed_at DESC, o.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT o.customer_id, o.cancelled_at, 'cancellation', o.number, o.cancel_reason, o.id, NULL, o.currency
     FROM orders_order o WHERE o.customer_id = ANY(%(ids)s::bigint[]) AND o.cancelled_at IS NOT NULL
        AND (%(before)s::timestamptz IS NULL OR o.cancelled_at < %(before)s) ORDER BY o.cancelled_at DESC, o.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT o.customer_id, s.shipped_at, 'shipment', s.number, s.status, o.id, NULL, o.currency
     FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
     WHERE o.customer_id = ANY(%(ids)s::bigint[]) AND s.shipped_at IS NOT NULL
        AND (%(before)s::timestamptz IS NULL OR s.shipped_at < %(before)s) ORDER BY s.shipped_at DESC, s.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT o.customer_id, s.delivered_at, 'delivery', s.number, s.status, o.id, NULL, o.currency
     FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
     WHERE o.customer_id = ANY(%(ids)s::bigint[]) AND s.delivered_at IS NOT NULL
        AND (%(before)s::timestamptz IS NULL OR s.delivered_at < %(before)s) ORDER BY s.delivered_at DESC, s.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT c.customer_id, c.requested_at, 'return_asked', c.number, c.kind, c.order_id, NULL, o.currency
     FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id WHERE c.customer_id = ANY(%(ids)s::bigint[])
        AND (%(before)s::timestamptz IS NULL OR c.requested_at < %(before)s) ORDER BY c.requested_at DESC, c.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT c.customer_id, c.settled_at, 'return_settled', c.number, c.kind, c.order_id, c.credited_total, o.currency
     FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id WHERE c.customer_id = ANY(%(ids)s::bigint[]) AND c.settled_at IS NOT NULL
        AND (%(before)s::timestamptz IS NULL OR c.settled_at < %(before)s) ORDER BY c.settled_at DESC, c.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT v.customer_id, v.requested_at, 'service_asked', v.number, v.kind, v.id, NULL, v.currency
     FROM orders_servicerequest v WHERE v.customer_id = ANY(%(ids)s::bigint[])
        AND (%(before)s::timestamptz IS NULL OR v.requested_at < %(before)s) ORDER BY v.requested_at DESC, v.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT v.customer_id, v.ended_at, 'service_ended', v.number, v.status, v.id, NULLIF(greatest(v.charged_total, v.payout_total), 0), v.currency
     FROM orders_servicerequest v WHERE v.customer_id = ANY(%(ids)s::bigint[]) AND v.ended_at IS NOT NULL
        AND (%(before)s::timestamptz IS NULL OR v.ended_at < %(before)s) ORDER BY v.ended_at DESC, v.number DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT e.customer_id, e.issued_at, 'estimate', e.number, e.status, e.id, e.total, e.currency
     FROM orders_estimate e WHERE e.customer_id = ANY(%(ids)s::bigint[]) AND (%(before)s::timestamptz IS NULL OR e.issued_at < %(before)s)
     ORDER BY e.issued_at DESC, e.number DESC LIMIT %(limit)s)
) happened ORDER BY at DESC, kind, title DESC LIMIT %(limit)s
"""

_UNDER_WAY = """
SELECT customer_id, number FROM orders_order
WHERE customer_id = ANY(%s::bigint[]) AND status IN ('pending', 'confirmed') AND origin = 'placed'
    AND fulfilment_status IN ('planned', 'partly_shipped') ORDER BY id
"""
# Goods of theirs lie here, or we owe them the price.
_SERVED = """
SELECT customer_id, number FROM orders_servicerequest
WHERE customer_id = ANY(%s::bigint[]) AND (ended_at IS NULL OR (payout_total > 0 AND paid_out_at IS NULL)) ORDER BY id
"""

_HELD = """
SELECT o.customer_id, 'orders_order' AS table_name, jsonb_build_object('number', o.number, 'placed_at', o.placed_at, 'name', o.buyer_name,
    'email', o.buyer_email, 'phone', o.buyer_phone, 'total', o.total, 'currency', o.currency, 'status', o.status, 'remark', o.remark) AS values
FROM orders_order o WHERE o.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT o.customer_id, 'orders_line', jsonb_build_object('order', o.number, 'product', l.name, 'sku', l.sku, 'quantity', l.quantity, 'total', l.total)
FROM orders_line l JOIN orders_order o ON o.id = l.order_id WHERE o.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT o.customer_id, 'orders_destination', jsonb_build_object('order', o.number, 'name', d.name, 'kana', d.kana, 'postal_code', d.postal_code,
    'address', d.prefecture || d.city || d.street || ' ' || d.building, 'phone', d.phone, 'gift_message', d.gift_message,
    'names_on_noshi', coalesce(g.names, ''), 'sender_shown', coalesce(g.sender_name, ''))
FROM orders_destination d JOIN orders_order o ON o.id = d.order_id LEFT JOIN orders_gift g ON g.destination_id = d.id WHERE o.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT o.customer_id, 'orders_shipment', jsonb_build_object('order', o.number, 'number', s.number, 'carrier', s.carrier,
    'tracking_number', s.tracking_number, 'shipped_at', s.shipped_at)
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id WHERE o.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT n.customer_id, 'orders_shipmentinsert', jsonb_build_object('order', o.number, 'insert', r.name, 'item', i.name, 'quantity', n.quantity,
    'because', n.reasons, 'at', n.at)
FROM orders_shipmentinsert n JOIN orders_order o ON o.id = n.order_id JOIN orders_insertrule r ON r.id = n.rule_id
JOIN inventory_stockitem i ON i.id = n.stock_item_id WHERE n.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT e.customer_id, 'orders_estimate', jsonb_build_object('number', e.number, 'issued_at', e.issued_at, 'valid_until', e.valid_until_on,
    'name', e.buyer_name, 'lines', e.shown -> 'lines', 'total', e.total, 'currency', e.currency, 'status', e.status, 'note', e.note)
FROM orders_estimate e WHERE e.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT o.customer_id, 'orders_scriptsaid', jsonb_build_object('order', o.number, 'what_was_read', q.text, 'at', q.at)
FROM orders_scriptsaid q JOIN orders_order o ON o.id = q.order_id WHERE o.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT c.customer_id, 'orders_returncase', jsonb_build_object('order', o.number, 'number', c.number, 'kind', c.kind, 'status', c.status,
    'requested_at', c.requested_at, 'remark', c.remark, 'credited', c.credited_total, 'refunded', c.refunded_total, 'currency', o.currency)
FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id WHERE c.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT c.customer_id, 'orders_returnline', jsonb_build_object('case', c.number, 'product', l.name, 'quantity', rl.quantity, 'remark', rl.remark)
FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id JOIN orders_line l ON l.id = rl.line_id
WHERE c.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT v.customer_id, 'orders_servicerequest', jsonb_build_object('number', v.number, 'kind', v.kind, 'status', v.status, 'goods', v.goods,
    'maker', v.maker, 'model', v.model, 'serial', v.serial, 'bought_from', v.bought_from, 'bought_on', v.bought_on, 'remark', v.remark,
    'requested_at', v.requested_at, 'estimate', v.amount, 'estimate_note', v.estimate_note, 'identity_made_sure_by', v.identity_note,
    'reason', v.decision_reason, 'charged', v.charged_total, 'paid_to_you', v.payout_total, 'currency', v.currency)
FROM orders_servicerequest v WHERE v.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT p.customer_id, 'orders_casephoto', jsonb_build_object('case', coalesce(c.number, v.number), 'added_at', p.added_at, 'width', p.width,
    'height', p.height, 'look_at', '/mypage/photos/' || p.public_id || '/')
FROM orders_casephoto p LEFT JOIN orders_returncase c ON c.id = p.case_id LEFT JOIN orders_servicerequest v ON v.id = p.service_id
WHERE p.customer_id = ANY(%(ids)s::bigint[]) AND p.ended_at IS NULL
"""

_FIGURES = """
SELECT (SELECT count(*) FROM orders_order WHERE placed_on = %(day)s AND placed_at >= %(day)s::date - interval '1 day' AND status <> 'cancelled') AS orders,
    (SELECT jsonb_object_agg(currency, total) FROM (SELECT currency, sum(total) AS total FROM orders_order
        WHERE placed_on = %(day)s AND placed_at >= %(day)s::date - interval '1 day' AND status <> 'cancelled' GROUP BY currency) s) AS sums,
    (SELECT count(*) FROM orders_shipment WHERE status IN ('planned', 'instructed')) AS to_ship,
    (SELECT count(*) FROM orders_order WHERE open_holds > 0) AS held,
    (SELECT count(*) FROM orders_returncase WHERE status IN ('requested', 'partly_received', 'received', 'inspected')) AS returns,
    (SELECT count(*) FROM orders_order WHERE status = 'confirmed' AND payment_method = 'bank_transfer' AND payment_status IN ('unpaid', 'partly_paid')
        AND origin = 'placed') AS unpaid,
    met.now AS first_buyers, met.before AS first_buyers_before
FROM (SELECT count(*) FILTER (WHERE first_on > %(day)s::date - 30) AS now, count(*) FILTER (WHERE first_on <= %(day)s::date - 30) AS before
    FROM orders_purchasefacts WHERE company_id = ANY(ARRAY(SELECT id FROM core_company)) AND last_on > %(day)s::date - 60
        AND first_on > %(day)s::date - 60 AND first_on <= %(day)s::date) met
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """How the day goes; sums by currency in minor units."""

    orders: int
    sums: tuple[tuple[str, int], ...]
    to_ship: int
    held: int
    returns: int
    unpaid: int
    first_buyers: int
    """Customers whose first purchase lies in the last 30 days."""
    first_buyers_before: int
    recent: tuple[Any, ...]


def told(customer_ids: Sequence[int], *, before: datetime | None, limit: int) -> list[Any]:
    """What happened with these customers' orders, newest first, in one statement."""
    return rows(_TOLD, {"ids": list(customer_ids), "before": before, "limit": limit})


def under_way(customer_ids: Sequence[int]) -> list[Any]:
    """Orders of these customers that still need their addresses."""
    return rows(_UNDER_WAY, (list(customer_ids),))


def served(customer_ids: Sequence[int]) -> list[Any]:
    """Repairs, collections and purchases of these customers that are not over."""
    return rows(_SERVED, (list(customer_ids),))


def held(customer_ids: Sequence[int]) -> list[Any]:
    """Every row held about these customers, in words a person can read."""
    return rows(_HELD, {"ids": list(customer_ids)})


def day_figures(day: date) -> DayFigures:
    """The figures of a day, with the eight latest orders."""
    row = rows(_FIGURES, {"day": day})[0]
    recent = rows(
        "SELECT id, number, buyer_name, total, currency FROM orders_order WHERE origin = 'placed' ORDER BY placed_at DESC, id DESC LIMIT 8"
    )
    sums = tuple(sorted((row.sums or {}).items()))
    return DayFigures(
        orders=row.orders,
        sums=sums,
        to_ship=row.to_ship,
        held=row.held,
        returns=row.returns,
        unpaid=row.unpaid,
        first_buyers=row.first_buyers,
        first_buyers_before=row.first_buyers_before,
        recent=tuple(recent),
    )
