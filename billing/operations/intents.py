"""How an order is going to be paid: one open attempt per order, moved along a table of allowed moves."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from billing.operations.card_intents import open_card_intents
from billing.operations.gateway_calls import want_calls
from billing.queries import paid_by_order
from billing.rules import OPEN_INTENTS, CallKind, IntentAsk, IntentMoved, IntentStatus, may_move
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.ids import new_id
from core.words import gettext_noop as _

# Nothing to pay is paid already. Nearly every order is new, and new ones need no look at what came before.
_OPEN_FIRST = """
INSERT INTO billing_paymentintent (public_id, order_ref, order_number, company_id, customer_id, attempt, method, currency, amount, status, requested_at, closed_at)
SELECT ref, order_ref, order_number, company_id, customer_id, 1, method, currency, amount, CASE WHEN amount = 0 THEN 'captured' ELSE 'requested' END,
    %(at)s::timestamptz, CASE WHEN amount = 0 THEN %(at)s::timestamptz END
FROM unnest(%(ref)s::uuid[], %(order)s::uuid[], %(company)s::bigint[], %(customer)s::bigint[], %(method)s::text[], %(currency)s::text[], %(amount)s::bigint[],
    %(number)s::text[]) AS a (ref, order_ref, company_id, customer_id, method, currency, amount, order_number)
ON CONFLICT DO NOTHING  -- whichever key: its rows also stand under "one open"
RETURNING id, order_ref
"""

# An order that has an open or paid intent keeps it; after a failed one comes the next attempt.
_OPEN = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(order)s::uuid[], %(company)s::bigint[], %(customer)s::bigint[], %(method)s::text[], %(currency)s::text[], %(amount)s::bigint[],
        %(number)s::text[]) WITH ORDINALITY AS a (order_ref, company_id, customer_id, method, currency, amount, order_number, place)
), earlier AS MATERIALIZED (
    SELECT p.order_ref, max(p.attempt) AS attempt, max(p.id) FILTER (WHERE p.status NOT IN ('voided', 'failed')) AS standing
    FROM billing_paymentintent p WHERE p.order_ref = ANY (%(order)s::uuid[]) GROUP BY p.order_ref
), made AS (
    INSERT INTO billing_paymentintent (order_ref, order_number, company_id, customer_id, attempt, method, currency, amount, status, requested_at, closed_at)
    SELECT a.order_ref, a.order_number, a.company_id, a.customer_id, coalesce(e.attempt, 0) + 1, a.method, a.currency, a.amount,
           CASE WHEN a.amount = 0 THEN 'captured' ELSE 'requested' END, %(at)s::timestamptz,
           CASE WHEN a.amount = 0 THEN %(at)s::timestamptz END
    FROM asked a LEFT JOIN earlier e USING (order_ref) WHERE e.standing IS NULL ORDER BY a.order_ref, a.place
    ON CONFLICT DO NOTHING
    RETURNING id, order_ref
)
SELECT order_ref, coalesce(m.id, e.standing) AS id
FROM asked a LEFT JOIN made m USING (order_ref) LEFT JOIN earlier e USING (order_ref) ORDER BY a.place
"""

_STANDING = """
SELECT order_ref, max(id) AS id FROM billing_paymentintent
WHERE order_ref = ANY (%s::uuid[]) AND status NOT IN ('voided', 'failed') GROUP BY order_ref
"""

# The latest attempt of each order speaks for it.
_LOCK_LATEST = """
SELECT id, order_ref, status, means_id FROM billing_paymentintent
WHERE id IN (SELECT max(id) FROM billing_paymentintent WHERE order_ref = ANY (%s::uuid[]) GROUP BY order_ref)
ORDER BY id FOR UPDATE
"""

_MOVE = """
UPDATE billing_paymentintent SET status = %s, closed_at = CASE WHEN %s THEN %s::timestamptz END WHERE id = ANY (%s::bigint[])
"""


_CAPTURE = """
UPDATE billing_paymentintent i SET status = 'captured', closed_at = %s::timestamptz
FROM unnest(%s::uuid[], %s::bigint[]) AS p (order_ref, paid)
WHERE i.order_ref = p.order_ref AND i.status IN ('requested', 'authorised', 'unknown') AND i.amount <= p.paid AND i.means_id IS NULL
RETURNING i.id
"""


def capture_paid(order_refs: Sequence[UUID], *, at: datetime) -> None:
    """The open intents of orders that have been paid in full are captured. Call it inside an operation, after the payments.

    A card is captured when its gateway says so, and let go when the money came some other way.
    """
    if not order_refs:
        return
    paid = paid_by_order(sorted(set(order_refs)))
    if paid:
        rows(_CAPTURE, (at, list(paid), list(paid.values())))


@operation
def open_intents(asks: Sequence[IntentAsk], *, actor: Actor, at: datetime) -> list[int]:
    """Each order has an intent to be paid: the ids, in order. One statement where all are new, else two; an order keeps the one it has."""
    if not asks:
        return []
    if any(ask.means_id is not None for ask in asks):
        return _open_with_cards(asks, actor=actor, at=at)
    in_order = sorted(asks, key=lambda ask: ask.order_ref)  # two batches meet the same orders in the same order
    columns = {
        "ref": [new_id() for _ask in in_order],
        "order": [ask.order_ref for ask in in_order],
        "company": [ask.company_id for ask in in_order],
        "customer": [ask.customer_id for ask in in_order],
        "method": [str(ask.method) for ask in in_order],
        "currency": [ask.currency for ask in in_order],
        "amount": [ask.amount for ask in in_order],
        "number": [ask.order_number for ask in in_order],
        "at": at,
    }
    found: dict[UUID, int] = {row.order_ref: row.id for row in rows(_OPEN_FIRST, columns)}
    if any(ask.order_ref not in found for ask in asks):
        found |= {row.order_ref: row.id for row in rows(_OPEN, columns)}
    ids = [found[ask.order_ref] for ask in asks]
    if None not in ids:
        return ids
    return _or_standing(ids, asks)


def _or_standing(ids: Sequence[int | None], asks: Sequence[IntentAsk]) -> list[int]:
    """Somebody opened the intent of the same order while we waited for them: theirs stands."""
    standing = {row.order_ref: row.id for row in rows(_STANDING, ([ask.order_ref for ask in asks],))}
    return [known or standing[ask.order_ref] for known, ask in zip(ids, asks, strict=True)]


def _open_with_cards(asks: Sequence[IntentAsk], *, actor: Actor, at: datetime) -> list[int]:
    cards = [i for i, ask in enumerate(asks) if ask.means_id is not None]
    others = [i for i, ask in enumerate(asks) if ask.means_id is None]
    found: dict[int, int | None] = dict(zip(cards, open_card_intents([asks[i] for i in cards], actor=actor, at=at), strict=True))
    found |= dict(zip(others, open_intents([asks[i] for i in others], actor=actor, at=at), strict=True))
    ids = [found[i] for i in range(len(asks))]
    return [known for known in ids if known is not None] if None not in ids else _or_standing(ids, asks)


@operation
def close_intents(
    order_refs: Sequence[UUID], *, status: IntentStatus, actor: Actor, at: datetime, reason: str = ""
) -> list[IntentMoved | Refusal]:
    """The latest intent of each order stands at ``status``; one result per order, in order.

    Refuses with "billing.no_intent" and "billing.intent_closed" (a paid order isn't called off: refund it). Where the
    intent stands there already nothing changes. Locks the intents in the order of their ids. Two statements, one more where cards are let go:
    the gateway is asked for that afterwards.
    """
    latest = {row.order_ref: row for row in rows(_LOCK_LATEST, (list(order_refs),))}
    cards = {row.id for row in latest.values() if row.means_id is not None}
    results: list[IntentMoved | Refusal] = []
    moving = []
    for ref in order_refs:
        intent = latest.get(ref)
        if intent is None:
            results.append(Refusal("billing.no_intent", _("Nothing was ever to be paid for this order."), {"order": str(ref)}))
        elif not may_move(IntentStatus(intent.status), to=status):
            results.append(
                Refusal(
                    "billing.intent_closed",
                    _("The payment of this order stands at “%(from)s” and cannot become “%(to)s”."),
                    {"from": intent.status, "to": str(status)},
                )
            )
        else:
            results.append(IntentMoved(order_ref=ref, intent_id=intent.id, status=status))
            if intent.status != status:
                moving.append(intent.id)
    if moving:
        rows(_MOVE + " RETURNING id", (str(status), status not in OPEN_INTENTS, at, moving))
        if status == IntentStatus.VOIDED:
            want_calls([(intent_id, CallKind.VOID, 0) for intent_id in moving if intent_id in cards], actor=actor, at=at)
    return results
