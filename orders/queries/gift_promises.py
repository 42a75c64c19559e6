"""What the database promises about where goods of an order go, and how they are given there."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR o.company_id = %(company)s)"


def promises_of_gifts() -> tuple[Invariant, ...]:
    """Destinations hold what was agreed to go there, and gifts are charged for as they were agreed."""
    return (
        Invariant(
            "orders.destinations_hold_their_lines",
            _("What an order's parcels bring to a destination is what its lines send there, and no destination is empty"),
            f"""SELECT l.id, o.number FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN orders_destination d ON d.id = l.destination_id
                WHERE {_MINE} AND d.order_id <> l.order_id
                UNION ALL
                SELECT sl.id, s.number FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
                JOIN orders_line l ON l.id = sl.line_id JOIN orders_order o ON o.id = s.order_id
                WHERE {_MINE} AND l.destination_id <> s.destination_id
                UNION ALL
                SELECT d.id, o.number FROM orders_destination d JOIN orders_order o ON o.id = d.order_id
                WHERE {_MINE} AND o.origin = 'placed' AND NOT EXISTS (SELECT FROM orders_line l WHERE l.destination_id = d.id)""",
        ),
        Invariant(
            "orders.gifts_are_told_as_gifts",
            _("A destination that is given says so, so that its note has no prices where they are hidden"),
            f"""SELECT d.id, o.number FROM orders_gift g JOIN orders_destination d ON d.id = g.destination_id JOIN orders_order o ON o.id = d.order_id
                WHERE {_MINE} AND NOT d.is_gift""",
        ),
        Invariant(
            "orders.gifts_are_charged_once",
            _("A charge for a gift is for noshi, wrapping or card of its destination as they were agreed, once each"),
            f"""SELECT f.id, o.number FROM orders_fee f JOIN orders_order o ON o.id = f.order_id LEFT JOIN orders_gift g ON g.destination_id = f.destination_id
                WHERE {_MINE} AND f.kind = 'gift' AND f.destination_id IS NOT NULL AND f.until_revision IS NULL
                    AND regexp_replace(f.label, ' × [0-9]+$', '') NOT IN (coalesce(g.noshi_name, ''), coalesce(g.wrapping_name, ''), coalesce(g.card_name, ''))
                UNION ALL
                SELECT max(f.id), o.number FROM orders_fee f JOIN orders_order o ON o.id = f.order_id
                JOIN orders_gift g ON g.destination_id = f.destination_id
                WHERE {_MINE} AND f.kind = 'gift' AND f.until_revision IS NULL
                GROUP BY o.number, f.destination_id HAVING count(*) > max((g.noshi_id IS NOT NULL)::int + (g.wrapping_id IS NOT NULL)::int
                    + (g.card_id IS NOT NULL)::int)""",
        ),
    )
