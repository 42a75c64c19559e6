"""What happened to an order, from placing to the last mail, for the staff who look at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import rows
from orders.queries.boxes import SPOKEN_OF

_STORY = f"""
SELECT * FROM (
    SELECT o.placed_at AS at, 'placed' AS kind, o.number AS title, o.actor_label AS detail, NULL::bigint AS key, coalesce(
            (SELECT c.total_before FROM orders_orderchange c WHERE c.order_id = o.id AND c.revision = 2), o.total) AS amount, '' AS state
        FROM orders_order o WHERE o.id = %(id)s
    UNION ALL SELECT o.cancelled_at, 'cancelled', o.cancel_reason, '', NULL, NULL, '' FROM orders_order o WHERE o.id = %(id)s AND o.cancelled_at IS NOT NULL
    UNION ALL SELECT c.closed_at, 'changed', c.reason, c.closed_by, c.id, c.total_after, c.revision::text FROM orders_orderchange c
        WHERE c.order_id = %(id)s AND c.state = 'confirmed'
    UNION ALL SELECT h.raised_at, 'held', h.kind, h.reason, h.id, NULL, CASE WHEN h.released_at IS NULL THEN 'open' ELSE '' END
        FROM orders_hold h WHERE h.order_id = %(id)s
    UNION ALL SELECT h.released_at, 'released', h.kind, h.released_by, h.id, NULL, '' FROM orders_hold h
        WHERE h.order_id = %(id)s AND h.released_at IS NOT NULL
    UNION ALL SELECT n.recorded_at, 'note', n.body, n.author_label, n.id, NULL, n.visibility FROM orders_ordernote n WHERE n.order_id = %(id)s
    UNION ALL SELECT s.shipped_at, 'shipped', s.number, concat_ws(' ', nullif(s.carrier, ''), nullif(s.tracking_number, '')), s.id, NULL, ''
        FROM orders_shipment s WHERE s.order_id = %(id)s AND s.shipped_at IS NOT NULL
    UNION ALL SELECT s.delivered_at, 'delivered', s.number, '', s.id, NULL, '' FROM orders_shipment s
        WHERE s.order_id = %(id)s AND s.delivered_at IS NOT NULL
    UNION ALL SELECT s.returned_at, 'returned', s.number, '', s.id, NULL, '' FROM orders_shipment s
        WHERE s.order_id = %(id)s AND s.returned_at IS NOT NULL
    UNION ALL SELECT e.at, 'tracked', s.number, concat_ws(' ', nullif(e.label, ''), nullif(e.place, ''), CASE WHEN e.state IS NULL THEN e.code END), s.id, NULL,
            coalesce(e.state, '')
        FROM orders_shipment s JOIN orders_trackingevent e ON e.shipment_id = {SPOKEN_OF} WHERE s.order_id = %(id)s
    UNION ALL SELECT a.raised_at, 'delayed', s.number, '', s.id, NULL, a.reason FROM orders_shipment s
        JOIN orders_deliveryalert a ON a.shipment_id = s.id WHERE s.order_id = %(id)s
    UNION ALL SELECT c.requested_at, 'return_requested', c.number, c.remark, c.id, NULL, c.status FROM orders_returncase c
        WHERE c.order_id = %(id)s AND c.requested_at IS NOT NULL
    UNION ALL SELECT c.approved_at, 'return_approved', c.number, '', c.id, NULL, c.status FROM orders_returncase c
        WHERE c.order_id = %(id)s AND c.approved_at IS NOT NULL
    UNION ALL SELECT c.ended_at, 'return_ended', c.number, c.decision_reason, c.id, NULL, c.status FROM orders_returncase c
        WHERE c.order_id = %(id)s AND c.ended_at IS NOT NULL
    UNION ALL SELECT c.received_at, 'return_received', c.number, '', c.id, NULL, c.status FROM orders_returncase c
        WHERE c.order_id = %(id)s AND c.received_at IS NOT NULL
    UNION ALL SELECT c.settled_at, 'return_settled', c.number, '', c.id, c.credited_total, c.status FROM orders_returncase c
        WHERE c.order_id = %(id)s AND c.settled_at IS NOT NULL
    UNION ALL SELECT n.recorded_at, 'credit_note', n.number, n.reason, n.id, n.total, '' FROM billing_creditnote n WHERE n.order_ref = %(ref)s
    UNION ALL SELECT coalesce(m.sent_at, m.recorded_at), 'mail', m.subject, m.to_address, m.id, NULL, m.state FROM core_outgoingmail m WHERE m.about = %(about)s
    UNION ALL SELECT coalesce((SELECT s.shipped_at FROM orders_shipment s WHERE s.public_id = i.shipment_ref), i.recorded_at), 'invoice', i.number, '', i.id, i.total, '' FROM billing_invoice i WHERE i.order_ref = %(ref)s
    UNION ALL SELECT p.received_at, 'payment', p.reference, p.payer_name, p.id, p.amount, p.status FROM billing_payment p WHERE p.order_ref = %(ref)s
) told WHERE at IS NOT NULL ORDER BY at DESC, kind LIMIT 200
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that happened; `key` is the row behind it, `state` of a mail, payment, hold or note."""

    at: datetime
    kind: str
    title: str
    detail: str
    key: int | None
    amount: int | None
    state: str


def order_story(order_id: int, *, ref: UUID) -> list[Happened]:
    """Everything told about an order, newest first, in one statement."""
    found: list[Any] = rows(_STORY, {"id": order_id, "ref": ref, "about": f"order:{order_id}"})
    return [Happened(**row._asdict()) for row in found]
