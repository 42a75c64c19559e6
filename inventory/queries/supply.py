"""What could be given: the parts of variants, the shelves a channel may draw on, and what may be promised."""

from collections.abc import Sequence

from core.db import rows
from inventory.rules import UNLIMITED, Part, Shelf, Supply

# The channel's pool, else the company's default pool, else every location that ships.
_SOURCES = """
pool AS MATERIALIZED (
    SELECT coalesce(
        (SELECT pool_id FROM inventory_poolchannel WHERE channel_id = %(channel)s::bigint),
        (SELECT id FROM inventory_stockpool WHERE company_id = %(company)s::bigint AND is_default)
    ) AS id
), source AS MATERIALIZED (
    SELECT s.location_id, s.priority, s.buffer_quantity AS buffer
    FROM pool JOIN inventory_poolsource s ON s.pool_id = pool.id JOIN inventory_location l ON l.id = s.location_id
    WHERE l.company_id = %(company)s::bigint AND l.can_ship AND l.ended_at IS NULL
    UNION ALL
    SELECT l.id, l.priority, 0
    FROM inventory_location l, pool
    WHERE pool.id IS NULL AND l.company_id = %(company)s::bigint AND l.can_ship AND l.ended_at IS NULL
      AND l.kind IN ('warehouse', 'store', 'supplier')
)
"""

_SUPPLY = f"""
WITH {_SOURCES}, part AS MATERIALIZED (
    SELECT v.id AS variant_id, v.sku, c.stock_item_id, c.quantity
    FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    WHERE v.id = ANY(%(variants)s::bigint[]) AND v.company_id = %(company)s::bigint
)
SELECT 1 AS what, variant_id AS a, stock_item_id AS b, quantity AS c, 0 AS d, 0 AS e, sku FROM part
UNION ALL
SELECT 2, s.id, s.stock_item_id, s.location_id, s.sellable - s.allocated - s.reserved - source.buffer, source.buffer, NULL
FROM inventory_stock s JOIN source ON source.location_id = s.location_id
WHERE s.stock_item_id = ANY(ARRAY(SELECT stock_item_id FROM part))
UNION ALL
SELECT 3, location_id, priority, 0, 0, 0, NULL FROM source
"""

_COMPANY_OF_CHANNEL = "(SELECT company_id FROM core_saleschannel WHERE id = %(channel)s::bigint)"

_ATP = f"""
WITH {_SOURCES}, part AS MATERIALIZED (
    SELECT v.id AS variant_id, c.stock_item_id, c.quantity, count(c.id) OVER (PARTITION BY v.id) AS parts
    FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    WHERE v.id = ANY(%(variants)s::bigint[]) AND v.company_id = %(company)s::bigint
), whole AS (
    SELECT part.variant_id, min(greatest(s.sellable - s.allocated - s.reserved - source.buffer, 0) / part.quantity) AS units
    FROM part
    JOIN inventory_stock s ON s.stock_item_id = part.stock_item_id
    JOIN source ON source.location_id = s.location_id
    GROUP BY part.variant_id, part.parts, s.location_id
    HAVING count(*) = part.parts
)
SELECT p.variant_id, CASE WHEN p.parts = 0 THEN NULL ELSE coalesce(w.units, 0) END AS units
FROM (SELECT DISTINCT variant_id, parts FROM part) p
LEFT JOIN (SELECT variant_id, sum(units) AS units FROM whole GROUP BY variant_id) w ON w.variant_id = p.variant_id
""".replace("%(company)s::bigint", _COMPANY_OF_CHANNEL)


def supply_for(variant_ids: Sequence[int], *, company_id: int, channel_id: int) -> Supply:
    """What the variants are made of and what lies where, as the channel may draw on it, in one statement.

    Read without a lock: ``allocate`` decides. A variant of another company is left out.
    """
    found = rows(_SUPPLY, {"variants": list(set(variant_ids)), "company": company_id, "channel": channel_id})
    parts: dict[int, tuple[Part, ...]] = {}
    skus: dict[int, str] = {}
    ranks: dict[int, tuple[int, int]] = {}
    stored = []
    for row in found:
        if row.what == 1:
            skus[row.a] = row.sku
            known = parts.get(row.a, ())
            parts[row.a] = known if row.b is None else (*known, Part(stock_item_id=row.b, quantity=row.c))
        elif row.what == 2:
            stored.append(row)
        else:
            ranks[row.a] = (row.b, row.a)
    stored.sort(key=lambda row: ranks[row.c])
    shelves: dict[int, tuple[Shelf, ...]] = {}
    for row in stored:
        shelf = Shelf(stock_id=row.a, stock_item_id=row.b, location_id=row.c, free=max(row.d, 0), buffer=row.e)
        shelves[row.b] = (*shelves.get(row.b, ()), shelf)
    return Supply(parts=parts, shelves=shelves, locations=tuple(sorted(ranks, key=ranks.__getitem__)), skus=skus)


def atp(variant_ids: Sequence[int], *, channel_id: int) -> dict[int, int]:
    """How many units of each variant the channel may promise now (available to promise), in one statement.

    A variant made of nothing stocked answers ``UNLIMITED``; one of another company than the channel's is left
    out. Prose and worked tables: docs/algorithms/atp.md.
    """
    found = rows(_ATP, {"variants": list(set(variant_ids)), "channel": channel_id})
    return {row.variant_id: UNLIMITED if row.units is None else int(row.units) for row in found}
