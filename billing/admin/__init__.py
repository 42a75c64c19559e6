"""The staff counter of money: invoices, payments, what is owed, and the books."""

from billing.admin import books, cards, corrections, documents, payments, receivables

__all__ = ["books", "cards", "corrections", "documents", "payments", "receivables"]
