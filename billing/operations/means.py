"""Cards kept and let go: the number stays with the gateway, here is what it calls the card."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from billing.operations.charging import InTransaction, gateway_named
from billing.operations.posting import by
from billing.ports import CardDeclined, GatewayCard, GatewayError, NoAnswer
from billing.rules import CardBrand, KeepCard, KeptCard, decline_words, is_valid_token
from core.actor import Actor
from core.db import in_operation, operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _

# The gateway's record of a customer is reused, so that all their cards hang on one.
_KNOWN_CUSTOMER = """
SELECT provider_customer FROM billing_paymentmeans
WHERE customer_id = %s AND company_id = %s AND provider = %s AND provider_customer <> '' ORDER BY id DESC LIMIT 1
"""
_CUSTOMER_FITS = "SELECT 1 FROM customers_customer WHERE id = %s AND company_id = %s"
_KEEP = """
WITH made AS (
    INSERT INTO billing_paymentmeans (company_id, customer_id, provider, provider_ref, provider_customer, brand, last4, exp_month, exp_year,
        reusable, kept_at, actor_kind, actor_id, actor_label, on_behalf_of)
    VALUES (%(company)s, %(customer)s::bigint, %(provider)s::text, %(reference)s::text, %(at_gateway)s::text, %(brand)s::text, %(last4)s::text, %(month)s, %(year)s,
        %(reusable)s::boolean, %(at)s::timestamptz, %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text)
    ON CONFLICT (provider, provider_ref) DO NOTHING
    RETURNING id, public_id, company_id, customer_id, brand, last4, exp_month, exp_year, ended_at
)
SELECT * FROM made UNION ALL
SELECT id, public_id, company_id, customer_id, brand, last4, exp_month, exp_year, ended_at FROM billing_paymentmeans
WHERE provider = %(provider)s::text AND provider_ref = %(reference)s::text
"""


def keep_cards(asks: Sequence[KeepCard], *, actor: Actor, at: datetime) -> list[KeptCard | Refusal]:
    """The cards behind these tokens can be charged: once, or for later orders too where they are kept for a customer.

    No operation: asks the gateway, and must not be called inside a transaction. The same token gives the same card again.
    Refuses with "billing.cards_off", "billing.bad_token", "billing.card_needs_customer", "billing.card_declined",
    "billing.gateway_silent" (try again), "billing.no_such_card" (the token is somebody else's).
    """
    if in_operation():
        raise InTransaction("cards are kept outside transactions")
    return [_keep_one(ask, actor=actor, at=at) for ask in asks]


def _keep_one(ask: KeepCard, *, actor: Actor, at: datetime) -> KeptCard | Refusal:
    gateway = gateway_named("")
    if gateway is None:
        return Refusal("billing.cards_off", _("Cards are not accepted at the moment."))
    if not is_valid_token(ask.token):
        return Refusal("billing.bad_token", _("The card could not be read. Please enter it again."), {}, "/token")
    if ask.reusable and ask.customer_id is None:
        return Refusal("billing.card_needs_customer", _("A card is kept for a customer only."), {}, "/customer_id")
    if ask.customer_id is not None and not rows(_CUSTOMER_FITS, (ask.customer_id, ask.company_id)):
        return Refusal("billing.no_such_card", _("This card cannot be charged. Please enter a card again."))
    known = rows(_KNOWN_CUSTOMER, (ask.customer_id, ask.company_id, gateway.provider)) if ask.reusable else []
    try:
        card = gateway.keep(
            ask.token,
            customer_ref=known[0].provider_customer if known else "",
            owner=f"{ask.company_id}-{ask.customer_id or 'guest'}",
            reusable=ask.reusable,
            key=sha256(f"{ask.company_id}:{ask.customer_id}:{ask.token}".encode()).hexdigest()[:40],
        )
    except CardDeclined as declined:
        return Refusal("billing.card_declined", decline_words(declined.code), {"reason": declined.code})
    except NoAnswer:
        return Refusal("billing.gateway_silent", _("The card company does not answer. Nothing was charged; please try again."))
    except GatewayError:
        return Refusal("billing.bad_token", _("The card could not be read. Please enter it again."), {}, "/token")
    return _write(ask, card, provider=gateway.provider, actor=actor, at=at)


@operation
def _write(ask: KeepCard, card: GatewayCard, *, provider: str, actor: Actor, at: datetime) -> KeptCard | Refusal:
    row = rows(
        _KEEP,
        {
            "company": ask.company_id,
            "customer": ask.customer_id,
            "provider": provider,
            "reference": card.reference,
            "at_gateway": card.customer_ref,
            "brand": str(card.brand),
            "last4": card.last4,
            "month": card.exp_month,
            "year": card.exp_year,
            "reusable": ask.reusable,
            "at": at,
            **by(actor),
        },
    )[0]
    if (row.company_id, row.customer_id) != (ask.company_id, ask.customer_id) or row.ended_at is not None:
        return Refusal("billing.no_such_card", _("This card cannot be charged. Please enter a card again."))
    return _kept(row)


def _kept(row: Any) -> KeptCard:
    return KeptCard(
        means_id=row.id,
        public_id=row.public_id,
        brand=CardBrand(row.brand),
        last4=row.last4,
        exp_month=row.exp_month,
        exp_year=row.exp_year,
    )


_END = """
UPDATE billing_paymentmeans SET ended_at = %(at)s::timestamptz, last4 = CASE WHEN %(blank)s::boolean THEN '' ELSE last4 END
WHERE id = ANY (%(ids)s::bigint[]) AND ended_at IS NULL RETURNING id
"""
_FORGET = """
INSERT INTO billing_gatewaycall (company_id, kind, provider, means_id, requested_at, due_at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT company_id, 'forget', provider, id, %(at)s::timestamptz, clock_timestamp(), %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text,
    %(on_behalf_of)s::text
FROM billing_paymentmeans WHERE id = ANY (%(ids)s::bigint[]) ORDER BY id
ON CONFLICT DO NOTHING
"""
_KNOWN = "SELECT id FROM billing_paymentmeans WHERE id = ANY (%s::bigint[]) ORDER BY id FOR UPDATE"


@operation
def end_means(means_ids: Sequence[int], *, actor: Actor, at: datetime, reason: str = "", blank: bool = False) -> list[Refusal | None]:
    """These cards are charged no more, and the gateway is asked to forget them; what is authorised already may still be taken.

    ``blank`` also forgets their last digits (erasure). Refuses "billing.no_such_card"; repeating it changes nothing.
    """
    known = {row.id for row in rows(_KNOWN, (list(means_ids),))}
    ended = [row.id for row in rows(_END, {"ids": sorted(known), "at": at, "blank": blank})]
    if blank:
        run("UPDATE billing_paymentmeans SET last4 = '' WHERE id = ANY (%s::bigint[]) AND last4 <> ''", (sorted(known),))
    if ended:
        run(_FORGET, {"ids": ended, "at": at, **by(actor)})
    return [None if i in known else Refusal("billing.no_such_card", _("There is no such card.")) for i in means_ids]
