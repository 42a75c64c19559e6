from billing.models.corrections import CreditNote, CreditNoteLine, CreditNoteTax
from billing.models.documents import Invoice, InvoiceLine, InvoiceTax, Receivable
from billing.models.ledger import Entry, LedgerAccount, PartyBalance, Posting
from billing.models.payments import Application, Payment, PaymentIntent, Refund

__all__ = [
    "Application", "CreditNote", "CreditNoteLine", "CreditNoteTax", "Entry", "Invoice", "InvoiceLine", "InvoiceTax", "LedgerAccount",
    "PartyBalance", "Payment", "PaymentIntent", "Posting", "Receivable", "Refund",
]  # fmt: skip
