"""What the database promises about points that orders earn."""

from core.ports import Invariant
from core.words import gettext_noop as _
from orders.queries.earning import TREE

_MINE = "(%(company)s::bigint IS NULL OR c.company_id = %(company)s)"
_EARNED = f"""
SELECT c.company_id, e.reference, max(l.programme_id) AS programme_id, count(DISTINCT (l.programme_id, l.rate_bp)) AS terms,
    max(l.rate_bp) AS rate_bp, count(DISTINCT e.customer_id) AS customers, min(e.customer_id) AS customer_id, sum(e.points) AS points
FROM customers_pointlot l JOIN customers_pointentry e ON e.lot_id = l.id AND e.kind IN ('granted', 'corrected')
JOIN customers_customer c ON c.id = e.customer_id WHERE l.programme_id IS NOT NULL AND {_MINE} GROUP BY 1, 2
"""


def promises_of_points() -> tuple[Invariant, ...]:
    """Every promise of them, in reading order."""
    return (
        Invariant(
            "orders.points_earned_by_an_order",
            _("Points earned by a programme are those of an order of that customer, all of them at one rate"),
            f"""SELECT p.reference, p.company_id, p.points FROM ({_EARNED}) p
                LEFT JOIN orders_order o ON o.company_id = p.company_id AND o.number = p.reference
                WHERE o.id IS NULL OR p.terms <> 1 OR p.customers <> 1 OR p.customer_id <> o.customer_id""",
        ),
        Invariant(
            "orders.points_within_what_left",
            _("An order never keeps more points than its programme gives for the goods of it that left"),
            f"""WITH RECURSIVE earned AS MATERIALIZED ({_EARNED}),
                asked AS (SELECT o.id AS head FROM earned p JOIN orders_order o ON o.company_id = p.company_id AND o.number = p.reference), {TREE},
                gone AS (
                    SELECT t.head, sum(l.total::numeric * l.shipped_quantity / l.quantity) AS taxed, sum(CASE WHEN o.tax_basis = 'excluded'
                        THEN l.amount::numeric * l.shipped_quantity / l.quantity
                        ELSE l.total::numeric * l.shipped_quantity / l.quantity * 10000 / (10000 + l.tax_rate_bp) END) AS untaxed
                    FROM tree t JOIN orders_order o ON o.id = t.id JOIN orders_line l ON l.order_id = t.id GROUP BY t.head
                )
                SELECT o.id, o.number, p.points, g.taxed, g.untaxed FROM earned p JOIN customers_pointprogramme m ON m.id = p.programme_id
                JOIN orders_order o ON o.company_id = p.company_id AND o.number = p.reference JOIN gone g ON g.head = o.id
                WHERE p.points > CASE WHEN m.with_tax THEN g.taxed ELSE g.untaxed END * p.rate_bp / 10000""",
        ),
    )
