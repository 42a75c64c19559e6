"""What inventory promises of its tables, as statements that find what breaks it."""

from collections.abc import Iterator
from typing import Any

from core.db import rows
from core.ports import Invariant
from core.words import gettext_noop as _
from inventory.queries.kits import KITS_THAT_DIFFER
from inventory.queries.lots import PARTICULAR
from inventory.queries.paper_promises import ON_THE_ROAD, OPEN_ROADS, RECEIVED
from inventory.queries.stocktake_promises import (
    CLOSED_DIFFERENCES_ARE_BOOKED,
    COUNTS_EQUAL_ENTRIES,
    LOTS_ARE_COUNTED_APART,
    NOBODY_APPROVES_OWN_COUNT,
)
from inventory.queries.waiting_invariants import waiting_invariants
from inventory.rules import UNSELLABLE

_BY_STATE = ", ".join(
    f"coalesce(sum(quantity - sellable_quantity) FILTER (WHERE state = '{state}'), 0)::int AS {state}" for state in UNSELLABLE
)
_ZEROS = ", ".join("0" for _state in UNSELLABLE)

# Few movements name a state, and those have an index of their own: the others are summed from theirs alone (ADR 0021).
ROWS_OF_SHELVES = f"""
moved AS (
    SELECT stock_id, sum(quantity)::int AS on_hand, sum(sellable_quantity)::int AS sellable, sum(value)::bigint AS value
    FROM inventory_movement {{of}} GROUP BY stock_id
), dayed AS (
    SELECT stock_id, sum(quantity)::int AS quantity, sum(value)::bigint AS value FROM inventory_stockday {{of}} GROUP BY stock_id
), stated AS (
    SELECT stock_id, {_BY_STATE} FROM inventory_movement WHERE state <> 'available' {{and_of}} GROUP BY stock_id
), promised AS (
    SELECT stock_id, sum(quantity)::int AS allocated FROM inventory_allocation WHERE status = 'open' {{and_of}} GROUP BY stock_id
), held AS (
    SELECT stock_id, sum(quantity)::int AS reserved FROM (
        SELECT stock_id, quantity FROM inventory_reservation UNION ALL SELECT stock_id, remaining FROM inventory_stockquota WHERE ended_at IS NULL
    ) r {{of}} GROUP BY stock_id
)
"""


def _of(row: str, prefix: str | None = "") -> str:
    """The states of a shelf as ``row`` has them, named with a prefix; None: just their values."""
    return ", ".join(f"coalesce({row}.{state}, 0)" + ("" if prefix is None else f" AS {prefix}{state}") for state in UNSELLABLE)


_OF_COMPANY = "(%(company)s::bigint IS NULL OR l.company_id = %(company)s)"

# The counters of a range of shelves are compared, so that neither memory nor time grows with the ledger.
_IN_RANGE = "stock_id > %(after)s AND stock_id <= %(until)s"


def _lots_less_rows(where: str) -> str:
    """Every lot of a shelf, less what its movements and picks say: nothing but zeros where it is right."""
    unmoved = ", ".join(f"CASE WHEN m.state = '{state}' THEN m.sellable_quantity - m.quantity ELSE 0 END" for state in UNSELLABLE)
    return f"""
    SELECT stock_id, lot_id, sum(on_hand) AS on_hand, sum(sellable) AS sellable, sum(picked) AS picked,
        {", ".join(f"sum({state}) AS {state}" for state in UNSELLABLE)}
    FROM (
        SELECT stock_id, lot_id, on_hand, sellable, picked, {", ".join(UNSELLABLE)} FROM inventory_stocklot WHERE {where}
        UNION ALL
        SELECT m.stock_id, m.lot_id, -m.quantity, -m.sellable_quantity, 0, {unmoved}
        FROM inventory_movement m JOIN inventory_stock counted ON counted.id = m.stock_id AND counted.has_lots WHERE {where}
        UNION ALL
        SELECT a.stock_id, p.lot_id, 0, 0, -p.quantity, {_ZEROS}
        FROM inventory_allocation a JOIN inventory_pick p ON p.allocation_id = a.id WHERE a.status = 'open' AND {where}
    ) rows_of_lots GROUP BY stock_id, lot_id
    """


_DIFFERS = f"(t.on_hand, t.sellable, t.picked, {', '.join(f't.{state}' for state in UNSELLABLE)}) <> (0, 0, 0, {_ZEROS})"

_DIFFERENCES = f"""
WITH {ROWS_OF_SHELVES.format(of=f"WHERE {_IN_RANGE}", and_of=f"AND {_IN_RANGE}")}, lots AS (
    SELECT DISTINCT t.stock_id FROM ({_lots_less_rows(_IN_RANGE)}) t WHERE {_DIFFERS}
)
SELECT s.id AS stock_id, i.code AS item, l.name AS location, s.on_hand, s.sellable, s.allocated, s.reserved, s.value,
    coalesce(d.quantity, 0) AS days, coalesce(m.on_hand, 0) AS true_days, coalesce(m.value, 0) AS true_value,
    coalesce(m.on_hand, 0) AS true_on_hand, coalesce(m.sellable, 0) AS true_sellable,
    coalesce(a.allocated, 0) AS true_allocated, coalesce(r.reserved, 0) AS true_reserved,
    {_of("s")}, {_of("st", "true_")}, s.id IN (SELECT stock_id FROM lots) AS lots_differ
FROM inventory_stock s
JOIN inventory_location l ON l.id = s.location_id
JOIN inventory_stockitem i ON i.id = s.stock_item_id
LEFT JOIN moved m ON m.stock_id = s.id LEFT JOIN stated st ON st.stock_id = s.id
LEFT JOIN promised a ON a.stock_id = s.id LEFT JOIN held r ON r.stock_id = s.id
LEFT JOIN dayed d ON d.stock_id = s.id
WHERE {_OF_COMPANY} AND s.id > %(after)s AND s.id <= %(until)s
  AND (s.id IN (SELECT stock_id FROM lots)
      OR (s.on_hand, s.sellable, s.allocated, s.reserved, s.value, coalesce(d.quantity, 0), coalesce(d.value, 0), {_of("s", None)})
      IS DISTINCT FROM (coalesce(m.on_hand, 0), coalesce(m.sellable, 0), coalesce(a.allocated, 0), coalesce(r.reserved, 0),
          coalesce(m.value, 0), coalesce(m.on_hand, 0), coalesce(m.value, 0), {_of("st", None)}))
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

# Ten million movements grouped by shelf, day and kind would be sorted on disk for minutes. So each shelf's days and movements are
# first summed with a weight drawn from (day, kind), in the remainders of a prime: the sums of a shelf whose days are right are equal,
# and a wrong one escapes with a chance of one in two milliards. Only shelves that differ are then compared day by day.
_PRIME = 2_147_483_647


def _weighed(quantity: str, value: str, day: str, kind: str) -> str:
    weight = f"(hashtextextended({kind}, {day} - '2000-01-01'::date) & {_PRIME})"
    return f"sum(mod({quantity}, {_PRIME}) * {weight}) AS pieces, sum(mod({value}, {_PRIME}) * {weight}) AS worth"


_DAY_OF = "(v.at AT TIME ZONE p.timezone)::date"
_PLACES = "(SELECT p.id, c.timezone FROM inventory_location p JOIN core_company c ON c.id = p.company_id)"

_DAYS = f"""
WITH told AS (
    SELECT stock_id, {_weighed("quantity::bigint", "value", "day", "kind")} FROM inventory_stockday GROUP BY stock_id
), moved AS (
    SELECT v.stock_id, {_weighed("v.quantity::bigint", "v.value", _DAY_OF, "v.kind")}
    FROM inventory_movement v JOIN {_PLACES} p ON p.id = v.location_id GROUP BY v.stock_id
), suspect AS MATERIALIZED (
    SELECT stock_id FROM told t FULL JOIN moved m USING (stock_id)
    WHERE (mod(coalesce(t.pieces, 0) - coalesce(m.pieces, 0), {_PRIME}), mod(coalesce(t.worth, 0) - coalesce(m.worth, 0), {_PRIME})) <> (0, 0)
)
SELECT coalesce(d.stock_id, m.stock_id) AS stock, coalesce(d.day, m.day) AS day, coalesce(d.kind, m.kind) AS kind,
    d.quantity, m.quantity AS movements_say, d.value, m.value AS value_movements_say
FROM (SELECT * FROM inventory_stockday WHERE stock_id IN (SELECT stock_id FROM suspect)) d FULL JOIN (
    SELECT v.stock_id, {_DAY_OF} AS day, v.kind, sum(v.quantity) AS quantity, sum(v.value) AS value
    FROM inventory_movement v JOIN {_PLACES} p ON p.id = v.location_id
    WHERE (v.quantity <> 0 OR v.value <> 0) AND v.stock_id IN (SELECT stock_id FROM suspect) GROUP BY 1, 2, 3
) m ON m.stock_id = d.stock_id AND m.day = d.day AND m.kind = d.kind
JOIN inventory_stock s ON s.id = coalesce(d.stock_id, m.stock_id) JOIN inventory_location l ON l.id = s.location_id
WHERE (d.quantity, d.value) IS DISTINCT FROM (m.quantity::bigint, m.value::bigint) AND {_OF_COMPANY}
"""

_IN_STATES = f"""
SELECT s.id AS stock, {_of("s")}, {_of("t", "movements_")}
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
LEFT JOIN (SELECT stock_id, {_BY_STATE} FROM inventory_movement WHERE state <> 'available' GROUP BY stock_id) t ON t.stock_id = s.id
WHERE ({_of("s", None)}) IS DISTINCT FROM ({_of("t", None)}) AND {_OF_COMPANY}
"""

_SHIPPED = f"""
SELECT a.id AS allocation, a.quantity, m.quantity AS moved
FROM inventory_allocation a JOIN inventory_location l ON l.id = a.location_id
LEFT JOIN inventory_movement m ON m.once_key = 'allocation:' || a.id AND m.kind = 'shipment'
WHERE a.status = 'shipped' AND NOT EXISTS (SELECT FROM inventory_pick p WHERE p.allocation_id = a.id)
  AND (m.id IS NULL OR m.quantity <> -a.quantity OR m.stock_id <> a.stock_id) AND {_OF_COMPANY}
UNION ALL
SELECT a.id, p.quantity, m.quantity
FROM inventory_pick p JOIN inventory_allocation a ON a.id = p.allocation_id JOIN inventory_location l ON l.id = a.location_id
LEFT JOIN inventory_movement m ON m.once_key = 'allocation:' || a.id || ':' || coalesce(p.lot_id, 0) AND m.kind = 'shipment'
WHERE a.status = 'shipped' AND {_OF_COMPANY}
  AND (m.id IS NULL OR m.quantity <> -p.quantity OR m.stock_id <> a.stock_id OR m.lot_id IS DISTINCT FROM p.lot_id)
"""

_SHIPMENTS = f"""
SELECT m.id AS movement, m.once_key
FROM inventory_movement m JOIN inventory_location l ON l.id = m.location_id
WHERE m.kind = 'shipment' AND {_OF_COMPANY} AND NOT EXISTS (
    SELECT FROM (
        SELECT 'allocation:' || a.id AS once_key FROM inventory_allocation a
        WHERE a.status = 'shipped' AND NOT EXISTS (SELECT FROM inventory_pick p WHERE p.allocation_id = a.id)
        UNION ALL
        SELECT 'allocation:' || a.id || ':' || coalesce(p.lot_id, 0)
        FROM inventory_pick p JOIN inventory_allocation a ON a.id = p.allocation_id WHERE a.status = 'shipped'
    ) closed WHERE closed.once_key = m.once_key
)
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


_LOTS = f"""
SELECT s.id AS stock, t.lot_id AS lot, t.on_hand, t.sellable, t.picked
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id JOIN (
    {_lots_less_rows("true")}
) t ON t.stock_id = s.id
WHERE {_DIFFERS}
  AND {_OF_COMPANY}
"""

_TRACKED = f"""
SELECT s.id AS stock, s.has_lots, i.is_lot_tracked
FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id JOIN inventory_location l ON l.id = s.location_id
WHERE s.has_lots <> i.is_lot_tracked AND {_OF_COMPANY}
UNION ALL
SELECT s.id, s.has_lots, NULL FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
WHERE NOT s.has_lots AND {_OF_COMPANY} AND EXISTS (SELECT FROM inventory_stocklot sl WHERE sl.stock_id = s.id)
UNION ALL
SELECT s.id, s.has_lots, NULL FROM inventory_stocklot sl JOIN inventory_lot lot ON lot.id = sl.lot_id
JOIN inventory_stock s ON s.id = sl.stock_id JOIN inventory_location l ON l.id = s.location_id
WHERE lot.stock_item_id <> s.stock_item_id AND {_OF_COMPANY}
"""

_PICKED = f"""
SELECT a.id AS allocation, a.quantity, t.quantity AS picked
FROM (SELECT allocation_id, sum(quantity) AS quantity FROM inventory_pick GROUP BY allocation_id) t
JOIN inventory_allocation a ON a.id = t.allocation_id JOIN inventory_location l ON l.id = a.location_id
WHERE (a.status = 'released' OR a.quantity <> t.quantity) AND {_OF_COMPANY}
"""

# For every day that somebody was promised: what keeps so long covers all who want that.
_KEPT = f"""
WITH particular AS MATERIALIZED ({PARTICULAR.format(of="IS NOT NULL")}), bound AS (
    SELECT DISTINCT stock_id, good_until FROM particular
)
SELECT b.stock_id AS stock, b.good_until, have.quantity AS keeps, owed.quantity AS promised
FROM bound b JOIN inventory_stock s ON s.id = b.stock_id JOIN inventory_location l ON l.id = s.location_id,
    LATERAL (
        SELECT coalesce(sum(sl.sellable - sl.picked), 0) AS quantity FROM inventory_stocklot sl JOIN inventory_lot lot ON lot.id = sl.lot_id
        WHERE sl.stock_id = b.stock_id AND coalesce(lot.expires_on, 'infinity'::date) >= b.good_until
    ) have,
    LATERAL (
        SELECT sum(p.quantity) AS quantity FROM particular p WHERE p.stock_id = b.stock_id AND p.good_until >= b.good_until
    ) owed
WHERE have.quantity < owed.quantity AND {_OF_COMPANY}
"""


def _of_lots() -> tuple[Invariant, ...]:
    return (
        Invariant("inventory.lots", _("the lots of a shelf equal the sums of their movements and picks"), _LOTS),
        Invariant("inventory.lots_tracked", _("lots are counted where the item is tracked by lot, and nowhere else"), _TRACKED),
        Invariant("inventory.picked", _("what is picked for an allocation is its quantity"), _PICKED),
        Invariant("inventory.keeps_long_enough", _("what keeps until a day covers all who were promised so"), _KEPT),
    )


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
        Invariant("inventory.states", _("what lies in each state equals the sum of its movements"), _IN_STATES),
        *_of_lots(),
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
        Invariant(
            "inventory.lots_counted_apart",
            _("a lot is counted in a line of its own item, and what a stocktake books of it moves that lot alone"),
            LOTS_ARE_COUNTED_APART,
        ),
        Invariant("inventory.second_person", _("nobody approves a stocktake in which they counted"), NOBODY_APPROVES_OWN_COUNT),
        Invariant("inventory.kits_are_expanded", _("a kit is made of the leaves of its tree, multiplied out"), KITS_THAT_DIFFER),
        *waiting_invariants(),
    )
