"""Stripe, as its public documentation describes it (API version below): PaymentIntents captured by hand, keys, signed webhooks.

No card number ever comes here: the browser gives it to Stripe and we get a token. Nothing of a request or an answer is
logged; errors carry Stripe's own code and no more. https://docs.stripe.com/api, /webhooks/signature, /api/idempotent_requests
"""

import hashlib
import hmac
import json
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from billing.ports import BadNotice, CardDeclined, GatewayCard, GatewayRefund, GatewayRefused, NewPayment, NoAnswer, Notice
from billing.rules import CardBrand, CardForm, GatewayPayment, PaymentState

VERSION: Final = "2024-06-20"
TOLERANCE_S: Final = 300
"""A message older than this may be a replay and is refused, as Stripe's own libraries do."""

TIMEOUT: Final = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=3.0)

_STATES: Final = {
    "requires_confirmation": PaymentState.NEW,
    "requires_action": PaymentState.ACTION,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.AUTHORISED,
    "canceled": PaymentState.CANCELLED,
    "succeeded": PaymentState.CAPTURED,
}
_BRANDS: Final = {brand.value: brand for brand in CardBrand}
_TO_BE_REPEATED: Final = frozenset({"idempotency_key_in_use", "lock_timeout", "rate_limit"})
_CODES: Final = {"payment_intent_authentication_failure": "authentication_failed", "live_mode_test_card": "incorrect_number"}


class StripeGateway:
    """Stripe behind ``billing.ports.CardGateway``; one per process, safe for threads and after a fork."""

    provider = "stripe"

    def __init__(
        self,
        *,
        base_url: str,
        secret_key: str,
        public_key: str,
        webhook_secrets: Sequence[str],
        script_url: str = "https://js.stripe.com/v3/",
        three_d_secure: str = "any",
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self.base_url, self.public_key, self.script_url = base_url.rstrip("/"), public_key, script_url
        self.webhook_secrets = tuple(webhook_secrets)
        self.three_d_secure, self._timeout, self._secret_key = three_d_secure, timeout, secret_key
        self._line: httpx.Client | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def form(self) -> CardForm:
        """Stripe.js from its own origin, as Stripe demands."""
        origin = _origin(self.script_url)
        real = origin == "https://js.stripe.com"
        return CardForm(
            provider=self.provider,
            script_url=self.script_url,
            public_key=self.public_key,
            origin=origin,
            script_origins=(origin,),
            frame_origins=(origin, "https://hooks.stripe.com") if real else (origin,),
            connect_origins=("https://api.stripe.com",) if real else (origin,),
        )

    # ------------------------------------------------------------------ cards

    def keep(self, token: str, *, customer_ref: str, owner: str, reusable: bool, key: str) -> GatewayCard:
        """The card behind a token; a reusable one is attached to its owner's customer record."""
        if not reusable:
            return _card(self._get(f"/v1/payment_methods/{_word(token)}"))
        customer = customer_ref or str(self._post("/v1/customers", {"metadata[owner]": owner}, key=f"{key}-customer")["id"])
        return _card(self._post(f"/v1/payment_methods/{_word(token)}/attach", {"customer": customer}, key=f"{key}-attach"))

    def forget(self, card_ref: str, *, key: str) -> None:
        """The card is detached; one that isn't attached (any more) can't be charged either."""
        try:
            self._post(f"/v1/payment_methods/{_word(card_ref)}/detach", {}, key=key)
        except GatewayRefused as refused:
            if refused.code not in ("payment_method_unexpected_state", "resource_missing"):
                raise

    # --------------------------------------------------------------- payments

    def open(self, payment: NewPayment, *, key: str) -> GatewayPayment:
        """A PaymentIntent that waits for its confirmation."""
        form = {
            "amount": str(payment.amount),  # the currency's minor units, which is what Stripe wants: yen have none
            "currency": payment.currency.lower(),
            "capture_method": "manual",
            "payment_method": payment.card_ref,
            "payment_method_types[0]": "card",
            "metadata[intent]": payment.intent_ref,
            "metadata[order]": payment.order_number,
            "description": payment.order_number,
        }
        if payment.customer_ref:
            form["customer"] = payment.customer_ref
        if payment.keep_card:
            form["setup_future_usage"] = "off_session"
        return _payment(self._post("/v1/payment_intents", form, key=key))

    def confirm(self, reference: str, *, return_url: str, key: str) -> GatewayPayment:
        """Authorise. With the buyer there, 3-D Secure is asked for as Japan's card rules demand since 2025; else off session."""
        form = {"expand[0]": "latest_charge"}
        if return_url:
            form |= {"return_url": return_url, "payment_method_options[card][request_three_d_secure]": self.three_d_secure}
        else:
            form["off_session"] = "true"
        return self._settle(f"/v1/payment_intents/{_word(reference)}/confirm", form, key=key)

    def look(self, reference: str) -> GatewayPayment:
        """The PaymentIntent as it is now."""
        return _payment(self._get(f"/v1/payment_intents/{_word(reference)}", {"expand[0]": "latest_charge"}))

    def capture(self, reference: str, *, amount: int, key: str) -> GatewayPayment:
        """Take the money, once: a PaymentIntent can be captured no second time."""
        form = {"amount_to_capture": str(amount), "expand[0]": "latest_charge"}
        return self._settle(f"/v1/payment_intents/{_word(reference)}/capture", form, key=key)

    def void(self, reference: str, *, key: str) -> GatewayPayment:
        """The PaymentIntent is cancelled, whatever had been held is let go."""
        form = {"cancellation_reason": "requested_by_customer", "expand[0]": "latest_charge"}
        return self._settle(f"/v1/payment_intents/{_word(reference)}/cancel", form, key=key)

    def refund(self, reference: str, *, amount: int, refund_ref: str, key: str) -> GatewayRefund:
        """Give back. A refund that carries our reference already is found first: keys are forgotten after a day, lists are not."""
        for known in self._get("/v1/refunds", {"payment_intent": reference, "limit": "100"})["data"]:
            if (known.get("metadata") or {}).get("refund") == refund_ref:
                return _refund(known)
        form = {"payment_intent": reference, "amount": str(amount), "metadata[refund]": refund_ref}
        return _refund(self._post("/v1/refunds", form, key=key))

    # --------------------------------------------------------------- webhooks

    def read_notice(self, body: bytes, *, headers: Mapping[str, str], now: int) -> Notice:
        """What a webhook says once its signature is proven. Raises BadNotice."""
        _prove(body, header=headers.get("Stripe-Signature", ""), secrets=self.webhook_secrets, now=now)
        try:
            told = json.loads(body)
            thing = told["data"]["object"]
            event, kind, happened_at = str(told["id"]), str(told["type"]), int(told["created"])
            object_ref = str(thing.get("id") or "")
            payment_ref = object_ref if thing.get("object") == "payment_intent" else str(thing.get("payment_intent") or "")
            intent_ref = str((thing.get("metadata") or {}).get("intent") or "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadNotice("unreadable") from error
        return Notice(
            event_ref=event[:120],
            kind=kind[:80],
            object_ref=object_ref[:120],
            payment_ref=payment_ref[:120],
            intent_ref=intent_ref[:64],
            happened_at=happened_at,
        )

    # ---------------------------------------------------------------- the line

    def _settle(self, path: str, form: Mapping[str, str], *, key: str) -> GatewayPayment:
        """A change of a PaymentIntent: a refusal that brings the PaymentIntent along is an answer about it."""
        try:
            return _payment(self._post(path, form, key=key))
        except _Refusal as refusal:
            if refusal.payment is not None:
                return _payment(refusal.payment)
            raise

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._ask("GET", path, params=dict(query or {}))

    def _post(self, path: str, form: Mapping[str, str], *, key: str) -> dict[str, Any]:
        return self._ask("POST", path, data=dict(form), headers={"Idempotency-Key": key})

    def _ask(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        try:
            answer = self._client().request(method, path, **given)
            body = answer.json()
        except httpx.TimeoutException as silence:
            raise NoAnswer("timeout") from silence
        except (httpx.HTTPError, ValueError) as torn:
            raise NoAnswer("no_answer") from torn
        if answer.status_code < 400 and isinstance(body, dict):
            return body
        raise _fault(answer.status_code, body)

    def _client(self) -> httpx.Client:
        """The connections of this process; a forked child makes its own."""
        with self._lock:
            if self._line is None or self._owner != os.getpid():
                self._owner = os.getpid()
                self._line = httpx.Client(
                    base_url=self.base_url,
                    timeout=self._timeout,
                    headers={"Authorization": f"Bearer {self._secret_key}", "Stripe-Version": VERSION},
                    follow_redirects=False,
                    trust_env=False,
                )
            return self._line


class _Refusal(GatewayRefused):
    """A refusal, with the PaymentIntent it is about where Stripe sends it along."""

    def __init__(self, code: str, *, payment: dict[str, Any] | None) -> None:
        self.payment = payment
        super().__init__(code)


def _fault(status: int, body: Any) -> CardDeclined | GatewayRefused | NoAnswer:
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    code = str(error.get("code") or f"http_{status}")[:60]
    if status >= 500 or status == 429 or code in _TO_BE_REPEATED:
        return NoAnswer(code)
    if isinstance(error.get("payment_intent"), dict):
        return _Refusal(_decline_of(error), payment=error["payment_intent"])
    if status == 402 or error.get("type") == "card_error":
        return CardDeclined(_decline_of(error))
    return _Refusal(code, payment=None)


def _decline_of(error: Mapping[str, Any]) -> str:
    code = str(error.get("decline_code") or error.get("code") or "card_declined")[:60]
    return _CODES.get(code, code)


def _payment(told: Mapping[str, Any]) -> GatewayPayment:
    status, error = told["status"], told.get("last_payment_error")
    state = _STATES.get(status, PaymentState.PROCESSING)
    if status == "requires_payment_method":
        state = PaymentState.DECLINED if error else PaymentState.NEW
    charge = told.get("latest_charge")
    details = (charge.get("payment_method_details") or {}).get("card") or {} if isinstance(charge, dict) else {}
    action = (told.get("next_action") or {}).get("redirect_to_url") or {}
    return GatewayPayment(
        reference=str(told["id"]),
        state=state,
        currency=str(told["currency"]).upper(),
        amount=int(told["amount"]),
        captured=int(told.get("amount_received") or 0),
        capture_ref=str(charge["id"] if isinstance(charge, dict) else charge or ""),
        action_url=str(action.get("url") or ""),
        decline_code=_decline_of(error) if error else "",
        valid_until=int(details.get("capture_before") or 0),
        intent_ref=str((told.get("metadata") or {}).get("intent") or ""),
    )


def _card(told: Mapping[str, Any]) -> GatewayCard:
    card = told["card"]
    return GatewayCard(
        reference=str(told["id"]),
        brand=_BRANDS.get(str(card["brand"]), CardBrand.OTHER),
        last4=str(card["last4"])[-4:],
        exp_month=int(card["exp_month"]),
        exp_year=int(card["exp_year"]),
        customer_ref=str(told.get("customer") or ""),
    )


def _refund(told: Mapping[str, Any]) -> GatewayRefund:
    failed = told.get("status") in ("failed", "canceled")
    return GatewayRefund(
        reference=str(told["id"]),
        amount=int(told["amount"]),
        failed=failed,
        code=str(told.get("failure_reason") or "refund_failed")[:60] if failed else "",
    )


def _prove(body: bytes, *, header: str, secrets: Sequence[str], now: int) -> None:
    """One of the header's v1 signatures is ours over "time.body", and the time is near. Compares in constant time."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdigit() or len(times[0]) > 12 or not given:
        raise BadNotice("no_signature")
    signed = times[0].encode() + b"." + body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given):
        raise BadNotice("wrong_signature")
    if abs(now - int(times[0])) > TOLERANCE_S:
        raise BadNotice("too_old")


def _word(reference: str) -> str:
    """A reference as a part of a path: nothing in it may lead elsewhere."""
    if not reference or not reference.replace("_", "").replace("-", "").isalnum():
        raise GatewayRefused("resource_missing")
    return reference


def _origin(url: str) -> str:
    parts = httpx.URL(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.host}{port}"
