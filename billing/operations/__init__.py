"""What may be done with money owed and received. Every entry goes through ``posting``, the ledger's only writer."""

from billing.operations.card_intents import NoSuchCard
from billing.operations.credits import issue_credit_notes
from billing.operations.erasing import blank_payers
from billing.operations.identifying import identify_payments
from billing.operations.intents import close_intents, open_intents
from billing.operations.payments import receive_payments
from billing.operations.recounting import recount_counters
from billing.operations.refunds import refund_payments
from billing.operations.reversals import reverse_payments
from billing.operations.sales import record_sales

__all__ = [
    "NoSuchCard",
    "blank_payers",
    "close_intents",
    "identify_payments",
    "issue_credit_notes",
    "open_intents",
    "receive_payments",
    "record_sales",
    "recount_counters",
    "refund_payments",
    "reverse_payments",
]
