"""Money that goes back out of what a payment still holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from billing.events import PaymentRefunded
from billing.operations.applying import lock_orders, lock_payments, no_payment
from billing.operations.gateway_calls import want_card_refunds
from billing.operations.posting import by, post_entries
from billing.rules import EntryDraft, EntryKind, PaymentMethod, PaymentStatus, RefundAsk, RefundMade, payment_sides, refund_refusal
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _

_KNOWN = "SELECT id, public_id, once_key, payment_id, amount FROM billing_refund WHERE once_key = ANY (%s::text[])"

_WRITE = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(once)s::text[], %(payment)s::bigint[], %(amount)s::bigint[], %(reason)s::text[], %(entry)s::bigint[])
        WITH ORDINALITY AS a (once_key, payment_id, amount, reason, entry_id, place)
), made AS (
    INSERT INTO billing_refund (once_key, payment_id, amount, reason, refunded_on, at, entry_id, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT a.once_key, a.payment_id, a.amount, a.reason, e.booked_on, %(at)s::timestamptz, a.entry_id,
           %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
    FROM asked a JOIN billing_entry e ON e.id = a.entry_id ORDER BY a.place
    RETURNING id, public_id, once_key
), held AS (
    UPDATE billing_payment p SET unapplied_amount = p.unapplied_amount - s.amount,
        status = CASE WHEN p.unapplied_amount = s.amount THEN 'applied' ELSE 'received' END
    FROM (SELECT payment_id, sum(amount) AS amount FROM asked GROUP BY payment_id) s WHERE p.id = s.payment_id
)
SELECT id, public_id, once_key FROM made
"""


@operation
def refund_payments(asks: Sequence[RefundAsk], *, actor: Actor, at: datetime, reason: str = "") -> list[RefundMade | Refusal]:
    """Money has gone back out of what each payment still holds; one result per ask, in order.

    Only what is unapplied can go back; what has settled an invoice is freed by a credit note first. Once per
    ``once_key``. Refuses with "billing.payment_not_found", "billing.amount_not_positive", "billing.payment_reversed",
    "billing.refund_too_much", "billing.reference_taken". Locks the payments in the order of ids; a trigger holds the
    same bound against anybody. What a card gateway took goes back through it, afterwards. Announces PaymentRefunded.
    """
    if not asks:
        return []
    lock_orders([], facts=[f"refund:{ask.once_key}" for ask in asks])
    payments = lock_payments({ask.payment_id for ask in asks})
    known = {row.once_key: row for row in rows(_KNOWN, ([ask.once_key for ask in asks],))}
    held = {row.id: row.unapplied_amount for row in payments.values()}
    results: dict[int, RefundMade | Refusal] = {}
    fresh: dict[str, RefundAsk] = {}
    left: dict[str, int] = {}
    for place, ask in enumerate(asks):
        same = known.get(ask.once_key) or fresh.get(ask.once_key)
        refusal = _refusal(ask, payment=payments.get(ask.payment_id), same=same, held=held.get(ask.payment_id, 0))
        if refusal:
            results[place] = refusal
        elif same is None:
            held[ask.payment_id] -= ask.amount
            fresh[ask.once_key], left[ask.once_key] = ask, held[ask.payment_id]
    made = {key: _as_known(row, left=held[row.payment_id]) for key, row in known.items() if row.payment_id in held}
    made |= _refund(list(fresh.values()), payments=payments, left=left, actor=actor, at=at)
    return [results.get(place) or made[ask.once_key] for place, ask in enumerate(asks)]


def _refusal(ask: RefundAsk, *, payment: Any, same: Any, held: int) -> Refusal | None:
    if payment is None:
        return no_payment(ask.payment_id)
    if not ask.once_key.strip():
        return Refusal("billing.no_reference", _("A refund needs a reference that tells it from every other."), {}, "/once_key")
    if same is not None:
        if (same.payment_id, same.amount) == (ask.payment_id, ask.amount):
            return None
        return Refusal(
            "billing.reference_taken",
            _("The reference %(reference)s already stands for another refund."),
            {"reference": ask.once_key},
            "/once_key",
        )
    return refund_refusal(amount=ask.amount, held=held, is_reversed=payment.status == PaymentStatus.REVERSED)


def _as_known(row: Any, *, left: int) -> RefundMade:
    return RefundMade(refund_id=row.id, public_id=row.public_id, payment_id=row.payment_id, amount=row.amount, left=left, is_new=False)


def _refund(
    asks: Sequence[RefundAsk], *, payments: Mapping[int, Any], left: Mapping[str, int], actor: Actor, at: datetime
) -> dict[str, RefundMade]:
    if not asks:
        return {}
    entries = post_entries([_refund_entry(ask, payment=payments[ask.payment_id], at=at) for ask in asks], actor=actor, at=at)
    columns = {
        "once": [ask.once_key for ask in asks],
        "payment": [ask.payment_id for ask in asks],
        "amount": [ask.amount for ask in asks],
        "reason": [ask.reason[:200] for ask in asks],
        "entry": [entries[f"refund:{ask.once_key}"] for ask in asks],
    }
    written = {row.once_key: row for row in rows(_WRITE, {**columns, "at": at, **by(actor)})}
    made = {}
    for ask in asks:
        row = written[ask.once_key]
        made[ask.once_key] = RefundMade(
            refund_id=row.id, public_id=row.public_id, payment_id=ask.payment_id, amount=ask.amount, left=left[ask.once_key]
        )
    cards = [made[ask.once_key].refund_id for ask in asks if payments[ask.payment_id].method == PaymentMethod.CARD]
    if cards:
        want_card_refunds(cards, actor=actor, at=at)
    announce(*(_refunded(made[ask.once_key], payment=payments[ask.payment_id]) for ask in asks))
    return made


def _refund_entry(ask: RefundAsk, *, payment: Any, at: datetime) -> EntryDraft:
    return EntryDraft(
        company_id=payment.company_id,
        kind=EntryKind.REFUND,
        once_key=f"refund:{ask.once_key}",
        reference=payment.reference or payment.once_key[:80],
        order_ref=payment.order_ref,
        booked_on=company_context(payment.company_id).business_date(at),
        sides=payment_sides(company_id=payment.company_id, currency=payment.currency, customer_id=payment.customer_id, amount=-ask.amount),
    )


def _refunded(made: RefundMade, *, payment: Any) -> PaymentRefunded:
    return PaymentRefunded(
        company_id=payment.company_id,
        customer_id=payment.customer_id,
        order_ref=payment.order_ref,
        currency=payment.currency,
        payment_id=payment.id,
        payment_public_id=payment.public_id,
        refund_public_id=made.public_id,
        amount=made.amount,
    )
