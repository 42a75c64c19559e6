"""What is promised of changed orders, as SQL that finds whatever breaks it."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR o.company_id = %(company)s)"


def promises_of_changes() -> tuple[Invariant, ...]:
    """Revisions follow each other without a gap, in number and in money, and what was agreed before stays."""
    return (
        Invariant(
            "orders.revisions_follow_each_other",
            _("An order is at the revision that its confirmed changes made, each starting from the total the one before ended with"),
            f"""WITH steps AS (
                    SELECT c.order_id, c.revision, c.total_before, c.total_after,
                        row_number() OVER (PARTITION BY c.order_id ORDER BY c.revision) + 1 AS place,
                        lag(c.total_after) OVER (PARTITION BY c.order_id ORDER BY c.revision) AS ended
                    FROM orders_orderchange c WHERE c.state = 'confirmed'
                ), latest AS (
                    SELECT DISTINCT ON (order_id) order_id, revision, total_after FROM steps ORDER BY order_id, revision DESC
                )
                SELECT o.id, o.number FROM steps s JOIN orders_order o ON o.id = s.order_id
                WHERE {_MINE} AND (s.revision <> s.place OR s.ended <> s.total_before)
                UNION ALL
                SELECT o.id, o.number FROM orders_order o LEFT JOIN latest t ON t.order_id = o.id
                WHERE {_MINE} AND (o.revision <> coalesce(t.revision, 1) OR o.total <> coalesce(t.total_after, o.total))""",
        ),
        Invariant(
            "orders.changes_add_up",
            _(
                "What a confirmed change cost before and after is its goods less discounts, with fees and, where prices are without tax, tax"
            ),
            f"""SELECT c.id, o.number FROM orders_orderchange c JOIN orders_order o ON o.id = c.order_id
                WHERE {_MINE} AND c.state = 'confirmed' AND o.tax_basis = 'included' AND (
                    c.total_before <> c.goods_before - c.discount_before + c.fee_before
                    OR c.total_after <> c.goods_after - c.discount_after + c.fee_after)""",
        ),
        Invariant(
            "orders.ended_lines_are_followed",
            _("A line whose place was taken ended exactly when the one that took it began, and holds no stock and waits for nothing"),
            f"""SELECT l.id, o.number FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN orders_line w ON w.id = l.replaces_id
                WHERE {_MINE} AND (w.until_revision IS DISTINCT FROM l.from_revision OR w.order_id <> l.order_id OR w.variant_id <> l.variant_id)
                UNION ALL
                SELECT l.id, o.number FROM orders_line l JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND l.until_revision IS NOT NULL AND EXISTS (
                    SELECT FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
                    WHERE sl.line_id = l.id AND s.status IN ('planned', 'instructed'))
                UNION ALL
                SELECT l.id, o.number FROM orders_line l JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND l.until_revision IS NOT NULL AND EXISTS (
                    SELECT FROM inventory_backorder b WHERE b.demand_id = l.public_id AND b.status = 'waiting')""",
        ),
    )
