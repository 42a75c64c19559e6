"""Invoices and credit notes as they are printed: everything the law asks for, from what was frozen when they were issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from core.db import rows
from core.queries import CompanyContext, company_context, tax_classes
from customers.queries import customer_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A line as printed; ``mark`` is ※ where a reduced rate applies."""

    description: str
    sku: str
    mark: str
    quantity: int
    unit_price: int
    amount: int
    tax_rate_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRate:
    """The row of one rate: amount without tax, tax rounded once, and both together."""

    name: str
    mark: str
    tax_rate_bp: int
    taxable: int
    tax: int

    @property
    def included(self) -> int:
        return self.taxable + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaper:
    """A qualified invoice (適格請求書), or a simplified one where nobody is named."""

    invoice_id: int
    kind: str
    number: str
    issuer_name: str
    registration_number: str
    company: CompanyContext
    recipient_name: str
    customer_number: str
    order_number: str
    supplied_on: date
    issued_on: date
    due_on: date | None
    method: str
    currency: str
    language: str
    total: int
    paid: int
    credited: int
    open_amount: int
    lines: tuple[PaperLine, ...]
    rates: tuple[PaperRate, ...]

    @property
    def has_reduced(self) -> bool:
        return any(line.mark for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNotePaper:
    """A credit note (適格返還請求書): what was taken back of which invoice, with tax per rate."""

    credit_note_id: int
    number: str
    invoice_number: str
    issuer_name: str
    registration_number: str
    company: CompanyContext
    recipient_name: str
    order_number: str
    supplied_on: date
    issued_on: date
    reason: str
    currency: str
    language: str
    total: int
    lines: tuple[PaperLine, ...]
    rates: tuple[PaperRate, ...]

    @property
    def has_reduced(self) -> bool:
        return any(line.mark for line in self.lines)


_INVOICE = """
SELECT i.id AS invoice_id, i.kind, i.number, i.company_id, i.customer_id, i.issuer_name, i.registration_number, i.recipient_name,
       i.order_number, i.supplied_on, i.issued_on, i.due_on, r.method, i.currency, i.language, i.total, r.open_amount,
       coalesce((SELECT sum(a.amount) FROM billing_application a WHERE a.receivable_id = i.id), 0)::bigint AS paid,
       coalesce((SELECT sum(n.total) FROM billing_creditnote n WHERE n.invoice_id = i.id), 0)::bigint AS credited
FROM billing_invoice i JOIN billing_receivable r ON r.invoice_id = i.id WHERE i.id = %s
"""
_INVOICE_LINES = """
SELECT description, sku, quantity, unit_price, amount, tax_class, tax_rate_bp FROM billing_invoiceline WHERE invoice_id = %s ORDER BY position
"""
_INVOICE_RATES = (
    "SELECT tax_class, tax_rate_bp, taxable, tax FROM billing_invoicetax WHERE invoice_id = %s ORDER BY tax_rate_bp DESC, tax_class"
)

_NOTE = """
SELECT n.id AS credit_note_id, n.number, i.number AS invoice_number, n.company_id, n.issuer_name, n.registration_number, n.recipient_name,
       i.order_number, i.supplied_on, n.issued_on, n.reason, n.currency, n.language, n.total
FROM billing_creditnote n JOIN billing_invoice i ON i.id = n.invoice_id WHERE n.id = %s
"""
_NOTE_LINES = """
SELECT l.description, l.sku, c.quantity, l.unit_price, c.amount, l.tax_class, l.tax_rate_bp
FROM billing_creditnoteline c JOIN billing_invoiceline l ON l.id = c.invoice_line_id WHERE c.credit_note_id = %s ORDER BY l.position
"""
_NOTE_RATES = (
    "SELECT tax_class, tax_rate_bp, taxable, tax FROM billing_creditnotetax WHERE credit_note_id = %s ORDER BY tax_rate_bp DESC, tax_class"
)


def invoice_paper(invoice_id: int) -> InvoicePaper | None:
    """The invoice as printed, in four statements; None where there is none."""
    found = rows(_INVOICE, (invoice_id,))
    if not found:
        return None
    values = found[0]._asdict()
    company = company_context(values.pop("company_id"))
    customer = customer_rows([values.pop("customer_id")])
    return InvoicePaper(
        **values,
        company=company,
        customer_number=customer[0].number if customer else "",
        lines=_lines(rows(_INVOICE_LINES, (invoice_id,))),
        rates=_rates(rows(_INVOICE_RATES, (invoice_id,))),
    )


def credit_note_paper(credit_note_id: int) -> CreditNotePaper | None:
    """The credit note as printed, in three statements; None where there is none."""
    found = rows(_NOTE, (credit_note_id,))
    if not found:
        return None
    values = found[0]._asdict()
    company = company_context(values.pop("company_id"))
    return CreditNotePaper(
        **values, company=company, lines=_lines(rows(_NOTE_LINES, (credit_note_id,))), rates=_rates(rows(_NOTE_RATES, (credit_note_id,)))
    )


def _lines(found: list[Any]) -> tuple[PaperLine, ...]:
    classes = tax_classes()
    return tuple(
        PaperLine(
            description=row.description,
            sku=row.sku,
            mark=classes[row.tax_class].mark,
            quantity=row.quantity,
            unit_price=row.unit_price,
            amount=row.amount,
            tax_rate_bp=row.tax_rate_bp,
        )
        for row in found
    )


def _rates(found: list[Any]) -> tuple[PaperRate, ...]:
    classes = tax_classes()
    return tuple(
        PaperRate(
            name=classes[row.tax_class].name,
            mark=classes[row.tax_class].mark,
            tax_rate_bp=row.tax_rate_bp,
            taxable=row.taxable,
            tax=row.tax,
        )
        for row in found
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPaper:
    """What was invoiced for a parcel, for a paper that repeats it."""

    number: str
    lines: tuple[PaperLine, ...]
    rates: tuple[PaperRate, ...]


_PARCELS = "SELECT id, shipment_ref, number FROM billing_invoice WHERE shipment_ref = ANY(%s::uuid[])"
_PARCEL_LINES = """
SELECT invoice_id, description, sku, quantity, unit_price, amount, tax_class, tax_rate_bp FROM billing_invoiceline
WHERE invoice_id = ANY(%s::bigint[]) ORDER BY invoice_id, position
"""
_PARCEL_RATES = """
SELECT invoice_id, tax_class, tax_rate_bp, taxable, tax FROM billing_invoicetax
WHERE invoice_id = ANY(%s::bigint[]) ORDER BY invoice_id, tax_rate_bp DESC, tax_class
"""


def parcel_papers(shipment_refs: Sequence[UUID]) -> dict[UUID, ParcelPaper]:
    """The invoices of parcels that left, line by line, by the parcel's public id. Three statements."""
    found = rows(_PARCELS, (list(shipment_refs),))
    ids = [row.id for row in found]
    lines, rates = _by_invoice(rows(_PARCEL_LINES, (ids,))), _by_invoice(rows(_PARCEL_RATES, (ids,)))
    return {
        row.shipment_ref: ParcelPaper(number=row.number, lines=_lines(lines.get(row.id, [])), rates=_rates(rates.get(row.id, [])))
        for row in found
    }


def _by_invoice(found: list[Any]) -> dict[int, list[Any]]:
    held: dict[int, list[Any]] = {}
    for row in found:
        held.setdefault(row.invoice_id, []).append(row)
    return held
