"""What the gateway tells by itself, in any order and twice; and everybody at once."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from billing.models import GatewayCall, GatewayEvent, Payment, PaymentIntent
from billing.operations import (
    close_intents,
    request_captures,
    work_calls,
    work_notices,
)
from billing.rules import IntentStatus, Outcome
from config.dev.gateway.messages import signature
from config.dev.gateway.server import WEBHOOK_SECRET
from core.actor import SYSTEM
from core.models import OutboxEvent
from tests.billing.proof import broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer
from tests.factories.card_stories import a_message, captured, charged, notify, post_message, time_passes, wanted

pytestmark = pytest.mark.django_db


def test_a_message_makes_us_look_once(sandbox):
    ref = wanted(a_buyer())
    sandbox.trouble("confirm", "cut_after")
    charged(ref)
    payment = PaymentIntent.objects.get().provider_ref

    statuses = [notify(payment, kind="payment_intent.amount_capturable_updated", event="evt_1") for _ in range(3)]
    work_notices(actor=SYSTEM, at=NOON)

    assert (statuses, GatewayEvent.objects.count()) == ([200, 200, 200], 1)
    assert PaymentIntent.objects.get().status == "authorised"
    assert OutboxEvent.objects.filter(name="billing.PaymentAuthorised").count() == 1


def test_messages_in_the_wrong_order_and_twice_book_the_money_once(sandbox):
    captured(a_buyer())
    payment = PaymentIntent.objects.get().provider_ref
    Payment.objects.get()

    for kind in ("payment_intent.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.succeeded", "charge.captured"):
        notify(payment, kind=kind)
        work_notices(actor=SYSTEM, at=NOON)

    assert Payment.objects.count() == 1
    assert set(GatewayEvent.objects.values_list("state", flat=True)) == {"done"}
    assert broken_promises() == {}


def test_money_taken_by_hand_at_the_gateway_is_booked(sandbox):
    ref = wanted(a_buyer())
    charged(ref)
    payment = PaymentIntent.objects.get().provider_ref
    sandbox.adapter().capture(payment, amount=3280, key="by hand")

    notify(payment, kind="payment_intent.succeeded")
    work_notices(actor=SYSTEM, at=NOON)

    assert (PaymentIntent.objects.get().status, Payment.objects.get().amount) == ("captured", 3280)


def test_money_taken_for_an_order_that_stands_no_more_is_held_for_its_buyer(sandbox):
    ref = wanted(a_buyer())
    charged(ref)
    payment = PaymentIntent.objects.get().provider_ref
    sandbox.adapter().capture(payment, amount=3280, key="by hand")

    close_intents([ref], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)
    work_calls(actor=SYSTEM, at=NOON)

    assert (PaymentIntent.objects.get().status, Payment.objects.get().unapplied_amount) == ("voided", 3280)
    assert GatewayCall.objects.get(kind="void").state == "failed"
    assert broken_promises() == {}


def test_a_message_about_an_unknown_payment_is_waited_for_then_left(sandbox):
    assert notify("pi_of_another_system", kind="payment_intent.succeeded") == 200
    for _ in range(12):
        work_notices(actor=SYSTEM, at=NOON)
        time_passes()

    assert GatewayEvent.objects.values_list("state", "note").get() == ("ignored", "unknown_payment")


def test_a_dispute_is_put_before_a_person(sandbox):
    captured(a_buyer())

    notify(PaymentIntent.objects.get().provider_ref, kind="charge.dispute.created", object_ref="dp_1", object_kind="dispute")
    work_notices(actor=SYSTEM, at=NOON)

    assert GatewayEvent.objects.values_list("state", "note").get() == ("stuck", "dispute")


@pytest.mark.parametrize(
    ("body", "header", "provider", "status"),
    [
        ("{}", "t=1,v1=00", "stripe", 400),
        ("{}", "", "stripe", 400),
        ("not json", None, "stripe", 400),
        (b"\xff\xfe", "t=1,v1=00", "stripe", 400),
        ("{}", None, "paypal", 404),
        ("x" * 300_000, None, "stripe", 413),
    ],
)
def test_a_bad_message_is_refused_and_kept_nowhere(sandbox, body, header, provider, status):
    assert (post_message(body, header=header, provider=provider), GatewayEvent.objects.count()) == (status, 0)


def test_a_replayed_message_is_refused(sandbox):
    body = a_message("pi_1", kind="payment_intent.succeeded")

    assert post_message(body, header=signature(body, secret=WEBHOOK_SECRET, at=int(time.time()) - 3600)) == 400


def test_a_webhook_only_takes_posts(sandbox):
    assert Client().get("/gateway/stripe/webhook/").status_code == 405


def test_nothing_personal_is_kept_of_a_message(sandbox):
    thing = {"id": "pi_1", "object": "payment_intent", "receipt_email": "hanako@example.jp", "charges": [{"name": "山田花子"}]}
    post_message(json.dumps({"id": "evt_1", "type": "payment_intent.succeeded", "created": 1, "data": {"object": thing}}))

    kept = GatewayEvent.objects.values().get()
    assert "hanako" not in str(kept)
    assert "山田" not in str(kept)


# ---------------------------------------------------------------------------------------------------- races


@pytest.mark.django_db(transaction=True)
def test_two_counters_at_once_hold_the_card_once(sandbox):
    ref = wanted(a_buyer())
    sandbox.trouble("confirm", "delay", seconds=0.4)

    with ThreadPoolExecutor(4) as counters:
        answers = list(counters.map(lambda _n: _apart(lambda: charged(ref)), range(4)))

    assert answers.count(Outcome.OK) >= 1
    assert set(answers) <= {Outcome.OK, Outcome.UNKNOWN}
    assert len(sandbox.effects("authorise")) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_and_messages_at_once_take_the_money_once(sandbox):
    ref = wanted(a_buyer())
    charged(ref)
    request_captures([ref], actor=SYSTEM, at=NOON)
    payment = PaymentIntent.objects.get().provider_ref
    sandbox.trouble("capture", "delay", seconds=0.3)

    def work(n: int) -> None:
        if n % 2:
            notify(payment, kind="payment_intent.succeeded")
            work_notices(actor=SYSTEM, at=NOON)
        work_calls(actor=SYSTEM, at=NOON)

    with ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda n: _apart(lambda: work(n)), range(6)))
    work_notices(actor=SYSTEM, at=NOON)

    assert len(sandbox.effects("capture")) == 1
    assert list(Payment.objects.values_list("amount", flat=True)) == [3280]
    assert broken_promises() == {}


@pytest.mark.django_db(transaction=True)
def test_cancelling_while_the_card_is_asked_leaves_nothing_held(sandbox):
    ref = wanted(a_buyer())
    sandbox.trouble("confirm", "delay", seconds=0.5)

    with ThreadPoolExecutor(2) as both:
        asking = both.submit(_apart, lambda: charged(ref))
        time.sleep(0.2)
        both.submit(_apart, lambda: close_intents([ref], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)).result()
        assert asking.result() in (Outcome.FAILED, Outcome.UNKNOWN)
    time_passes()
    work_calls(actor=SYSTEM, at=NOON)

    held = sum(e["amount"] * {"authorise": 1, "void": -1}.get(e["what"], 0) for e in sandbox.effects())
    assert (held, PaymentIntent.objects.get().status) == (0, "voided")
    assert broken_promises() == {}


def _apart(work):  # type: ignore[no-untyped-def]
    """In a thread, with a connection of its own."""
    try:
        return work()
    finally:
        connection.close()
