"""What the database promises about returns, exchanges and claims."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR o.company_id = %(company)s)"
_TAKEN = """COALESCE(sum(CASE WHEN c.status IN ('refused', 'withdrawn') THEN 0 WHEN c.status = 'settled' THEN rl.accepted
    ELSE rl.quantity - rl.declined END), 0)"""


def of_returns() -> tuple[Invariant, ...]:
    """Every promise of returns, in reading order."""
    return (*_of_goods(), *_of_money(), *_of_exchanges())


def _of_goods() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.returned_at_most_shipped",
            _("What a line counts as in returns is what its cases took up, and never more than a parcel brought"),
            f"""SELECT l.id, o.number, l.returning_quantity FROM orders_line l JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND l.returning_quantity <> (SELECT {_TAKEN} FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id
                    WHERE rl.line_id = l.id)
                UNION ALL
                SELECT t.line_id, o.number, t.taken FROM (
                    SELECT rl.line_id, rl.shipment_id, {_TAKEN} AS taken FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id
                    GROUP BY rl.line_id, rl.shipment_id) t
                JOIN orders_line l ON l.id = t.line_id JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND t.taken > COALESCE((SELECT max(sl.quantity) FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
                    WHERE sl.line_id = t.line_id AND sl.shipment_id = t.shipment_id AND s.status IN ('shipped', 'delivered', 'returned')), 0)""",
        ),
        Invariant(
            "orders.returns_are_in_stock",
            _("Every piece that a case counts as received came in once, by a movement of that case"),
            f"""SELECT rl.id, o.number, rl.received FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id
                JOIN orders_order o ON o.id = c.order_id JOIN orders_shipmentline sl ON sl.line_id = rl.line_id AND sl.shipment_id = rl.shipment_id
                JOIN inventory_allocation a ON a.id = sl.allocation_id
                LEFT JOIN (SELECT split_part(once_key, ':', 2) AS line, split_part(once_key, ':', 3) AS allocation, sum(quantity) AS quantity
                    FROM inventory_movement WHERE kind = 'return' AND once_key LIKE 'return:%%' GROUP BY 1, 2) m
                    ON m.line = rl.id::text AND m.allocation = a.id::text
                WHERE {_MINE} AND c.kind <> 'undelivered' AND rl.received * a.quantity / sl.quantity <> COALESCE(m.quantity, 0)""",
        ),
        Invariant(
            "orders.return_states_follow",
            _("A case is in the state its decisions and its lines make it"),
            f"""SELECT c.id, c.number, c.status FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id CROSS JOIN LATERAL (
                    SELECT COALESCE(sum(rl.quantity) FILTER (WHERE rl.comes_back), 0) AS coming, COALESCE(sum(rl.received), 0) AS here,
                        COALESCE(sum(CASE WHEN rl.comes_back THEN rl.received ELSE rl.quantity END - rl.accepted - rl.declined), 0) AS undecided
                    FROM orders_returnline rl WHERE rl.case_id = c.id) n
                WHERE {_MINE} AND c.status <> CASE
                    WHEN c.ended_at IS NOT NULL THEN CASE WHEN c.approved_at IS NULL AND c.status = 'refused' THEN 'refused' ELSE 'withdrawn' END
                    WHEN c.settled_at IS NOT NULL THEN 'settled' WHEN c.approved_at IS NULL THEN 'requested'
                    WHEN n.coming > 0 AND n.here = 0 THEN 'approved' WHEN n.here < n.coming THEN 'partly_received'
                    WHEN n.undecided > 0 THEN 'received' ELSE 'inspected' END""",
        ),
        Invariant(
            "orders.return_status_follows",
            _("An order tells of its returns what its cases are"),
            f"""SELECT o.id, o.number, o.return_status FROM orders_order o WHERE {_MINE} AND (o.return_status <> 'none')
                    IS DISTINCT FROM EXISTS (SELECT FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id WHERE c.order_id = o.id
                        AND (c.status NOT IN ('refused', 'withdrawn', 'settled') OR (c.status = 'settled' AND rl.accepted > 0)))
                UNION ALL
                SELECT o.id, o.number, o.return_status FROM orders_order o WHERE {_MINE} AND o.returned_total <>
                    COALESCE((SELECT sum(c.credited_total) FROM orders_returncase c WHERE c.order_id = o.id), 0)
                    AND (o.returned_total > 0 OR o.return_status <> 'none')""",
        ),
    )


def _of_money() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.returns_credited_as_accepted",
            _("Credit notes of a case equal what its accepted pieces were invoiced at; nothing is credited before it is settled"),
            f"""SELECT c.id, c.number, c.credited_total FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
                WHERE {_MINE} AND c.kind <> 'undelivered' AND c.credited_total <> COALESCE((
                    SELECT sum(n.total) FROM billing_creditnote n JOIN billing_invoice i ON i.id = n.invoice_id
                    WHERE i.order_ref = o.public_id AND n.once_key = 'return:' || c.public_id || ':' || i.id), 0)
                UNION ALL
                SELECT c.id, c.number, c.credited_total FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
                WHERE {_MINE} AND c.status <> 'settled' AND c.kind <> 'undelivered' AND (c.credited_total > 0 OR c.charged_total > 0)
                UNION ALL
                SELECT c.id, c.number, c.credited_total FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
                WHERE {_MINE} AND c.kind <> 'undelivered' AND NOT c.refunds_postage
                    AND c.credited_total <> (SELECT COALESCE(sum(rl.credited), 0) FROM orders_returnline rl WHERE rl.case_id = c.id)""",
        ),
        Invariant(
            "orders.returned_lines_credited_exactly",
            _("A line all of whose pieces came back and were accepted has given back exactly what it was invoiced at"),
            f"""SELECT t.line_id, o.number, t.credited FROM (
                    SELECT rl.line_id, rl.shipment_id, sum(rl.accepted) AS accepted, sum(rl.credited) AS credited FROM orders_returnline rl
                    JOIN orders_returncase c ON c.id = rl.case_id AND c.status = 'settled' AND c.kind IN ('return', 'exchange')
                    WHERE rl.part_refund IS NULL GROUP BY rl.line_id, rl.shipment_id) t
                JOIN orders_line l ON l.id = t.line_id JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND t.accepted = l.quantity AND t.credited <> l.total
                AND NOT EXISTS (SELECT FROM orders_returnline x WHERE x.line_id = l.id AND x.part_refund IS NOT NULL)""",
        ),
        Invariant(
            "orders.returns_charged_as_told",
            _("What a case charges is invoiced under its id, to the last minor unit"),
            f"""SELECT c.id, c.number, c.charged_total FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
                WHERE {_MINE} AND c.charged_total <> COALESCE((SELECT i.total FROM billing_invoice i WHERE i.shipment_ref = c.public_id), 0)""",
        ),
        Invariant(
            "orders.returns_refunded_as_told",
            _("What a case counts as refunded went back out of payments for it"),
            f"""SELECT c.id, c.number, c.refunded_total FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
                WHERE {_MINE} AND (c.refunded_total > 0 OR c.status = 'settled') AND c.refunded_total <> COALESCE((
                    SELECT sum(r.amount) FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id
                    WHERE p.order_ref = o.public_id AND r.once_key LIKE 'return:' || c.public_id || ':%%'), 0)""",
        ),
    )


def _of_exchanges() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.exchange_waits_for_goods",
            _("An exchange that is sent when the goods are back is on hold until they are, or somebody let it go"),
            f"""SELECT c.id, c.number, e.number FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
                JOIN orders_order e ON e.id = c.exchange_order_id
                WHERE {_MINE} AND c.kind = 'exchange' AND c.exchange_timing = 'after_arrival' AND c.status IN ('approved', 'partly_received')
                AND e.status NOT IN ('cancelled') AND NOT EXISTS (
                    SELECT FROM orders_hold h WHERE h.order_id = e.id AND h.kind = 'exchange' AND (h.released_at IS NULL OR h.released_by <> ''))""",
        ),
        Invariant(
            "orders.exchanges_are_placed",
            _("A case that was approved with an exchange has its order, of the same customer"),
            f"""SELECT c.id, c.number, c.status FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
                LEFT JOIN orders_order e ON e.id = c.exchange_order_id
                WHERE {_MINE} AND EXISTS (SELECT FROM orders_exchangeline x WHERE x.case_id = c.id) AND (
                    (c.approved_at IS NOT NULL AND c.ended_at IS NULL AND e.id IS NULL) OR e.customer_id <> o.customer_id)""",
        ),
    )
