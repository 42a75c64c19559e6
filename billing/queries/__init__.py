"""What may be asked about money owed and received."""

from billing.queries.documents import OpenInvoice, open_receivables, paid_by_order
from billing.queries.ledger import COUNTED, Counter, Drift, TrialRow, drifted_counters, trial_balance
from billing.queries.promises import invariants
from billing.queries.tracing import InvoiceTrace, TracedApplication, TracedCredit, TracedLine, TracedPosting, document_trace
from billing.queries.visibility import Visible, visible_to

__all__ = [
    "COUNTED",
    "Counter",
    "Drift",
    "InvoiceTrace",
    "OpenInvoice",
    "TracedApplication",
    "TracedCredit",
    "TracedLine",
    "TracedPosting",
    "TrialRow",
    "Visible",
    "document_trace",
    "drifted_counters",
    "invariants",
    "open_receivables",
    "paid_by_order",
    "trial_balance",
    "visible_to",
]
