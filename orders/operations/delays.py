"""Parcels that are not where they should be by now: found in sets, told once per parcel and reason, ticked off by a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from orders.events import ShipmentDelayed
from orders.operations.shipping import hold_parcels
from orders.queries import ON_LABEL
from orders.rules import ATTEMPT_DAYS, DUE_DAYS, SILENT_DAYS

MOST_DELAYS = 500

_FIND = f"""
WITH under_way AS (
    SELECT s.id, s.company_id, p.state, coalesce(s.expected_on, de.wished_on, s.shipped_on + coalesce(t.days, %(due)s)::int) AS due_on,
        greatest((SELECT max(e.at) FROM orders_trackingevent e WHERE e.shipment_id = s.id), s.shipped_at) AS heard_at, p.at, coalesce(t.silent_days, %(silent)s)::int AS silent_days,
        coalesce(t.attempt_days, %(attempt)s)::int AS attempt_days, c.timezone
    FROM orders_shipment s JOIN orders_destination de ON de.id = s.destination_id JOIN core_company c ON c.id = s.company_id
    LEFT JOIN orders_parcelprogress p ON p.shipment_id = s.id
    LEFT JOIN LATERAL (SELECT d.days, d.silent_days, d.attempt_days FROM orders_deliveryterm d
        WHERE d.company_id = s.company_id AND d.carrier IN ('', s.carrier) AND d.prefecture IN ('', de.prefecture)
        ORDER BY (d.carrier <> '')::int + (d.prefecture <> '')::int DESC, d.prefecture DESC LIMIT 1) t ON true
    WHERE s.company_id = %(company)s AND s.status = 'shipped' AND s.carrier <> '' AND (%(only)s::bigint[] IS NULL OR s.id = ANY(%(only)s))
        AND {ON_LABEL}
), wrong AS (
    SELECT id, 'late' AS reason FROM under_way WHERE (%(at)s::timestamptz AT TIME ZONE timezone)::date > due_on
        AND coalesce(state, '') NOT IN ('delivered', 'returning', 'returned', 'waiting_pickup')
    UNION ALL SELECT id, 'silent' FROM under_way WHERE %(at)s::timestamptz > heard_at + make_interval(days => silent_days)
        AND coalesce(state, '') NOT IN ('delivered', 'returned', 'attempted')
    UNION ALL SELECT id, 'attempted' FROM under_way WHERE state = 'attempted'
        AND %(at)s::timestamptz > at + make_interval(days => attempt_days)
)
SELECT w.id, w.reason FROM wrong w
WHERE NOT EXISTS (SELECT 1 FROM orders_deliveryalert a WHERE a.shipment_id = w.id AND a.reason = w.reason)
ORDER BY w.id, w.reason LIMIT %(limit)s
"""
_RAISE = """
INSERT INTO orders_deliveryalert (shipment_id, company_id, reason, raised_at)
SELECT u.id, %(company)s, u.reason, %(at)s FROM unnest(%(ids)s::bigint[], %(reasons)s::text[]) AS u (id, reason) ORDER BY u.id, u.reason
ON CONFLICT (shipment_id, reason) DO NOTHING RETURNING shipment_id AS id, reason
"""
_SETTLED = """
UPDATE orders_deliveryalert SET settled_at = %(at)s, settled_by = %(label)s, note = %(note)s
WHERE id = ANY(%(ids)s::bigint[]) AND settled_at IS NULL RETURNING id
"""


@operation
def find_delays(*, company_id: int, actor: Actor, at: datetime) -> int:
    """Raise what should be followed up of a company's parcels under way: late, silent, or nobody was in and nothing followed.

    Five hundred at a time; answers with how many were raised, so ask again until there is none. Parcels without a carrier, such
    as goods fetched from the store, are nobody's to track; a box is raised once, for the parcel on its label. Announces ShipmentDelayed once per parcel and reason.
    """
    asked = {
        "company": company_id, "at": at, "due": DUE_DAYS, "silent": SILENT_DAYS, "attempt": ATTEMPT_DAYS, "limit": MOST_DELAYS, "only": None,
    }  # fmt: skip
    seen = sorted({row.id for row in rows(_FIND, asked)})
    if not seen:
        return 0
    orders, parcels = hold_parcels(seen)
    # Asked again once they are held: one that arrived meanwhile is no delay.
    found = rows(_FIND, {**asked, "only": seen, "limit": 3 * MOST_DELAYS})
    raised = rows(_RAISE, {"company": company_id, "at": at, "ids": [f.id for f in found], "reasons": [f.reason for f in found]})
    by_id = {p.id: p for p in parcels}
    announce(*(_event(one, by_id[one.id], orders[by_id[one.id].order_id]) for one in raised))
    return len(raised)


def _event(one: Any, parcel: Any, order: Any) -> ShipmentDelayed:
    return ShipmentDelayed(
        order_id=order.id,
        order_ref=order.public_id,
        company_id=order.company_id,
        customer_id=order.customer_id,
        shipment_id=parcel.id,
        shipment_ref=parcel.public_id,
        reason=one.reason,
    )


@operation
def settle_alerts(alert_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Refusal | None]:
    """Tick off what was followed up. Refuses "order.alert_settled" what somebody, or the parcel's arrival, settled before."""
    done = {row.id for row in rows(_SETTLED, {"ids": sorted(set(alert_ids)), "at": at, "label": actor.label, "note": reason[:200]})}
    return [None if i in done else Refusal("order.alert_settled", _("This has been settled already.")) for i in alert_ids]
