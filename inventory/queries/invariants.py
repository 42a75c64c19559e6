"""What inventory promises of its tables, as statements that find what breaks it."""

from collections.abc import Iterator
from typing import Any

from core.db import rows
from core.ports import Invariant
from core.words import gettext_noop as _
from inventory.queries.paper_promises import ON_THE_ROAD, OPEN_ROADS, RECEIVED
from inventory.queries.stocktakes import CLOSED_DIFFERENCES_ARE_BOOKED, COUNTS_EQUAL_ENTRIES, NOBODY_APPROVES_OWN_COUNT

ROWS_OF_SHELVES = """
moved AS (
    SELECT stock_id, sum(quantity)::int AS on_hand, sum(sellable_quantity)::int AS sellable, sum(value)::bigint AS value
    FROM inventory_movement {of} GROUP BY stock_id
), dayed AS (
    SELECT stock_id, sum(quantity)::int AS quantity, sum(value)::bigint AS value FROM inventory_stockday {of} GROUP BY stock_id
), promised AS (
    SELECT stock_id, sum(quantity)::int AS allocated FROM inventory_allocation WHERE status = 'open' {and_of} GROUP BY stock_id
), held AS (
    SELECT stock_id, sum(quantity)::int AS reserved FROM (
        SELECT stock_id, quantity FROM inventory_reservation UNION ALL SELECT stock_id, remaining FROM inventory_stockquota WHERE ended_at IS NULL
    ) r {of} GROUP BY stock_id
)
"""

_OF_COMPANY = "(%(company)s::bigint IS NULL OR l.company_id = %(company)s)"

# The counters of a range of shelves are compared, so that neither memory nor time grows with the ledger.
_IN_RANGE = "stock_id > %(after)s AND stock_id <= %(until)s"

_DIFFERENCES = f"""
WITH {ROWS_OF_SHELVES.format(of=f"WHERE {_IN_RANGE}", and_of=f"AND {_IN_RANGE}")}
SELECT s.id AS stock_id, i.code AS item, l.name AS location, s.on_hand, s.sellable, s.allocated, s.reserved, s.value,
    coalesce(d.quantity, 0) AS days, coalesce(m.on_hand, 0) AS true_days, coalesce(m.value, 0) AS true_value,
    coalesce(m.on_hand, 0) AS true_on_hand, coalesce(m.sellable, 0) AS true_sellable,
    coalesce(a.allocated, 0) AS true_allocated, coalesce(r.reserved, 0) AS true_reserved
FROM inventory_stock s
JOIN inventory_location l ON l.id = s.location_id
JOIN inventory_stockitem i ON i.id = s.stock_item_id
LEFT JOIN moved m ON m.stock_id = s.id LEFT JOIN promised a ON a.stock_id = s.id LEFT JOIN held r ON r.stock_id = s.id
LEFT JOIN dayed d ON d.stock_id = s.id
WHERE {_OF_COMPANY} AND s.id > %(after)s AND s.id <= %(until)s
  AND (s.on_hand, s.sellable, s.allocated, s.reserved, s.value, coalesce(d.quantity, 0), coalesce(d.value, 0))
      IS DISTINCT FROM (coalesce(m.on_hand, 0), coalesce(m.sellable, 0), coalesce(a.allocated, 0), coalesce(r.reserved, 0),
          coalesce(m.value, 0), coalesce(m.on_hand, 0), coalesce(m.value, 0))
ORDER BY s.id
"""


def shelf_ranges(*, shelves: int = 5_000) -> Iterator[tuple[int, int]]:
    """The ids of all shelves in ranges of so many: above the first, up to the second."""
    after = 0
    while (until := rows(_END_OF_RANGE, (after, shelves))[0].until) is not None:
        yield after, until
        after = until


_END_OF_RANGE = "SELECT max(id) AS until FROM (SELECT id FROM inventory_stock WHERE id > %s ORDER BY id LIMIT %s) shelf"


def stock_differences(*, company_id: int | None = None, after_id: int = 0, until_id: int = 2**62) -> list[Any]:
    """The shelves of a range whose counters differ from their rows, with both; the report before ``operations.recount_stock``."""
    return rows(_DIFFERENCES, {"company": company_id, "after": after_id, "until": until_id}, prepare=False)


def _sums(table: str, counter: str, total: str, where: str = "") -> str:
    return f"""
    SELECT s.id AS stock, s.{counter}, coalesce(t.total, 0) AS rows_say
    FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
    LEFT JOIN (SELECT stock_id, sum({total}) AS total FROM {table} {where} GROUP BY stock_id) t ON t.stock_id = s.id
    WHERE s.{counter} <> coalesce(t.total, 0) AND {_OF_COMPANY}
    """


_RESERVED = """(
    SELECT stock_id, quantity FROM inventory_reservation UNION ALL SELECT stock_id, remaining FROM inventory_stockquota WHERE ended_at IS NULL
) AS r"""

_MOVEMENTS = f"""
SELECT s.id AS stock, s.on_hand, coalesce(t.on_hand, 0) AS movements_say, s.sellable, coalesce(t.sellable, 0) AS sellable_movements_say,
    s.value, coalesce(t.value, 0) AS value_movements_say
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
LEFT JOIN (
    SELECT stock_id, sum(quantity) AS on_hand, sum(sellable_quantity) AS sellable, sum(value) AS value FROM inventory_movement GROUP BY stock_id
) t ON t.stock_id = s.id
WHERE (s.on_hand, s.sellable, s.value) IS DISTINCT FROM (coalesce(t.on_hand, 0), coalesce(t.sellable, 0), coalesce(t.value, 0))
  AND {_OF_COMPANY}
"""

_WORTH = f"""
SELECT s.id AS stock, s.on_hand, s.value
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
WHERE (s.value < 0 OR s.on_hand = 0 AND s.value <> 0) AND {_OF_COMPANY}
"""

_DAYS = f"""
SELECT coalesce(d.stock_id, m.stock_id) AS stock, coalesce(d.day, m.day) AS day, coalesce(d.kind, m.kind) AS kind,
    d.quantity, m.quantity AS movements_say, d.value, m.value AS value_movements_say
FROM inventory_stockday d FULL JOIN (
    SELECT v.stock_id, (v.at AT TIME ZONE c.timezone)::date AS day, v.kind, sum(v.quantity) AS quantity, sum(v.value) AS value
    FROM inventory_movement v JOIN inventory_location p ON p.id = v.location_id JOIN core_company c ON c.id = p.company_id
    WHERE v.quantity <> 0 OR v.value <> 0 GROUP BY 1, 2, 3
) m ON m.stock_id = d.stock_id AND m.day = d.day AND m.kind = d.kind
JOIN inventory_stock s ON s.id = coalesce(d.stock_id, m.stock_id) JOIN inventory_location l ON l.id = s.location_id
WHERE (d.quantity, d.value) IS DISTINCT FROM (m.quantity::bigint, m.value::bigint) AND {_OF_COMPANY}
"""

_SHIPPED = f"""
SELECT a.id AS allocation, a.quantity, m.quantity AS moved
FROM inventory_allocation a JOIN inventory_location l ON l.id = a.location_id
LEFT JOIN inventory_movement m ON m.once_key = 'allocation:' || a.id AND m.kind = 'shipment'
WHERE a.status = 'shipped' AND (m.id IS NULL OR m.quantity <> -a.quantity OR m.stock_id <> a.stock_id) AND {_OF_COMPANY}
"""

_SHIPMENTS = f"""
SELECT m.id AS movement, m.once_key, a.status
FROM inventory_movement m JOIN inventory_location l ON l.id = m.location_id
LEFT JOIN inventory_allocation a
    ON a.id = CASE WHEN m.once_key ~ '^allocation:[0-9]{{1,18}}$' THEN substr(m.once_key, 12)::bigint END
WHERE m.kind = 'shipment' AND a.status IS DISTINCT FROM 'shipped' AND {_OF_COMPANY}
"""

_COPIES = " UNION ALL ".join(
    f"""
    SELECT '{table}' AS "table", t.id AS row, t.stock_id AS stock
    FROM {table} t JOIN inventory_stock s ON s.id = t.stock_id JOIN inventory_location l ON l.id = s.location_id
    WHERE (t.stock_item_id, t.location_id) IS DISTINCT FROM (s.stock_item_id, s.location_id) AND {_OF_COMPANY}
    """
    for table in ("inventory_movement", "inventory_allocation", "inventory_reservation", "inventory_stockquota")
)

_ONE_COMPANY = f"""
SELECT 'shelf' AS what, s.id AS row, i.company_id AS one, l.company_id AS other
FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id JOIN inventory_location l ON l.id = s.location_id
WHERE i.company_id <> l.company_id AND {_OF_COMPANY}
UNION ALL
SELECT 'component', c.id, v.company_id, l.company_id
FROM inventory_component c JOIN catalog_variant v ON v.id = c.variant_id JOIN inventory_stockitem l ON l.id = c.stock_item_id
WHERE v.company_id <> l.company_id AND {_OF_COMPANY}
UNION ALL
SELECT 'pool source', ps.id, p.company_id, l.company_id
FROM inventory_poolsource ps JOIN inventory_stockpool p ON p.id = ps.pool_id JOIN inventory_location l ON l.id = ps.location_id
WHERE p.company_id <> l.company_id AND {_OF_COMPANY}
UNION ALL
SELECT 'pool channel', pc.id, l.company_id, c.company_id
FROM inventory_poolchannel pc JOIN inventory_stockpool l ON l.id = pc.pool_id JOIN core_saleschannel c ON c.id = pc.channel_id
WHERE l.company_id <> c.company_id AND {_OF_COMPANY}
UNION ALL
SELECT 'quota', q.id, l.company_id, c.company_id
FROM inventory_stockquota q JOIN inventory_location l ON l.id = q.location_id JOIN core_saleschannel c ON c.id = q.channel_id
WHERE l.company_id <> c.company_id AND {_OF_COMPANY}
"""

_QUOTAS = f"""
SELECT q.id AS quota, q.quantity, q.remaining, coalesce(r.drawn, 0) + coalesce(a.drawn, 0) AS rows_say
FROM inventory_stockquota q JOIN inventory_location l ON l.id = q.location_id
LEFT JOIN (SELECT quota_id, sum(quota_quantity) AS drawn FROM inventory_reservation GROUP BY quota_id) r ON r.quota_id = q.id
LEFT JOIN (
    SELECT quota_id, sum(quota_quantity) AS drawn FROM inventory_allocation WHERE quota_id IS NOT NULL AND status <> 'released' GROUP BY quota_id
) a ON a.quota_id = q.id
WHERE q.ended_at IS NULL AND q.quantity - q.remaining <> coalesce(r.drawn, 0) + coalesce(a.drawn, 0) AND {_OF_COMPANY}
"""

_BOUNDS = f"""
SELECT s.id AS stock, s.on_hand, s.sellable, s.allocated, s.reserved
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
WHERE NOT (s.allocated >= 0 AND s.reserved >= 0 AND s.allocated + s.reserved <= s.sellable AND s.sellable <= s.on_hand) AND {_OF_COMPANY}
"""

_CLOSED = f"""
SELECT a.id AS allocation, a.status, a.closed_at
FROM inventory_allocation a JOIN inventory_location l ON l.id = a.location_id
WHERE (a.status = 'open') <> (a.closed_at IS NULL) AND {_OF_COMPANY}
"""


def invariants() -> tuple[Invariant, ...]:
    """Every promise of inventory that SQL can prove."""
    return (
        Invariant("inventory.on_hand", _("on hand, sellable and value equal the sum of their movements"), _MOVEMENTS),
        Invariant("inventory.worth", _("no shelf is worth less than nothing, an empty one nothing"), _WORTH),
        Invariant("inventory.days", _("the days of a shelf equal its movements, in pieces and value"), _DAYS),
        Invariant(
            "inventory.allocated",
            _("allocated equals the sum of open allocations"),
            _sums("inventory_allocation", "allocated", "quantity", "WHERE status = 'open'"),
        ),
        Invariant(
            "inventory.reserved",
            _("reserved equals the sum of live reservations and of what is left of quotas"),
            _sums(_RESERVED, "reserved", "quantity"),
        ),
        Invariant("inventory.quotas", _("a quota has given what allocations and reservations drew from it"), _QUOTAS),
        Invariant("inventory.bounds", _("0 ≤ allocated + reserved ≤ sellable ≤ on hand"), _BOUNDS),
        Invariant("inventory.shipped_once", _("every shipped allocation has exactly one movement out, of its quantity"), _SHIPPED),
        Invariant("inventory.shipments_were_allocated", _("every movement out by shipment closed an allocation"), _SHIPMENTS),
        Invariant("inventory.purchase_received", _("what purchase orders count as received is what their deliveries brought"), RECEIVED),
        Invariant("inventory.on_the_road", _("whatever a transfer has on the road lies in transit"), ON_THE_ROAD),
        Invariant(
            "inventory.transfers_ended", _("of a transfer that has ended every piece arrived, came home or was written off"), OPEN_ROADS
        ),
        Invariant("inventory.closed", _("an allocation is open or has the time it was closed"), _CLOSED),
        Invariant("inventory.copies", _("movements, allocations and reservations name the item and location of their shelf"), _COPIES),
        Invariant(
            "inventory.one_company",
            _("shelves, components and pools never join two companies: nobody draws on foreign stock"),
            _ONE_COMPANY,
        ),
        Invariant("inventory.counts", _("what is counted equals the sum of its entries"), COUNTS_EQUAL_ENTRIES),
        Invariant(
            "inventory.stocktakes_booked",
            _("a closed stocktake has booked each of its differences once, an open or cancelled one none"),
            CLOSED_DIFFERENCES_ARE_BOOKED,
        ),
        Invariant("inventory.second_person", _("nobody approves a stocktake in which they counted"), NOBODY_APPROVES_OWN_COUNT),
    )
