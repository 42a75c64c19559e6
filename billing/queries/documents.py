"""What orders have paid and what is still owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from billing.rules import PaymentMethod
from core.db import rows

# Money sent for the order less what went back or settled another, and money not sent for it that settled one of its invoices all the same.
_PAID = """
SELECT order_ref, sum(amount)::bigint AS paid FROM (
    SELECT p.order_ref, p.amount - coalesce((SELECT sum(r.amount) FROM billing_refund r WHERE r.payment_id = p.id), 0)
        - coalesce((SELECT sum(a.amount) FROM billing_application a JOIN billing_receivable r ON r.invoice_id = a.receivable_id
            WHERE a.payment_id = p.id AND r.order_ref <> p.order_ref), 0) AS amount
    FROM billing_payment p WHERE p.order_ref = ANY (%(orders)s::uuid[]) AND p.status <> 'reversed'
    UNION ALL
    SELECT r.order_ref, a.amount FROM billing_receivable r JOIN billing_application a ON a.receivable_id = r.invoice_id
    JOIN billing_payment p ON p.id = a.payment_id
    WHERE r.order_ref = ANY (%(orders)s::uuid[]) AND p.order_ref IS DISTINCT FROM r.order_ref
) came GROUP BY order_ref
"""

_OPEN = """
SELECT r.invoice_id, i.number, i.order_number, i.order_ref, r.customer_id, r.method, r.currency, r.amount, r.open_amount, r.due_on
FROM billing_receivable r JOIN billing_invoice i ON i.id = r.invoice_id
WHERE r.company_id = %(company)s AND r.open_amount > 0 AND r.due_on IS NOT NULL
  AND (%(due)s::date IS NULL OR r.due_on < %(due)s::date)
  AND (%(after_on)s::date IS NULL OR (r.due_on, r.invoice_id) > (%(after_on)s::date, %(after_id)s::bigint))
ORDER BY r.due_on, r.invoice_id LIMIT %(limit)s
"""


_OF_SHIPMENTS = """
SELECT i.id AS invoice_id, i.shipment_ref,
    (i.total - coalesce((SELECT sum(n.total) FROM billing_creditnote n WHERE n.invoice_id = i.id), 0))::bigint AS uncredited
FROM billing_invoice i WHERE i.shipment_ref = ANY (%s::uuid[]) ORDER BY i.id
"""

_CREDITED = """
SELECT i.order_ref, sum(n.total)::bigint AS credited FROM billing_invoice i JOIN billing_creditnote n ON n.invoice_id = i.id
WHERE i.order_ref = ANY (%s::uuid[]) GROUP BY i.order_ref
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An invoice that is not wholly paid."""

    invoice_id: int
    number: str
    order_number: str
    order_ref: UUID
    customer_id: int
    method: PaymentMethod
    currency: str
    amount: int
    open_amount: int
    due_on: date

    def days_overdue(self, today: date) -> int:
        """Whole days past the due day; zero or less while it isn't."""
        return (today - self.due_on).days


def paid_by_order(order_refs: Sequence[UUID]) -> dict[UUID, int]:
    """What has come for each order and not gone back, in minor units; an order nothing came for is missing. One statement.

    Money a customer sent without naming an order counts where it settled an invoice.
    """
    return {row.order_ref: row.paid for row in rows(_PAID, {"orders": list(order_refs)})}


def credited_by_order(order_refs: Sequence[UUID]) -> dict[UUID, int]:
    """What credit notes have taken back of each order's invoices, in minor units; an order without any is missing. One statement."""
    return {row.order_ref: row.credited for row in rows(_CREDITED, (list(order_refs),))}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentInvoice:
    """The invoice of a parcel; ``uncredited`` is what no credit note has taken back yet."""

    invoice_id: int
    shipment_ref: UUID
    uncredited: int


def invoices_of_shipments(shipment_refs: Sequence[UUID]) -> list[ShipmentInvoice]:
    """The invoices of parcels that left, in the order of invoices. One statement."""
    return [ShipmentInvoice(**row._asdict()) for row in rows(_OF_SHIPMENTS, (list(shipment_refs),))]


def open_receivables(
    company_id: int, *, overdue_on: date | None = None, after: tuple[date, int] | None = None, limit: int = 100
) -> list[OpenInvoice]:
    """What is owed to a company, the earliest due first; with ``overdue_on`` only what was due before that day.

    ``after`` is (due_on, invoice_id) of the last row of the page before. Walks the index of open receivables.
    """
    after_on, after_id = after or (None, None)
    found = rows(
        _OPEN, {"company": company_id, "due": overdue_on, "after_on": after_on, "after_id": after_id, "limit": limit}, prepare=False
    )
    return [OpenInvoice(**{**row._asdict(), "method": PaymentMethod(row.method)}) for row in found]


_OVERDUE = """
SELECT currency, count(*) AS invoices, sum(open_amount)::bigint AS amount FROM billing_receivable
WHERE open_amount > 0 AND due_on < %s GROUP BY currency ORDER BY 3 DESC
"""

_UNIDENTIFIED = "SELECT count(*) AS n FROM billing_payment WHERE unapplied_amount > 0 AND customer_id IS NULL AND status <> 'reversed'"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFigures:
    """What accounting looks at first."""

    overdue: int
    overdue_sums: tuple[tuple[str, int], ...]
    unidentified: int


def money_figures(*, today: date) -> MoneyFigures:
    """Invoices past their due day with their sums by currency, and payments whose payer isn't known. Two statements."""
    overdue = rows(_OVERDUE, (today,))
    return MoneyFigures(
        overdue=sum(row.invoices for row in overdue),
        overdue_sums=tuple((row.currency, row.amount) for row in overdue),
        unidentified=rows(_UNIDENTIFIED)[0].n,
    )
