"""What is true about money owed, received and recorded: pure values and functions."""

from billing.rules.accounts import (
    AccountKey,
    EntryDraft,
    Side,
    Unbalanced,
    application_sides,
    cash_account,
    deposit_account,
    identification_sides,
    payment_sides,
    receivable_account,
    sales_sides,
    settled,
)
from billing.rules.correcting import (
    CreditableLine,
    CreditAsk,
    Credited,
    CreditLine,
    LineTaken,
    RefundAsk,
    RefundMade,
    ReverseAsk,
    Reversed,
    credit_taxes,
    refund_refusal,
    take_back,
    take_from_latest,
)
from billing.rules.paying import OpenReceivable, PaymentAsk, Received, Share, differs, oldest_due_first, payment_refusal, settle
from billing.rules.selling import (
    DUE_DAYS,
    IntentAsk,
    IntentMoved,
    Invoiced,
    NotASale,
    NotYetSupplied,
    SaleAsk,
    SaleLine,
    check_sale,
    due_on,
    invoice_kind,
    rate_of,
    split_sale,
)
from billing.rules.statuses import (
    INTENT_MOVES,
    OPEN_INTENTS,
    AccountKind,
    EntryKind,
    IntentStatus,
    InvoiceKind,
    PartyKind,
    PaymentMethod,
    PaymentStatus,
    may_move,
    payment_status,
)

__all__ = [
    "DUE_DAYS", "INTENT_MOVES", "OPEN_INTENTS", "AccountKey", "AccountKind", "CreditAsk", "CreditLine", "CreditableLine", "Credited",
    "EntryDraft", "EntryKind", "IntentAsk", "IntentMoved", "IntentStatus", "InvoiceKind", "Invoiced", "LineTaken", "NotASale",
    "NotYetSupplied", "OpenReceivable", "PartyKind", "PaymentAsk", "PaymentMethod", "PaymentStatus", "Received", "RefundAsk",
    "RefundMade", "ReverseAsk", "Reversed", "SaleAsk", "SaleLine", "Share", "Side", "Unbalanced", "application_sides",
    "cash_account", "check_sale", "credit_taxes", "deposit_account", "differs", "due_on", "identification_sides", "invoice_kind",
    "may_move", "oldest_due_first", "payment_refusal", "payment_sides", "payment_status", "rate_of", "receivable_account",
    "refund_refusal", "sales_sides", "settle", "settled", "split_sale", "take_back", "take_from_latest",
]  # fmt: skip
