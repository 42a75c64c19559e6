"""What customers have not paid yet, as they see it themselves."""

from collections.abc import Sequence

from billing.queries.documents import OpenInvoice
from billing.rules import PaymentMethod
from core.db import rows

_OWED = """
SELECT r.invoice_id, i.number, i.order_number, i.order_ref, r.customer_id, r.method, r.currency, r.amount, r.open_amount, r.due_on
FROM billing_receivable r JOIN billing_invoice i ON i.id = r.invoice_id
WHERE r.customer_id = ANY (%s::bigint[]) AND r.open_amount > 0 AND r.due_on IS NOT NULL ORDER BY r.due_on, r.invoice_id LIMIT %s
"""


_OPEN = """
SELECT customer_id, sum(open_amount)::bigint AS amount FROM billing_receivable
WHERE customer_id = ANY (%s::bigint[]) AND open_amount > 0 GROUP BY customer_id
"""


def open_amounts(customer_ids: Sequence[int]) -> dict[int, int]:
    """What customers have not paid yet of all their invoices, in minor units; those who owe nothing are left out. One statement."""
    return {row.customer_id: row.amount for row in rows(_OPEN, (list(customer_ids),))} if customer_ids else {}


def owed_by(customer_ids: Sequence[int], *, limit: int = 50) -> list[OpenInvoice]:
    """The invoices of a group of customers that are not wholly paid, the earliest due first; one statement."""
    found = rows(_OWED, (list(customer_ids), limit)) if customer_ids else []
    return [OpenInvoice(**{**row._asdict(), "method": PaymentMethod(row.method)}) for row in found]
