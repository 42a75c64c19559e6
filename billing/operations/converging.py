"""Our books follow what the gateway says: the one place where a card intent moves, whoever asked and however often."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing.events import PaymentAuthorised, PaymentFailed
from billing.operations.applying import lock_orders
from billing.operations.gateway_calls import settle_call, want_calls
from billing.operations.payments import receive_payments
from billing.rules import (
    OPEN_INTENTS,
    CallKind,
    CallState,
    Convergence,
    GatewayPayment,
    IntentStatus,
    PaymentAsk,
    PaymentMethod,
    PaymentState,
    converge,
)
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.queries import company_context


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentNow:
    """Where a card intent stands."""

    status: IntentStatus
    action_url: str = ""
    decline_code: str = ""


_WHOSE = "SELECT order_ref, provider FROM billing_paymentintent WHERE id = %s"
_LOCK = """
SELECT i.id, i.public_id, i.company_id, i.customer_id, i.order_ref, i.provider, i.provider_ref, i.status, i.currency, i.amount, i.captured_amount,
    i.action_url, i.decline_code, i.authorised_at
FROM billing_paymentintent i WHERE i.id = %s FOR UPDATE
"""
_VOIDING = "SELECT 1 FROM billing_gatewaycall WHERE intent_id = %s AND kind = 'void' AND state <> 'failed'"
_MOVE = """
UPDATE billing_paymentintent SET status = %(status)s::text, closed_at = CASE WHEN %(open)s::boolean THEN NULL ELSE coalesce(closed_at, %(at)s::timestamptz) END,
    authorised_at = CASE WHEN %(held)s::boolean THEN coalesce(authorised_at, %(at)s::timestamptz) ELSE authorised_at END,
    authorised_amount = CASE WHEN %(held)s::boolean THEN amount ELSE authorised_amount END,
    captured_amount = greatest(captured_amount, %(captured)s::bigint), capture_until_at = coalesce(%(until)s::timestamptz, capture_until_at),
    action_url = %(action)s::text, decline_code = %(decline)s::text
WHERE id = %(id)s
"""


class Differs(Exception):
    """The gateway's payment isn't the one we opened for this intent: another amount, currency or name."""


@operation
def note_truth(intent_id: int, truth: GatewayPayment, *, actor: Actor, at: datetime, told: bool = False) -> IntentNow:
    """The intent, its calls and our books say what the gateway says. Repeating it, in any order, changes nothing.

    Money that was taken is booked once under the gateway's own id for the capture, whatever state the intent is in. Locks the
    order's money, then the intent. Announces PaymentAuthorised, PaymentFailed (``told``: the buyer is at the counter). Raises Differs.
    """
    if truth.state is PaymentState.CAPTURED:
        lock_orders([rows(_WHOSE, (intent_id,))[0].order_ref], facts=[])
    intent = rows(_LOCK, (intent_id,))[0]
    if (truth.currency, truth.amount, truth.reference) != (intent.currency, intent.amount, intent.provider_ref):
        raise Differs(truth.reference)
    status = IntentStatus(intent.status)
    what = converge(status, truth=truth, voiding=bool(rows(_VOIDING, (intent_id,))))
    now = what.move_to or status
    _store(intent, truth, what, now=now, at=at)
    for kind, state in (what.settles or {}).items():
        code = truth.decline_code or what.decline_code if state is CallState.FAILED else ""
        settle_call(state, intent_id=intent_id, kind=kind, code=code, reference=truth.capture_ref or truth.reference)
    if what.void:
        want_calls([(intent_id, CallKind.VOID, 0)], actor=actor, at=at)
    if what.book and truth.captured > 0:
        _book(intent, truth, actor=actor, at=at)
    _tell(intent, what, before=status, told=told)
    return IntentNow(status=now, action_url=what.action_url, decline_code=what.decline_code or intent.decline_code)


def _store(intent: Any, truth: GatewayPayment, what: Convergence, *, now: IntentStatus, at: datetime) -> None:
    run(
        _MOVE,
        {
            "id": intent.id,
            "status": str(now),
            "open": now in OPEN_INTENTS,
            "at": at,
            "held": truth.state in (PaymentState.AUTHORISED, PaymentState.CAPTURED),
            "captured": truth.captured if truth.state is PaymentState.CAPTURED else 0,
            "until": datetime.fromtimestamp(truth.valid_until, UTC) if truth.valid_until else None,
            "action": what.action_url,
            "decline": what.decline_code or intent.decline_code,
        },
    )


def _book(intent: Any, truth: GatewayPayment, *, actor: Actor, at: datetime) -> None:
    """One capture a payment, so the payment's name at the gateway tells this money from all other."""
    (booked,) = receive_payments(
        [
            PaymentAsk(
                company_id=intent.company_id,
                method=PaymentMethod.CARD,
                currency=intent.currency,
                amount=truth.captured,
                received_on=company_context(intent.company_id).business_date(at),
                reference=truth.reference,
                order_ref=intent.order_ref,
                customer_id=intent.customer_id,
                once_key=f"{intent.provider}:{truth.reference}",
            )
        ],
        actor=actor,
        at=at,
    )
    if isinstance(booked, Refusal):
        raise Differs(booked.code)


def _tell(intent: Any, what: Convergence, *, before: IntentStatus, told: bool = False) -> None:
    about = {
        "company_id": intent.company_id, "customer_id": intent.customer_id, "order_ref": intent.order_ref, "currency": intent.currency,
        "intent_id": intent.id, "amount": intent.amount,
    }  # fmt: skip
    if what.move_to in (IntentStatus.AUTHORISED, IntentStatus.CAPTURED) and before is not IntentStatus.AUTHORISED:
        announce(PaymentAuthorised(**about))
    if what.move_to is IntentStatus.FAILED:
        stage = "capture" if before is IntentStatus.AUTHORISED else "authorise"
        announce(PaymentFailed(**about, stage=stage, code=what.decline_code, told=told))


_OPEN_INTENT = "SELECT id, company_id, customer_id, order_ref, currency, amount, status FROM billing_paymentintent WHERE id = %s FOR UPDATE"
_FAIL = "UPDATE billing_paymentintent SET status = 'failed', closed_at = %s::timestamptz, decline_code = %s::text, action_url = '' WHERE id = %s"


@operation
def fail_intent(intent_id: int, *, code: str, actor: Actor, at: datetime, reason: str = "", told: bool = False) -> IntentNow:
    """A card intent ends without money: its card was refused, or a person called it off. One that is closed stays as it is.

    Announces PaymentFailed. Should the gateway say later that it holds the amount, it is let go again.
    """
    intent = rows(_OPEN_INTENT, (intent_id,))[0]
    before = IntentStatus(intent.status)
    if before not in OPEN_INTENTS:
        return IntentNow(status=before)
    run(_FAIL, (at, code, intent_id))
    settle_call(CallState.FAILED, intent_id=intent_id, kind=CallKind.AUTHORISE, code=code)
    settle_call(CallState.FAILED, intent_id=intent_id, kind=CallKind.CAPTURE, code=code)
    if before is IntentStatus.AUTHORISED:
        want_calls([(intent_id, CallKind.VOID, 0)], actor=actor, at=at)
    _tell(intent, Convergence(move_to=IntentStatus.FAILED, decline_code=code), before=before, told=told)
    return IntentNow(status=IntentStatus.FAILED, decline_code=code)
