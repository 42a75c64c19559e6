"""What may be done with money owed and received. Every entry goes through ``posting``, the ledger's only writer."""

from billing.operations.intents import close_intents, open_intents
from billing.operations.payments import receive_payments
from billing.operations.sales import record_sales

__all__ = ["close_intents", "open_intents", "receive_payments", "record_sales"]
