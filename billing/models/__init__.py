from billing.models.cards import GatewayCall, GatewayEvent
from billing.models.corrections import CreditNote, CreditNoteLine, CreditNoteTax
from billing.models.documents import Invoice, InvoiceLine, InvoiceTax, Receivable
from billing.models.ledger import Entry, LedgerAccount, PartyBalance, Posting
from billing.models.means import PaymentMeans
from billing.models.payments import Application, Payment, PaymentIntent, Refund

__all__ = [
    "Application", "CreditNote", "CreditNoteLine", "CreditNoteTax", "Entry", "GatewayCall", "GatewayEvent", "Invoice", "InvoiceLine", "InvoiceTax", "LedgerAccount",
    "PartyBalance", "Payment", "PaymentIntent", "PaymentMeans", "Posting", "Receivable", "Refund",
]  # fmt: skip
