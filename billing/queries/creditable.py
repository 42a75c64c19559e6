"""What invoices say of parcels line by line with what was credited, and what payments of an order still hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from billing.rules import CreditableLine, PaymentMethod
from core.db import rows
from core.tax import Rounding

_LINES = """
SELECT i.id AS invoice_id, i.shipment_ref, i.tax_rounding, l.id AS line_id, l.position, l.sku, l.quantity, l.amount, l.tax_class, l.tax_rate_bp,
    coalesce(sum(c.quantity), 0)::bigint AS credited_quantity, coalesce(sum(c.amount), 0)::bigint AS credited_amount
FROM billing_invoice i JOIN billing_invoiceline l ON l.invoice_id = i.id LEFT JOIN billing_creditnoteline c ON c.invoice_line_id = l.id
WHERE i.shipment_ref = ANY (%s::uuid[]) GROUP BY i.id, l.id ORDER BY i.id, l.position
"""
_HELD = """
SELECT id AS payment_id, order_ref, method, unapplied_amount AS held FROM billing_payment
WHERE order_ref = ANY (%s::uuid[]) AND unapplied_amount > 0 AND status <> 'reversed' ORDER BY id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelInvoice:
    """The invoice of a parcel, line by line; a line without SKU is a fee."""

    invoice_id: int
    shipment_ref: UUID
    rounding: Rounding
    lines: tuple[CreditableLine, ...]
    fees: frozenset[int]
    """Positions of the lines that are fees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPayment:
    """What a payment of an order still holds: the customer's deposit."""

    payment_id: int
    order_ref: UUID
    method: PaymentMethod
    held: int


def invoices_by_line(shipment_refs: Sequence[UUID]) -> dict[UUID, ParcelInvoice]:
    """The invoices of parcels with every line and what was credited of it, by parcel. One statement."""
    found: dict[UUID, list[CreditableLine]] = {}
    heads: dict[UUID, tuple[int, Rounding]] = {}
    fees: dict[UUID, set[int]] = {}
    for row in rows(_LINES, (list(shipment_refs),)):
        heads[row.shipment_ref] = (row.invoice_id, Rounding(row.tax_rounding))
        if not row.sku:
            fees.setdefault(row.shipment_ref, set()).add(row.position)
        found.setdefault(row.shipment_ref, []).append(
            CreditableLine(
                line_id=row.line_id,
                position=row.position,
                quantity=row.quantity,
                amount=row.amount,
                tax_class=row.tax_class,
                tax_rate_bp=row.tax_rate_bp,
                credited_quantity=row.credited_quantity,
                credited_amount=row.credited_amount,
            )
        )
    return {
        ref: ParcelInvoice(
            invoice_id=heads[ref][0], shipment_ref=ref, rounding=heads[ref][1], lines=tuple(lines), fees=frozenset(fees.get(ref, ()))
        )
        for ref, lines in found.items()
    }


def held_for_orders(order_refs: Sequence[UUID]) -> list[HeldPayment]:
    """The payments sent for these orders that still hold something, the earliest first. One statement."""
    return [
        HeldPayment(payment_id=r.payment_id, order_ref=r.order_ref, method=PaymentMethod(r.method), held=r.held)
        for r in rows(_HELD, (list(order_refs),))
    ]
