"""Payments that never really came: what they settled is open again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.events import PaymentReversed
from billing.operations.applying import Match, lock_orders, lock_payments, no_payment, settled_for_others, write_matches
from billing.operations.intents import close_intents, open_intents
from billing.operations.posting import post_entries
from billing.queries import paid_by_order
from billing.rules import EntryDraft, EntryKind, IntentAsk, IntentStatus, PaymentStatus, ReverseAsk, Reversed, payment_sides
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _

_REFUNDED = "SELECT payment_id, sum(amount)::bigint AS amount FROM billing_refund WHERE payment_id = ANY (%s::bigint[]) GROUP BY payment_id"

# What still stands of each application, with the receivable it settles, locked in the order of invoices.
_STANDING = """
SELECT a.id, a.payment_id, a.receivable_id, a.amount + coalesce(
           (SELECT sum(b.amount) FROM billing_application b WHERE b.reverses_id = a.id), 0)::bigint AS amount,
       r.customer_id, r.order_ref, r.currency, r.company_id
FROM billing_application a
JOIN (SELECT * FROM billing_receivable WHERE invoice_id IN
        (SELECT receivable_id FROM billing_application WHERE payment_id = ANY (%(payments)s::bigint[]))
      ORDER BY invoice_id FOR UPDATE) r ON r.invoice_id = a.receivable_id
WHERE a.payment_id = ANY (%(payments)s::bigint[]) AND a.reverses_id IS NULL ORDER BY a.id
"""

_REVERSE = """
UPDATE billing_payment SET status = 'reversed', unapplied_amount = 0 WHERE id = ANY (%s::bigint[]) RETURNING id
"""

_ORDERS = "SELECT DISTINCT order_ref FROM billing_payment WHERE id = ANY (%s::bigint[]) AND order_ref IS NOT NULL"

_PAID_INTENTS = """
SELECT DISTINCT ON (order_ref) order_ref, order_number, company_id, customer_id, method, currency, amount, status FROM billing_paymentintent
WHERE order_ref = ANY (%s::uuid[]) ORDER BY order_ref, attempt DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounced:
    """A payment about to be reversed, with what it had settled."""

    payment: Any
    standing: tuple[Any, ...]

    @property
    def once_key(self) -> str:
        return f"reversal:{self.payment.public_id}"

    @property
    def reopened(self) -> int:
        return sum(application.amount for application in self.standing)


@operation
def reverse_payments(asks: Sequence[ReverseAsk], *, actor: Actor, at: datetime, reason: str = "") -> list[Reversed | Refusal]:
    """The payments count no more: what they settled is open again, the books hold the opposite entry, and an order
    that was paid waits for its payment in a new attempt.

    A payment is reversed once; a repeat changes nothing. Refuses with "billing.payment_not_found" and
    "billing.payment_refunded" (part of it went back already). Locks the orders, payments, then receivables in the order
    of ids. Announces PaymentReversed.
    """
    if not asks:
        return []
    ids = sorted({ask.payment_id for ask in asks})
    lock_orders([row.order_ref for row in rows(_ORDERS, (ids,))])
    payments = lock_payments(ids)
    refunded = {row.payment_id for row in rows(_REFUNDED, (ids,))}
    open_ids = [key for key, row in payments.items() if row.status != PaymentStatus.REVERSED and key not in refunded]
    standing = [row for row in rows(_STANDING, {"payments": open_ids}) if row.amount] if open_ids else []
    bounced = {key: _Bounced(payment=payments[key], standing=tuple(row for row in standing if row.payment_id == key)) for key in open_ids}
    _bounce(list(bounced.values()), why={ask.payment_id: ask.reason or reason for ask in asks}, actor=actor, at=at)
    results: list[Reversed | Refusal] = []
    for ask in asks:
        payment = payments.get(ask.payment_id)
        if payment is None:
            results.append(no_payment(ask.payment_id))
        elif ask.payment_id in bounced:
            results.append(Reversed(payment_id=payment.id, amount=payment.amount, reopened=bounced[payment.id].reopened))
        elif payment.status == PaymentStatus.REVERSED:
            results.append(Reversed(payment_id=payment.id, amount=payment.amount, reopened=0, is_new=False))
        else:
            results.append(
                Refusal(
                    "billing.payment_refunded",
                    _("Part of this payment was refunded; it cannot be reversed any more."),
                    {"payment": payment.id},
                )
            )
    return results


def _bounce(bounced: Sequence[_Bounced], *, why: Mapping[int, str], actor: Actor, at: datetime) -> None:
    if not bounced:
        return
    today = {b.payment.company_id: company_context(b.payment.company_id).business_date(at) for b in bounced}
    matches = [
        Match(
            payment=b.payment.id,
            receivable=application.receivable_id,
            amount=-application.amount,
            company_id=application.company_id,
            currency=application.currency,
            payer_id=b.payment.customer_id,
            debtor_id=application.customer_id,
            order_ref=application.order_ref,
            booked_on=today[b.payment.company_id],
            reference=b.payment.reference or b.payment.once_key[:80],
            reverses_id=application.id,
        )
        for b in bounced
        for application in b.standing
    ]
    reversals = [
        EntryDraft(
            company_id=b.payment.company_id,
            kind=EntryKind.REVERSAL,
            once_key=b.once_key,
            reference=b.payment.reference or b.payment.once_key[:80],
            order_ref=b.payment.order_ref,
            booked_on=today[b.payment.company_id],
            sides=payment_sides(
                company_id=b.payment.company_id, currency=b.payment.currency, customer_id=b.payment.customer_id, amount=-b.payment.amount
            ),
            memo=why[b.payment.id],
            reverses_id=b.payment.entry_id,
        )
        for b in bounced
    ]
    entries = post_entries([m.entry for m in matches] + reversals, actor=actor, at=at)
    write_matches(matches, entries=entries, actor=actor, at=at)
    rows(_REVERSE, ([b.payment.id for b in bounced],))
    sent_for = {b.payment.id: b.payment.order_ref for b in bounced}
    _ask_again([ref for ref in {*sent_for.values(), *(m.order_ref for m in matches)} if ref], actor=actor, at=at)
    announce(*(_reversed(b.payment) for b in bounced), *settled_for_others(matches, sent_for=sent_for))


def _ask_again(order_refs: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """A paid intent whose payment bounced has failed, unless the order is paid all the same; it waits in a new attempt."""
    still = paid_by_order(order_refs)
    paid = (
        [
            row
            for row in rows(_PAID_INTENTS, (list(order_refs),))
            if row.status == IntentStatus.CAPTURED and row.amount > still.get(row.order_ref, 0)
        ]
        if order_refs
        else []
    )
    if not paid:
        return
    close_intents([row.order_ref for row in paid], status=IntentStatus.FAILED, actor=actor, at=at)
    again = [
        IntentAsk(
            order_ref=row.order_ref,
            company_id=row.company_id,
            customer_id=row.customer_id,
            method=row.method,
            currency=row.currency,
            amount=row.amount,
            order_number=row.order_number,
        )
        for row in paid
    ]
    open_intents(again, actor=actor, at=at)


def _reversed(payment: Any) -> PaymentReversed:
    return PaymentReversed(
        company_id=payment.company_id,
        customer_id=payment.customer_id,
        order_ref=payment.order_ref,
        currency=payment.currency,
        payment_id=payment.id,
        payment_public_id=payment.public_id,
        amount=payment.amount,
    )
