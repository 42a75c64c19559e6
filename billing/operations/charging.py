"""Asking the gateway: outside every transaction, one call at a time, and what it says is recorded by an operation of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from billing.operations.converging import Differs, fail_intent, note_truth
from billing.operations.gateway_calls import (
    LeasedCall,
    lease_authorisations,
    lease_due_calls,
    note_done,
    note_reference,
    note_silence,
    put_off,
    void_unopened,
)
from billing.operations.refund_answers import note_refund
from billing.ports import CARD_GATEWAY, CardDeclined, CardGateway, GatewayError, GatewayRefused, NewPayment, NoAnswer
from billing.queries import CardIntentRow, card_intents_of
from billing.rules import (
    ACTION_PATIENCE_S,
    CallKind,
    CallState,
    GatewayPayment,
    IntentStatus,
    Outcome,
    PaymentState,
)
from core.actor import Actor
from core.db import in_operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """Where the card payment of an order stands: ``action_url`` is where its buyer confirms it, ``code`` why it was refused."""

    order_ref: UUID
    outcome: Outcome
    action_url: str = ""
    code: str = ""


AT_ONCE = 4
"""So few calls are leased together that the last is begun before its lease ends, however slow the gateway."""


class InTransaction(RuntimeError):
    """A gateway was about to be asked while rows were locked: a fault of ours, never of the moment."""


def gateway_named(provider: str) -> CardGateway | None:
    """The gateway of that name; the one that takes new cards for an empty name; None where it is no longer connected."""
    return next((gateway for gateway in CARD_GATEWAY.all() if provider in ("", gateway.provider)), None)


def authorise_orders(order_refs: Sequence[UUID], *, actor: Actor, at: datetime, return_url: str = "") -> list[Charged]:
    """The cards of these orders have been asked to hold their amounts; one answer per order, in order.

    No operation: it asks over the network and must not be called inside a transaction. With a ``return_url`` the buyer is
    there and may be sent to their bank (`action`), from which they come back to it; then call this again. Repeating it is
    harmless: what is settled is only told, what another process asks right now is told as unknown.
    """
    if in_operation():
        raise InTransaction("cards are charged after the transaction, not in it")
    for start in range(0, len(order_refs), AT_ONCE):
        for call in lease_authorisations(order_refs[start : start + AT_ONCE], actor=actor):
            make_call(call, return_url=return_url, actor=actor, at=at)
    now = {row.order_ref: row for row in card_intents_of(order_refs)}
    return [_told(ref, now.get(ref)) for ref in order_refs]


def _told(order_ref: UUID, intent: CardIntentRow | None) -> Charged:
    if intent is None:
        return Charged(order_ref=order_ref, outcome=Outcome.UNKNOWN)
    if intent.status in (IntentStatus.AUTHORISED, IntentStatus.CAPTURED):
        return Charged(order_ref=order_ref, outcome=Outcome.OK)
    if intent.status in (IntentStatus.FAILED, IntentStatus.VOIDED):
        return Charged(order_ref=order_ref, outcome=Outcome.FAILED, code=intent.decline_code or "cancelled")
    if intent.action_url:
        return Charged(order_ref=order_ref, outcome=Outcome.ACTION, action_url=intent.action_url)
    return Charged(order_ref=order_ref, outcome=Outcome.UNKNOWN)


def work_calls(*, actor: Actor, at: datetime, most: int = 200, company_id: int | None = None) -> int:
    """Every due call has been made, or has been put off; answers with how many were taken up.

    ``company_id`` names a company whose past is being lived; without it such companies are passed by.
    """
    if in_operation():
        raise InTransaction("the gateway is asked outside transactions")
    taken = 0
    while taken < most and (calls := lease_due_calls(most=1, actor=actor, company_id=company_id)):
        for call in calls:
            make_call(call, return_url="", actor=actor, at=at)
            taken += 1
    return taken


def make_call(call: LeasedCall, *, return_url: str, actor: Actor, at: datetime) -> None:
    """The gateway has been asked for what the call wants, and what came of it is recorded."""
    gateway = gateway_named(call.provider)
    if gateway is None:
        note_silence(call, code="no_gateway", actor=actor)
        return
    try:
        match call.kind:
            case CallKind.AUTHORISE:
                _authorise(call, gateway, return_url=return_url, actor=actor, at=at)
            case CallKind.CAPTURE:
                _capture(call, gateway, actor=actor, at=at)
            case CallKind.VOID:
                _void(call, gateway, actor=actor, at=at)
            case CallKind.REFUND:
                _refund(call, gateway, actor=actor, at=at)
            case CallKind.FORGET:
                gateway.forget(call.card_ref, key=str(call.public_id))
                note_done(call, actor=actor)
    except NoAnswer as silence:
        note_silence(call, code=silence.code, actor=actor)
    except Differs as odd:
        note_silence(call, code=f"differs:{odd}", actor=actor, stuck=True)
    except GatewayError as refused:
        _refused(call, refused, told=bool(return_url), actor=actor, at=at)


def _refused(call: LeasedCall, refused: GatewayError, *, told: bool, actor: Actor, at: datetime) -> None:
    """A card that is refused before anything was held ends the attempt; anything else that will never work wants a person."""
    unopened = call.kind is CallKind.AUTHORISE and (isinstance(refused, CardDeclined) or not call.payment_ref)
    if unopened and call.intent_id is not None:
        code = refused.code if isinstance(refused, CardDeclined) else "gateway_refused"
        fail_intent(call.intent_id, code=code, actor=actor, at=at, told=told)
    else:
        note_silence(call, code=refused.code, actor=actor, stuck=isinstance(refused, GatewayRefused))


def _authorise(call: LeasedCall, gateway: CardGateway, *, return_url: str, actor: Actor, at: datetime) -> None:
    """Open, write the reference down, confirm. What was begun before is looked at first: only the gateway knows how far it came."""
    assert call.intent_id is not None
    wanted = call.intent_status in (IntentStatus.REQUESTED, IntentStatus.UNKNOWN)
    if call.payment_ref:
        seen = gateway.look(call.payment_ref)
        if seen.state is not PaymentState.NEW or not wanted:
            _follow(call, gateway, seen, told=bool(return_url), actor=actor, at=at)
            return
        reference = call.payment_ref
    elif not wanted:
        void_unopened(call, actor=actor)
        return
    elif call.card_ended:
        fail_intent(call.intent_id, code="means_ended", actor=actor, at=at, told=bool(return_url))
        return
    else:
        opened = gateway.open(_new_payment(call), key=f"{call.public_id}-open")
        if not note_reference(call, reference=opened.reference, actor=actor):
            put_off(call, seconds=0, actor=actor)
            return
        reference = opened.reference
    answer = gateway.confirm(reference, return_url=return_url, key=f"{call.public_id}-confirm-{_mark(return_url)}")
    note_truth(call.intent_id, answer, actor=actor, at=at, told=bool(return_url))
    _record(call, answer, actor=actor)


def _mark(return_url: str) -> str:
    """A key stands for one request: asked with another address to come back to, it is another request."""
    return sha256(return_url.encode()).hexdigest()[:12] if return_url else "alone"


def _follow(call: LeasedCall, gateway: CardGateway, seen: GatewayPayment, *, told: bool, actor: Actor, at: datetime) -> None:
    """What was begun earlier is recorded as it stands; a buyer who doesn't come back from their bank is not waited for forever."""
    assert call.intent_id is not None
    if seen.state is PaymentState.ACTION and call.state is CallState.ACTION and call.age_s > ACTION_PATIENCE_S:
        seen = gateway.void(seen.reference, key=f"{call.public_id}-abandon")
    note_truth(call.intent_id, seen, actor=actor, at=at, told=told)
    _record(call, seen, actor=actor)


def _record(call: LeasedCall, seen: GatewayPayment, *, actor: Actor) -> None:
    """What the gateway left undecided is looked at again; a decided call was settled with its intent."""
    if seen.state in (PaymentState.NEW, PaymentState.PROCESSING):
        note_silence(call, code=str(seen.state), actor=actor)
    elif call.kind is CallKind.CAPTURE and seen.state is PaymentState.AUTHORISED:
        note_silence(call, code="not_captured", actor=actor)
    elif call.kind is CallKind.VOID and seen.state is PaymentState.AUTHORISED:
        note_silence(call, code="not_voided", actor=actor)


def _new_payment(call: LeasedCall) -> NewPayment:
    return NewPayment(
        card_ref=call.card_ref,
        customer_ref=call.customer_ref,
        currency=call.currency,
        amount=call.amount,
        intent_ref=str(call.intent_ref),
        order_number=call.order_number,
        keep_card=call.keep_card,
    )


def _capture(call: LeasedCall, gateway: CardGateway, *, actor: Actor, at: datetime) -> None:
    assert call.intent_id is not None
    seen = gateway.look(call.payment_ref) if call.attempt > 1 else None
    if seen is None or seen.state is PaymentState.AUTHORISED:
        seen = gateway.capture(call.payment_ref, amount=call.amount, key=str(call.public_id))
    note_truth(call.intent_id, seen, actor=actor, at=at)
    _record(call, seen, actor=actor)


def _void(call: LeasedCall, gateway: CardGateway, *, actor: Actor, at: datetime) -> None:
    assert call.intent_id is not None
    if not call.payment_ref:
        if not void_unopened(call, actor=actor):
            put_off(call, seconds=0, actor=actor)
        return
    seen = gateway.void(call.payment_ref, key=str(call.public_id))
    note_truth(call.intent_id, seen, actor=actor, at=at)
    _record(call, seen, actor=actor)


def _refund(call: LeasedCall, gateway: CardGateway, *, actor: Actor, at: datetime) -> None:
    made = gateway.refund(call.payment_ref, amount=call.amount, refund_ref=str(call.refund_ref), key=str(call.public_id))
    note_refund(call.id, made, actor=actor, at=at)
