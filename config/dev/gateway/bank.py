"""The sandbox's verbs: what a card gateway does to cards, payments and refunds, and when it refuses."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from config.dev.gateway.cards import NUMBERS, TOKENS, TestCard, card_of, passes_luhn
from config.dev.gateway.store import Store, Thing, new_id

Form = Mapping[str, str]
CAPTURE_WITHIN_S = 7 * 24 * 3600


class Refusal(Exception):
    """An error answer as the protocol spells it."""

    def __init__(self, status: int, type_: str, code: str, *, decline_code: str = "", payment: Thing | None = None) -> None:
        self.status = status
        self.body: Thing = {"error": {"type": type_, "code": code, "message": code.replace("_", " ").capitalize() + "."}}
        if decline_code:
            self.body["error"]["decline_code"] = decline_code
        if payment is not None:
            self.body["error"]["payment_intent"] = payment
        super().__init__(code)


def missing(what: str) -> Refusal:
    return Refusal(404, "invalid_request_error", "resource_missing") if what else Refusal(400, "invalid_request_error", "parameter_missing")


class Vault:
    """Keeps cards and gives them names."""

    def __init__(self, store: Store, *, origin: str) -> None:
        self.store, self.origin = store, origin

    def tokenise(self, form: Form) -> Thing:
        """The number becomes a token here and is forgotten."""
        number, cvc = form.get("card[number]", ""), form.get("card[cvc]", "")
        card = card_of(number)
        if card is None:
            code = "incorrect_number" if not passes_luhn(number) else "card_declined"
            raise Refusal(402, "card_error", code, decline_code="live_mode_test_card" if code == "card_declined" else "")
        year, month = _number(form.get("card[exp_year]", "")), _number(form.get("card[exp_month]", ""))
        year += 2000 if year < 100 else 0
        today = datetime.now(UTC)
        if not 1 <= month <= 12:
            raise Refusal(402, "card_error", "invalid_expiry_month")
        if (year, month) < (today.year, today.month):
            raise Refusal(402, "card_error", "invalid_expiry_year")
        if not cvc.isdigit() or len(cvc) not in (3, 4):
            raise Refusal(402, "card_error", "invalid_cvc")
        return self.store.put(_card(card, month=month, year=year))

    def card(self, reference: str) -> Thing:
        """A kept card; a test word makes a new one."""
        if reference in TOKENS:
            return self.store.put(_card(NUMBERS[TOKENS[reference]], month=12, year=datetime.now(UTC).year + 3))
        found = self.store.get(reference, "payment_method")
        if found is None:
            raise missing(reference)
        return found

    def attach(self, reference: str, form: Form) -> Thing:
        card = self.card(reference)
        customer = self.store.get(form.get("customer", ""), "customer")
        if customer is None:
            raise missing(form.get("customer", ""))
        if card["customer"] not in (None, customer["id"]) or card.get("detached"):
            raise Refusal(400, "invalid_request_error", "payment_method_unexpected_state")
        if card["sandbox"]["declines"] == "incorrect_cvc":
            raise Refusal(402, "card_error", "incorrect_cvc")
        card["customer"] = customer["id"]
        return self.store.put(card)

    def detach(self, reference: str) -> Thing:
        card = self.card(reference)
        if card["customer"] is None:
            raise Refusal(400, "invalid_request_error", "payment_method_unexpected_state")
        return self.store.put({**card, "customer": None, "detached": True})

    def customer(self, form: Form) -> Thing:
        return self.store.put({"id": new_id("cus"), "object": "customer", "metadata": _metadata(form), "livemode": False})


class Bank(Vault):
    """Every method runs inside one change of the store, behind the idempotency key of its request."""

    def open(self, form: Form) -> Thing:
        """A payment without any effect."""
        amount = _number(form.get("amount", ""))
        if amount < 1 or not form.get("currency"):
            raise Refusal(400, "invalid_request_error", "parameter_invalid_integer")
        card = self.card(form["payment_method"]) if form.get("payment_method") else None
        if card is not None and (card.get("detached") or (card["customer"] or "") != form.get("customer", "")):
            raise Refusal(400, "invalid_request_error", "payment_method_unexpected_state")
        payment = {
            "id": new_id("pi"), "object": "payment_intent", "amount": amount, "currency": form["currency"].lower(), "amount_received": 0,
            "amount_capturable": 0, "capture_method": form.get("capture_method", "automatic"), "livemode": False, "last_payment_error": None,
            "status": "requires_confirmation" if card else "requires_payment_method", "payment_method": card and card["id"],
            "customer": form.get("customer") or None, "metadata": _metadata(form), "description": form.get("description", ""),
            "next_action": None, "latest_charge": None, "setup_future_usage": form.get("setup_future_usage"), "return_url": "",
            "client_secret": new_id("secret"), "refunded": 0, "canceled_at": None, "cancellation_reason": None,
        }  # fmt: skip
        return self.store.put(payment)

    def payment(self, reference: str) -> Thing:
        found = self.store.get(reference, "payment_intent")
        if found is None:
            raise missing(reference)
        return found

    def confirm(self, reference: str, form: Form) -> Thing:
        """The issuer is asked to hold the amount, the holder perhaps to prove who they are."""
        payment = self.payment(reference)
        if payment["status"] not in ("requires_confirmation", "requires_action"):
            raise _unexpected(payment)
        card = self.card(payment["payment_method"])
        asks, on_session = card["sandbox"]["asks"], bool(form.get("return_url"))
        if asks == "always" or (asks == "once" and not card["sandbox"].get("proven")):
            if not on_session:
                return self.decline(payment, "authentication_required")
            payment |= {
                "status": "requires_action",
                "return_url": form["return_url"],
                "next_action": {
                    "type": "redirect_to_url",
                    "redirect_to_url": {"url": f"{self.origin}/3ds/{payment['id']}", "return_url": form["return_url"]},
                },
            }
            self.store.tell("payment_intent.requires_action", self.store.put(payment))
            return payment
        return self._authorise(payment, card)

    def answer_challenge(self, reference: str, *, approve: bool) -> Thing:
        """The holder has answered their bank."""
        payment = self.payment(reference)
        if payment["status"] != "requires_action":
            return payment
        card = self.card(payment["payment_method"])
        if not approve:
            try:
                self.decline(payment, "payment_intent_authentication_failure")
            except Refusal:
                return self.payment(reference)
        if payment.get("setup_future_usage"):
            card["sandbox"]["proven"] = True
            self.store.put(card)
        try:
            return self._authorise(payment, card)
        except Refusal:
            return self.payment(reference)

    def _authorise(self, payment: Thing, card: Thing) -> Thing:
        if card["sandbox"]["declines"]:
            return self.decline(payment, card["sandbox"]["declines"])
        charge = {
            "id": new_id("ch"), "object": "charge", "amount": payment["amount"], "captured": False,
            "payment_method_details": {"card": {"capture_before": int(time.time()) + CAPTURE_WITHIN_S}},
        }  # fmt: skip
        payment |= {
            "status": "requires_capture", "amount_capturable": payment["amount"], "latest_charge": charge, "next_action": None,
            "last_payment_error": None,
        }  # fmt: skip
        self.store.note(payment, "authorise", payment["amount"])
        if payment["capture_method"] == "automatic":
            return self._take(payment, payment["amount"])
        self.store.tell("payment_intent.amount_capturable_updated", self.store.put(payment))
        return payment

    def decline(self, payment: Thing, code: str) -> Thing:
        """Keep the refusal on the payment, then answer with it; the change stands although it is an error."""
        plain = {"generic_decline", "insufficient_funds", "lost_card"}
        error = {"type": "card_error", "code": "card_declined" if code in plain else code, "message": "Declined."}
        if code in plain:
            error["decline_code"] = code
        payment |= {"status": "requires_payment_method", "payment_method": None, "next_action": None, "last_payment_error": error}
        self.store.note(payment, "decline", 0)
        self.store.tell("payment_intent.payment_failed", self.store.put(payment))
        raise Refusal(402, "card_error", error["code"], decline_code=error.get("decline_code", ""), payment=payment)

    def capture(self, reference: str, form: Form) -> Thing:
        payment = self.payment(reference)
        amount = _number(form.get("amount_to_capture", "")) or payment["amount_capturable"]
        if payment["status"] != "requires_capture":
            raise _unexpected(payment)
        if amount > payment["amount_capturable"]:
            raise Refusal(400, "invalid_request_error", "amount_too_large")
        return self._take(payment, amount)

    def _take(self, payment: Thing, amount: int) -> Thing:
        payment |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        payment["latest_charge"] |= {"captured": True, "amount_captured": amount}
        self.store.note(payment, "capture", amount)
        self.store.tell("payment_intent.succeeded", self.store.put(payment))
        return payment

    def expire(self, reference: str) -> Thing:
        """What the gateway does by itself when nobody captures in time."""
        return self.cancel(reference, {"cancellation_reason": "automatic"})

    def cancel(self, reference: str, form: Form) -> Thing:
        payment = self.payment(reference)
        if payment["status"] in ("succeeded", "canceled"):
            raise _unexpected(payment)
        if payment["amount_capturable"]:
            self.store.note(payment, "void", payment["amount_capturable"])
        payment |= {
            "status": "canceled", "amount_capturable": 0, "next_action": None, "canceled_at": int(time.time()),
            "cancellation_reason": form.get("cancellation_reason"),
        }  # fmt: skip
        self.store.tell("payment_intent.canceled", self.store.put(payment))
        return payment

    # ---------------------------------------------------------------- refunds

    def refund(self, form: Form) -> Thing:
        payment = self.payment(form.get("payment_intent", ""))
        amount = _number(form.get("amount", "")) or payment["amount_received"] - payment["refunded"]
        if payment["status"] != "succeeded":
            raise _unexpected(payment)
        if amount < 1 or payment["refunded"] + amount > payment["amount_received"]:
            raise Refusal(400, "invalid_request_error", "charge_already_refunded" if payment["refunded"] else "amount_too_large")
        payment["refunded"] += amount
        self.store.put(payment)
        refund = {
            "id": new_id("re"), "object": "refund", "amount": amount, "status": "succeeded", "payment_intent": payment["id"],
            "metadata": _metadata(form), "failure_reason": None,
        }  # fmt: skip
        self.store.note(payment, "refund", amount)
        self.store.tell("refund.created", self.store.put(refund))
        return refund

    def refunds(self, payment_intent: str) -> Thing:
        found = [refund for refund in self.store.all("refund") if refund["payment_intent"] == payment_intent]
        return {"object": "list", "data": found, "has_more": False}

    def fail_refund(self, reference: str) -> Thing:
        """The card can't be credited: the money comes back."""
        refund = self.store.get(reference, "refund")
        if refund is None:
            raise missing(reference)
        payment = self.payment(refund["payment_intent"])
        payment["refunded"] -= refund["amount"]
        self.store.put(payment)
        self.store.note(payment, "refund_failed", refund["amount"])
        refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        self.store.tell("refund.failed", self.store.put(refund))
        return refund


def _unexpected(payment: Thing) -> Refusal:
    return Refusal(400, "invalid_request_error", "payment_intent_unexpected_state", payment=payment)


def _card(card: TestCard, *, month: int, year: int) -> Thing:
    return {
        "id": new_id("pm"), "object": "payment_method", "type": "card", "customer": None, "livemode": False,
        "card": {"brand": card.brand, "last4": card.last4, "exp_month": month, "exp_year": year},
        "sandbox": {"declines": card.declines, "asks": card.asks},
    }  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else 0


def _metadata(form: Form) -> dict[str, Any]:
    return {name.removeprefix("metadata[").removesuffix("]"): value for name, value in form.items() if name.startswith("metadata[")}
