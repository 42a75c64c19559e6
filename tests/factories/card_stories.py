"""Orders that are to be charged to a card, at every stage of it, and what the gateway tells of them."""

import json
import time
from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import F
from django.test import Client

from billing.models import GatewayCall, GatewayEvent, PaymentIntent
from billing.operations import (
    authorise_orders,
    open_intents,
    request_captures,
    work_calls,
)
from billing.rules import Outcome, PaymentMethod
from config.dev.gateway.messages import signature
from config.dev.gateway.server import WEBHOOK_SECRET
from core.actor import SYSTEM
from customers.models import Customer
from tests.factories.billing import NOON, STAFF, an_intent
from tests.factories.cards import a_kept_card


def wanted(customer: Customer, token: str = "pm_card_visa", *, amount: int = 3280) -> UUID:
    """An order that is to be charged to a card of this customer."""
    ask = an_intent(customer, method=PaymentMethod.CARD, amount=amount, means_id=a_kept_card(customer, token).means_id, order_number="O1")
    open_intents([ask], actor=STAFF, at=NOON)
    return ask.order_ref


def charged(order_ref: UUID, **given: str) -> Outcome:
    (answer,) = authorise_orders([order_ref], actor=SYSTEM, at=NOON, **given)
    return answer.outcome


def captured(customer: Customer, *, amount: int = 3280) -> PaymentIntent:
    """An order whose money was taken and booked."""
    ref = wanted(customer, amount=amount)
    assert charged(ref) is Outcome.OK
    request_captures([ref], actor=SYSTEM, at=NOON)
    work_calls(actor=SYSTEM, at=NOON)
    return PaymentIntent.objects.get(order_ref=ref)


def time_passes(minutes: int = 60) -> None:
    open_ = GatewayCall.objects.exclude(state__in=["ok", "failed"])
    open_.update(due_at=F("due_at") - timedelta(minutes=minutes), lease_until_at=None)
    GatewayEvent.objects.filter(state="received").update(due_at=F("due_at") - timedelta(minutes=minutes), lease_until_at=None)


def a_message(payment: str, *, kind: str, event: str = "", object_ref: str = "", object_kind: str = "payment_intent") -> str:
    thing = {"id": object_ref or payment, "object": object_kind, "payment_intent": payment}
    return json.dumps({"id": event or f"evt_{uuid4().hex}", "type": kind, "created": int(time.time()), "data": {"object": thing}})


def notify(payment: str, *, kind: str, event: str = "", object_ref: str = "", object_kind: str = "payment_intent") -> int:
    return post_message(a_message(payment, kind=kind, event=event, object_ref=object_ref, object_kind=object_kind))


def post_message(body: str | bytes, *, header: str | None = None, provider: str = "stripe") -> int:
    raw = body if isinstance(body, bytes) else body.encode()
    signed = header if header is not None else signature(raw.decode(errors="replace"), secret=WEBHOOK_SECRET, at=int(time.time()))
    return (
        Client()
        .post(f"/gateway/{provider}/webhook/", raw, content_type="application/json", headers={"Stripe-Signature": signed})
        .status_code
    )
