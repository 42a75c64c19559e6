"""Somebody's wish to be forgotten, as far as the shop's checkout is concerned."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, run

# A link that erasing has just ended counts, one that was ended before was never, or is no more, this person's.
THEIRS = """
SELECT c.id FROM storefront_cart c JOIN core_site s ON s.id = c.site_id
JOIN customers_customeraccount l ON l.account_id = c.account_id JOIN customers_customer k ON k.id = l.customer_id AND k.company_id = s.company_id
WHERE k.id = ANY(%(ids)s::bigint[]) AND (l.ended_at IS NULL OR l.ended_at >= %(at)s)
UNION SELECT c.id FROM storefront_cart c JOIN orders_order o ON o.cart_ref = c.public_id WHERE o.customer_id = ANY(%(ids)s::bigint[])
"""
_FORGET = f"""
WITH theirs AS MATERIALIZED ({THEIRS}),
typed AS (DELETE FROM storefront_checkout WHERE cart_id IN (SELECT id FROM theirs)),
shares AS (DELETE FROM storefront_checkoutshare WHERE place_id IN (SELECT id FROM storefront_checkoutplace WHERE cart_id IN (SELECT id FROM theirs)))
DELETE FROM storefront_checkoutplace WHERE cart_id IN (SELECT id FROM theirs)
"""


@operation
def forget_checkouts(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """What these customers typed at checkouts, their own address and those of others, is gone; their carts stay. Again changes nothing."""
    run(_FORGET, {"ids": list(customer_ids), "at": at})
