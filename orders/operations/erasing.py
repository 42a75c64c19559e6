"""Somebody's wish to be forgotten, as far as orders are concerned."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows, run
from inventory.operations import forget_files
from orders.operations.estimating import blank_estimates
from orders.operations.photos import end_photos
from orders.operations.received import forget_scans_of

_BLANK_ORDERS = """
UPDATE orders_order SET buyer_name = '', buyer_email = '', buyer_phone = '', remark = ''
WHERE customer_id = ANY(%(ids)s::bigint[]) AND (buyer_name, buyer_email, buyer_phone, remark) <> ('', '', '', '')
"""
_BLANK_DESTINATIONS = """
UPDATE orders_destination SET name = '', kana = '', organisation_name = '', postal_code = '', city = '', street = '', building = '',
    phone = '', gift_message = ''
WHERE order_id IN (SELECT id FROM orders_order WHERE customer_id = ANY(%(ids)s::bigint[]))
"""
_BLANK_GIFTS = """
UPDATE orders_gift g SET names = '', sender_name = '', title = CASE WHEN g.title = g.noshi_name THEN g.title ELSE '' END FROM orders_destination d JOIN orders_order o ON o.id = d.order_id
WHERE d.id = g.destination_id AND o.customer_id = ANY(%(ids)s::bigint[]) AND ((g.names, g.sender_name) <> ('', '') OR g.title NOT IN ('', g.noshi_name))
"""
# Prefectures stay, as on destinations; a day or a time band is nobody's name.
_BLANK_CHANGES = """
UPDATE orders_changeitem i SET before = '', after = '' FROM orders_orderchange c JOIN orders_order o ON o.id = c.order_id
WHERE c.id = i.change_id AND o.customer_id = ANY(%(ids)s::bigint[]) AND (i.kind = 'destination'
    AND i.field NOT IN ('prefecture', 'wished_on', 'time_band') OR i.kind = 'gift' AND i.field IN ('title', 'names', 'message', 'sender_name'))
"""
_BLANK_REASONS = """
UPDATE orders_orderchange c SET reason = '' FROM orders_order o WHERE o.id = c.order_id AND o.customer_id = ANY(%(ids)s::bigint[]) AND c.reason <> ''
"""
_BLANK_APPROVALS = """
UPDATE orders_paymentapproval a SET reference = '', reason = '' FROM orders_order o
WHERE o.id = a.order_id AND o.customer_id = ANY(%(ids)s::bigint[]) AND (a.reference, a.reason) <> ('', '')
"""
_BLANK_RETURNS = """
UPDATE orders_returncase SET remark = '', override_reason = '', decision_reason = ''
WHERE customer_id = ANY(%(ids)s::bigint[]) AND (remark, override_reason, decision_reason) <> ('', '', '')
"""
_BLANK_RETURN_LINES = """
UPDATE orders_returnline rl SET remark = '' FROM orders_returncase c
WHERE c.id = rl.case_id AND c.customer_id = ANY(%(ids)s::bigint[]) AND rl.remark <> ''
"""
_BLANK_SERVICES = """
UPDATE orders_servicerequest SET goods = '', serial = '', bought_from = '', bought_on = NULL, remark = '', estimate_note = '', identity_note = '',
    decision_reason = '', version = version + 1
WHERE customer_id = ANY(%(ids)s::bigint[])
    AND (goods, serial, bought_from, remark, estimate_note, identity_note, decision_reason) <> ('', '', '', '', '', '', '')
"""
_BLANK_WORDS = """
UPDATE orders_orderwords w SET words = lower(o.number) FROM orders_order o
WHERE o.id = w.order_id AND o.customer_id = ANY(%(ids)s::bigint[]) AND w.words <> lower(o.number)
"""
_BLANK_PICKUPS = """
UPDATE orders_pickup p SET identity_note = '' FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
WHERE s.id = p.shipment_id AND o.customer_id = ANY(%(ids)s::bigint[]) AND p.identity_note <> ''
"""
_BLANK_SAID = """
UPDATE orders_scriptsaid q SET text = '' FROM orders_order o WHERE o.id = q.order_id AND o.customer_id = ANY(%(ids)s::bigint[]) AND q.text <> ''
"""
_DROP_NOTES = "DELETE FROM orders_ordernote WHERE order_id IN (SELECT id FROM orders_order WHERE customer_id = ANY(%(ids)s::bigint[]))"

# What outside counters told of these orders, and every document that told of them.
_BLANK_OUTSIDE = """
WITH theirs AS MATERIALIZED (
    SELECT i.id, i.shop_id, i.outside_number FROM orders_intakeorder i JOIN orders_order o ON o.id = i.order_id WHERE o.customer_id = ANY(%(ids)s::bigint[])
), blanked AS (
    UPDATE orders_intakeorder i SET part = '', said = '{}'::jsonb, agreed = '{}'::jsonb FROM theirs WHERE i.id = theirs.id RETURNING i.id
)
UPDATE orders_intakedocument d SET content = NULL, content_ended_at = clock_timestamp() FROM orders_intakerow r JOIN theirs ON theirs.outside_number = r.outside_number
WHERE d.id = r.document_id AND d.shop_id = theirs.shop_id AND d.content_ended_at IS NULL AND r.outside_number <> ''
"""

# Whatever file told a warehouse or a carrier where these customers live, and what came back about their parcels.
_FILES = """
WITH told AS MATERIALIZED (
    SELECT i.id, i.file_id FROM orders_order o JOIN orders_shipment s ON s.order_id = o.id
    JOIN orders_shipmentinstruction i ON i.shipment_id = s.id WHERE o.customer_id = ANY(%(ids)s::bigint[])
)
SELECT file_id FROM told WHERE file_id IS NOT NULL
UNION
SELECT a.file_id FROM told JOIN orders_shipmentactual a ON a.instruction_id = told.id WHERE a.file_id IS NOT NULL
UNION
SELECT l.file_id FROM orders_order o JOIN orders_shipment s ON s.order_id = o.id JOIN orders_shipmentlabel l ON l.shipment_id = s.id
WHERE o.customer_id = ANY(%(ids)s::bigint[])
UNION
SELECT t.file_id FROM orders_order o JOIN orders_shipment s ON s.order_id = o.id JOIN orders_trackingnumber t ON t.shipment_id = s.id
WHERE o.customer_id = ANY(%(ids)s::bigint[]) AND t.file_id IS NOT NULL
"""


@operation
def blank_customers(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Blank every personal value in the orders of these customers; goods, amounts and prefectures stay. Again changes nothing."""
    for sql in (
        _BLANK_ORDERS,
        _BLANK_DESTINATIONS,
        _BLANK_GIFTS,
        _BLANK_CHANGES,
        _BLANK_REASONS,
        _BLANK_APPROVALS,
        _BLANK_RETURNS,
        _BLANK_RETURN_LINES,
        _BLANK_SERVICES,
        _BLANK_WORDS,
        _BLANK_PICKUPS,
        _BLANK_SAID,
        _DROP_NOTES,
        _BLANK_OUTSIDE,
    ):
        run(sql, {"ids": list(customer_ids)})
    blank_estimates(customer_ids, actor=actor)
    forget_scans_of(customer_ids, actor=actor, at=at)
    end_photos(customer_ids, at=at)
    files = rows(_FILES, {"ids": list(customer_ids)})
    if files:
        forget_files([row.file_id for row in files], actor=actor, at=at)
