"""What is wanted of the gateway stands in rows: leased by whoever asks, put off when nobody answers, left to a person in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from billing.operations.posting import by
from billing.queries import paid_by_order
from billing.rules import (
    ACTION_PATIENCE_S,
    MOST_ATTEMPTS,
    SETTLED_CALLS,
    CallKind,
    CallState,
    IntentStatus,
    amount_to_capture,
    retry_after_s,
)
from core.actor import Actor
from core.db import operation, rows, run

NO_LIMITS: Final[Mapping[UUID, int]] = {}
LEASE_S = 60
"""Longer than a call with all its timeouts can take; a call whose process died is taken up again after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedCall:
    """A call that this process alone may make until its lease ends; ``attempt`` is the fence for its outcome."""

    id: int
    public_id: UUID
    kind: CallKind
    state: CallState
    attempt: int
    age_s: float
    company_id: int
    provider: str
    amount: int
    currency: str
    intent_id: int | None
    intent_ref: UUID | None
    intent_status: IntentStatus | None
    order_ref: UUID | None
    order_number: str
    payment_ref: str
    card_ref: str
    customer_ref: str
    keep_card: bool
    card_ended: bool
    refund_ref: UUID | None


# A company whose past is being lived has its calls made by who lives it, naming it, and not by the clock.
_DUE = """
SELECT g.id FROM billing_gatewaycall g JOIN core_company co ON co.id = g.company_id
WHERE (co.id = %(company)s::bigint OR %(company)s::bigint IS NULL AND co.history_until_at IS NULL) AND g.state IN ('requested', 'unknown', 'action') AND g.due_at <= clock_timestamp()
    AND (g.lease_until_at IS NULL OR g.lease_until_at < clock_timestamp())
ORDER BY g.due_at, g.id LIMIT %(most)s FOR UPDATE OF g SKIP LOCKED
"""
_OF_ORDERS = """
SELECT g.id FROM billing_gatewaycall g
WHERE g.kind = 'authorise' AND g.state IN ('requested', 'unknown', 'action')
    AND g.intent_id IN (SELECT max(id) FROM billing_paymentintent WHERE order_ref = ANY (%(orders)s::uuid[]) GROUP BY order_ref)
    AND (g.lease_until_at IS NULL OR g.lease_until_at < clock_timestamp())
ORDER BY g.id FOR UPDATE OF g SKIP LOCKED
"""
_LEASE = """
WITH taken AS MATERIALIZED ({which}), leased AS (
    UPDATE billing_gatewaycall c SET attempts = least(c.attempts + 1, 30000), lease_until_at = clock_timestamp() + make_interval(secs => %(lease)s)
    FROM taken WHERE c.id = taken.id RETURNING c.*
)
SELECT c.id, c.public_id, c.kind, c.state, c.attempts AS attempt, extract(epoch FROM clock_timestamp() - c.recorded_at)::float8 AS age_s,
    c.company_id, c.provider, c.amount, c.currency, c.intent_id, i.public_id AS intent_ref, i.status AS intent_status, i.order_ref,
    coalesce(i.order_number, '') AS order_number, coalesce(i.provider_ref, '') AS payment_ref, coalesce(m.provider_ref, '') AS card_ref,
    coalesce(m.provider_customer, '') AS customer_ref, coalesce(m.reusable, false) AS keep_card, m.ended_at IS NOT NULL AS card_ended,
    r.public_id AS refund_ref
FROM leased c LEFT JOIN billing_paymentintent i ON i.id = c.intent_id
LEFT JOIN billing_paymentmeans m ON m.id = coalesce(c.means_id, i.means_id) LEFT JOIN billing_refund r ON r.id = c.refund_id
ORDER BY c.id
"""


@operation
def lease_due_calls(*, most: int, actor: Actor, company_id: int | None = None) -> list[LeasedCall]:
    """Take the next due calls for this process; others pass them by until the lease ends."""
    return _leased(_LEASE.format(which=_DUE), {"most": most, "company": company_id})


@operation
def lease_authorisations(order_refs: Sequence[UUID], *, actor: Actor) -> list[LeasedCall]:
    """Take what is still to be authorised of these orders, due or not; what another process is asking right now isn't given."""
    return _leased(_LEASE.format(which=_OF_ORDERS), {"orders": list(order_refs)})


def _leased(sql: str, parameters: dict[str, object]) -> list[LeasedCall]:
    found = rows(sql, {**parameters, "lease": float(LEASE_S)}, prepare=False)
    return [
        LeasedCall(
            **{
                **row._asdict(),
                "kind": CallKind(row.kind),
                "state": CallState(row.state),
                "intent_status": IntentStatus(row.intent_status) if row.intent_status else None,
            }
        )
        for row in found
    ]


# The row is locked first and looked at in a statement of its own, so that a cancellation that came meanwhile is seen.
_LOCK_INTENT = "SELECT id FROM billing_paymentintent WHERE id = %s FOR UPDATE"
_NOTE_REFERENCE = """
UPDATE billing_paymentintent SET provider_ref = %(reference)s::text
WHERE id = %(intent)s AND status IN ('requested', 'unknown') AND provider_ref IN ('', %(reference)s::text)
"""


@operation
def note_reference(call: LeasedCall, *, reference: str, actor: Actor) -> bool:
    """The gateway's name for the payment is written down before anything happens to the card; False when nobody wants it any more."""
    run(_LOCK_INTENT, (call.intent_id,))
    return run(_NOTE_REFERENCE, {"intent": call.intent_id, "reference": reference}) == 1


_UNKNOWN = """
UPDATE billing_gatewaycall SET
    state = CASE WHEN attempts >= %(most)s THEN 'stuck' ELSE 'unknown' END, code = %(code)s, lease_until_at = NULL,
    due_at = clock_timestamp() + make_interval(secs => %(after)s)
WHERE id = %(id)s AND attempts = %(attempt)s AND state NOT IN ('ok', 'failed')
"""
_INTENT_UNKNOWN = "UPDATE billing_paymentintent SET status = 'unknown' WHERE id = %s AND status = 'requested'"


@operation
def note_silence(call: LeasedCall, *, code: str, actor: Actor, stuck: bool = False) -> None:
    """Nobody knows what came of the call: it is asked about again later, and shown to a person after the last try."""
    most = call.attempt if stuck else MOST_ATTEMPTS
    parameters = {"id": call.id, "attempt": call.attempt, "code": code[:60], "most": most, "after": float(retry_after_s(call.attempt))}
    if call.intent_id is not None:
        run(_LOCK_INTENT, (call.intent_id,))
    if run(_UNKNOWN, parameters) and call.kind is CallKind.AUTHORISE:
        run(_INTENT_UNKNOWN, (call.intent_id,))


_WAIT = """
UPDATE billing_gatewaycall SET lease_until_at = NULL, due_at = clock_timestamp() + make_interval(secs => %s)
WHERE id = %s AND attempts = %s AND state NOT IN ('ok', 'failed')
"""


@operation
def put_off(call: LeasedCall, *, seconds: float, actor: Actor) -> None:
    """The call is made later; nothing is known of it that wasn't before."""
    run(_WAIT, (seconds, call.id, call.attempt))


_SETTLE = """
UPDATE billing_gatewaycall SET state = %(state)s::text, code = %(code)s::text, provider_ref = CASE WHEN %(reference)s::text = '' THEN provider_ref ELSE %(reference)s::text END,
    settled_at = CASE WHEN %(settled)s::boolean THEN clock_timestamp() END, lease_until_at = NULL,
    due_at = CASE WHEN %(state)s::text = 'action' THEN clock_timestamp() + make_interval(secs => %(patience)s::float8) ELSE due_at END
WHERE state NOT IN ('ok', 'failed') AND (id = %(id)s::bigint OR (intent_id = %(intent)s::bigint AND kind = %(kind)s::text))
"""


def settle_call(
    state: CallState,
    *,
    call_id: int | None = None,
    intent_id: int | None = None,
    kind: CallKind | None = None,
    code: str = "",
    reference: str = "",
) -> bool:
    """A call stands at this state, unless it is settled already. Call it inside an operation that holds the intent."""
    return bool(
        run(
            _SETTLE,
            {
                "state": str(state), "code": code[:60], "reference": reference[:120], "settled": state in SETTLED_CALLS, "id": call_id,
                "intent": intent_id, "kind": str(kind or ""), "patience": float(ACTION_PATIENCE_S),
            },
        )
    )  # fmt: skip


@operation
def note_done(call: LeasedCall, *, actor: Actor) -> None:
    """A call that changes no payment has been made."""
    settle_call(CallState.OK, call_id=call.id)


_VOID_WITHOUT_PAYMENT = "SELECT provider_ref FROM billing_paymentintent WHERE id = %s"


@operation
def void_unopened(call: LeasedCall, *, actor: Actor) -> bool:
    """Nothing was ever asked of the card, and nothing will be: the intent is closed and has no payment to confirm."""
    run(_LOCK_INTENT, (call.intent_id,))
    if rows(_VOID_WITHOUT_PAYMENT, (call.intent_id,))[0].provider_ref:
        return False
    settle_call(CallState.FAILED, intent_id=call.intent_id, kind=CallKind.AUTHORISE, code="cancelled")
    return settle_call(CallState.OK, call_id=call.id, code="not_opened")


_WANT = """
INSERT INTO billing_gatewaycall (company_id, kind, provider, intent_id, amount, currency, requested_at, due_at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT i.company_id, w.kind, i.provider, i.id, w.amount, i.currency, %(at)s::timestamptz, clock_timestamp(),
    %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
FROM unnest(%(intents)s::bigint[], %(kinds)s::text[], %(amounts)s::bigint[]) AS w (intent_id, kind, amount)
JOIN billing_paymentintent i ON i.id = w.intent_id AND i.means_id IS NOT NULL ORDER BY i.id
ON CONFLICT DO NOTHING
"""


def want_calls(wanted: Sequence[tuple[int, CallKind, int]], *, actor: Actor, at: datetime) -> int:
    """The gateway is to do this to these card intents, each kind once for good; others are passed over. Call it inside an operation."""
    if not wanted:
        return 0
    columns = {
        "intents": [intent for intent, _kind, _amount in wanted],
        "kinds": [str(kind) for _intent, kind, _amount in wanted],
        "amounts": [amount for _intent, _kind, amount in wanted],
    }
    return run(_WANT, {**columns, "at": at, **by(actor)})


_TO_CAPTURE = """
SELECT id, order_ref, authorised_amount, status FROM billing_paymentintent
WHERE id IN (SELECT max(id) FROM billing_paymentintent WHERE order_ref = ANY (%s::uuid[]) GROUP BY order_ref)
    AND means_id IS NOT NULL ORDER BY id FOR UPDATE
"""

_LET_GO = "UPDATE billing_paymentintent SET status = 'voided', closed_at = %s::timestamptz WHERE id = ANY (%s::bigint[])"


@operation
def request_captures(order_refs: Sequence[UUID], *, actor: Actor, at: datetime, most: Mapping[UUID, int] = NO_LIMITS) -> int:
    """A parcel of these orders has left: the whole order is to be taken from its card, once, however many parcels follow.

    ``most`` says what an order costs now, where that may be less than its card was asked for.

    What was paid some other way meanwhile is not taken; where that is all, the authorisation is let go. Orders without
    an authorised card are passed over. Repeating it changes nothing. Answers with the number of new requests.
    """
    found = [i for i in rows(_TO_CAPTURE, (list(order_refs),)) if i.status == IntentStatus.AUTHORISED]
    if not found:
        return 0
    paid = paid_by_order([i.order_ref for i in found])
    wanted = []
    for intent in found:
        held = min(intent.authorised_amount, most.get(intent.order_ref, intent.authorised_amount))
        amount = amount_to_capture(authorised=held, paid=paid.get(intent.order_ref, 0))
        wanted.append((intent.id, CallKind.CAPTURE if amount else CallKind.VOID, amount))
    let_go = [intent_id for intent_id, kind, _amount in wanted if kind is CallKind.VOID]
    if let_go:
        run(_LET_GO, (at, let_go))
    return want_calls(wanted, actor=actor, at=at)


_REFUNDS = """
INSERT INTO billing_gatewaycall (company_id, kind, provider, intent_id, refund_id, amount, currency, requested_at, due_at,
    actor_kind, actor_id, actor_label, on_behalf_of)
SELECT i.company_id, 'refund', i.provider, i.id, r.id, r.amount, i.currency, %(at)s::timestamptz, clock_timestamp(),
    %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id AND p.method = 'card'
JOIN billing_paymentintent i ON i.provider_ref = p.reference AND i.provider_ref <> '' AND i.company_id = p.company_id AND i.means_id IS NOT NULL
WHERE r.id = ANY (%(refunds)s::bigint[]) ORDER BY r.id
ON CONFLICT DO NOTHING
"""


def want_card_refunds(refund_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Refunds of money that a gateway took are to go back through it. Call it inside the operation that books them."""
    run(_REFUNDS, {"refunds": list(refund_ids), "at": at, **by(actor)})
