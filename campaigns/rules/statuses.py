"""The kinds and states of segments, messages and sends, with their words on screen."""

from enum import StrEnum
from typing import Final

from core.words import gettext_noop as _


class ConditionKind(StrEnum):
    """What a condition of a segment asks about a customer."""

    RECENCY = "recency"
    FIRST_PURCHASE = "first_purchase"
    DELIVERED = "delivered"
    FREQUENCY = "frequency"
    AMOUNT = "amount"
    PRODUCT = "product"
    CATEGORY = "category"
    SALES_CHANNEL = "sales_channel"
    CONSENT = "consent"
    PREFECTURE = "prefecture"
    RANK = "rank"
    TAG = "tag"
    BIRTH_MONTH = "birth_month"
    SUBSCRIPTION = "subscription"
    WRITTEN_TO = "written_to"

    @classmethod
    def labels(cls) -> dict["ConditionKind", str]:
        return {
            cls.RECENCY: _("Days since the last purchase"),
            cls.FIRST_PURCHASE: _("Days since the first purchase"),
            cls.DELIVERED: _("Days since a parcel last arrived"),
            cls.FREQUENCY: _("Number of purchases (F-number)"),
            cls.AMOUNT: _("Bought in all (amount)"),
            cls.PRODUCT: _("Bought the product"),
            cls.CATEGORY: _("Bought from the category"),
            cls.SALES_CHANNEL: _("Bought through the sales channel"),
            cls.CONSENT: _("Agreed to advertising"),
            cls.PREFECTURE: _("Lives in the prefecture"),
            cls.RANK: _("Holds the rank"),
            cls.TAG: _("Carries the tag"),
            cls.BIRTH_MONTH: _("Born in the month"),
            cls.SUBSCRIPTION: _("Has a running subscription"),
            cls.WRITTEN_TO: _("Was written to for the campaign"),
        }


class MessageKind(StrEnum):
    """An offer wants to sell; dialogue cares for what was bought. An open complaint pauses offers."""

    OFFER = "offer"
    DIALOGUE = "dialogue"

    @classmethod
    def labels(cls) -> dict["MessageKind", str]:
        return {cls.OFFER: _("Offer"), cls.DIALOGUE: _("Dialogue")}


class SendState(StrEnum):
    """How far a send has come."""

    DRAFT = "draft"
    PLANNED = "planned"
    PREPARING = "preparing"
    SENDING = "sending"
    DONE = "done"
    STOPPED = "stopped"

    @classmethod
    def labels(cls) -> dict["SendState", str]:
        return {
            cls.DRAFT: _("Draft"),
            cls.PLANNED: _("Due to go out"),
            cls.PREPARING: _("Listing recipients"),
            cls.SENDING: _("Going out"),
            cls.DONE: _("Done"),
            cls.STOPPED: _("Stopped"),
        }


MOVES: Final[dict[SendState, frozenset[SendState]]] = {
    SendState.DRAFT: frozenset({SendState.PLANNED, SendState.STOPPED}),
    SendState.PLANNED: frozenset({SendState.PREPARING, SendState.STOPPED}),
    SendState.PREPARING: frozenset({SendState.SENDING, SendState.STOPPED}),
    SendState.SENDING: frozenset({SendState.DONE, SendState.STOPPED}),
    SendState.STOPPED: frozenset({SendState.PLANNED, SendState.SENDING}),
    SendState.DONE: frozenset(),
}
"""From each state to these. A stopped send goes on as planned where its recipients were never listed, else as going out."""


def may_become(state: SendState, wanted: SendState) -> bool:
    """Whether a send may move from one state to the other."""
    return wanted in MOVES[state]


class RecipientState(StrEnum):
    """What became of one recipient's message; ``unknown`` is never sent again by itself."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"

    @classmethod
    def labels(cls) -> dict["RecipientState", str]:
        return {
            cls.QUEUED: _("Yet to go out"),
            cls.SENDING: _("Being handed over"),
            cls.SENT: _("Sent"),
            cls.FAILED: _("Not delivered"),
            cls.UNKNOWN: _("Nobody knows"),
            cls.SUPPRESSED: _("Not written to"),
        }


WRITTEN: Final = (RecipientState.SENDING, RecipientState.SENT, RecipientState.UNKNOWN)
"""The states in which a message is, or may be, with the customer."""


class Suppression(StrEnum):
    """Why somebody on the list wasn't written to."""

    CLOSED = "closed"
    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"
    UNREACHABLE = "unreachable"
    VETOED = "vetoed"
    CAPPED = "capped"
    REPEATED = "repeated"
    HOLDOUT = "holdout"

    @classmethod
    def labels(cls) -> dict["Suppression", str]:
        return {
            cls.CLOSED: _("The customer is no longer served"),
            cls.NO_CONSENT: _("No consent at the moment of sending"),
            cls.NO_ADDRESS: _("No e-mail address"),
            cls.UNREACHABLE: _("Mail does not arrive there"),
            cls.VETOED: _("Held back, for instance for an open complaint"),
            cls.CAPPED: _("Written to often enough already"),
            cls.REPEATED: _("Already written to in this send"),
            cls.HOLDOUT: _("Left out to compare"),
        }
