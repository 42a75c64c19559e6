"""What a customer has on deposit for one order pays another: an exchange is paid with what its return set free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.operations.applying import Match, lock_open_receivables, lock_orders, lock_payments, settled_for_others, write_matches
from billing.operations.intents import capture_paid
from billing.operations.posting import post_entries
from billing.rules import OpenReceivable, Share, oldest_due_first, settle
from core.actor import Actor
from core.db import operation, rows
from core.outbox import announce
from core.queries import company_context

_HOLDING = "SELECT id FROM billing_payment WHERE order_ref = ANY (%s::uuid[]) AND unapplied_amount > 0 AND status <> 'reversed' ORDER BY id"
_MOVED = """
SELECT p.order_ref AS from_ref, r.order_ref AS to_ref, sum(a.amount)::bigint AS amount
FROM billing_payment p JOIN billing_application a ON a.payment_id = p.id JOIN billing_receivable r ON r.invoice_id = a.receivable_id
WHERE p.order_ref = ANY (%s::uuid[]) AND r.order_ref = ANY (%s::uuid[]) GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAsk:
    """What payments of ``from_order`` hold settles invoices of ``to_order``, in all at most ``most``."""

    from_order: UUID
    to_order: UUID
    most: int


@operation
def move_deposits(asks: Sequence[MoveAsk], *, actor: Actor, at: datetime) -> list[int]:
    """Deposits of one order settle what is open on another of the same customer; answers with what moved now, one per ask.

    Repeating it moves nothing more than ``most`` in all. Locks both orders, payments in the order of ids, then receivables.
    Announces ReceivableSettled for each order that was paid.
    """
    if not asks:
        return []
    sources, targets = [ask.from_order for ask in asks], [ask.to_order for ask in asks]
    lock_orders([*sources, *targets])
    payments = lock_payments(row.id for row in rows(_HOLDING, (sources,)))
    owed = lock_open_receivables(order_refs=targets)
    moved = {(row.from_ref, row.to_ref): row.amount for row in rows(_MOVED, (sources, targets))}
    held = {payment.id: payment.unapplied_amount for payment in payments.values()}
    open_amounts = {debt.receivable_id: debt.open_amount for debt in owed}
    matches: list[Match] = []
    answers = []
    for ask in asks:
        left = ask.most - moved.get((ask.from_order, ask.to_order), 0)
        before = len(matches)
        for payment in payments.values():
            if payment.order_ref == ask.from_order and left > 0:
                new = _settled(payment, min(left, held[payment.id]), ask, owed=owed, open_amounts=open_amounts, at=at)
                held[payment.id] -= sum(match.amount for match in new)
                left -= sum(match.amount for match in new)
                matches += new
        answers.append(sum(match.amount for match in matches[before:]))
    entries = post_entries([match.entry for match in matches], actor=actor, at=at) if matches else {}
    write_matches(matches, entries=entries, actor=actor, at=at)
    capture_paid([match.order_ref for match in matches], at=at)
    announce(*settled_for_others(matches, sent_for={payment.id: payment.order_ref for payment in payments.values()}))
    return answers


def _settled(
    payment: Any, amount: int, ask: MoveAsk, *, owed: Sequence[OpenReceivable], open_amounts: dict[int, int], at: datetime
) -> list[Match]:
    """What this much of a payment settles of the order it goes to, the earliest due first; notes what is left open."""
    debts = {
        debt.receivable_id: debt
        for debt in oldest_due_first(owed)
        if (debt.order_ref, debt.company_id, debt.currency, debt.customer_id)
        == (ask.to_order, payment.company_id, payment.currency, payment.customer_id)
    }
    matches = []
    for share in settle(amount, owed=[Share(key=key, amount=open_amounts[key]) for key in debts]):
        open_amounts[share.key] -= share.amount
        matches.append(
            Match(
                payment=payment.id,
                receivable=share.key,
                amount=share.amount,
                company_id=payment.company_id,
                currency=payment.currency,
                payer_id=payment.customer_id,
                debtor_id=debts[share.key].customer_id,
                order_ref=debts[share.key].order_ref,
                booked_on=company_context(payment.company_id).business_date(at),
                reference=payment.reference or payment.once_key[:80],
            )
        )
    return matches
