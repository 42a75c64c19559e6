"""What the database promises about orders, as SQL that selects every row breaking it."""

from core.ports import Invariant
from core.words import gettext_noop as _
from orders.queries.change_promises import promises_of_changes
from orders.queries.delivery_promises import promises_of_delivery
from orders.queries.gift_promises import promises_of_gifts
from orders.queries.pickup_promises import of_pickups
from orders.queries.point_promises import promises_of_points
from orders.queries.purchases import STANDS, WORTH
from orders.queries.return_promises import of_returns
from orders.queries.service_promises import of_services
from orders.queries.warehouse_promises import of_the_warehouse

_MINE = "(%(company)s::bigint IS NULL OR o.company_id = %(company)s)"


def invariants() -> tuple[Invariant, ...]:
    """Every promise of orders, in reading order."""
    return (
        *_of_money(),
        *_of_parcels(),
        *_of_boxes(),
        *promises_of_delivery(),
        *promises_of_gifts(),
        *_of_instructions(),
        *of_the_warehouse(),
        *of_pickups(),
        *_of_tracking(),
        *_of_those_who_wait(),
        *_of_payment(),
        *_of_outside_counters(),
        *_of_estimates(),
        *_of_workflows(),
        *promises_of_changes(),
        *of_returns(),
        *of_services(),
        *promises_of_points(),
        *_of_the_rest(),
    )


def _of_workflows() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.workflow_is_what_was_decided",
            _("An order is paid or inspected before it leaves exactly where a workflow profile of its goods asks for it"),
            f"""SELECT o.id, o.number, o.paid_first, o.inspected_first, w.gates FROM orders_order o LEFT JOIN orders_orderworkflow w ON w.order_id = o.id
                WHERE {_MINE} AND (o.paid_first OR o.inspected_first OR w.order_id IS NOT NULL)
                    AND (o.paid_first, o.inspected_first) IS DISTINCT FROM
                        (coalesce('payment' = ANY(w.gates), false), coalesce('inspection' = ANY(w.gates), false))""",
        ),
        Invariant(
            "orders.unapproved_payments_are_held",
            _("An order whose payment after delivery is not approved is on hold for it, and one that is approved is not"),
            f"""SELECT o.id, o.number, a.state FROM orders_paymentapproval a JOIN orders_order o ON o.id = a.order_id
                WHERE {_MINE} AND a.ended_at IS NULL AND o.status IN ('pending', 'confirmed') AND (a.state <> 'approved') IS DISTINCT FROM
                    EXISTS (SELECT FROM orders_hold h WHERE h.order_id = o.id AND h.kind = 'approval' AND h.released_at IS NULL)""",
        ),
    )


def _of_estimates() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.estimates_are_kept",
            _("An estimate that was ordered has its own order, placed at the prices it promised"),
            f"""SELECT e.id, e.number, o.number AS order_number FROM orders_estimate e JOIN orders_order o ON o.cart_ref = e.public_id
                WHERE {_MINE} AND (e.order_id IS DISTINCT FROM o.id OR (o.revision = 1 AND o.total <> e.total))
                UNION ALL
                SELECT e.id, e.number, '' FROM orders_estimate e WHERE e.order_id IS NOT NULL AND (%(company)s::bigint IS NULL OR e.company_id = %(company)s)
                    AND NOT EXISTS (SELECT FROM orders_order o WHERE o.id = e.order_id AND o.cart_ref = e.public_id)""",
        ),
    )


def _of_money() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.total_adds_up",
            _("An order's total is its lines and fees with tax, to the last minor unit"),
            f"""SELECT o.id, o.number, o.total FROM orders_order o WHERE {_MINE} AND o.total <>
                COALESCE((SELECT sum(CASE WHEN l.until_revision IS NULL THEN l.total
                    ELSE l.total * (l.quantity - l.cancelled_quantity) / l.quantity END) FROM orders_line l WHERE l.order_id = o.id), 0)
                + COALESCE((SELECT sum(f.total) FROM orders_fee f WHERE f.order_id = o.id AND f.until_revision IS NULL), 0)""",
        ),
        Invariant(
            "orders.tax_rounded_once_per_rate",
            _("The per-rate rows of an order add up to its total, one row per rate"),
            f"""SELECT o.id, o.number FROM orders_order o JOIN
                (SELECT order_id, revision, sum(taxable + tax) AS total, sum(tax) AS tax FROM orders_ordertax GROUP BY order_id, revision) t
                    ON t.order_id = o.id AND t.revision = o.revision
                WHERE {_MINE} AND (t.total <> o.total OR t.tax <> o.tax_total)""",
        ),
        Invariant(
            "orders.discounts_keep_their_source",
            _("What a line costs less is explained by its discount rows"),
            f"""SELECT l.id, o.number, l.discount FROM orders_line l JOIN orders_order o ON o.id = l.order_id WHERE {_MINE} AND l.discount <>
                COALESCE((SELECT sum(d.amount) FROM orders_linediscount d WHERE d.line_id = l.id), 0)""",
        ),
        Invariant(
            "orders.masters_exist",
            _("Every order, line and parcel names a company, channel, tax class and location that exist and belong together"),
            f"""SELECT o.id, o.number FROM orders_order o LEFT JOIN core_saleschannel ch ON ch.id = o.channel_id
                WHERE {_MINE} AND ch.company_id IS DISTINCT FROM o.company_id
                UNION ALL
                SELECT o.id, o.number FROM orders_line l JOIN orders_order o ON o.id = l.order_id LEFT JOIN core_taxclass t ON t.code = l.tax_class
                WHERE {_MINE} AND t.code IS NULL
                UNION ALL
                SELECT o.id, o.number FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id LEFT JOIN inventory_location lo ON lo.id = s.location_id
                WHERE {_MINE} AND lo.company_id IS DISTINCT FROM o.company_id""",
        ),
        Invariant(
            "orders.every_order_has_lines",
            _("An order has at least one line and exactly one destination per position"),
            f"""SELECT o.id, o.number FROM orders_order o WHERE {_MINE} AND NOT EXISTS (SELECT 1 FROM orders_line l WHERE l.order_id = o.id)""",
        ),
    )


def _of_parcels() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.open_parcels_have_stock",
            _("Every line of a parcel still to leave points at an open allocation at that parcel's location"),
            f"""SELECT sl.id, o.number FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
                JOIN orders_order o ON o.id = s.order_id LEFT JOIN inventory_allocation a ON a.id = sl.allocation_id
                WHERE {_MINE} AND o.origin = 'placed' AND s.status IN ('planned', 'instructed')
                AND (a.id IS NULL OR a.status <> 'open' OR a.location_id <> s.location_id)""",
        ),
        Invariant(
            "orders.open_allocations_have_a_parcel",
            _("No stock is held for an order line that no open parcel carries"),
            f"""SELECT a.id, o.number FROM inventory_allocation a JOIN orders_line l ON l.public_id = a.demand_id
                JOIN orders_order o ON o.id = l.order_id WHERE {_MINE} AND a.status = 'open' AND NOT EXISTS (
                    SELECT 1 FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
                    WHERE sl.allocation_id = a.id AND s.status IN ('planned', 'instructed'))""",
        ),
        Invariant(
            "orders.shipped_counts_equal_parcels",
            _("What a line counts as shipped is what its parcels carried"),
            f"""SELECT l.id, o.number, l.shipped_quantity FROM orders_line l JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND o.origin = 'placed' AND l.shipped_quantity <> COALESCE((
                    SELECT sum(q) FROM (SELECT max(sl.quantity) AS q FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id
                        WHERE sl.line_id = l.id AND s.status IN ('shipped', 'delivered', 'returned') GROUP BY s.id) parcels), 0)""",
        ),
        Invariant(
            "orders.shipped_means_invoiced",
            _("Every parcel that left has exactly one invoice, and no invoice lacks its parcel"),
            f"""SELECT s.id, o.number FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
                WHERE {_MINE} AND o.origin = 'placed' AND s.status IN ('shipped', 'delivered', 'returned')
                AND NOT EXISTS (SELECT 1 FROM billing_invoice i WHERE i.shipment_ref = s.public_id)
                UNION ALL
                SELECT i.id, i.number FROM billing_invoice i WHERE (%(company)s::bigint IS NULL OR i.company_id = %(company)s)
                AND NOT EXISTS (SELECT 1 FROM orders_shipment s WHERE s.public_id = i.shipment_ref AND s.status IN ('shipped', 'delivered', 'returned'))
                AND NOT EXISTS (SELECT 1 FROM orders_returncase r WHERE r.public_id = i.shipment_ref AND r.charged_total = i.total)
                AND NOT EXISTS (SELECT 1 FROM orders_servicerequest v WHERE v.public_id = i.shipment_ref AND v.charged_total = i.total)""",
        ),
        Invariant(
            "orders.came_back_means_credited",
            _("A parcel that came back is in stock again and nothing of its invoice is left to pay"),
            f"""SELECT s.id, o.number FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
                JOIN billing_invoice i ON i.shipment_ref = s.public_id
                WHERE {_MINE} AND s.status = 'returned' AND (i.total <> (SELECT COALESCE(sum(n.total), 0) FROM billing_creditnote n WHERE n.invoice_id = i.id)
                    OR EXISTS (SELECT 1 FROM orders_shipmentline sl WHERE sl.shipment_id = s.id AND sl.allocation_id IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM inventory_movement m WHERE m.once_key = 'returned:' || sl.allocation_id)))""",
        ),
        Invariant(
            "orders.invoices_equal_the_agreed_total",
            _("A wholly shipped order is invoiced at exactly its agreed total"),
            f"""SELECT o.id, o.number, o.total FROM orders_order o WHERE {_MINE} AND o.origin = 'placed'
                AND o.fulfilment_status IN ('shipped', 'delivered')
                AND NOT EXISTS (SELECT 1 FROM orders_line l WHERE l.order_id = o.id
                    AND l.shipped_quantity <> CASE WHEN l.until_revision IS NULL THEN l.quantity ELSE l.quantity - l.cancelled_quantity END)
                AND o.total <> (SELECT COALESCE(sum(i.total), 0) FROM billing_invoice i WHERE i.order_ref = o.public_id
                    AND NOT EXISTS (SELECT 1 FROM orders_returncase r WHERE r.public_id = i.shipment_ref))""",
        ),
    )


def _of_boxes() -> tuple[Invariant, ...]:
    mine = "(%(company)s::bigint IS NULL OR s.company_id = %(company)s)"
    return (
        Invariant(
            "orders.a_box_is_one_parcel",
            _("What travels in one box leaves one place, for one address, with one carrier and number, for one sum of cash"),
            f"""SELECT min(s.id), s.box::text FROM orders_shipment s JOIN orders_destination d ON d.id = s.destination_id
                JOIN orders_order o ON o.id = s.order_id WHERE s.box IS NOT NULL AND s.status <> 'cancelled' AND {mine}
                GROUP BY s.box HAVING count(DISTINCT (s.company_id, s.location_id)) > 1 OR count(DISTINCT (d.postal_code <> '',
                    regexp_replace(d.postal_code, '[^0-9]', '', 'g'), d.country, d.is_gift)) > 1
                OR count(DISTINCT (s.carrier, s.tracking_number)) > 1
                OR count(DISTINCT o.id) FILTER (WHERE o.payment_method = 'cash_on_delivery') > 1""",
        ),
        Invariant(
            "orders.a_box_leaves_as_a_whole",
            _("What travels in one box has been told to the warehouse, has left and has arrived together"),
            f"""SELECT min(s.id), s.box::text FROM orders_shipment s
                WHERE s.box IS NOT NULL AND s.status IN ('planned', 'instructed', 'shipped', 'delivered') AND {mine}
                GROUP BY s.box HAVING count(DISTINCT s.status) > 1""",
        ),
    )


def _of_instructions() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.instructed_means_told",
            _("A parcel counts as instructed exactly while an instruction to a warehouse is in force"),
            f"""SELECT s.id, o.number FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
                WHERE {_MINE} AND o.origin = 'placed' AND s.status = 'instructed' AND NOT EXISTS (
                    SELECT 1 FROM orders_shipmentinstruction i WHERE i.shipment_id = s.id AND i.status IN ('sent', 'accepted'))
                UNION ALL
                SELECT s.id, o.number FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id
                JOIN orders_order o ON o.id = s.order_id WHERE {_MINE} AND i.status IN ('sent', 'accepted') AND s.status <> 'instructed'""",
        ),
    )


def _of_tracking() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.delivered_stays_delivered",
            _(
                "A parcel under way whose carrier says it was delivered is marked so, and nothing of a parcel that ended is to be followed up"
            ),
            f"""SELECT s.id, o.number FROM orders_parcelprogress p JOIN orders_shipment s ON s.id = p.shipment_id
                JOIN orders_order o ON o.id = s.order_id WHERE {_MINE} AND p.state = 'delivered' AND s.status = 'shipped'
                AND s.shipped_at < p.recorded_at
                UNION ALL
                SELECT s.id, o.number FROM orders_deliveryalert a JOIN orders_shipment s ON s.id = a.shipment_id
                JOIN orders_order o ON o.id = s.order_id
                WHERE {_MINE} AND a.settled_at IS NULL AND s.status IN ('delivered', 'returned')""",
        ),
        Invariant(
            "orders.unknown_codes_are_listed",
            _("Every code of a carrier that nobody understood stands in the list of codes"),
            f"""SELECT e.id, o.number, e.code FROM orders_trackingevent e JOIN orders_shipment s ON s.id = e.shipment_id
                JOIN orders_order o ON o.id = s.order_id WHERE {_MINE} AND e.state IS NULL AND e.number <> '' AND NOT EXISTS (
                    SELECT 1 FROM orders_trackingcode c WHERE c.company_id = s.company_id AND c.code = e.code)""",
        ),
    )


def _of_those_who_wait() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.waits_for_an_order_that_stands",
            _("Only lines of orders that stand wait for goods, each for all its pieces"),
            f"""SELECT b.id, o.number FROM inventory_backorder b JOIN orders_line l ON l.public_id = b.demand_id
                JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND b.status = 'waiting' AND (o.status NOT IN ('pending', 'confirmed') OR b.units <> l.quantity
                    OR o.fulfilment_status NOT IN ('waiting', 'planned', 'partly_shipped'))""",
        ),
        Invariant(
            "orders.filled_lines_have_a_parcel",
            _("A line that got what it waited for is in a parcel, unless it was cancelled since"),
            f"""SELECT b.id, o.number FROM inventory_backorder b JOIN orders_line l ON l.public_id = b.demand_id
                JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND b.status = 'filled' AND NOT EXISTS (SELECT 1 FROM orders_shipmentline sl WHERE sl.line_id = l.id)""",
        ),
        Invariant(
            "orders.shipped_means_all_of_it",
            _("Of an order that counts as shipped, nothing that was ever allocated is still to leave"),
            f"""SELECT l.id, o.number FROM orders_line l JOIN orders_order o ON o.id = l.order_id
                WHERE {_MINE} AND o.origin = 'placed' AND o.fulfilment_status IN ('shipped', 'delivered')
                AND l.quantity > l.cancelled_quantity + l.shipped_quantity
                AND EXISTS (SELECT 1 FROM inventory_allocation a WHERE a.demand_id = l.public_id)""",
        ),
    )


def _of_payment() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.paid_equals_payments",
            _("What an order counts as paid is what billing received for it"),
            f"""SELECT o.id, o.number, o.paid_total FROM orders_order o WHERE {_MINE} AND o.origin = 'placed' AND o.paid_total <> COALESCE((
                    SELECT sum(p.amount) - COALESCE(sum((SELECT sum(r.amount) FROM billing_refund r WHERE r.payment_id = p.id)), 0)
                        - COALESCE(sum((SELECT sum(a.amount) FROM billing_application a JOIN billing_receivable r ON r.invoice_id = a.receivable_id
                            WHERE a.payment_id = p.id AND r.order_ref <> p.order_ref)), 0)
                    FROM billing_payment p WHERE p.order_ref = o.public_id AND p.status <> 'reversed'), 0) + COALESCE((
                    SELECT sum(a.amount) FROM billing_receivable r JOIN billing_application a ON a.receivable_id = r.invoice_id
                    JOIN billing_payment p ON p.id = a.payment_id
                    WHERE r.order_ref = o.public_id AND p.order_ref IS DISTINCT FROM r.order_ref), 0)""",
        ),
        Invariant(
            "orders.one_intent_per_order",
            _("Every placed order says how it is going to be paid"),
            f"""SELECT o.id, o.number FROM orders_order o WHERE {_MINE} AND o.origin = 'placed'
                AND NOT EXISTS (SELECT 1 FROM billing_paymentintent i WHERE i.order_ref = o.public_id)""",
        ),
        Invariant(
            "orders.accepted_after_authorisation",
            _("An order charged to a card was accepted only after its card was authorised"),
            f"""SELECT o.id, o.number, o.status FROM orders_order o WHERE {_MINE} AND o.status IN ('confirmed', 'completed') AND EXISTS (
                    SELECT 1 FROM billing_paymentintent i WHERE i.order_ref = o.public_id AND i.means_id IS NOT NULL AND i.authorised_at IS NULL
                    AND i.attempt = (SELECT max(l.attempt) FROM billing_paymentintent l WHERE l.order_ref = o.public_id))""",
        ),
        Invariant(
            "orders.nobody_waits_for_nothing",
            _("An order waits only for a card, and not after its card was decided"),
            f"""SELECT o.id, o.number FROM orders_order o WHERE {_MINE} AND o.status = 'pending' AND NOT EXISTS (
                    SELECT 1 FROM billing_paymentintent i JOIN billing_gatewaycall g ON g.intent_id = i.id AND g.kind = 'authorise'
                    WHERE i.order_ref = o.public_id AND i.means_id IS NOT NULL
                    AND (g.settled_at IS NULL OR g.settled_at > clock_timestamp() - interval '10 minutes'))""",
        ),
        Invariant(
            "orders.cancelled_holds_nothing",
            _("A cancelled order holds no stock, no open parcel, no open payment intent and no hold"),
            f"""SELECT o.id, o.number FROM orders_order o WHERE {_MINE} AND o.status = 'cancelled' AND (
                EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id AND s.status <> 'cancelled')
                OR EXISTS (SELECT 1 FROM orders_line l WHERE l.order_id = o.id AND l.cancelled_quantity <> l.quantity)
                OR EXISTS (SELECT 1 FROM billing_paymentintent i WHERE i.order_ref = o.public_id AND i.status IN ('requested', 'authorised'))
                OR EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id AND h.released_at IS NULL))""",
        ),
        Invariant(
            "orders.open_holds_counted",
            _("The number of open holds on an order is the number of its open hold rows"),
            f"""SELECT o.id, o.number, o.open_holds FROM orders_order o WHERE {_MINE} AND o.open_holds <>
                (SELECT count(*) FROM orders_hold h WHERE h.order_id = o.id AND h.released_at IS NULL)""",
        ),
    )


def _of_outside_counters() -> tuple[Invariant, ...]:
    mine = "(%(company)s::bigint IS NULL OR i.company_id = %(company)s)"
    return (
        Invariant(
            "orders.outside_order_stands",
            _("An outside order that counts as placed has its order, in its channel and under its number"),
            f"""SELECT i.id, i.outside_number FROM orders_intakeorder i LEFT JOIN orders_order o ON o.id = i.order_id
                WHERE {mine} AND i.state IN ('placed', 'changed', 'cancelling')
                AND (o.id IS NULL OR o.channel_id <> i.channel_id OR o.outside_number <> i.outside_number)""",
        ),
        Invariant(
            "orders.outside_total_agrees",
            _("An outside order that never changed afterwards was placed at the counter's total, to the yen"),
            f"""SELECT i.id, i.outside_number, i.total FROM orders_intakeorder i JOIN orders_order o ON o.id = i.order_id
                WHERE {mine} AND i.state = 'placed' AND i.changed_at IS NULL AND i.total <> coalesce(
                    (SELECT c.total_before FROM orders_orderchange c WHERE c.order_id = o.id AND c.revision = 2), o.total)""",
        ),
    )


def _of_the_rest() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "orders.every_order_can_be_found",
            _("Every order has the words it is found by, its number among them"),
            f"""SELECT o.id, o.number FROM orders_order o LEFT JOIN orders_orderwords w ON w.order_id = o.id
                WHERE {_MINE} AND (w.order_id IS NULL OR w.company_id <> o.company_id OR w.placed_at <> o.placed_at
                    OR strpos(w.words, lower(o.number)) = 0)""",
        ),
        Invariant(
            "orders.nothing_ships_while_held",
            _("No parcel left while its order was on hold"),
            f"""SELECT s.id, o.number FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
                JOIN orders_hold h ON h.order_id = o.id
                WHERE {_MINE} AND s.shipped_at > h.raised_at AND (h.released_at IS NULL OR h.released_at > s.shipped_at)""",
        ),
        Invariant(
            "orders.facts_equal_orders",
            _("Purchase facts equal the orders of the customer's group that stand: not cancelled, not all sent back, not sent in exchange"),
            f"""WITH counted AS (
                    SELECT COALESCE(c.principal_id, c.id) AS customer_id, count(*) FILTER (WHERE {STANDS}) AS orders,
                        count(DISTINCT o.placed_on) FILTER (WHERE {STANDS}) AS f, min(o.placed_on) FILTER (WHERE {STANDS}) AS first_on,
                        max(o.placed_on) FILTER (WHERE {STANDS}) AS last_on, sum({WORTH}) AS amount
                    FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id
                    WHERE o.status <> 'cancelled' AND (%(company)s::bigint IS NULL OR o.company_id = %(company)s) GROUP BY 1)
                SELECT COALESCE(n.customer_id, p.customer_id), n.orders, p.order_count FROM counted n
                FULL JOIN (SELECT * FROM orders_purchasefacts WHERE (order_count > 0 OR amount_total > 0) AND (%(company)s::bigint IS NULL OR company_id = %(company)s)) p
                    ON p.customer_id = n.customer_id
                WHERE COALESCE(n.orders, p.order_count, 0) + COALESCE(n.amount, p.amount_total, 0) <> 0
                AND (n.orders, n.f, n.first_on, n.last_on, n.amount)
                    IS DISTINCT FROM (p.order_count::bigint, p.f_number::bigint, p.first_on, p.last_on, p.amount_total::numeric)""",
        ),
        Invariant(
            "orders.placed_means_announced",
            _("Every placed order was announced exactly once, as long as its event is kept"),
            f"""SELECT o.id, o.number, count(e.id) FROM orders_order o LEFT JOIN core_outboxevent e
                    ON e.stream = 'order:' || o.id AND e.name = 'orders.OrderPlaced'
                WHERE {_MINE} AND o.origin = 'placed' AND o.recorded_at > (SELECT min(recorded_at) FROM core_outboxevent)
                GROUP BY o.id, o.number HAVING count(e.id) <> 1""",
        ),
    )
