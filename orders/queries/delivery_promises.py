"""What the database promises about how parcels are delivered."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR o.company_id = %(company)s)"


def promises_of_delivery() -> tuple[Invariant, ...]:
    """Parcels go by services of their company, and fees come from its rules."""
    return (
        Invariant(
            "orders.parcel_service",
            _("A parcel goes by a service of its own company, and with that service's carrier while it is still to leave"),
            f"""SELECT s.id, s.number FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
                LEFT JOIN orders_deliveryservice d ON d.id = s.service_id
                WHERE {_MINE} AND s.service_id IS NOT NULL AND (d.company_id IS DISTINCT FROM s.company_id
                    OR (s.status = 'planned' AND s.carrier <> d.carrier AND s.box IS NULL))""",
        ),
        Invariant(
            "orders.parcel_days",
            _("A parcel is expected no earlier than it is planned to leave"),
            f"""SELECT s.id, s.number FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
                WHERE {_MINE} AND s.service_id IS NOT NULL AND s.expected_on < s.planned_on""",
        ),
        Invariant(
            "orders.fee_rule",
            _("A fee that names a rule names one of the order's company, and a destination of the order"),
            f"""SELECT f.id, o.number FROM orders_fee f JOIN orders_order o ON o.id = f.order_id LEFT JOIN orders_feerule r ON r.id = f.rule_id
                LEFT JOIN orders_destination d ON d.id = f.destination_id
                WHERE {_MINE} AND ((f.rule_id IS NOT NULL AND r.company_id IS DISTINCT FROM o.company_id)
                    OR (f.destination_id IS NOT NULL AND d.order_id IS DISTINCT FROM o.id))""",
        ),
    )
