"""What carriers say of parcels is kept, each word once; where a parcel is follows from all of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from orders.events import DeliveryAttempted, OrderEvent, ShipmentTracked
from orders.operations.shipping import hold_parcels, mark_delivered
from orders.rules import (
    MOST_TRACKING_EVENTS,
    Candidate,
    DelayReason,
    TrackingSaid,
    TrackingState,
    TrackingTaken,
    folded_code,
    number_of,
    parcel_of,
    said_fault,
    state_of,
)

# What is said of a box is kept with the parcel on its label.
_CANDIDATES = """
SELECT DISTINCT ON (t.number, coalesce(s.box::text, s.id::text)) t.number, s.id, coalesce(nullif(s.carrier, ''), t.carrier) AS carrier, coalesce(s.shipped_at, t.at, s.recorded_at) AS since
FROM (SELECT shipment_id, number, carrier, at FROM orders_trackingnumber
        WHERE number = ANY(%(numbers)s::text[]) AND company_id = %(company)s AND ended_at IS NULL
    UNION SELECT id, tracking_number, carrier, NULL FROM orders_shipment
        WHERE tracking_number = ANY(%(numbers)s::text[]) AND tracking_number <> '' AND company_id = %(company)s) t
JOIN orders_shipment s ON s.id = t.shipment_id WHERE s.status <> 'cancelled'
ORDER BY t.number, coalesce(s.box::text, s.id::text), s.id, t.at
"""
_OWN_CODES = "SELECT carrier, code, state FROM orders_trackingcode WHERE company_id = %s AND code = ANY(%s::text[]) AND state IS NOT NULL"
_KEEP = """
INSERT INTO orders_trackingevent (shipment_id, number, code, state, label, place, at)
SELECT * FROM unnest(%(ids)s::bigint[], %(numbers)s::text[], %(codes)s::text[], %(states)s::text[], %(labels)s::text[], %(places)s::text[],
    %(times)s::timestamptz[]) ORDER BY 1, 2, 3, 7
ON CONFLICT (shipment_id, number, code, at) DO NOTHING RETURNING shipment_id, number, code, at
"""
_ASK_PEOPLE = """
INSERT INTO orders_trackingcode (company_id, carrier, code, label)
SELECT DISTINCT ON (carrier, code) %(company)s, carrier, code, label
FROM unnest(%(carriers)s::text[], %(codes)s::text[], %(labels)s::text[]) AS u (carrier, code, label) ORDER BY carrier, code
ON CONFLICT (company_id, carrier, code) DO NOTHING
"""
# A piece has ended once delivered or returned; what comes "delivered" after it was on its way back was handed to us, the sender.
# A parcel has ended once all its pieces have; until then it is where its latest unended piece is.
_DERIVE = """
WITH known AS (
    SELECT e.shipment_id, e.number, e.at, e.id, coalesce(e.state, c.state, a.state) AS state
    FROM orders_trackingevent e JOIN orders_shipment s ON s.id = e.shipment_id
    LEFT JOIN orders_trackingcode c ON e.state IS NULL AND c.company_id = s.company_id AND c.carrier = s.carrier AND c.code = e.code
    LEFT JOIN orders_trackingcode a ON e.state IS NULL AND a.company_id = s.company_id AND a.carrier = '' AND a.code = e.code
    WHERE e.shipment_id = ANY(%(ids)s::bigint[])
), piece AS (
    SELECT DISTINCT ON (k.shipment_id, k.number) k.shipment_id, k.number, k.at,
        CASE WHEN k.state = 'delivered' AND EXISTS (SELECT 1 FROM known b WHERE b.shipment_id = k.shipment_id AND b.number = k.number
            AND b.state = 'returning' AND b.at < k.at) THEN 'returned' ELSE k.state END AS state
    FROM known k WHERE k.state IS NOT NULL
    ORDER BY k.shipment_id, k.number, (k.state IN ('delivered', 'returned')) DESC,
        CASE WHEN k.state IN ('delivered', 'returned') THEN k.at END, k.at DESC, k.id DESC
), counted AS (
    SELECT s.id, greatest(1, (SELECT count(*) FROM orders_trackingnumber t WHERE t.shipment_id = s.id AND t.ended_at IS NULL)) AS pieces,
        (SELECT count(*) FROM piece p WHERE p.shipment_id = s.id AND p.state IN ('delivered', 'returned')) AS ended
    FROM orders_shipment s WHERE s.id = ANY(%(ids)s::bigint[])
), whole AS (
    SELECT DISTINCT ON (p.shipment_id) p.shipment_id, p.at,
        CASE WHEN n.ended < n.pieces AND p.state IN ('delivered', 'returned') THEN 'in_transit' ELSE p.state END AS state
    FROM piece p JOIN counted n ON n.id = p.shipment_id
    ORDER BY p.shipment_id, (p.state IN ('delivered', 'returned')), (p.state = 'returned') DESC, p.at DESC
), before AS (
    SELECT shipment_id, state, at FROM orders_parcelprogress WHERE shipment_id = ANY(%(ids)s::bigint[])
), written AS (
    INSERT INTO orders_parcelprogress AS p (shipment_id, company_id, state, at)
    SELECT w.shipment_id, s.company_id, w.state, w.at FROM whole w JOIN orders_shipment s ON s.id = w.shipment_id
    WHERE s.status NOT IN ('delivered', 'returned') ORDER BY w.shipment_id
    ON CONFLICT (shipment_id) DO UPDATE SET state = excluded.state, at = excluded.at,
        silences = CASE WHEN (p.state, p.at) IS DISTINCT FROM (excluded.state, excluded.at) THEN 0 ELSE p.silences END
    RETURNING shipment_id, state, at
)
SELECT w.shipment_id AS id, w.state, w.at, b.state AS state_before, b.at AS at_before
FROM written w LEFT JOIN before b USING (shipment_id) ORDER BY w.shipment_id
"""
_FOLLOW_UP = """
INSERT INTO orders_deliveryalert (shipment_id, company_id, reason, raised_at)
SELECT u.id, s.company_id, u.reason, %(at)s FROM unnest(%(ids)s::bigint[], %(reasons)s::text[]) AS u (id, reason)
JOIN orders_shipment s ON s.id = u.id ORDER BY u.id ON CONFLICT (shipment_id, reason) DO NOTHING
"""
_SETTLE = """
UPDATE orders_deliveryalert a SET settled_at = %(at)s, settled_by = %(label)s FROM orders_shipment s, orders_parcelprogress p
WHERE a.shipment_id = ANY(%(ids)s::bigint[]) AND a.settled_at IS NULL AND s.id = a.shipment_id AND p.shipment_id = a.shipment_id AND (
    (a.reason = 'unshipped' AND s.status = 'shipped')
    OR (a.reason = 'silent' AND p.at > a.raised_at) OR (a.reason = 'attempted' AND p.state NOT IN ('attempted', 'at_depot')))
"""


@operation
def take_tracking_events(said: Sequence[TrackingSaid], *, company_id: int, actor: Actor, at: datetime) -> list[TrackingTaken | Refusal]:
    """Keep what carriers say, in whatever order it comes; what became of each word, in order.

    A parcel is where the latest word says; once delivered or back it stays so. Delivered parcels are marked delivered at the
    carrier's time; one that comes back, or was never let go here, waits for a person. Refuses "order.unknown_tracking_number",
    "order.ambiguous_tracking_number", "order.bad_tracking_number", "order.no_tracking_number", "order.no_tracking_code" and
    "order.tracking_in_future". A code nobody knows is kept with its word and listed. Again changes nothing.
    Announces ShipmentTracked where the state is another, DeliveryAttempted for every attempt, ShipmentDelivered.
    """
    if len(said) > MOST_TRACKING_EVENTS:
        words = _("Hand in %(most)s events at once, at most.")
        return [Refusal("order.too_many_tracking_events", words, {"most": MOST_TRACKING_EVENTS})] * len(said)
    answers: dict[int, TrackingTaken | Refusal] = {}
    found = _find(said, answers, company_id=company_id, at=at)
    if not found:
        return [answers[n] for n in range(len(said))]
    ids = sorted({parcel for parcel, _c, _n in found.values()})
    orders, parcels = hold_parcels(ids)
    new = _keep(said, found, answers, company_id=company_id)
    if new:
        _move(sorted({key[0] for key in new}), orders, {p.id: p for p in parcels}, actor=actor, at=at)
    return [answers[n] for n in range(len(said))]


def _find(
    said: Sequence[TrackingSaid], answers: dict[int, TrackingTaken | Refusal], *, company_id: int, at: datetime
) -> dict[int, tuple[int, str, str]]:
    """Parcel, carrier and number of every word that has a parcel; why not, for the others."""
    numbers: dict[int, str] = {}
    for n, one in enumerate(said):
        number = number_of(one.tracking_number)
        fault = number if isinstance(number, Refusal) else said_fault(one, now=at)
        if fault:
            answers[n] = fault
        elif isinstance(number, str):
            numbers[n] = number
    candidates: dict[str, list[Candidate]] = {}
    asked = {"company": company_id, "numbers": sorted(set(numbers.values()))}
    for row in rows(_CANDIDATES, asked, prepare=False) if numbers else ():
        candidates.setdefault(row.number, []).append(Candidate(shipment_id=row.id, carrier=row.carrier, since=row.since))
    found = {}
    for n, number in numbers.items():
        parcel = parcel_of(candidates.get(number, ()), number=number, carrier=said[n].carrier, at=said[n].at)
        if isinstance(parcel, Refusal):
            answers[n] = parcel
        else:
            carrier = next(one.carrier for one in candidates[number] if one.shipment_id == parcel)
            found[n] = (parcel, carrier or said[n].carrier, number)
    return found


def _keep(
    said: Sequence[TrackingSaid], found: Mapping[int, tuple[int, str, str]], answers: dict[int, TrackingTaken | Refusal], *, company_id: int
) -> set[tuple[Any, ...]]:
    codes = {n: folded_code(said[n].code) for n in found}
    own = {(row.carrier, row.code): row.state for row in rows(_OWN_CODES, (company_id, sorted(set(codes.values()))), prepare=False)}
    states = {n: state_of(said[n], carrier=carrier, own=own) for n, (_p, carrier, _n) in found.items()}
    kept = rows(
        _KEEP,
        {
            "ids": [found[n][0] for n in found], "numbers": [found[n][2] for n in found], "codes": [codes[n] for n in found],
            "states": [states[n] and str(states[n]) for n in found], "labels": [said[n].label[:200] for n in found],
            "places": [said[n].place[:120] for n in found], "times": [said[n].at for n in found],
        },
    )  # fmt: skip
    new = {(row.shipment_id, row.number, row.code, row.at) for row in kept}
    unknown = [n for n in found if states[n] is None]
    if unknown:
        run(
            _ASK_PEOPLE,
            {
                "company": company_id, "carriers": [found[n][1] for n in unknown], "codes": [codes[n] for n in unknown],
                "labels": [said[n].label[:200] for n in unknown],
            },
        )  # fmt: skip
    fresh = set(new)
    for n, (parcel, _carrier, number) in found.items():
        key = (parcel, number, codes[n], said[n].at)
        answers[n] = TrackingTaken(shipment_id=parcel, state=states[n], repeated=key not in fresh)
        fresh.discard(key)
    return new


def _move(ids: Sequence[int], orders: Mapping[int, Any], parcels: Mapping[int, Any], *, actor: Actor, at: datetime) -> None:
    """The parcels are where their words say; what follows from that happens."""
    moved = rows(_DERIVE, {"ids": list(ids)})
    arrived = {m.id: m.at for m in moved if m.state == TrackingState.DELIVERED and parcels[m.id].status == "shipped"}
    events: list[OrderEvent] = []
    for m in moved:
        order = orders[parcels[m.id].order_id]
        about: dict[str, Any] = {
            "order_id": order.id, "order_ref": order.public_id, "company_id": order.company_id, "customer_id": order.customer_id,
            "shipment_id": m.id, "shipment_ref": parcels[m.id].public_id,
        }  # fmt: skip
        if m.state != m.state_before:
            events.append(ShipmentTracked(**about, state=m.state))
        if m.state == TrackingState.ATTEMPTED and m.at != m.at_before:
            events.append(DeliveryAttempted(**about))
    announce(*events)
    if arrived:
        mark_delivered(sorted(arrived), actor=actor, at=at, times=arrived)
    alerts = [(m.id, DelayReason.RETURNED) for m in moved if m.state in ("returning", "returned") and parcels[m.id].status == "shipped"]
    alerts += [(m.id, DelayReason.UNSHIPPED) for m in moved if m.state != "accepted" and parcels[m.id].status in ("planned", "instructed")]
    run(_FOLLOW_UP, {"ids": [i for i, _r in alerts], "reasons": [str(r) for _i, r in alerts], "at": at})
    run(_SETTLE, {"ids": list(ids), "at": at, "label": actor.label})


_MAPPED = """
SELECT id FROM (SELECT e.shipment_id AS id FROM orders_trackingevent e JOIN orders_shipment s ON s.id = e.shipment_id
JOIN orders_trackingcode c ON c.company_id = s.company_id AND c.carrier IN (s.carrier, '') AND c.code = e.code AND c.state IS NOT NULL
WHERE e.state IS NULL AND s.status IN ('planned', 'instructed', 'shipped') AND s.company_id = %(company)s
UNION SELECT p.shipment_id FROM orders_parcelprogress p JOIN orders_shipment s ON s.id = p.shipment_id
WHERE s.company_id = %(company)s AND s.status = 'shipped' AND p.state = 'delivered') u
WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
"""


@operation
def follow_tracking(*, company_id: int, actor: Actor, at: datetime, after: int = 0, limit: int = 500) -> int:
    """Parcels under way are where their words say, also those whose code a person mapped meanwhile, or that left here only now.

    Looks at those after a key; answers with the last one's, 0 once there is none. Again changes nothing.
    """
    ids = [row.id for row in rows(_MAPPED, {"company": company_id, "limit": limit, "after": after})]
    if ids:
        orders, parcels = hold_parcels(ids)
        _move(ids, orders, {p.id: p for p in parcels}, actor=actor, at=at)
    return ids[-1] if ids else 0
