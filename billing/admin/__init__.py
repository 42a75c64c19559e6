"""The staff counter of money: invoices, payments, what is owed, and the books."""

from billing.admin import books, documents, payments, receivables

__all__ = ["books", "documents", "payments", "receivables"]
