"""What billing holds about customers: for their timeline, their erasure and their export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.db import rows

TABLES: Final = (
    "billing_paymentintent.customer_id",
    "billing_invoice.customer_id",
    "billing_receivable.customer_id",
    "billing_payment.customer_id",
    "billing_creditnote.customer_id",
    "billing_paymentmeans.customer_id",
)
"""Every foreign key to a customer that billing answers for."""

_TOLD = """
SELECT * FROM (
    (SELECT r.customer_id, r.due_on::timestamp AT TIME ZONE o.timezone AS at, 'due' AS kind, i.id, i.number AS title, i.order_number AS detail,
            r.open_amount AS amount, r.currency
     FROM billing_receivable r JOIN billing_invoice i ON i.id = r.invoice_id JOIN core_company o ON o.id = r.company_id
     WHERE %(before)s::timestamptz IS NULL AND r.customer_id = ANY (%(ids)s::bigint[]) AND r.open_amount > 0 AND r.due_on IS NOT NULL
     ORDER BY r.due_on, r.invoice_id LIMIT %(limit)s)
    UNION ALL
    (SELECT i.customer_id, coalesce(e.at, i.recorded_at) AS at, 'invoice' AS kind, i.id, i.number AS title, i.order_number AS detail,
            i.total AS amount, i.currency
     FROM billing_invoice i LEFT JOIN billing_entry e ON e.id = i.entry_id
     WHERE i.customer_id = ANY (%(ids)s::bigint[]) AND (%(before)s::timestamptz IS NULL OR coalesce(e.at, i.recorded_at) < %(before)s::timestamptz)
     ORDER BY 2 DESC, 4 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT p.customer_id, p.received_at, CASE WHEN p.status = 'reversed' THEN 'reversed' ELSE 'payment' END, p.id, p.method, p.reference,
            p.amount, p.currency
     FROM billing_payment p
     WHERE p.customer_id = ANY (%(ids)s::bigint[]) AND (%(before)s::timestamptz IS NULL OR p.received_at < %(before)s::timestamptz)
     ORDER BY 2 DESC, 4 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT n.customer_id, e.at, 'credit_note', n.id, n.number, n.reason, n.total, n.currency
     FROM billing_creditnote n JOIN billing_entry e ON e.id = n.entry_id
     WHERE n.customer_id = ANY (%(ids)s::bigint[]) AND (%(before)s::timestamptz IS NULL OR e.at < %(before)s::timestamptz)
     ORDER BY 2 DESC, 4 DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT p.customer_id, r.at, 'refund', p.id, p.method, r.reason, r.amount, p.currency
     FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id
     WHERE p.customer_id = ANY (%(ids)s::bigint[]) AND (%(before)s::timestamptz IS NULL OR r.at < %(before)s::timestamptz)
     ORDER BY 2 DESC, 4 DESC LIMIT %(limit)s)
) told ORDER BY at DESC, kind, id DESC
"""

_UNSETTLED = """
SELECT customer_id, currency, sum(open_amount)::bigint AS owed, 0::bigint AS held FROM billing_receivable
WHERE customer_id = ANY (%(ids)s::bigint[]) AND open_amount > 0 GROUP BY 1, 2
UNION ALL
SELECT customer_id, currency, 0, sum(unapplied_amount)::bigint FROM billing_payment
WHERE customer_id = ANY (%(ids)s::bigint[]) AND unapplied_amount > 0 GROUP BY 1, 2
ORDER BY 1, 2, 3 DESC
"""

_HELD = {
    "billing_invoice": """
        SELECT i.customer_id, i.number, i.order_number, i.recipient_name, i.issuer_name, i.supplied_on::text, i.issued_on::text,
               i.due_on::text, i.total, i.currency, r.open_amount
        FROM billing_invoice i JOIN billing_receivable r ON r.invoice_id = i.id WHERE i.customer_id = ANY (%s::bigint[]) ORDER BY i.id
    """,
    "billing_invoiceline": """
        SELECT i.customer_id, i.number AS invoice, l.position, l.description, l.sku, l.quantity, l.amount, l.tax_rate_bp
        FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id WHERE i.customer_id = ANY (%s::bigint[]) ORDER BY i.id, l.position
    """,
    "billing_creditnote": """
        SELECT customer_id, number, recipient_name, issued_on::text, total, currency, reason
        FROM billing_creditnote WHERE customer_id = ANY (%s::bigint[]) ORDER BY id
    """,
    "billing_paymentintent": """
        SELECT customer_id, order_number, method, status, amount, currency, requested_at::text, closed_at::text
        FROM billing_paymentintent WHERE customer_id = ANY (%s::bigint[]) ORDER BY id
    """,
    "billing_paymentmeans": """
        SELECT customer_id, brand, last4, exp_month, exp_year, reusable, kept_at::text, ended_at::text
        FROM billing_paymentmeans WHERE customer_id = ANY (%s::bigint[]) ORDER BY id
    """,
    "billing_payment": """
        SELECT customer_id, method, status, amount, unapplied_amount, currency, payer_name, reference, received_on::text
        FROM billing_payment WHERE customer_id = ANY (%s::bigint[]) ORDER BY id
    """,
    "billing_refund": """
        SELECT p.customer_id, p.reference AS payment, r.amount, p.currency, r.reason, r.refunded_on::text
        FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id WHERE p.customer_id = ANY (%s::bigint[]) ORDER BY r.id
    """,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that happened between a customer and us in money."""

    customer_id: int
    at: datetime
    kind: str
    id: int
    title: str
    detail: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """What a customer still owes, or what we still hold of them."""

    customer_id: int
    currency: str
    owed: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """A row about a customer in words."""

    customer_id: int
    table: str
    values: Mapping[str, str | int | bool | None]


def told_of(customer_ids: Sequence[int], *, before: datetime | None, limit: int) -> list[Told]:
    """Invoices, payments, credit notes and refunds of these customers, newest first, at most ``limit``; before them, where no moment
    is given, what is still owed and falls due, the soonest ``limit``. One statement."""
    found = [Told(**row._asdict()) for row in rows(_TOLD, {"ids": list(customer_ids), "before": before, "limit": limit}, prepare=False)]
    return [*(row for row in found if row.kind == "due"), *[row for row in found if row.kind != "due"][:limit]]


def unsettled_of(customer_ids: Sequence[int]) -> list[Unsettled]:
    """What isn't settled between these customers and us."""
    return [Unsettled(**row._asdict()) for row in rows(_UNSETTLED, {"ids": list(customer_ids)})]


def held_of(customer_ids: Sequence[int]) -> list[HeldRow]:
    """Every row about these customers, table by table."""
    found = []
    for table, sql in _HELD.items():
        for row in rows(sql, (list(customer_ids),), prepare=False):
            values = row._asdict()
            found.append(HeldRow(customer_id=values.pop("customer_id"), table=table, values=values))
    return found
