"""What the database promises about work in the warehouse, as SQL that selects every row breaking it."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR s.company_id = %(company)s)"


def of_the_warehouse() -> tuple[Invariant, ...]:
    """The promises about inserts, inspection and papers."""
    return (
        Invariant(
            "orders.inserts_have_their_stock",
            _("An insert in force has its stock promised or shipped at its parcel's location, and one that ended holds nothing"),
            f"""SELECT n.id, s.number FROM orders_shipmentinsert n JOIN orders_shipment s ON s.id = n.shipment_id
                LEFT JOIN inventory_allocation a ON a.id = n.allocation_id
                WHERE {_MINE} AND CASE
                    WHEN n.ended_at IS NOT NULL THEN a.status = 'open'
                    WHEN s.status = 'cancelled' THEN true
                    ELSE a.id IS NULL OR a.location_id <> s.location_id OR a.quantity <> n.quantity OR a.demand_id <> n.demand_id
                        OR a.status <> CASE WHEN s.status IN ('planned', 'instructed') THEN 'open' ELSE 'shipped' END END""",
        ),
        Invariant(
            "orders.inserts_are_counted",
            _("A parcel counts the inserts that are in it"),
            f"""SELECT s.id, s.number, s.insert_count FROM orders_shipment s WHERE {_MINE}
                AND (s.insert_count > 0 OR s.id IN (SELECT n.shipment_id FROM orders_shipmentinsert n WHERE n.ended_at IS NULL))
                AND s.insert_count <> (SELECT count(*) FROM orders_shipmentinsert n WHERE n.shipment_id = s.id AND n.ended_at IS NULL)""",
        ),
        Invariant(
            "orders.inspected_means_seen",
            _("A finished inspection has seen every piece of its parcels, and an inspected parcel stands in one"),
            f"""SELECT i.id, s.number FROM orders_inspection i JOIN orders_shipment s ON s.id = i.shipment_id
                WHERE {_MINE} AND (i.status = 'finished') <> EXISTS (SELECT FROM orders_parcelinspected p WHERE p.inspection_id = i.id)
                UNION ALL
                SELECT i.id, s.number FROM orders_inspection i JOIN orders_shipment s ON s.id = i.shipment_id
                WHERE {_MINE} AND i.status = 'finished' AND (SELECT coalesce(sum(n.quantity), 0) FROM orders_inspectionscan n WHERE n.inspection_id = i.id)
                    <> (SELECT coalesce(sum(p.pieces), 0) FROM orders_parcelinspected p WHERE p.inspection_id = i.id)
                UNION ALL
                SELECT s.id, s.number FROM orders_shipment s WHERE {_MINE} AND s.inspected_at IS NOT NULL
                AND NOT EXISTS (SELECT FROM orders_parcelinspected p WHERE p.shipment_id = s.id AND p.at = s.inspected_at)""",
        ),
        Invariant(
            "orders.papers_are_counted",
            _("Each printing of a parcel's paper is the next copy of it"),
            f"""SELECT min(p.id), s.number FROM orders_printedpaper p JOIN orders_shipment s ON s.id = p.shipment_id
                WHERE {_MINE} GROUP BY s.id, s.number, p.kind HAVING count(*) <> max(p.copy)""",
        ),
    )
