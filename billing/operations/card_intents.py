"""Orders that are charged to a kept card: their intent and the request to authorise it are written down together."""

from collections.abc import Sequence
from datetime import datetime

from billing.rules import IntentAsk
from core.actor import Actor
from core.db import rows
from core.errors import Refused
from core.words import gettext_noop as _

COUNTER_FIRST_S = 60
"""So long the counter that placed the order has the first go at the gateway; then anybody may."""

# The card must be there for these customers: kept by them (or by somebody merged with them), or given by a guest just now.
_OPEN = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(order)s::uuid[], %(company)s::bigint[], %(customer)s::bigint[], %(currency)s::text[], %(amount)s::bigint[],
        %(number)s::text[], %(means)s::bigint[]) WITH ORDINALITY AS a (order_ref, company_id, customer_id, currency, amount, order_number, means_id, place)
), card AS MATERIALIZED (
    SELECT a.place, m.id, m.provider, m.customer_id IS NULL AS given_by_guest
    FROM asked a JOIN billing_paymentmeans m ON m.id = a.means_id AND m.company_id = a.company_id AND m.ended_at IS NULL
    LEFT JOIN customers_customer mine ON mine.id = a.customer_id LEFT JOIN customers_customer theirs ON theirs.id = m.customer_id
    WHERE m.customer_id IS NULL OR coalesce(theirs.principal_id, theirs.id) = coalesce(mine.principal_id, mine.id)
), earlier AS MATERIALIZED (
    SELECT p.order_ref, max(p.attempt) AS attempt, max(p.id) FILTER (WHERE p.status NOT IN ('voided', 'failed')) AS standing
    FROM billing_paymentintent p WHERE p.order_ref = ANY (%(order)s::uuid[]) GROUP BY p.order_ref
), made AS (
    INSERT INTO billing_paymentintent (order_ref, order_number, company_id, customer_id, attempt, method, provider, currency, amount, means_id, requested_at)
    SELECT a.order_ref, a.order_number, a.company_id, a.customer_id, coalesce(e.attempt, 0) + 1, 'card', c.provider, a.currency, a.amount, c.id,
           %(at)s::timestamptz
    FROM asked a JOIN card c USING (place) LEFT JOIN earlier e USING (order_ref) WHERE e.standing IS NULL ORDER BY a.order_ref, a.place
    ON CONFLICT DO NOTHING
    RETURNING id, order_ref, company_id, amount, currency, provider
), wanted AS (
    INSERT INTO billing_gatewaycall (company_id, kind, provider, intent_id, amount, currency, requested_at, due_at,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT company_id, 'authorise', provider, id, amount, currency, %(at)s::timestamptz, clock_timestamp() + make_interval(secs => %(first)s),
        %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
    FROM made
), owned AS (
    UPDATE billing_paymentmeans m SET customer_id = a.customer_id
    FROM card c JOIN asked a USING (place) WHERE m.id = c.id AND c.given_by_guest
)
SELECT coalesce(m.id, e.standing) AS id, c.id IS NOT NULL AS has_card
FROM asked a LEFT JOIN card c USING (place) LEFT JOIN made m USING (order_ref) LEFT JOIN earlier e USING (order_ref) ORDER BY a.place
"""


class NoSuchCard(Refused):
    """The card isn't kept, no longer kept, or somebody else's: nobody is told which."""

    code = "billing.no_such_card"
    message = _("This card cannot be charged. Please enter a card again.")


def open_card_intents(asks: Sequence[IntentAsk], *, actor: Actor, at: datetime) -> list[int | None]:
    """Each order has an intent and a request to authorise it; None where somebody else opens it now. Call it inside an operation. ONE statement.

    Raises NoSuchCard, which undoes the batch; whoever places orders tries its halves.
    """
    made = rows(
        _OPEN,
        {
            "order": [ask.order_ref for ask in asks],
            "company": [ask.company_id for ask in asks],
            "customer": [ask.customer_id for ask in asks],
            "currency": [ask.currency for ask in asks],
            "amount": [ask.amount for ask in asks],
            "number": [ask.order_number for ask in asks],
            "means": [ask.means_id for ask in asks],
            "at": at,
            "first": float(COUNTER_FIRST_S),
            "actor_kind": str(actor.kind),
            "actor_id": actor.id,
            "actor_label": actor.label,
            "on_behalf_of": actor.on_behalf_of,
        },
    )
    if not all(row.has_card for row in made):
        raise NoSuchCard(field="/means_id")
    return [row.id for row in made]
