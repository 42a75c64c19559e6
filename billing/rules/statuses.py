"""Kinds and states of everything billing keeps, and the moves an intent may make."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from core.words import gettext_noop as _


class PaymentMethod(StrEnum):
    """How a buyer pays."""

    CARD = "card"
    CASH_ON_DELIVERY = "cash_on_delivery"
    BANK_TRANSFER = "bank_transfer"
    CONVENIENCE_STORE = "convenience_store"
    DEFERRED = "deferred"
    DIRECT_DEBIT = "direct_debit"
    POINTS = "points"
    STORE_CREDIT = "store_credit"
    MARKETPLACE = "marketplace"
    CASH_AT_STORE = "cash_at_store"
    FREE = "free"

    @classmethod
    def labels(cls) -> dict["PaymentMethod", str]:
        return {
            cls.CARD: _("Credit card"),
            cls.CASH_ON_DELIVERY: _("Cash on delivery"),
            cls.BANK_TRANSFER: _("Bank transfer"),
            cls.CONVENIENCE_STORE: _("Convenience store"),
            cls.DEFERRED: _("Pay after delivery"),
            cls.DIRECT_DEBIT: _("Direct debit"),
            cls.POINTS: _("Points"),
            cls.STORE_CREDIT: _("Store credit"),
            cls.MARKETPLACE: _("Settled by the marketplace"),
            cls.CASH_AT_STORE: _("Cash at the store"),
            cls.FREE: _("Nothing to pay"),
        }


class IntentStatus(StrEnum):
    """How far the paying of an order has come."""

    REQUESTED = "requested"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @classmethod
    def labels(cls) -> dict["IntentStatus", str]:
        return {
            cls.REQUESTED: _("Waiting for payment"),
            cls.AUTHORISED: _("Authorised"),
            cls.CAPTURED: _("Paid"),
            cls.VOIDED: _("Called off"),
            cls.FAILED: _("Failed"),
            cls.UNKNOWN: _("Unclear"),
        }


OPEN_INTENTS: Final = frozenset({IntentStatus.REQUESTED, IntentStatus.AUTHORISED, IntentStatus.UNKNOWN})
"""An order has at most one intent in these states."""

INTENT_MOVES: Final[Mapping[IntentStatus, frozenset[IntentStatus]]] = {
    IntentStatus.REQUESTED: frozenset(
        {IntentStatus.AUTHORISED, IntentStatus.CAPTURED, IntentStatus.VOIDED, IntentStatus.FAILED, IntentStatus.UNKNOWN}
    ),
    IntentStatus.AUTHORISED: frozenset({IntentStatus.CAPTURED, IntentStatus.VOIDED, IntentStatus.FAILED, IntentStatus.UNKNOWN}),
    IntentStatus.UNKNOWN: frozenset({IntentStatus.AUTHORISED, IntentStatus.CAPTURED, IntentStatus.VOIDED, IntentStatus.FAILED}),
    IntentStatus.CAPTURED: frozenset({IntentStatus.FAILED}),
    IntentStatus.VOIDED: frozenset(),
    IntentStatus.FAILED: frozenset(),
}
"""Every allowed move; the database holds the same table in a trigger. A paid intent fails when its payment bounces."""


def may_move(status: IntentStatus, *, to: IntentStatus) -> bool:
    """Whether an intent may go from one state to the other; staying where it is is always fine and does nothing."""
    return status == to or to in INTENT_MOVES[status]


class AccountKind(StrEnum):
    """What money on a ledger account means."""

    RECEIVABLE = "receivable"
    CASH = "cash"
    SALES = "sales"
    TAX_PAYABLE = "tax_payable"
    CUSTOMER_DEPOSIT = "customer_deposit"
    SUSPENSE = "suspense"
    FEE_EXPENSE = "fee_expense"
    POINTS_LIABILITY = "points_liability"
    DISCOUNT = "discount"

    @classmethod
    def labels(cls) -> dict["AccountKind", str]:
        return {
            cls.RECEIVABLE: _("Receivables"),
            cls.CASH: _("Cash and bank"),
            cls.SALES: _("Sales"),
            cls.TAX_PAYABLE: _("Consumption tax received"),
            cls.CUSTOMER_DEPOSIT: _("Customer deposits"),
            cls.SUSPENSE: _("Receipts not yet identified"),
            cls.FEE_EXPENSE: _("Fees paid"),
            cls.POINTS_LIABILITY: _("Points owed"),
            cls.DISCOUNT: _("Discounts"),
        }


class EntryKind(StrEnum):
    """Which business fact an entry records."""

    SALE = "sale"
    PAYMENT = "payment"
    APPLICATION = "application"
    REFUND = "refund"
    CREDIT = "credit"
    REVERSAL = "reversal"
    IDENTIFICATION = "identification"

    @classmethod
    def labels(cls) -> dict["EntryKind", str]:
        return {
            cls.SALE: _("Sale"),
            cls.PAYMENT: _("Payment received"),
            cls.APPLICATION: _("Application of a payment"),
            cls.REFUND: _("Refund"),
            cls.CREDIT: _("Credit note"),
            cls.REVERSAL: _("Reversal"),
            cls.IDENTIFICATION: _("Identification of a payer"),
        }


class PartyKind(StrEnum):
    """Whose money it is."""

    CUSTOMER = "customer"
    SELLER = "seller"
    PARTNER = "partner"
    CARRIER = "carrier"
    PROVIDER = "provider"

    @classmethod
    def labels(cls) -> dict["PartyKind", str]:
        return {
            cls.CUSTOMER: _("Customer"),
            cls.SELLER: _("Seller"),
            cls.PARTNER: _("Partner"),
            cls.CARRIER: _("Carrier"),
            cls.PROVIDER: _("Payment provider"),
        }


class InvoiceKind(StrEnum):
    """Which form an invoice has: a simplified one names no recipient, a plain one has no registered issuer."""

    QUALIFIED = "qualified"
    SIMPLIFIED = "simplified"
    PLAIN = "plain"

    @classmethod
    def labels(cls) -> dict["InvoiceKind", str]:
        return {cls.QUALIFIED: _("Qualified invoice"), cls.SIMPLIFIED: _("Simplified qualified invoice"), cls.PLAIN: _("Invoice")}


class PaymentStatus(StrEnum):
    """Where the money of a payment stands."""

    RECEIVED = "received"
    APPLIED = "applied"
    REVERSED = "reversed"

    @classmethod
    def labels(cls) -> dict["PaymentStatus", str]:
        return {
            cls.RECEIVED: _("Holds a deposit"),
            cls.APPLIED: _("Used up"),
            cls.REVERSED: _("Reversed"),
        }


def payment_status(*, unapplied: int, reversed_: bool) -> PaymentStatus:
    """The state of a payment, derived from what is left of it; the one place that decides it."""
    if reversed_:
        return PaymentStatus.REVERSED
    return PaymentStatus.RECEIVED if unapplied else PaymentStatus.APPLIED
