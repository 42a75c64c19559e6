"""What the gateway tells by itself: stored once, its effect done once, in any order, because it is only a hint to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from billing.operations.charging import gateway_named
from billing.operations.converging import Differs, note_truth
from billing.operations.refund_answers import note_refund
from billing.ports import GatewayError, Notice
from billing.rules import EventState
from core.actor import Actor
from core.db import operation, rows, run

MOST_ATTEMPTS = 9
LEASE_S = 60

_STORE = """
INSERT INTO billing_gatewayevent (provider, event_ref, kind, object_ref, payment_ref, intent_id, created_at, due_at)
SELECT %(provider)s::text, %(event)s::text, %(kind)s::text, %(object)s::text, %(payment)s::text,
    (SELECT max(id) FROM billing_paymentintent WHERE provider = %(provider)s::text AND provider_ref = %(payment)s::text AND provider_ref <> ''),
    %(happened)s::timestamptz, clock_timestamp()
ON CONFLICT (provider, event_ref) DO NOTHING
"""


@operation
def store_notice(provider: str, notice: Notice, *, actor: Actor) -> bool:
    """What the gateway told is kept, once; False when it was known."""
    return bool(
        run(
            _STORE,
            {
                "provider": provider,
                "event": notice.event_ref,
                "kind": notice.kind,
                "object": notice.object_ref,
                "payment": notice.payment_ref,
                "happened": datetime.fromtimestamp(notice.happened_at, UTC),
            },
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedNotice:
    """A notice that this process alone may deal with until its lease ends."""

    id: int
    provider: str
    kind: str
    object_ref: str
    payment_ref: str
    intent_id: int | None
    intent_ref: UUID | None
    attempt: int


_LEASE = """
WITH taken AS MATERIALIZED (
    SELECT id FROM billing_gatewayevent WHERE state = 'received' AND due_at <= clock_timestamp()
        AND (lease_until_at IS NULL OR lease_until_at < clock_timestamp())
    ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE billing_gatewayevent e SET attempts = e.attempts + 1, lease_until_at = clock_timestamp() + make_interval(secs => %s),
        intent_id = coalesce(e.intent_id,
            (SELECT max(i.id) FROM billing_paymentintent i WHERE i.provider = e.provider AND i.provider_ref = e.payment_ref AND i.provider_ref <> ''))
    FROM taken WHERE e.id = taken.id RETURNING e.*
)
SELECT e.id, e.provider, e.kind, e.object_ref, e.payment_ref, e.intent_id, i.public_id AS intent_ref, e.attempts AS attempt
FROM leased e LEFT JOIN billing_paymentintent i ON i.id = e.intent_id ORDER BY e.id
"""
_SETTLE = """
UPDATE billing_gatewayevent SET state = %(state)s::text, note = %(note)s::text, lease_until_at = NULL,
    settled_at = CASE WHEN %(state)s::text IN ('done', 'ignored') THEN clock_timestamp() END,
    due_at = clock_timestamp() + make_interval(secs => %(after)s)
WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'received'
"""


@operation
def lease_notices(*, most: int, actor: Actor) -> list[LeasedNotice]:
    """Take the next notices for this process; others pass them by until the lease ends."""
    return [LeasedNotice(**row._asdict()) for row in rows(_LEASE, (most, float(LEASE_S)))]


@operation
def _note(notice: LeasedNotice, *, state: EventState, actor: Actor, note: str = "") -> None:
    after = 2.0 ** min(notice.attempt, 10)
    run(_SETTLE, {"id": notice.id, "attempt": notice.attempt, "state": str(state), "note": note[:200], "after": after})


def work_notices(*, actor: Actor, at: datetime, most: int = 200) -> int:
    """Every notice that waits has been dealt with; answers with how many were taken up. No operation: it asks the gateway."""
    taken = 0
    while taken < most and (notices := lease_notices(most=1, actor=actor)):
        for notice in notices:
            _deal_with(notice, actor=actor, at=at)
            taken += 1
    return taken


def _deal_with(notice: LeasedNotice, *, actor: Actor, at: datetime) -> None:
    """Look at what the notice is about and follow it; the notice itself is never believed."""
    gateway = gateway_named(notice.provider)
    if notice.kind.startswith("charge.dispute."):
        _note(notice, state=EventState.STUCK, actor=actor, note="dispute")
        return
    if notice.intent_id is None or gateway is None:
        # The notice may be quicker than our own record of the payment; one that stays unknown is another system's.
        waits = notice.payment_ref and notice.attempt < MOST_ATTEMPTS
        _note(notice, state=EventState.RECEIVED if waits else EventState.IGNORED, actor=actor, note="unknown_payment")
        return
    try:
        if notice.kind.startswith("refund.") or notice.kind == "charge.refund.updated":
            _look_at_refund(notice, actor=actor, at=at)
        else:
            note_truth(notice.intent_id, gateway.look(notice.payment_ref), actor=actor, at=at)
    except Differs:
        _note(notice, state=EventState.STUCK, actor=actor, note="differs")
    except GatewayError as error:
        state = EventState.RECEIVED if notice.attempt < MOST_ATTEMPTS else EventState.STUCK
        _note(notice, state=state, actor=actor, note=error.code)
    else:
        _note(notice, state=EventState.DONE, actor=actor)


_REFUND_CALLS = """
SELECT g.id, g.public_id, g.amount, r.public_id AS refund_ref FROM billing_gatewaycall g JOIN billing_refund r ON r.id = g.refund_id
WHERE g.intent_id = %s AND g.kind = 'refund' AND (g.provider_ref = %s OR g.state NOT IN ('ok', 'failed'))
"""


def _look_at_refund(notice: LeasedNotice, *, actor: Actor, at: datetime) -> None:
    """The refunds of the payment as the gateway has them now; one we never asked for is left to a person's eyes."""
    gateway = gateway_named(notice.provider)
    assert gateway is not None
    assert notice.intent_id is not None
    for call in rows(_REFUND_CALLS, (notice.intent_id, notice.object_ref)):
        made = gateway.refund(notice.payment_ref, amount=call.amount, refund_ref=str(call.refund_ref), key=str(call.public_id))
        note_refund(call.id, made, actor=actor, at=at)


_AGAIN = """
UPDATE billing_gatewayevent SET state = 'received', attempts = 0, due_at = clock_timestamp(), lease_until_at = NULL
WHERE id = ANY (%s::bigint[]) AND state = 'stuck'
"""


@operation
def look_again_at_notices(event_ids: Sequence[int], *, actor: Actor, reason: str = "") -> int:
    """Notices that wanted a person are dealt with once more."""
    return run(_AGAIN, (list(event_ids),))


@operation
def close_notices(event_ids: Sequence[int], *, actor: Actor, reason: str) -> int:
    """A person has dealt with these notices."""
    return run(
        "UPDATE billing_gatewayevent SET state = 'done', note = left(note || ' / ' || %s::text, 200), settled_at = clock_timestamp()"
        " WHERE id = ANY (%s::bigint[]) AND state = 'stuck'",
        (f"{actor.label or actor.id}: {reason}", list(event_ids)),
    )
