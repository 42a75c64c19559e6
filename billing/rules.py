"""What is true about money owed, received and recorded: pure values and functions."""

from enum import StrEnum


class PaymentMethod(StrEnum):
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


class IntentStatus(StrEnum):
    REQUESTED = "requested"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    FAILED = "failed"
    UNKNOWN = "unknown"


class AccountKind(StrEnum):
    RECEIVABLE = "receivable"
    CASH = "cash"
    SALES = "sales"
    TAX_PAYABLE = "tax_payable"
    CUSTOMER_DEPOSIT = "customer_deposit"
    FEE_EXPENSE = "fee_expense"
    POINTS_LIABILITY = "points_liability"
    DISCOUNT = "discount"


class EntryKind(StrEnum):
    SALE = "sale"
    PAYMENT = "payment"
    APPLICATION = "application"
    REFUND = "refund"
    CREDIT = "credit"
    REVERSAL = "reversal"


class PartyKind(StrEnum):
    CUSTOMER = "customer"
    SELLER = "seller"
    PARTNER = "partner"
    CARRIER = "carrier"
    PROVIDER = "provider"


class InvoiceKind(StrEnum):
    QUALIFIED = "qualified"
    SIMPLIFIED = "simplified"


class PaymentStatus(StrEnum):
    RECEIVED = "received"
    APPLIED = "applied"
    REVERSED = "reversed"
