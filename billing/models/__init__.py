from billing.models.documents import (
    Application,
    CreditNote,
    CreditNoteTax,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    Payment,
    PaymentIntent,
    Receivable,
    Refund,
)
from billing.models.ledger import Entry, LedgerAccount, PartyBalance, Posting

__all__ = [
    "Application", "CreditNote", "CreditNoteTax", "Entry", "Invoice", "InvoiceLine", "InvoiceTax", "LedgerAccount", "PartyBalance",
    "Payment", "PaymentIntent", "Posting", "Receivable", "Refund",
]
