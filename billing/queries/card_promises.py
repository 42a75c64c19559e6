"""What billing promises about cards, as SQL over the whole database: no row means the promise holds."""

from typing import Final

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE: Final = "(%(company)s::bigint IS NULL OR i.company_id = %(company)s) AND i.means_id IS NOT NULL"

CARD_PROMISES: Final = (
    Invariant(
        name="billing.captured_was_authorised",
        promise=_("Nothing is taken from a card that was not held on it first, and never more than that, nor more than the order asks."),
        sql=f"""
            SELECT i.id, i.order_number, i.amount, i.authorised_amount, i.captured_amount FROM billing_paymentintent i
            WHERE {_MINE} AND (i.captured_amount > i.authorised_amount OR i.authorised_amount > i.amount
                OR (i.authorised_amount > 0 AND i.authorised_at IS NULL)
                OR (i.status = 'authorised' AND i.authorised_amount = 0) OR (i.status = 'captured' AND i.captured_amount = 0))
        """,
    ),
    Invariant(
        name="billing.captured_is_booked",
        promise=_("What was taken from a card is booked as one payment of exactly that amount, once."),
        sql=f"""
            SELECT i.id, i.order_number, i.captured_amount, p.amount AS booked FROM billing_paymentintent i
            LEFT JOIN billing_payment p ON p.once_key = i.provider || ':' || i.provider_ref
            WHERE {_MINE} AND i.captured_amount <> coalesce(p.amount, 0)
        """,
    ),
    Invariant(
        name="billing.card_deeds_were_asked_for",
        promise=_("Every authorised card has its request written down and answered, and every card let go was asked to be."),
        sql=f"""
            SELECT i.id, i.order_number, i.status FROM billing_paymentintent i
            WHERE {_MINE} AND i.status IN ('authorised', 'captured') AND NOT EXISTS (
                SELECT 1 FROM billing_gatewaycall g WHERE g.intent_id = i.id AND g.kind = 'authorise' AND g.state = 'ok')
            UNION ALL
            SELECT i.id, i.order_number, i.status FROM billing_paymentintent i
            WHERE {_MINE} AND i.status = 'voided' AND NOT EXISTS (
                SELECT 1 FROM billing_gatewaycall g WHERE g.intent_id = i.id AND g.kind = 'void')
        """,
    ),
    Invariant(
        name="billing.card_refunds_go_back",
        promise=_("A refund of money a card gateway took is passed to that gateway, once."),
        sql=f"""
            SELECT r.id, i.order_number, r.amount FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id AND p.method = 'card'
            JOIN billing_paymentintent i ON i.provider_ref = p.reference AND i.provider_ref <> '' AND i.company_id = p.company_id
            WHERE {_MINE} AND (SELECT count(*) FROM billing_gatewaycall g WHERE g.refund_id = r.id) <> 1
        """,
    ),
    Invariant(
        name="billing.means_fit_their_intent",
        promise=_("A card is charged for the customer and the company it is kept for."),
        sql=f"""
            SELECT i.id, i.order_number, m.id AS means FROM billing_paymentintent i JOIN billing_paymentmeans m ON m.id = i.means_id
            LEFT JOIN customers_customer buyer ON buyer.id = i.customer_id LEFT JOIN customers_customer holder ON holder.id = m.customer_id
            WHERE {_MINE} AND (m.company_id <> i.company_id OR m.provider <> i.provider
                OR coalesce(holder.principal_id, holder.id) IS DISTINCT FROM coalesce(buyer.principal_id, buyer.id))
        """,
    ),
)
