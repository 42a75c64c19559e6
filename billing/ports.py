"""What billing asks of a card gateway: any provider with tokens, two-step payments and idempotency keys fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from billing.rules import CardBrand, CardForm, GatewayPayment
from core.hooks import Hook


class GatewayError(Exception):
    """The gateway did not do what was asked. ``code`` may be stored and shown; it never holds what the buyer typed."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class CardDeclined(GatewayError):
    """The card's issuer, or the gateway on its behalf, said no: asking again with the same key changes nothing."""


class GatewayRefused(GatewayError):
    """The gateway understood and will never do it: an unknown reference, a state that doesn't allow it, a fault of ours."""


class NoAnswer(GatewayError):
    """Nobody knows whether it was done: silence, a torn line, a fault on the other side. Ask again with the same key."""


class BadNotice(Exception):
    """What came to the webhook was not written by the gateway, or cannot be read. ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayCard:
    """A card the gateway keeps."""

    reference: str
    brand: CardBrand
    last4: str
    exp_month: int
    exp_year: int
    customer_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """A payment to be opened: nothing is taken from the card until it is confirmed, and nothing moves until it is captured."""

    card_ref: str
    customer_ref: str
    currency: str
    amount: int
    intent_ref: str
    order_number: str
    keep_card: bool = False
    """The buyer agreed that later orders are charged without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRefund:
    """Money on its way back to the card."""

    reference: str
    amount: int
    failed: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the gateway tells by itself: that a payment has changed. What it is now must be asked."""

    event_ref: str
    kind: str
    object_ref: str
    payment_ref: str
    intent_ref: str
    happened_at: int
    """Seconds since 1970."""


class CardGateway(Protocol):
    """A provider of card payments. Every method that changes something takes a key: the same key is the same deed, for at least a day.

    All but ``form`` and ``read_notice`` ask over the network, raise GatewayError, and must not be called inside a transaction.
    """

    provider: str

    def form(self) -> CardForm:
        """What a page needs to take a card."""

    def keep(self, token: str, *, customer_ref: str, owner: str, reusable: bool, key: str) -> GatewayCard:
        """The card behind a token; a reusable one is attached to its owner's customer record, which is made where there is none."""

    def forget(self, card_ref: str, *, key: str) -> None:
        """The card can be charged no more; one that is gone already is fine."""

    def open(self, payment: NewPayment, *, key: str) -> GatewayPayment:
        """A payment that has no effect yet, so that its reference can be written down before anything happens."""

    def confirm(self, reference: str, *, return_url: str, key: str) -> GatewayPayment:
        """Authorise: hold the amount on the card. Without ``return_url`` the buyer isn't there. A refused card is an answer, not an error."""

    def look(self, reference: str) -> GatewayPayment:
        """Where a payment stands now."""

    def capture(self, reference: str, *, amount: int, key: str) -> GatewayPayment:
        """Take the money, once; what isn't taken of the authorised amount is let go."""

    def void(self, reference: str, *, key: str) -> GatewayPayment:
        """Let an authorisation go, or call off a payment that isn't authorised yet."""

    def refund(self, reference: str, *, amount: int, refund_ref: str, key: str) -> GatewayRefund:
        """Give money back to the card; a refund that carries our ``refund_ref`` already is found, not made again."""

    def read_notice(self, body: bytes, *, headers: Mapping[str, str], now: int) -> Notice:
        """What a webhook says, its signature proven. Raises BadNotice."""


CARD_GATEWAY: Hook[CardGateway] = Hook("billing.CardGateway", CardGateway)
"""The first that is registered takes new cards; the others settle what was begun with them."""
