"""The staff counter of money: invoices, payments, what is owed, and the books."""

from billing.admin import books, corrections, documents, payments, receivables

__all__ = ["books", "corrections", "documents", "payments", "receivables"]
