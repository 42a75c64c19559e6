"""Every yen of an invoice, followed to its order, its shipment, its entries and the money that settled it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedLine:
    """A line with what credit notes took back of it."""

    position: int
    description: str
    sku: str
    quantity: int
    unit_price: int
    amount: int
    tax_class: str
    tax_rate_bp: int
    credited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedPosting:
    """One posting of an entry that speaks of the invoice."""

    entry_id: int
    entry_kind: str
    reference: str
    booked_on: date
    account_kind: str
    tax_class: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedApplication:
    """Money that settled part of the invoice (negative: no longer does), and the payment it came from."""

    payment_id: int
    payment_public_id: UUID
    method: str
    reference: str
    received_on: date
    applied_on: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedCredit:
    """A credit note of the invoice."""

    credit_note_id: int
    number: str
    issued_on: date
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTrace:
    """Where an invoice comes from and what became of it; ``unexplained`` is zero in sound books."""

    invoice_id: int
    number: str
    order_ref: UUID
    order_number: str
    shipment_ref: UUID
    currency: str
    total: int
    open_amount: int
    lines: tuple[TracedLine, ...]
    postings: tuple[TracedPosting, ...]
    applications: tuple[TracedApplication, ...]
    credits: tuple[TracedCredit, ...]

    @property
    def unexplained(self) -> int:
        """The part of the total that neither is open nor was paid nor credited."""
        return self.total - self.open_amount - sum(a.amount for a in self.applications) - sum(c.total for c in self.credits)


_INVOICE = """
SELECT i.id AS invoice_id, i.number, i.order_ref, i.order_number, i.shipment_ref, i.currency, i.total, r.open_amount
FROM billing_invoice i JOIN billing_receivable r ON r.invoice_id = i.id WHERE i.id = %s
"""

_LINES = """
SELECT l.position, l.description, l.sku, l.quantity, l.unit_price, l.amount, l.tax_class, l.tax_rate_bp,
       coalesce((SELECT sum(c.amount) FROM billing_creditnoteline c WHERE c.invoice_line_id = l.id), 0)::bigint AS credited
FROM billing_invoiceline l WHERE l.invoice_id = %s ORDER BY l.position
"""

_POSTINGS = """
WITH entry AS (
    SELECT entry_id FROM billing_invoice WHERE id = %(invoice)s
    UNION SELECT entry_id FROM billing_application WHERE receivable_id = %(invoice)s
    UNION SELECT entry_id FROM billing_creditnote WHERE invoice_id = %(invoice)s
)
SELECT e.id AS entry_id, e.kind AS entry_kind, e.reference, e.booked_on, a.kind AS account_kind, coalesce(a.tax_class, '') AS tax_class, p.amount
FROM entry JOIN billing_entry e ON e.id = entry.entry_id JOIN billing_posting p ON p.entry_id = e.id
JOIN billing_ledgeraccount a ON a.id = p.account_id ORDER BY e.id, p.id
"""

_APPLICATIONS = """
SELECT p.id AS payment_id, p.public_id AS payment_public_id, p.method, p.reference, p.received_on, a.applied_on, a.amount
FROM billing_application a JOIN billing_payment p ON p.id = a.payment_id WHERE a.receivable_id = %s ORDER BY a.id
"""

_CREDITS = "SELECT id AS credit_note_id, number, issued_on, total FROM billing_creditnote WHERE invoice_id = %s ORDER BY id"


def document_trace(invoice_id: int) -> InvoiceTrace | None:
    """An invoice with everything it came from and everything that happened to it, in five statements; None if unknown."""
    found = rows(_INVOICE, (invoice_id,))
    if not found:
        return None
    return InvoiceTrace(
        **found[0]._asdict(),
        lines=tuple(TracedLine(**row._asdict()) for row in rows(_LINES, (invoice_id,))),
        postings=tuple(TracedPosting(**row._asdict()) for row in rows(_POSTINGS, {"invoice": invoice_id})),
        applications=tuple(TracedApplication(**row._asdict()) for row in rows(_APPLICATIONS, (invoice_id,))),
        credits=tuple(TracedCredit(**row._asdict()) for row in rows(_CREDITS, (invoice_id,))),
    )
