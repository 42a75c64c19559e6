"""An order costs another sum, or is paid another way: its intent follows, and what a card holds is held anew only where it must be."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from billing.operations.intents import close_intents, open_intents
from billing.queries import paid_by_order
from billing.rules import OPEN_INTENTS, IntentAsk, IntentChange, IntentStatus
from core.actor import Actor
from core.db import operation, rows

_LOCK_LATEST = """
SELECT i.id, i.order_ref, i.status, i.method, i.amount, i.means_id, i.authorised_amount, m.ended_at IS NULL AS has_card
FROM billing_paymentintent i LEFT JOIN billing_paymentmeans m ON m.id = i.means_id
WHERE i.id IN (SELECT max(id) FROM billing_paymentintent WHERE order_ref = ANY (%s::uuid[]) GROUP BY order_ref)
ORDER BY i.id FOR UPDATE OF i
"""
_NEXT = """
INSERT INTO billing_paymentintent (order_ref, order_number, company_id, customer_id, attempt, method, currency, amount, status, requested_at)
SELECT a.order_ref, a.order_number, a.company_id, a.customer_id, e.attempt + 1, a.method, a.currency, a.amount, 'requested', %(at)s::timestamptz
FROM unnest(%(order)s::uuid[], %(company)s::bigint[], %(customer)s::bigint[], %(method)s::text[], %(currency)s::text[], %(amount)s::bigint[],
    %(number)s::text[]) AS a (order_ref, company_id, customer_id, method, currency, amount, order_number)
JOIN (SELECT order_ref, max(attempt) AS attempt FROM billing_paymentintent WHERE order_ref = ANY (%(order)s::uuid[]) GROUP BY order_ref) e
    USING (order_ref) ORDER BY a.order_ref
"""


@operation
def change_intents(changes: Sequence[IntentChange], *, actor: Actor, at: datetime) -> set[UUID]:
    """The orders are going to be paid these sums, by these methods; answers with those whose card has to be asked again.

    A card that holds enough keeps holding it, and less is taken; where it holds too little it is let go and asked for the whole, once. What
    was paid counts: an intent that it covers is captured, and what is over stays the customer's deposit. An order that cost nothing
    more or less keeps its intent. Repeating it changes nothing. Locks the intents in the order of their ids.
    """
    if not changes:
        return set()
    latest = {row.order_ref: row for row in rows(_LOCK_LATEST, ([c.order_ref for c in changes],))}
    paid = paid_by_order([c.order_ref for c in changes])
    closing: list[UUID] = []
    opening: list[IntentAsk] = []
    more: list[IntentChange] = []
    again: set[UUID] = set()
    for change in changes:
        row, came = latest.get(change.order_ref), paid.get(change.order_ref, 0)
        is_card = row is not None and row.means_id is not None and change.method == row.method
        if row is not None and row.status in OPEN_INTENTS:
            if is_card and (change.amount <= row.authorised_amount or change.has_left):
                continue
            if row.amount == change.amount and row.method == change.method:
                continue
            closing.append(change.order_ref)
            asked_again = is_card and row.has_card and change.amount > 0
            if asked_again:
                again.add(change.order_ref)
            if came < change.amount or not came:
                opening.append(change.ask(means_id=row.means_id if asked_again else None))
        elif row is None or row.status in (IntentStatus.VOIDED, IntentStatus.FAILED):
            opening.append(change.ask())
        elif came < change.amount:
            more.append(change)
    if closing:
        close_intents(closing, status=IntentStatus.VOIDED, actor=actor, at=at)
    open_intents(opening, actor=actor, at=at)
    if more:
        rows(_NEXT + " RETURNING id", _columns(more, at=at))
    return again


def _columns(changes: Sequence[IntentChange], *, at: datetime) -> dict[str, object]:
    return {
        "order": [c.order_ref for c in changes],
        "company": [c.company_id for c in changes],
        "customer": [c.customer_id for c in changes],
        "method": [str(c.method) for c in changes],
        "currency": [c.currency for c in changes],
        "amount": [c.amount for c in changes],
        "number": [c.order_number for c in changes],
        "at": at,
    }
