"""Invoices and payments as the machine counter shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from billing.models import Invoice, InvoiceLine, InvoiceTax, Payment
from billing.queries.visibility import visible_to
from core.actor import Actor
from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """Which invoices or payments are meant; what is None doesn't narrow. ``until_on`` is exclusive."""

    order_ref: UUID | None = None
    customer_ref: UUID | None = None
    number: str | None = None
    from_on: date | None = None
    until_on: date | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView:
    """An invoice with its lines and rates; amounts in minor units of the currency."""

    key: int
    public_id: UUID
    number: str
    kind: str
    order_ref: UUID
    order_number: str
    shipment_ref: UUID
    customer_ref: UUID
    issuer_name: str
    registration_number: str
    recipient_name: str
    supplied_on: date
    issued_on: date
    due_on: date | None
    method: str
    currency: str
    total: int
    open_amount: int
    recorded_at: datetime
    lines: tuple[dict[str, Any], ...]
    taxes: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """A payment with what it settled and what went back; amounts in minor units of the currency."""

    key: int
    public_id: UUID
    order_ref: UUID | None
    customer_ref: UUID | None
    method: str
    status: str
    currency: str
    amount: int
    unapplied_amount: int
    refunded: int
    reference: str
    received_on: date
    recorded_at: datetime
    applications: tuple[dict[str, Any], ...]


_OWNER = """
SELECT company_id FROM (
    SELECT company_id FROM billing_paymentintent WHERE order_ref = %(order)s AND company_id = %(company)s
    UNION ALL SELECT company_id FROM billing_receivable WHERE order_ref = %(order)s AND company_id = %(company)s
) s LIMIT 1
"""

_SETTLED = """
SELECT a.payment_id, i.public_id AS invoice_id, i.number, sum(a.amount)::bigint AS amount
FROM billing_application a JOIN billing_invoice i ON i.id = a.receivable_id
WHERE a.payment_id = ANY (%s::bigint[]) GROUP BY a.payment_id, i.id HAVING sum(a.amount) <> 0 ORDER BY a.payment_id, i.id
"""

_REFUNDED = "SELECT payment_id, sum(amount)::bigint AS amount FROM billing_refund WHERE payment_id = ANY (%s::bigint[]) GROUP BY payment_id"


def knows_order(order_ref: UUID, *, company_id: int) -> bool:
    """Whether an order of this company waits, or waited, for money."""
    return bool(rows(_OWNER, {"order": order_ref, "company": company_id}))


def invoice_views(
    actor: Actor, *, company_id: int | None, where: DocumentFilter, before: int | None = None, limit: int = 50
) -> list[InvoiceView]:
    """Invoices the actor may see, newest first, from below the key ``before``; three statements whatever the length."""
    found = _narrowed(visible_to(actor, company_id=company_id).invoices, where, day="issued_on")
    if where.number is not None:
        found = found.filter(number=where.number)
    return _invoices(_page(found, before=before, limit=limit))


def invoice_view(public_id: UUID, *, actor: Actor, company_id: int | None) -> InvoiceView | None:
    """The invoice of a public id, if the actor may see it."""
    views = _invoices(visible_to(actor, company_id=company_id).invoices.filter(public_id=public_id))
    return views[0] if views else None


def payment_views(
    actor: Actor, *, company_id: int | None, where: DocumentFilter, before: int | None = None, limit: int = 50
) -> list[PaymentView]:
    """Payments the actor may see, newest first, from below the key ``before``; three statements whatever the length."""
    found = _narrowed(visible_to(actor, company_id=company_id).payments, where, day="received_on")
    if where.status is not None:
        found = found.filter(status=where.status)
    return _payments(_page(found, before=before, limit=limit))


def payment_view(public_id: UUID, *, actor: Actor, company_id: int | None) -> PaymentView | None:
    """The payment of a public id, if the actor may see it."""
    views = _payments(visible_to(actor, company_id=company_id).payments.filter(public_id=public_id))
    return views[0] if views else None


def _narrowed(found: QuerySet[Any], where: DocumentFilter, *, day: str) -> QuerySet[Any]:
    asked = {
        "order_ref": where.order_ref,
        "customer__public_id": where.customer_ref,
        f"{day}__gte": where.from_on,
        f"{day}__lt": where.until_on,
    }
    return found.filter(**{name: value for name, value in asked.items() if value is not None})


def _page(found: QuerySet[Any], *, before: int | None, limit: int) -> QuerySet[Any]:
    return (found.filter(pk__lt=before) if before is not None else found).order_by("-pk")[:limit]


def _invoices(found: QuerySet[Invoice]) -> list[InvoiceView]:
    lines = Prefetch("lines", InvoiceLine.objects.order_by("position"))
    taxes = Prefetch("taxes", InvoiceTax.objects.order_by("-tax_rate_bp", "tax_class"))
    return [
        InvoiceView(
            key=row.pk,
            public_id=row.public_id,
            number=row.number,
            kind=str(row.kind),
            order_ref=row.order_ref,
            order_number=row.order_number,
            shipment_ref=row.shipment_ref,
            customer_ref=row.customer.public_id,
            issuer_name=row.issuer_name,
            registration_number=row.registration_number,
            recipient_name=row.recipient_name,
            supplied_on=row.supplied_on,
            issued_on=row.issued_on,
            due_on=row.due_on,
            method=str(row.receivable.method),
            currency=row.currency,
            total=row.total,
            open_amount=row.receivable.open_amount,
            recorded_at=row.recorded_at,
            lines=tuple(
                _fields(line, "position", "description", "sku", "quantity", "unit_price", "amount") | _rate(line)
                for line in row.lines.all()
            ),
            taxes=tuple(_rate(tax) | _fields(tax, "taxable", "tax") for tax in row.taxes.all()),
        )
        for row in found.select_related("customer", "receivable").prefetch_related(lines, taxes)
    ]


def _payments(found: QuerySet[Payment]) -> list[PaymentView]:
    page = list(found.select_related("customer"))
    keys = [row.pk for row in page]
    settled: Sequence[Any] = rows(_SETTLED, (keys,)) if keys else []
    refunded = {row.payment_id: row.amount for row in rows(_REFUNDED, (keys,))} if keys else {}
    return [
        PaymentView(
            key=row.pk,
            public_id=row.public_id,
            order_ref=row.order_ref,
            customer_ref=row.customer.public_id if row.customer else None,
            method=str(row.method),
            status=str(row.status),
            currency=row.currency,
            amount=row.amount,
            unapplied_amount=row.unapplied_amount,
            refunded=refunded.get(row.pk, 0),
            reference=row.reference,
            received_on=row.received_on,
            recorded_at=row.recorded_at,
            applications=tuple(_fields(part, "invoice_id", "number", "amount") for part in settled if part.payment_id == row.pk),
        )
        for row in page
    ]


def _fields(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _rate(row: Any) -> dict[str, Any]:
    return {"tax_class": row.tax_class_id, "tax_rate_bp": row.tax_rate_bp}
