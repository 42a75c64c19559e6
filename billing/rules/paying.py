"""Payments: what is asked, what comes of it, and which receivable is settled first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from billing.rules.statuses import PaymentMethod
from core.errors import Refusal
from core.money import LARGEST_AMOUNT
from core.words import gettext_noop as _


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAsk:
    """Money has come. With an order it pays that order, else what the customer owes, oldest due first.

    ``once_key`` names the outside fact (a bank line, a gateway's id): the same key is the same money.
    """

    company_id: int
    method: PaymentMethod
    currency: str
    amount: int
    received_on: date
    once_key: str
    reference: str = ""
    payer_name: str = ""
    order_ref: UUID | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The payment stands; ``applied`` settled receivables, ``unapplied`` is held as a deposit."""

    payment_id: int
    public_id: UUID
    applied: int
    unapplied: int
    is_new: bool = True

    @property
    def repeated(self) -> bool:
        return not self.is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyAsk:
    """A payment in suspense is this customer's."""

    payment_id: int
    customer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The payment is its customer's; ``applied`` settled receivables now, ``unapplied`` is their deposit."""

    payment_id: int
    applied: int
    unapplied: int
    is_new: bool = True

    @property
    def repeated(self) -> bool:
        return not self.is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReceivable:
    """What is still owed on one invoice."""

    receivable_id: int
    company_id: int
    customer_id: int
    order_ref: UUID
    currency: str
    due_on: date | None
    open_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So much of an amount goes to (or comes from) this row."""

    key: int
    amount: int


def oldest_due_first(receivables: Iterable[OpenReceivable]) -> list[OpenReceivable]:
    """The order in which money settles receivables: the earliest due day, then the older invoice; undated ones last."""
    return sorted(receivables, key=lambda r: (r.due_on is None, r.due_on or date.max, r.receivable_id))


def settle(amount: int, *, owed: Sequence[Share]) -> list[Share]:
    """An amount poured into what is owed, in the order given: never more than is owed, never more than there is."""
    shares = []
    for debt in owed:
        part = min(amount, debt.amount)
        if part > 0:
            shares.append(Share(key=debt.key, amount=part))
            amount -= part
    return shares


def payment_refusal(ask: PaymentAsk, *, today: date) -> Refusal | None:
    """Why this can't be a payment, as far as the ask itself tells."""
    if not 0 < ask.amount <= LARGEST_AMOUNT:
        return Refusal("billing.amount_not_positive", _("A payment needs an amount above zero."), {"amount": ask.amount}, "/amount")
    if not ask.once_key.strip():
        return Refusal("billing.no_reference", _("A payment needs a reference that tells it from every other."), {}, "/once_key")
    if ask.received_on > today:
        return Refusal(
            "billing.received_in_future",
            _("The payment is dated %(received_on)s, which has not come yet."),
            {"received_on": ask.received_on},
            "/received_on",
        )
    return None


def differs(ask: PaymentAsk, *, company_id: int, currency: str, amount: int) -> Refusal | None:
    """Why a repeated reference can't be the payment already recorded under it."""
    if (ask.company_id, ask.currency, ask.amount) == (company_id, currency, amount):
        return None
    return Refusal(
        "billing.reference_taken",
        _("The reference %(reference)s already stands for another payment, of %(amount)s %(currency)s."),
        {"reference": ask.once_key, "amount": amount, "currency": currency},
        "/once_key",
    )
