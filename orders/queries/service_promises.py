"""What the database promises about repairs, collections and purchases."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR v.company_id = %(company)s)"


def of_services() -> tuple[Invariant, ...]:
    """Every promise of them, in reading order."""
    return (
        Invariant(
            "orders.services_charged_as_told",
            _("What a repair or collection charges is invoiced under its id: what was agreed to, and the postage back"),
            f"""SELECT v.id, v.number, v.charged_total FROM orders_servicerequest v
                WHERE {_MINE} AND v.charged_total <> COALESCE((SELECT i.total FROM billing_invoice i WHERE i.shipment_ref = v.public_id), 0)
                UNION ALL
                SELECT v.id, v.number, v.charged_total FROM orders_servicerequest v WHERE {_MINE} AND v.status = 'repaired'
                AND v.charged_total < COALESCE(v.amount, 0)""",
        ),
        Invariant(
            "orders.services_paid_in_points_once",
            _("What was bought for points gave exactly its price in points, once, and nothing else did"),
            f"""SELECT v.id, v.number, v.payout_total FROM orders_servicerequest v
                WHERE {_MINE} AND COALESCE((SELECT sum(e.points) FROM customers_pointentry e WHERE e.deed_key = 'service:' || v.public_id), 0)
                    <> CASE WHEN v.payout_way = 'points' THEN v.payout_total ELSE 0 END""",
        ),
        Invariant(
            "orders.services_on_the_shelf",
            _("What was bought or kept and taken in came in as one piece, once; goods that are still the customer's are in no stock"),
            f"""SELECT v.id, v.number, v.status FROM orders_servicerequest v
                WHERE {_MINE} AND COALESCE((SELECT sum(m.quantity) FROM inventory_movement m
                    WHERE m.cause = 'service:' || v.public_id AND m.kind = 'receipt'), 0)
                    <> CASE WHEN v.stock_item_id IS NULL THEN 0 ELSE 1 END""",
        ),
    )
