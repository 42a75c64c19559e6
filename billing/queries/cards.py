"""What may be asked about cards: which are kept, how their payments stand, what a page needs to take one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from billing.ports import CARD_GATEWAY
from billing.rules import CardBrand, CardForm, IntentStatus
from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MeansRow:
    """A card a customer lets us keep."""

    means_id: int
    public_id: UUID
    customer_id: int
    brand: CardBrand
    last4: str
    exp_month: int
    exp_year: int
    kept_at: datetime

    def has_expired(self, on: datetime) -> bool:
        """Whether the month printed on it is over."""
        return (self.exp_year, self.exp_month) < (on.year, on.month)

    @property
    def masked(self) -> str:
        """ "Visa •••• 4242", which is all anybody ever sees of it."""
        return f"{CardBrand.labels()[self.brand]} •••• {self.last4}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIntentRow:
    """The latest card payment of an order."""

    intent_id: int
    public_id: UUID
    order_ref: UUID
    status: IntentStatus
    means_id: int
    amount: int
    authorised_amount: int
    captured_amount: int
    action_url: str
    decline_code: str
    was_authorised: bool


_MEANS = """
SELECT m.id AS means_id, m.public_id, m.customer_id, m.brand, m.last4, m.exp_month, m.exp_year, m.kept_at
FROM billing_paymentmeans m WHERE m.customer_id = ANY (%s::bigint[]) AND m.reusable AND m.ended_at IS NULL ORDER BY m.id DESC
"""
_MEANS_NAMED = """
SELECT m.id AS means_id, m.public_id, m.customer_id FROM billing_paymentmeans m
WHERE m.company_id = %s AND m.public_id = ANY (%s::uuid[]) AND m.ended_at IS NULL
"""
_INTENTS = """
SELECT id AS intent_id, public_id, order_ref, status, means_id, amount, authorised_amount, captured_amount, action_url, decline_code,
    authorised_at IS NOT NULL AS was_authorised
FROM billing_paymentintent
WHERE id IN (SELECT max(id) FROM billing_paymentintent WHERE order_ref = ANY (%s::uuid[]) GROUP BY order_ref) AND means_id IS NOT NULL
"""

_UNCLEAR = """
SELECT (SELECT count(*) FROM billing_gatewaycall WHERE state = 'stuck') AS calls,
    (SELECT count(*) FROM billing_gatewayevent WHERE state = 'stuck') AS events
"""


def unclear_cards() -> tuple[int, int]:
    """How many requests to the gateway, and how many of its messages, want a person. One statement."""
    (found,) = rows(_UNCLEAR)
    return found.calls, found.events


def means_of(customer_ids: Sequence[int]) -> list[MeansRow]:
    """The cards these customers let us keep, the newest first. One statement."""
    return [MeansRow(**{**row._asdict(), "brand": CardBrand(row.brand)}) for row in rows(_MEANS, (list(customer_ids),))]


def means_named(public_ids: Sequence[UUID], *, company_id: int) -> dict[UUID, int]:
    """The ids of a company's cards by the name that leaves the house; ended and foreign ones are missing."""
    return {row.public_id: row.means_id for row in rows(_MEANS_NAMED, (company_id, list(public_ids)))}


def card_intents_of(order_refs: Sequence[UUID]) -> list[CardIntentRow]:
    """How the card payments of these orders stand; orders whose latest attempt isn't a card of ours are missing. One statement."""
    return [CardIntentRow(**{**row._asdict(), "status": IntentStatus(row.status)}) for row in rows(_INTENTS, (list(order_refs),))]


def card_form(company_id: int) -> CardForm | None:
    """What a page needs to take a card; None where cards aren't offered. Asks nobody."""
    gateway = next(iter(CARD_GATEWAY.all()), None)
    return gateway.form() if gateway is not None else None
