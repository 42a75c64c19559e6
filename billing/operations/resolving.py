"""What only a person can decide about the gateway: ask once more, or give up."""

from collections.abc import Sequence
from datetime import datetime

from billing.operations.converging import fail_intent
from billing.operations.gateway_calls import settle_call
from billing.rules import CallKind, CallState
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _

_CALLS = "SELECT id, intent_id, kind, state FROM billing_gatewaycall WHERE id = ANY (%s::bigint[]) ORDER BY intent_id, id"
_AGAIN = """
UPDATE billing_gatewaycall SET state = CASE WHEN state = 'stuck' THEN 'unknown' ELSE state END, attempts = 1, due_at = clock_timestamp(),
    lease_until_at = NULL
WHERE id = ANY (%s::bigint[]) AND state IN ('stuck', 'unknown', 'requested', 'action') RETURNING id
"""


@operation
def ask_again(call_ids: Sequence[int], *, actor: Actor, at: datetime, reason: str = "") -> list[Refusal | None]:
    """The gateway is asked again at once, with a new round of tries. Refuses "billing.call_settled"."""
    done = {row.id for row in rows(_AGAIN, (list(call_ids),))}
    return [None if i in done else Refusal("billing.call_settled", _("This request is settled already.")) for i in call_ids]


@operation
def give_up_calls(call_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Refusal | None]:
    """Requests nobody could clear are treated as not done: an order not yet accepted is cancelled, money not taken stays owed.

    Should the gateway say later that an amount is held, it is let go; that it was taken, it is booked. A refund can't be
    given up: ask again, or pay it back some other way and say so to the gateway. Refuses "billing.call_not_stuck".
    """
    found = {row.id: row for row in rows(_CALLS, (list(call_ids),))}
    answers: list[Refusal | None] = []
    for call_id in call_ids:
        call = found.get(call_id)
        if call is None or call.state not in (CallState.STUCK, CallState.UNKNOWN) or call.kind == CallKind.REFUND:
            answers.append(Refusal("billing.call_not_stuck", _("Only an unclear request can be given up, and never a refund.")))
            continue
        if call.kind in (CallKind.AUTHORISE, CallKind.CAPTURE):
            fail_intent(call.intent_id, code="by_staff", actor=actor, at=at)
        settle_call(CallState.FAILED, call_id=call_id, code="by_staff")
        run(
            "UPDATE billing_gatewaycall SET note = left(%s::text, 200) WHERE id = %s",
            (f"{actor.label or actor.id}: {reason}", call_id),
        )
        answers.append(None)
    return answers
