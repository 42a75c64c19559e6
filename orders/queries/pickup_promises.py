"""What the database promises about goods fetched or sold in a store, as SQL that selects every row breaking it."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR p.company_id = %(company)s)"
_ROWS = "FROM orders_pickup p JOIN orders_shipment s ON s.id = p.shipment_id JOIN orders_order o ON o.id = s.order_id"


def of_pickups() -> tuple[Invariant, ...]:
    """The promises about pickups and sales over the counter."""
    return (
        Invariant(
            "orders.handed_over_has_left",
            _("What was given to its buyer in a store has left, at that moment, and only that"),
            f"""SELECT p.shipment_id, s.number, p.state, s.status {_ROWS} WHERE {_MINE} AND
                (p.state = 'handed_over') <> (s.status IN ('shipped', 'delivered', 'returned')
                    AND s.shipped_at IS NOT DISTINCT FROM p.handed_at)""",
        ),
        Invariant(
            "orders.ready_pickup_stands",
            _("What lies ready in a store lies where it is fetched, under a code, for an order that stands"),
            f"""SELECT p.shipment_id, s.number, s.status, o.status {_ROWS} JOIN orders_destination d ON d.id = s.destination_id
                WHERE {_MINE} AND p.state = 'ready' AND (s.status NOT IN ('planned', 'instructed') OR o.status = 'cancelled' OR p.code = ''
                    OR p.is_sale OR d.pickup_at_id IS DISTINCT FROM s.location_id OR p.location_id <> s.location_id)""",
        ),
        Invariant(
            "orders.ended_pickup_holds_nothing",
            _("What was not fetched holds no stock, and its order does not stand"),
            f"""SELECT p.shipment_id, s.number, p.state {_ROWS} WHERE {_MINE} AND p.state IN ('lapsed', 'cancelled') AND (
                s.status <> 'cancelled' OR (p.state = 'lapsed' AND o.status <> 'cancelled') OR EXISTS (
                    SELECT FROM orders_shipmentline l JOIN inventory_allocation a ON a.id = l.allocation_id
                    WHERE l.shipment_id = s.id AND a.status = 'open'))""",
        ),
        Invariant(
            "orders.store_sale_is_whole",
            _("What was sold over a counter was handed over there, invoiced and paid at once"),
            f"""SELECT p.shipment_id, o.number {_ROWS} WHERE {_MINE} AND p.is_sale AND (p.state <> 'handed_over' OR o.taken_at_id IS DISTINCT FROM p.location_id
                OR NOT EXISTS (SELECT FROM billing_invoice v WHERE v.shipment_ref = s.public_id)
                OR (o.total > 0 AND NOT EXISTS (
                    SELECT FROM billing_payment m WHERE m.order_ref = o.public_id AND m.once_key = 'sale:' || o.public_id)))""",
        ),
    )
