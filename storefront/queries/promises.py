"""What the storefront promises, as SQL that selects every row breaking it."""

from core.ports import Invariant
from core.words import gettext_noop as _


def invariants() -> tuple[Invariant, ...]:
    """Every promise of the storefront."""
    return (
        Invariant(
            "storefront.one_order_per_cart",
            _("A cart that was ordered has exactly the order that was placed from it"),
            """SELECT c.id, c.public_id FROM storefront_cart c JOIN core_site s ON s.id = c.site_id LEFT JOIN orders_order o ON o.cart_ref = c.public_id
                WHERE c.state = 'ordered' AND (o.id IS NULL OR o.id <> c.order_id)
                AND (%(company)s::bigint IS NULL OR s.company_id = %(company)s)""",
        ),
    )
