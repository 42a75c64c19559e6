"""Cards: what is kept of one, what a gateway says of a payment, and what follows from that here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from billing.rules.statuses import IntentStatus
from core.words import gettext_noop as _


class CardBrand(StrEnum):
    """Whose sign is on a card."""

    VISA = "visa"
    MASTERCARD = "mastercard"
    JCB = "jcb"
    AMEX = "amex"
    DINERS = "diners"
    DISCOVER = "discover"
    UNIONPAY = "unionpay"
    OTHER = "other"

    @classmethod
    def labels(cls) -> dict["CardBrand", str]:
        return {
            cls.VISA: "Visa",
            cls.MASTERCARD: "Mastercard",
            cls.JCB: "JCB",
            cls.AMEX: "American Express",
            cls.DINERS: "Diners Club",
            cls.DISCOVER: "Discover",
            cls.UNIONPAY: "UnionPay",
            cls.OTHER: _("Other card"),
        }


class CallKind(StrEnum):
    """What the gateway is asked to do."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    FORGET = "forget"

    @classmethod
    def labels(cls) -> dict["CallKind", str]:
        return {
            cls.AUTHORISE: _("Authorise"),
            cls.CAPTURE: _("Capture"),
            cls.VOID: _("Void"),
            cls.REFUND: _("Refund"),
            cls.FORGET: _("Forget the card"),
        }


class CallState(StrEnum):
    """How far a request to the gateway has come."""

    REQUESTED = "requested"
    ACTION = "action"
    UNKNOWN = "unknown"
    STUCK = "stuck"
    OK = "ok"
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict["CallState", str]:
        return {
            cls.REQUESTED: _("To be asked"),
            cls.ACTION: _("Waiting for the buyer"),
            cls.UNKNOWN: _("No answer"),
            cls.STUCK: _("Needs a person"),
            cls.OK: _("Done"),
            cls.FAILED: _("Turned down"),
        }


SETTLED_CALLS: Final = frozenset({CallState.OK, CallState.FAILED})
"""A call in these states never changes again; the database refuses it too."""


class EventState(StrEnum):
    """What became of something the gateway told."""

    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"
    STUCK = "stuck"

    @classmethod
    def labels(cls) -> dict["EventState", str]:
        return {
            cls.RECEIVED: _("Received"),
            cls.DONE: _("Dealt with"),
            cls.IGNORED: _("Nothing to do"),
            cls.STUCK: _("Needs a person"),
        }


class Outcome(StrEnum):
    """What came of an attempt to charge a card, for the counter that waits."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"
    ACTION = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCard:
    """A card the buyer has given to the gateway in the browser: only its token comes here.

    ``reusable`` asks for keeping it for later orders, which needs a customer to keep it for.
    """

    company_id: int
    customer_id: int | None
    token: str
    reusable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCard:
    """What is known of a kept card; enough to recognise it, not to charge it elsewhere."""

    means_id: int
    public_id: UUID
    brand: CardBrand
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardForm:
    """What a page needs to take a card: the gateway's script with its public key, and what the page's policy must allow."""

    provider: str
    script_url: str
    public_key: str
    origin: str
    script_origins: tuple[str, ...]
    frame_origins: tuple[str, ...]
    connect_origins: tuple[str, ...]


class PaymentState(StrEnum):
    """Where a payment stands at the gateway."""

    NEW = "new"
    ACTION = "action"
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPayment:
    """The truth about a payment, as its gateway tells it; amounts in minor units."""

    reference: str
    state: PaymentState
    currency: str
    amount: int
    captured: int = 0
    capture_ref: str = ""
    action_url: str = ""
    decline_code: str = ""
    valid_until: int = 0
    """Until when an authorisation may be captured, in seconds since 1970; 0 where the gateway doesn't say."""
    intent_ref: str = ""
    """Our own name for it, given along when it was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """What must happen here so that our books say what the gateway says."""

    move_to: IntentStatus | None = None
    book: bool = False
    void: bool = False
    decline_code: str = ""
    action_url: str = ""
    settles: Mapping[CallKind, CallState] | None = None


def converge(status: IntentStatus, *, truth: GatewayPayment, voiding: bool = False) -> Convergence:
    """How an intent at ``status`` follows what the gateway says, whoever asked it and why.

    Answers, later looks, webhooks in any order and repeats all come through here, so none of them can do what another
    has done. An authorisation nobody wants any more is voided; money that was taken is booked, whatever we thought.
    """
    open_ = status in (IntentStatus.REQUESTED, IntentStatus.UNKNOWN)
    match truth.state:
        case PaymentState.AUTHORISED:
            settles = {CallKind.AUTHORISE: CallState.OK}
            if open_:
                return Convergence(move_to=IntentStatus.AUTHORISED, settles=settles)
            return Convergence(void=status in (IntentStatus.VOIDED, IntentStatus.FAILED), settles=settles)
        case PaymentState.CAPTURED:
            settles = {CallKind.AUTHORISE: CallState.OK, CallKind.CAPTURE: CallState.OK, CallKind.VOID: CallState.FAILED}
            move = IntentStatus.CAPTURED if open_ or status == IntentStatus.AUTHORISED else None
            return Convergence(move_to=move, book=True, settles=settles)
        case PaymentState.DECLINED:
            settles = {CallKind.AUTHORISE: CallState.FAILED, CallKind.VOID: CallState.OK}
            if open_:
                return Convergence(move_to=IntentStatus.FAILED, decline_code=truth.decline_code or "card_declined", settles=settles)
            return Convergence(settles=settles)
        case PaymentState.CANCELLED:
            settles = {CallKind.AUTHORISE: CallState.FAILED, CallKind.CAPTURE: CallState.FAILED, CallKind.VOID: CallState.OK}
            if (open_ or status == IntentStatus.AUTHORISED) and not voiding:
                code = truth.decline_code or ("authentication_abandoned" if open_ else "authorisation_expired")
                return Convergence(move_to=IntentStatus.FAILED, decline_code=code, settles=settles)
            return Convergence(settles=settles)
        case PaymentState.ACTION if open_:
            return Convergence(action_url=truth.action_url, settles={CallKind.AUTHORISE: CallState.ACTION})
        case _:
            return Convergence()


FIRST_RETRY_S: Final = 10
MOST_ATTEMPTS: Final = 9
"""After so many tries, doubling from ten seconds (some 85 minutes in all), a call waits for a person."""

ACTION_PATIENCE_S: Final = 30 * 60
"""So long a buyer has to prove who they are with their bank; then the attempt is called off and the stock is free."""


def retry_after_s(attempts: int) -> int:
    """Seconds until the gateway is asked again after so many attempts."""
    return FIRST_RETRY_S * 2 ** max(0, min(attempts, MOST_ATTEMPTS) - 1)


def amount_to_capture(*, authorised: int, paid: int) -> int:
    """What a parcel that leaves takes from the card: the whole order at once, less what came some other way."""
    return max(0, authorised - paid)


def is_valid_token(token: str) -> bool:
    """Whether a text can be a gateway's token; a card number never is one, so that none gets further than this."""
    word = token
    return 3 <= len(word) <= 200 and word.isascii() and word.replace("_", "").replace("-", "").isalnum() and not _holds_a_number(word)


def _holds_a_number(word: str) -> bool:
    return any(part.isdigit() and len(part) >= 12 for part in word.replace("-", "").split("_"))


_DECLINES: Final[Mapping[str, str]] = {
    "card_declined": _("The card was declined. Please use another card or ask its issuer."),
    "generic_decline": _("The card was declined. Please use another card or ask its issuer."),
    "do_not_honor": _("The card was declined. Please use another card or ask its issuer."),
    "insufficient_funds": _("The card's limit or balance is not enough. Please use another card."),
    "card_velocity_exceeded": _("The card's limit or balance is not enough. Please use another card."),
    "expired_card": _("The card has expired. Please use another card."),
    "incorrect_cvc": _("The security code is wrong. Please enter the card again."),
    "invalid_cvc": _("The security code is wrong. Please enter the card again."),
    "incorrect_number": _("The card number is wrong. Please enter the card again."),
    "invalid_number": _("The card number is wrong. Please enter the card again."),
    "lost_card": _("The card was declined. Please use another card or ask its issuer."),
    "stolen_card": _("The card was declined. Please use another card or ask its issuer."),
    "fraudulent": _("The card was declined. Please use another card or ask its issuer."),
    "card_not_supported": _("This kind of card is not accepted. Please use another card."),
    "processing_error": _("The card could not be processed. Please try again in a while."),
    "authentication_required": _("The card's issuer wants you to confirm the payment yourself. Please order again in the shop."),
    "authentication_failed": _("Your identity could not be confirmed with the card's issuer. Please try again or use another card."),
    "authentication_abandoned": _("The confirmation with the card's issuer was not finished in time."),
    "authorisation_expired": _("The authorisation of the card has run out."),
    "means_ended": _("This card is no longer kept. Please choose another one."),
    "cancelled": _("The order was cancelled before its payment was finished."),
    "by_staff": _("Our staff have called off this payment."),
    "gateway_refused": _("The payment could not be processed. Please try again in a while or pay another way."),
}

SECRET_DECLINES: Final = frozenset({"lost_card", "stolen_card", "fraudulent"})
"""Reasons that are never told to whoever holds the card."""


def decline_words(code: str) -> str:
    """What the buyer is told of a refused card, to be translated; unknown reasons are told as a plain refusal."""
    return _DECLINES.get(code, _DECLINES["card_declined"])


UNCLEAR_WORDS: Final = _("The card company has not answered yet. We will write to you as soon as the payment is clear.")
