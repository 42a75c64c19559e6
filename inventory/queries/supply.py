"""What could be given: the parts of variants, the shelves a channel may draw on, and what may be promised."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.db import rows
from inventory.queries.lots import free_until
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
), keeping AS MATERIALIZED (
    SELECT (%(at)s::timestamptz AT TIME ZONE c.timezone)::date + life.least_days AS day
    FROM inventory_shelflife life JOIN core_saleschannel ch ON ch.id = life.channel_id JOIN core_company c ON c.id = ch.company_id
    WHERE life.channel_id = %(channel)s::bigint
)
"""
_FREE = free_until("(SELECT day FROM keeping)")

# One row for every shelf of every part of every variant. The joins are made in this order whatever the planner believes of the
# tables' sizes: from the few variants to their shelves, never from the locations, where everything lies.
_SUPPLY = f"""
WITH {_SOURCES}
SELECT v.id AS variant_id, v.sku, c.stock_item_id, c.quantity, s.id AS stock_id, source.location_id, source.priority, source.buffer,
    {_FREE} - source.buffer AS free, (SELECT day FROM keeping) AS good_until
FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    LEFT JOIN inventory_stock s ON s.stock_item_id = c.stock_item_id LEFT JOIN source ON source.location_id = s.location_id
WHERE v.company_id = %(company)s::bigint AND """
_BY_ID = _SUPPLY + "v.id = ANY(%(variants)s::bigint[])"
_BY_SKU = _SUPPLY + "v.sku = ANY(%(skus)s::text[])"
_BY_EITHER = _SUPPLY + "(v.id = ANY(%(variants)s::bigint[]) OR v.sku = ANY(%(skus)s::text[]))"

_COMPANY_OF_CHANNEL = "(SELECT company_id FROM core_saleschannel WHERE id = %(channel)s::bigint)"

_ATP = f"""
WITH {_SOURCES}, part AS MATERIALIZED (
    SELECT v.id AS variant_id, c.stock_item_id, c.quantity, count(c.id) OVER (PARTITION BY v.id) AS parts
    FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    WHERE v.id = ANY(%(variants)s::bigint[]) AND v.company_id = %(company)s::bigint
), whole AS (
    SELECT part.variant_id, min(greatest({_FREE} - source.buffer, 0) / part.quantity) AS units
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


def supply_for(variant_ids: Sequence[int], *, skus: Sequence[str] = (), company_id: int, channel_id: int, at: datetime) -> Supply:
    """What the variants are made of and what lies where, as the channel may draw on it, in one statement.

    Variants are named by id or by SKU. Read without a lock: ``allocate`` decides. A variant of another company is left out.
    Of goods tracked by lot only those are free that keep as long as the channel wants, counted from ``at``.
    """
    keys: dict[str, Any] = {"variants": list(set(variant_ids))} if variant_ids or not skus else {}
    keys |= {"skus": list(set(skus))} if skus else {}
    sql = _BY_EITHER if len(keys) > 1 else _BY_SKU if skus else _BY_ID
    found = rows(sql, {**keys, "company": company_id, "channel": channel_id, "at": at})
    parts: dict[int, dict[int, Part]] = {}
    names: dict[int, str] = {}
    ranks: dict[int, tuple[int, int]] = {}
    stored: dict[int, Any] = {}
    for row in found:
        names[row.variant_id] = row.sku
        of_variant = parts.setdefault(row.variant_id, {})
        if row.stock_item_id is not None and row.stock_item_id not in of_variant:
            of_variant[row.stock_item_id] = Part(stock_item_id=row.stock_item_id, quantity=row.quantity)
        if row.location_id is not None:
            stored[row.stock_id] = row
            ranks[row.location_id] = row.priority, row.location_id
    shelves: dict[int, tuple[Shelf, ...]] = {}
    for row in sorted(stored.values(), key=lambda row: ranks[row.location_id]):
        shelf = Shelf(
            stock_id=row.stock_id, stock_item_id=row.stock_item_id, location_id=row.location_id, free=max(row.free, 0), buffer=row.buffer
        )
        shelves[row.stock_item_id] = (*shelves.get(row.stock_item_id, ()), shelf)
    return Supply(
        parts={variant: tuple(of_variant.values()) for variant, of_variant in parts.items()},
        shelves=shelves,
        locations=tuple(sorted(ranks, key=ranks.__getitem__)),
        skus=names,
        good_until=found[0].good_until if found else None,
    )


def atp(variant_ids: Sequence[int], *, channel_id: int, at: datetime) -> dict[int, int]:
    """How many units of each variant the channel may promise now (available to promise), in one statement.

    A variant made of nothing stocked answers ``UNLIMITED``; one of another company than the channel's is left
    out. Prose and worked tables: docs/algorithms/atp.md.
    """
    found = rows(_ATP, {"variants": list(set(variant_ids)), "channel": channel_id, "at": at})
    return {row.variant_id: UNLIMITED if row.units is None else int(row.units) for row in found}
