"""What a payment would settle, told before anybody confirms it. Nothing is written or locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from billing.rules import OpenReceivable, Share, oldest_due_first, settle
from core.db import rows
from customers.queries import customer_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTarget:
    """An order that money can be recorded for, found by its own number or that of one of its invoices."""

    company_id: int
    customer_id: int
    customer_name: str
    customer_number: str
    order_ref: UUID
    order_number: str
    currency: str
    method: str
    awaited: int
    """What its latest intent asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewShare:
    """What an invoice would get."""

    number: str
    due_on: date | None
    open_amount: int
    applies: int

    @property
    def left(self) -> int:
        return self.open_amount - self.applies


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPreview:
    """What would come of a payment: which invoices it settles, and what stays as a deposit."""

    target: PaymentTarget
    amount: int
    shares: tuple[PreviewShare, ...]
    already_held: int

    @property
    def applied(self) -> int:
        return sum(share.applies for share in self.shares)

    @property
    def deposit(self) -> int:
        return self.amount - self.applied

    @property
    def still_open(self) -> int:
        return sum(share.left for share in self.shares)


_TARGET = """
SELECT company_id, customer_id, order_ref, order_number, currency, method, awaited FROM (
    SELECT i.company_id, i.customer_id, i.order_ref, i.order_number, i.currency, r.method, i.total AS awaited, 1 AS rank, i.id
    FROM billing_invoice i JOIN billing_receivable r ON r.invoice_id = i.id
    WHERE i.company_id = ANY (%(companies)s::bigint[]) AND i.number = ANY (%(numbers)s::text[])
    UNION ALL
    SELECT p.company_id, p.customer_id, p.order_ref, p.order_number, p.currency, p.method, p.amount, 2, p.id
    FROM billing_paymentintent p WHERE p.company_id = ANY (%(companies)s::bigint[]) AND p.order_number = ANY (%(numbers)s::text[])
    UNION ALL
    SELECT i.company_id, i.customer_id, i.order_ref, i.order_number, i.currency, r.method, i.total, 3, i.id
    FROM billing_invoice i JOIN billing_receivable r ON r.invoice_id = i.id
    WHERE i.company_id = ANY (%(companies)s::bigint[]) AND i.order_number = ANY (%(numbers)s::text[])
) found ORDER BY rank, id DESC LIMIT 1
"""

_OPEN = """
SELECT r.invoice_id AS receivable_id, r.company_id, r.customer_id, r.order_ref, r.currency, r.due_on, r.open_amount, i.number
FROM billing_receivable r JOIN billing_invoice i ON i.id = r.invoice_id
WHERE r.order_ref = %s AND r.company_id = %s AND r.currency = %s AND r.open_amount > 0
"""

_HELD = """
SELECT coalesce(sum(unapplied_amount), 0)::bigint AS held FROM billing_payment WHERE order_ref = %s AND status <> 'reversed'
"""


def find_target(company_ids: Sequence[int], *, number: str) -> PaymentTarget | None:
    """The order behind an invoice number or an order number, in these companies; None where there is none.

    Leading zeros may be left out of a number without letters.
    """
    typed = number.strip()
    numbers = [typed, typed.zfill(8)] if typed.isdigit() else [typed]
    found = rows(_TARGET, {"companies": list(company_ids), "numbers": numbers})
    if not found:
        return None
    customer = customer_rows([found[0].customer_id])
    return PaymentTarget(
        **found[0]._asdict(), customer_name=customer[0].name if customer else "", customer_number=customer[0].number if customer else ""
    )


def payment_preview(target: PaymentTarget, *, amount: int) -> PaymentPreview:
    """What this amount would settle of the order, by the same rule as when it is recorded."""
    found = rows(_OPEN, (target.order_ref, target.company_id, target.currency))
    numbers = {row.receivable_id: row.number for row in found}
    owed = oldest_due_first(
        OpenReceivable(
            receivable_id=row.receivable_id,
            company_id=row.company_id,
            customer_id=row.customer_id,
            order_ref=row.order_ref,
            currency=row.currency,
            due_on=row.due_on,
            open_amount=row.open_amount,
        )
        for row in found
    )
    parts = {s.key: s.amount for s in settle(amount, owed=[Share(key=debt.receivable_id, amount=debt.open_amount) for debt in owed])}
    shares = tuple(
        PreviewShare(
            number=numbers[debt.receivable_id], due_on=debt.due_on, open_amount=debt.open_amount, applies=parts.get(debt.receivable_id, 0)
        )
        for debt in owed
    )
    return PaymentPreview(target=target, amount=amount, shares=shares, already_held=rows(_HELD, (target.order_ref,))[0].held)
