"""What billing relies on of any card gateway. Run against the sandbox; with CONTRACT_GATEWAY_URL and _KEY against a test account.

A provider's test account passes the same page: the tokens are its published ones.
"""

import hashlib
import hmac
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from billing.adapters.stripe import TIMEOUT, StripeGateway
from billing.ports import BadNotice, CardDeclined, GatewayCard, GatewayRefused, NewPayment, NoAnswer
from billing.rules import CardBrand, GatewayPayment, PaymentState
from config.dev.gateway.messages import signature
from config.dev.gateway.server import WEBHOOK_SECRET
from tests.factories.cards import Sandbox, a_sandbox

REAL = os.environ.get("CONTRACT_GATEWAY_URL", "")
only_the_sandbox = pytest.mark.skipif(bool(REAL), reason="a real gateway can't be told to fail")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with a_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def gateway(sandbox: Sandbox) -> StripeGateway:
    if REAL:
        return StripeGateway(
            base_url=REAL, secret_key=os.environ["CONTRACT_GATEWAY_KEY"], public_key="", webhook_secrets=[WEBHOOK_SECRET], timeout=TIMEOUT
        )
    return sandbox.adapter()


def key() -> str:
    return uuid4().hex


def kept(gateway: StripeGateway, token: str = "pm_card_visa") -> GatewayCard:
    return gateway.keep(token, customer_ref="", owner="1-7", reusable=True, key=key())


def opened(gateway: StripeGateway, card: GatewayCard, *, amount: int = 3280) -> GatewayPayment:
    return gateway.open(
        NewPayment(
            card_ref=card.reference, customer_ref=card.customer_ref, currency="JPY", amount=amount, intent_ref=str(uuid4()),
            order_number="O1", keep_card=True,
        ),
        key=key(),
    )  # fmt: skip


def authorised(gateway: StripeGateway, token: str = "pm_card_visa") -> GatewayPayment:
    return gateway.confirm(opened(gateway, kept(gateway, token)).reference, return_url="", key=key())


@pytest.mark.parametrize(
    ("token", "brand", "last4"),
    [
        ("pm_card_visa", CardBrand.VISA, "4242"),
        ("pm_card_jcb", CardBrand.JCB, "0505"),
        ("pm_card_mastercard", CardBrand.MASTERCARD, "4444"),
    ],
)
def test_a_kept_card_is_known_by_its_brand_and_last_digits(gateway, token, brand, last4):
    card = kept(gateway, token)

    assert (card.brand, card.last4, bool(card.customer_ref)) == (brand, last4, True)
    assert 1 <= card.exp_month <= 12
    assert card.exp_year >= 2026


def test_a_second_card_hangs_on_the_same_customer(gateway):
    first = kept(gateway)

    second = gateway.keep("pm_card_jcb", customer_ref=first.customer_ref, owner="1-7", reusable=True, key=key())

    assert (second.customer_ref, second.reference != first.reference) == (first.customer_ref, True)


def test_opening_has_no_effect_and_carries_our_name_and_yen_without_decimals(gateway):
    payment = opened(gateway, kept(gateway), amount=3280)

    seen = gateway.look(payment.reference)
    assert (seen.state, seen.amount, seen.currency, seen.captured, seen.intent_ref) == (
        PaymentState.NEW,
        3280,
        "JPY",
        0,
        payment.intent_ref,
    )


def test_the_same_key_is_the_same_payment(gateway):
    card, once = kept(gateway), key()
    ask = NewPayment(card_ref=card.reference, customer_ref=card.customer_ref, currency="JPY", amount=500, intent_ref="i", order_number="O")

    assert gateway.open(ask, key=once) == gateway.open(ask, key=once)


def test_the_same_key_for_something_else_is_refused(gateway):
    card, once = kept(gateway), key()
    ask = {"card_ref": card.reference, "customer_ref": card.customer_ref, "currency": "JPY", "intent_ref": "i", "order_number": "O"}
    gateway.open(NewPayment(**ask, amount=500), key=once)

    with pytest.raises(GatewayRefused):
        gateway.open(NewPayment(**ask, amount=600), key=once)


def test_an_amount_is_held_then_taken_once(gateway):
    held = authorised(gateway)
    assert (held.state, held.captured, held.valid_until > time.time()) == (PaymentState.AUTHORISED, 0, True)

    first = gateway.capture(held.reference, amount=3280, key=key())
    again = gateway.capture(held.reference, amount=3280, key=key())

    assert (first.state, first.captured, bool(first.capture_ref)) == (PaymentState.CAPTURED, 3280, True)
    assert (again.state, again.captured, again.capture_ref) == (PaymentState.CAPTURED, 3280, first.capture_ref)


def test_less_may_be_taken_and_the_rest_is_let_go(gateway):
    held = authorised(gateway)

    taken = gateway.capture(held.reference, amount=1000, key=key())

    assert (taken.state, taken.captured, taken.amount) == (PaymentState.CAPTURED, 1000, 3280)


@pytest.mark.parametrize(
    ("token", "code"), [("pm_card_chargeCustomerFail", "generic_decline")] if REAL else
    [("pm_card_chargeCustomerFail", "generic_decline"), ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
     ("pm_card_chargeDeclinedExpiredCard", "expired_card"), ("pm_card_chargeDeclinedProcessingError", "processing_error")],
)  # fmt: skip
def test_a_refused_card_is_an_answer_and_stays_one(gateway, token, code):
    payment, once = opened(gateway, kept(gateway, token)), key()

    answers = [gateway.confirm(payment.reference, return_url="", key=once) for _ in range(2)]

    assert [(a.state, a.decline_code) for a in answers] == [(PaymentState.DECLINED, code)] * 2
    assert gateway.look(payment.reference).state is PaymentState.DECLINED


def test_the_holder_is_asked_when_there_and_refused_when_not(gateway):
    there = opened(gateway, kept(gateway, "pm_card_threeDSecure2Required"))
    away = opened(gateway, kept(gateway, "pm_card_authenticationRequired"))

    asked = gateway.confirm(there.reference, return_url="https://shop.example/back/", key=key())
    refused = gateway.confirm(away.reference, return_url="", key=key())

    assert (asked.state, asked.action_url.startswith("http")) == (PaymentState.ACTION, True)
    assert (refused.state, refused.decline_code) == (PaymentState.DECLINED, "authentication_required")


@only_the_sandbox
@pytest.mark.parametrize(("yes", "state"), [(True, PaymentState.AUTHORISED), (False, PaymentState.DECLINED)])
def test_the_holders_answer_decides(gateway, sandbox, yes, state):
    payment = opened(gateway, kept(gateway, "pm_card_threeDSecure2Required"))
    asked = gateway.confirm(payment.reference, return_url="https://shop.example/back/?order=1", key=key())

    back = sandbox.approve(asked.action_url, yes=yes)

    assert gateway.look(payment.reference).state is state
    assert back.startswith(f"https://shop.example/back/?order=1&payment_intent={payment.reference}")


@only_the_sandbox
def test_a_card_proven_once_renews_without_its_holder(gateway, sandbox):
    card = kept(gateway, "pm_card_authenticationRequiredOnSetup")
    first = gateway.confirm(opened(gateway, card).reference, return_url="https://shop.example/", key=key())
    sandbox.approve(first.action_url)

    later = gateway.confirm(opened(gateway, card).reference, return_url="", key=key())

    assert later.state is PaymentState.AUTHORISED


def test_what_is_held_can_be_let_go_and_then_not_be_taken(gateway):
    held = authorised(gateway)

    states = [gateway.void(held.reference, key=key()).state for _ in range(2)]

    assert states == [PaymentState.CANCELLED] * 2
    assert gateway.capture(held.reference, amount=3280, key=key()).state is PaymentState.CANCELLED


def test_a_payment_called_off_before_it_was_confirmed_can_never_be(gateway):
    payment = opened(gateway, kept(gateway))
    gateway.void(payment.reference, key=key())

    assert gateway.confirm(payment.reference, return_url="", key=key()).state is PaymentState.CANCELLED


def test_money_goes_back_once_per_reference_whatever_the_key(gateway):
    held = authorised(gateway)
    gateway.capture(held.reference, amount=3280, key=key())

    first = gateway.refund(held.reference, amount=1000, refund_ref="r1", key=key())
    again = gateway.refund(held.reference, amount=1000, refund_ref="r1", key=key())
    other = gateway.refund(held.reference, amount=2280, refund_ref="r2", key=key())

    assert (first.amount, first.failed, again.reference) == (1000, False, first.reference)
    assert other.reference != first.reference
    with pytest.raises(GatewayRefused):
        gateway.refund(held.reference, amount=1, refund_ref="r3", key=key())


def test_a_forgotten_card_charges_nobody_and_may_be_forgotten_twice(gateway):
    card = kept(gateway)

    gateway.forget(card.reference, key=key())
    gateway.forget(card.reference, key=key())

    with pytest.raises(GatewayRefused):
        opened(gateway, card)


@pytest.mark.parametrize("token", ["pm_nothing", "../customers", "tok_x?y"])
def test_an_unknown_token_is_refused(gateway, token):
    with pytest.raises((GatewayRefused, CardDeclined)):
        gateway.keep(token, customer_ref="", owner="1-7", reusable=False, key=key())


@only_the_sandbox
@pytest.mark.parametrize("how", ["cut_before", "cut_after", "error", "error_after", "busy", "hang"])
def test_silence_is_never_taken_for_an_answer(gateway, sandbox, how):
    payment, once = opened(gateway, kept(gateway)), key()
    sandbox.trouble("confirm", how, seconds=1.3)

    with pytest.raises(NoAnswer):
        gateway.confirm(payment.reference, return_url="", key=once)
    sandbox.order("calm")
    deadline = time.monotonic() + 5
    while True:
        try:
            answer = gateway.confirm(payment.reference, return_url="", key=once)
            break
        except NoAnswer:
            assert time.monotonic() < deadline

    assert answer.state is PaymentState.AUTHORISED
    assert len(sandbox.effects("authorise")) == 1


@only_the_sandbox
def test_a_gateway_that_is_away_is_silence():
    away = StripeGateway(base_url="http://127.0.0.1:9", secret_key="sk", public_key="pk", webhook_secrets=[], timeout=httpx.Timeout(1.0))

    with pytest.raises(NoAnswer):
        away.look("pi_1")


@only_the_sandbox
def test_half_a_request_from_somebody_who_died_is_none(gateway, sandbox):
    """Its key stays free for the whole one."""
    card, once = kept(gateway), "half"
    body = f"amount=3280&currency=jpy&payment_method={card.reference}".encode()
    host, port = sandbox.url.removeprefix("http://").split(":")
    head = f"POST /v1/payment_intents HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer sk_test_sandbox\r\nIdempotency-Key: {once}\r\n"
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:20])
    ask = NewPayment(card_ref=card.reference, customer_ref=card.customer_ref, currency="JPY", amount=3280, intent_ref="i", order_number="O")

    assert gateway.open(ask, key=once).amount == 3280


@only_the_sandbox
def test_a_number_becomes_a_token_in_the_browser_and_is_kept_nowhere(gateway, sandbox, tmp_path):
    token = sandbox.token("4242 4242 4242 4242")

    card = gateway.keep(token, customer_ref="", owner="1-7", reusable=True, key=key())

    assert (card.last4, card.reference) == ("4242", token)
    assert b"4242424242424242" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


# --------------------------------------------------------------------------------------------------- webhooks


def told(**changes: object) -> bytes:
    event = {
        "id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": 1_790_000_000,
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"intent": "abc"}}}, **changes,
    }  # fmt: skip
    return json.dumps(event).encode()


NOW = 1_790_000_100


def test_a_signed_message_is_read(gateway):
    body = told()

    notice = gateway.read_notice(body, headers={"Stripe-Signature": signature(body.decode(), secret=WEBHOOK_SECRET, at=NOW)}, now=NOW)

    assert (notice.event_ref, notice.kind, notice.payment_ref, notice.intent_ref) == ("evt_1", "payment_intent.succeeded", "pi_1", "abc")


def test_the_old_secret_counts_while_it_is_being_changed(sandbox):
    gateway = StripeGateway(base_url="", secret_key="", public_key="", webhook_secrets=["whsec_new", "whsec_old"])
    body = told()

    assert gateway.read_notice(body, headers={"Stripe-Signature": signature(body.decode(), secret="whsec_old", at=NOW)}, now=NOW)


def _with(scheme: str = "v1", *, secret: str = WEBHOOK_SECRET, at: object = NOW, body: bytes = told()) -> str:
    return f"t={at},{scheme}=" + hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "no_signature"), ("nonsense", "no_signature"), ("t=,v1=", "no_signature"), (f"t={NOW}", "no_signature"),
        (_with(scheme="v0"), "no_signature"), (_with(at="-1"), "no_signature"), (_with(at="1e9"), "no_signature"),
        (f"t={NOW},{_with()}", "no_signature"), (_with(secret="whsec_other"), "wrong_signature"), (_with(body=b"{}"), "wrong_signature"),
        (f"t={NOW},v1=ÿ", "wrong_signature"), (_with(at=NOW - 301), "too_old"), (_with(at=NOW + 301), "too_old"),
    ],
)  # fmt: skip
def test_what_the_gateway_did_not_write_is_refused(gateway, header, code):
    with pytest.raises(BadNotice) as refused:
        gateway.read_notice(told(), headers={"Stripe-Signature": header}, now=NOW)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"id": 1}', b'{"id":"e","type":"t","created":"x","data":{"object":{}}}', b"\xff"]
)
def test_a_signed_message_that_cannot_be_read_is_refused(gateway, body):
    with pytest.raises(BadNotice) as refused:
        gateway.read_notice(body, headers={"Stripe-Signature": _with(body=body)}, now=NOW)

    assert refused.value.code == "unreadable"
