"""Sources of tracking are asked about parcels under way: in batches, outside every transaction, more seldom the longer nothing is new."""

from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from core.actor import Actor
from core.db import in_operation, operation, rows
from orders.operations.tracking import take_tracking_events
from orders.ports import Declined, NoAnswer, NoticeDoor, TrackingSource
from orders.queries import ON_LABEL
from orders.rules import MOST_TRACKING_EVENTS, TrackingAsk

log = structlog.get_logger("orders.tracking")
PARCELS = 20
"""Parcels of one batch; each may have several pieces."""

# Taking a parcel up puts its next asking off: a process that dies asks again, and two at once share the parcels out. A box is asked about once.
_TAKE_UP = f"""
WITH due AS (
    SELECT s.id, s.company_id FROM orders_shipment s LEFT JOIN orders_parcelprogress p ON p.shipment_id = s.id
    WHERE s.company_id = %(company)s AND s.status = 'shipped' AND s.tracking_number <> '' AND s.shipped_at > %(at)s::timestamptz - interval '60 days'
        AND (p.ask_after IS NULL OR p.ask_after <= %(at)s) AND {ON_LABEL}
    ORDER BY p.ask_after NULLS FIRST, s.id LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
), taken AS (
    INSERT INTO orders_parcelprogress AS p (shipment_id, company_id, asked_at, ask_after, silences)
    SELECT id, company_id, %(at)s, %(at)s::timestamptz + interval '30 minutes', 1 FROM due ORDER BY id
    ON CONFLICT (shipment_id) DO UPDATE SET asked_at = excluded.asked_at, silences = least(p.silences + 1, 100),
        ask_after = %(at)s::timestamptz + interval '30 minutes' * least(2 ^ least(p.silences, 3), 8)
    RETURNING shipment_id
)
SELECT s.carrier, u.number FROM taken t JOIN orders_shipment s ON s.id = t.shipment_id
CROSS JOIN LATERAL (SELECT s.tracking_number AS number UNION SELECT n.number FROM orders_trackingnumber n
    WHERE n.shipment_id = s.id AND n.ended_at IS NULL) u ORDER BY s.id, u.number
"""


@operation
def _take_up(company_id: int, *, actor: Actor, at: datetime) -> list[Any]:
    return rows(_TAKE_UP, {"company": company_id, "at": at, "limit": PARCELS})


def poll_tracking(source: TrackingSource, door: NoticeDoor, *, company_id: int, actor: Actor, at: datetime) -> int:
    """Ask a source about the parcels of a company that are due; answers with how many numbers were asked about, 0 when none was due.

    What it does not answer is asked again, after half an hour first and every four hours at last; news starts that anew.
    Raises Declined and NoAnswer as the source does: the parcels taken up are put off all the same.
    """
    if in_operation():
        raise RuntimeError("Sources are asked outside transactions")
    asked = [TrackingAsk(number=row.number, carrier=row.carrier) for row in _take_up(company_id, actor=actor, at=at)]
    for first in range(0, len(asked), source.most):
        said = source.events(asked[first : first + source.most], door)
        for start in range(0, len(said), MOST_TRACKING_EVENTS):
            take_tracking_events(said[start : start + MOST_TRACKING_EVENTS], company_id=company_id, actor=actor, at=at)
    return len(asked)


def poll_all(source: TrackingSource, door: NoticeDoor, *, company_id: int, actor: Actor, at: datetime, batches: int = 100) -> int:
    """The same until none is due, or the source does not answer; what it said then is in the log, without numbers.

    An answer that nobody understands, by a mistake of ours, is in the log too: other companies are asked all the same.
    """
    total = 0
    for _batch in range(batches):
        try:
            asked = poll_tracking(source, door, company_id=company_id, actor=actor, at=at)
        except (Declined, NoAnswer) as problem:
            log.warning("orders.tracking_unanswered", source=source.code, company=company_id, code=problem.code)
            return total
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.error("orders.tracking_broke_off", source=source.code, company=company_id, kind=type(error).__name__)
            return total
        if not asked:
            return total
        total += asked
    return total
