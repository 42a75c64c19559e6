"""What may be asked about money owed and received."""

from billing.queries.cards import CardIntentRow, MeansRow, card_form, card_intents_of, means_named, means_of, unclear_cards
from billing.queries.creditable import HeldPayment, ParcelInvoice, held_for_orders, invoices_by_line
from billing.queries.documents import (
    MoneyFigures,
    OpenInvoice,
    ShipmentInvoice,
    credited_by_order,
    invoices_of_shipments,
    money_figures,
    open_receivables,
    paid_by_order,
)
from billing.queries.ledger import COUNTED, Counter, Drift, TrialRow, drifted_counters, trial_balance
from billing.queries.listing import (
    DocumentFilter,
    InvoiceView,
    PaymentView,
    invoice_view,
    invoice_views,
    knows_order,
    payment_view,
    payment_views,
)
from billing.queries.owing import owed_by
from billing.queries.papers import CreditNotePaper, InvoicePaper, PaperLine, PaperRate, credit_note_paper, invoice_paper
from billing.queries.persons import TABLES, HeldRow, Told, Unsettled, held_of, told_of, unsettled_of
from billing.queries.previews import PaymentPreview, PaymentTarget, PreviewShare, find_target, payment_preview
from billing.queries.promises import invariants
from billing.queries.tracing import InvoiceTrace, TracedApplication, TracedCredit, TracedLine, TracedPosting, document_trace
from billing.queries.visibility import Visible, visible_to

__all__ = [
    "COUNTED",
    "TABLES",
    "CardIntentRow",
    "Counter",
    "CreditNotePaper",
    "DocumentFilter",
    "Drift",
    "HeldPayment",
    "HeldRow",
    "InvoicePaper",
    "InvoiceTrace",
    "InvoiceView",
    "MeansRow",
    "MoneyFigures",
    "OpenInvoice",
    "PaperLine",
    "PaperRate",
    "ParcelInvoice",
    "PaymentPreview",
    "PaymentTarget",
    "PaymentView",
    "PreviewShare",
    "ShipmentInvoice",
    "Told",
    "TracedApplication",
    "TracedCredit",
    "TracedLine",
    "TracedPosting",
    "TrialRow",
    "Unsettled",
    "Visible",
    "card_form",
    "card_intents_of",
    "credit_note_paper",
    "credited_by_order",
    "document_trace",
    "drifted_counters",
    "find_target",
    "held_for_orders",
    "held_of",
    "invariants",
    "invoice_paper",
    "invoice_view",
    "invoice_views",
    "invoices_by_line",
    "invoices_of_shipments",
    "knows_order",
    "means_named",
    "means_of",
    "money_figures",
    "open_receivables",
    "owed_by",
    "paid_by_order",
    "payment_preview",
    "payment_view",
    "payment_views",
    "told_of",
    "trial_balance",
    "unclear_cards",
    "unsettled_of",
    "visible_to",
]
